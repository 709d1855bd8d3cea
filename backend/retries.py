"""The one retry rule of everything that waits in the database."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from backend.config import (
    LEAD_RETRY_DELAYS_S,
    RETRY_JITTER,
)


def retry_at(attempts: int, now: datetime, wish_s: float | None = None) -> datetime | None:
    """When to try again after `attempts` earlier tries; None when it is to be parked."""
    if attempts >= len(LEAD_RETRY_DELAYS_S):
        return None
    delay = LEAD_RETRY_DELAYS_S[attempts] * random.uniform(1 - RETRY_JITTER, 1 + RETRY_JITTER)  # noqa: S311
    return now + timedelta(seconds=max(delay, wish_s or 0.0))
