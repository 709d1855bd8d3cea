"""This month against the last: the month stands in the address, so that a link shows the same."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import streamlit as st

from console.address import choice
from console.api import Api, MonthComparison, MonthFigures, Part
from console.tables import ZONE, table

MONTHS: Final = 12  # to choose from
FIGURES: Final = {
    "new_leads": "New leads",
    "high": "High on the last day",
    "mean_score": "Mean score on the last day",
    "won": "Won",
    "lost": "Lost",
    "win_rate": "Won of those decided",
    "became_high": "Became High",
    "contacted": "Of these contacted",
    "met": "Met",
    "opportunities": "Opportunity",
    "high_won": "Won so far",
    "amount": "Amount won",
}
OF_HIGH: Final = frozenset(
    {"became_high", "contacted", "met", "opportunities", "high_won", "amount"}
)
COLUMNS: Final = {"figure": "", "now": "This month", "before": "Month before", "change": "Change"}
FEW: Final = "under 10"  # in place of a rate
UNCOUNTED: Final = "not counted"


def month_choice(where: Any = st) -> str:
    """ "2026-11", "" for no comparison."""
    day = datetime.now(st.session_state.get(ZONE)).date().replace(day=1)
    months: dict[str, str] = {"": "No comparison"}
    for _ in range(MONTHS):
        before = (day - timedelta(days=1)).replace(day=1)
        months[f"{day:%Y-%m}"] = f"{day:%B %Y} against {before:%B}"
        day = before
    return choice(where, "Compare", months, "compare")


def draw(client: Api, figures: Sequence[str], **whose: str) -> None:
    """The choice, and what was chosen; `figures` are those that the page is about."""
    month = month_choice()
    if not month:
        return
    found = client.compare_months(month=month, **whose)
    st.subheader("This month against the last")
    st.caption(_days(found))
    rows = [_row(name, found) for name in figures]
    table(rows, f"months-{month}", columns=COLUMNS, empty="")
    if any(name in figures for name in ("win_rate", "contacted")):
        st.caption(
            "Brackets hold the true share 95 times in 100. Where they overlap, nothing is "
            "to be concluded from a difference yet."
        )


def _days(found: MonthComparison) -> str:
    now, before = found["now"], found["before"]
    return f"{_span(now)} against {_span(before)}."


def _span(figures: MonthFigures) -> str:
    first, last = (datetime.fromisoformat(figures[name]) for name in ("first", "last"))
    return f"{first:%-d} to {last:%-d %B %Y}"


def _row(name: str, found: MonthComparison) -> dict[str, Any]:
    now, before = (dict(found["now"])[name], dict(found["before"])[name])
    if name in OF_HIGH and found["counted_at"] is None:
        now = before = None
    unit = f" {found['currency']}" if name == "amount" and now is not None else ""
    return {
        "figure": FIGURES[name],
        "now": _told(now) + unit,
        "before": _told(before) + unit,
        "change": _change(now, before),
    }


def _told(value: Any) -> str:
    if value is None:
        return UNCOUNTED
    if isinstance(value, dict):
        return _rate(value)  # type: ignore[arg-type]
    return f"{value:,.1f}" if isinstance(value, float) else f"{value:,}"


def _rate(part: Part) -> str:
    told = f"{part['count']:,} of {part['of']:,}"
    if part["share"] is None or part["low"] is None or part["high"] is None:
        return f"{told} ({FEW})" if part["of"] else "none"
    return f"{part['share']:.0%} [{100 * part['low']:.0f}-{100 * part['high']:.0f}] {told}"


def _change(now: Any, before: Any) -> str:
    if now is None or before is None:
        return ""
    if isinstance(now, dict):
        if now["share"] is None or before["share"] is None:
            return ""
        return f"{100 * (now['share'] - before['share']):+.0f} points"
    if now == before:
        return "none"
    return f"{now - before:+,.1f}" if isinstance(now, float) else f"{now - before:+,}"
