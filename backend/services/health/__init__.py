"""What works and what waits: for the pages, the command line, metrics and alerts."""

from backend.services.health.report import report, without_portals

__all__ = ["report", "without_portals"]
