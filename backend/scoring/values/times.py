"""Dates of CRM texts, ages in days, and the buckets that keep a score still while time passes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final

# (oldest day of the bucket, its name, the age it counts as); ages are whole days.
AGE_BUCKETS: Final = (
    (2, "0-2", 1),
    (7, "3-7", 5),
    (30, "8-30", 15),
    (90, "31-90", 50),
)
OLDER: Final = ("91+", 180)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MONTHS: Final = (
    "Jan",
    "Feb",
    "Mar",
    "Apr",
    "May",
    "Jun",
    "Jul",
    "Aug",
    "Sep",
    "Oct",
    "Nov",
    "Dec",
)


def parse_time(text: str | None, zone: tzinfo = UTC) -> datetime | None:
    """ISO 8601 or epoch milliseconds → aware, in `zone`; None when it is neither or not this era.
    A date alone is that day in any zone."""
    text = (text or "").strip()
    try:
        if text.lstrip("-").isascii() and text.lstrip("-").isdigit():
            moment = _EPOCH + timedelta(milliseconds=int(text[:18]))
        else:
            moment = datetime.fromisoformat(text[:40])
            day_only = moment.tzinfo is None and len(text) == len("2026-11-29")
            moment = moment.replace(tzinfo=moment.tzinfo or (zone if day_only else UTC))
        moment = moment.astimezone(zone)
    except (ValueError, OverflowError):
        return None
    return moment if 1990 <= moment.year <= 2200 else None


def day_of(text: str | None, zone: tzinfo = UTC) -> date | None:
    """The day of a fact's text in `zone`, None when unknown."""
    moment = parse_time(text, zone)
    return moment.date() if moment else None


def bucket(age_days: int) -> str:
    """Name of the bucket: 0-2, 3-7, 8-30, 31-90 or 91+ days. The future counts as today."""
    return next((name for oldest, name, _ in AGE_BUCKETS if age_days <= oldest), OLDER[0])


def counted_age(age_days: int) -> int:
    """The age in days that every day of the bucket counts as."""
    return next((age for oldest, _, age in AGE_BUCKETS if age_days <= oldest), OLDER[1])


def day_text(day: date, today: date) -> str:
    """ "20 Nov", with the year when it is not this one."""
    text = f"{day.day} {_MONTHS[day.month - 1]}"
    return text if day.year == today.year else f"{text} {day.year}"
