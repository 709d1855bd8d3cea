"""The retry rule of everything that waits in the database: leads, events and outboxes."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta

from backend.config import LEAD_RETRY_DELAYS_S, RETRY_JITTER
from backend.errors import LeadlightError, Outage, Permanent, Transient


def next_try(attempts: int, error: LeadlightError, now: datetime) -> datetime | None:
    """When to try again after `attempts` earlier tries and this error, never before the error asks
    for it. None when no try is left, or the refusal is permanent: a person has to look."""
    if isinstance(error, Permanent):
        return None
    if isinstance(error, Outage):
        return now + timedelta(seconds=error.retry_after_s or 0.0)
    wish_s = error.retry_after_s if isinstance(error, Transient) else None
    return nth_try(LEAD_RETRY_DELAYS_S, attempts, now, jitter=RETRY_JITTER, wish_s=wish_s)


def nth_try(
    delays_s: Sequence[float],
    attempts: int,
    now: datetime,
    *,
    jitter: float = 0.0,
    wish_s: float | None = None,
) -> datetime | None:
    """When the next of these delays ends, each within ± its share of `jitter`; None after the
    last."""
    if attempts >= len(delays_s):
        return None
    delay_s = delays_s[attempts] * random.uniform(1 - jitter, 1 + jitter)  # noqa: S311
    return now + timedelta(seconds=max(delay_s, wish_s or 0.0))


def backoff_s(base_s: float, attempt: int, wish_s: float | None = None) -> float:
    """How long to pause within a call after its `attempt`th try (from 1): doubles, with jitter,
    never shorter than the other side asks."""
    own_s: float = base_s * 2 ** (attempt - 1) * random.uniform(0.5, 1.0)  # noqa: S311
    return max(wish_s or 0.0, own_s)
