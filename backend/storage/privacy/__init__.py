"""Tombstones, erasures, retention and sealed columns."""
