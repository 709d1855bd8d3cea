"""Milliseconds since 1970 (what HubSpot stores) and the ISO text it answers with."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

Clock = Callable[[], int]  # milliseconds since 1970
DAY_MS = 86_400_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?)?")


def system_clock() -> int:
    """Now."""
    return time.time_ns() // 1_000_000


def iso(ms: int) -> str:
    """`2026-11-22T09:30:00.123Z`."""
    moment = _EPOCH + timedelta(milliseconds=ms)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{ms % 1000:03d}Z"


def parse_moment(text: str) -> int | None:
    """Milliseconds from epoch milliseconds or ISO 8601, None when it is neither."""
    if text.lstrip("-").isdigit():
        return _epoch_digits(text)
    if not _ISO.fullmatch(text):
        return None
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def _epoch_digits(text: str) -> int | None:
    if not text.isascii() or len(text) > 15:
        return None
    value = int(text)
    return value if abs(value) < 253_402_300_800_000 else None  # the year 9999


def parse_day(text: str) -> str | None:
    """`YYYY-MM-DD` from that or from epoch milliseconds exactly at midnight UTC, else None."""
    if text.lstrip("-").isdigit():
        ms = _epoch_digits(text)
        return None if ms is None or ms % DAY_MS else iso(ms)[:10]
    try:
        return date.fromisoformat(text).isoformat() if len(text) == 10 else None
    except ValueError:
        return None
