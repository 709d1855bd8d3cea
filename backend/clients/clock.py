"""The machine's clock as an argument."""

from __future__ import annotations

import time
from datetime import UTC, datetime


class SystemClock:
    """The Clock port over the machine's own time."""

    def now(self) -> datetime:
        """Aware UTC."""
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        """Block for `seconds`."""
        time.sleep(seconds)
