"""A share with its interval, in words."""

from __future__ import annotations

from console.api import Part

FEW = "under 10"  # in place of a rate


def share_text(part: Part) -> str:
    """ "42 % [35-50] 50 of 120"."""
    told = f"{part['count']:,} of {part['of']:,}"
    if part["share"] is None or part["low"] is None or part["high"] is None:
        return f"{told} ({FEW})" if part["of"] else "none decided"
    return f"{part['share']:.0%} [{100 * part['low']:.0f}-{100 * part['high']:.0f}] {told}"
