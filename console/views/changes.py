"""What another model or profile would change, before anybody else sees it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from console import pattern_charts as charts
from console.api import Answered
from console.drawing import chart
from console.tables import counted, safe, table

BAND_COLUMNS = {
    "band": "Band",
    "leads": "Leads",
    "share": "Share",
    "expected_wins": "Wins expected",
}
EXAMPLE_COLUMNS = {"lead": "Contact", "before": "Score now", "after": "Score then"}


def draw_change(answer: Answered, answered: str) -> None:
    """Bands then, the migration, and the leads that would move most."""
    report = answer["report"] or {}
    moved = report["migration"]
    st.markdown(
        f"**{moved['share_moved']:.0%} of the leads would change band; the mean score would move "
        f"by {moved['mean_change']:+.1f} points.** {safe(answered)}"
    )
    for warning in report["warnings"]:
        st.warning(safe(warning))
    if report.get("cost"):
        _cost(report["cost"])
    left, right = st.columns(2)
    chart(charts.migration(moved), f"migration_{report['version']}", left)
    with right:
        table(
            report["bands"],
            f"bands-{report['version']}",
            columns=BAND_COLUMNS,
            empty="",
            config={
                "Share": st.column_config.NumberColumn(format="percent"),
                "Wins expected": st.column_config.NumberColumn(format="%.1f"),
            },
        )
        table(
            [{**one, "lead": answer["names"][one["lead"]]} for one in moved["examples"]],
            f"moves-{report['version']}",
            columns=EXAMPLE_COLUMNS,
            empty="Nobody changes band.",
        )


def _cost(cost: dict[str, Any]) -> None:
    leads = counted(cost["leads"], "lead")
    if not cost["cost_micro_usd"]:
        st.caption(f"Scoring {leads} again costs nothing: no paid provider is set.")
        return
    half = cost.get("half_price_micro_usd")  # a preview may be older than the choice
    slower = "" if half is None else f" (\\${half / 1e6:.2f} where runs ask at half the price)"
    st.caption(
        f"Scoring {leads} again: at most {counted(cost['calls'], 'call')} and "
        f"\\${cost['cost_micro_usd'] / 1e6:.2f}{slower}; the portal's cap is "
        f"\\${cost['daily_cap_micro_usd'] / 1e6:.2f} a day."
    )
