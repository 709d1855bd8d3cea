"""The schema, one file per room; importing this package declares every table."""

from backend.storage.tables import access, leads, learning, operations, outbox, portals
from backend.storage.tables.base import metadata

__all__ = ["access", "leads", "learning", "metadata", "operations", "outbox", "portals"]
