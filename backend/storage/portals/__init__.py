"""Portals, their tokens, owners and problems."""
