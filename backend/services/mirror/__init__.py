"""Keeping our copy of the portal true."""
