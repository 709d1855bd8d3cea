"""Long work under way, as a bar that says how long it will take."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from console.api import Progress
from console.tables import spell

NAMES = {
    "pull": "Pulling the portal",
    "population": "Counting the population",
    "backfill": "Scoring every lead",
    "setup": "Setting up the portal",
    "train": "Training on the portal's outcomes",
    "outcomes": "Reading the portal's outcomes",
    "impact": "Counting what became of the leads",
    "backtest": "Judging on the newest outcomes",
    "suggest": "Looking for ideal clients among won leads",
    "model_preview": "Scoring every lead under this model",
    "profile_preview": "Scoring every lead under this profile",
    "reconcile": "Comparing with the portal",
    "drift": "Looking for drift",
    "daily": "Daily maintenance",
    "weekly": "Weekly maintenance",
    "monthly": "Monthly maintenance",
}
ALMOST = 0.95  # of a bar that only time fills: it is full when the work is done


def bar(run: Progress) -> None:
    """One run; without a total, how long it has been running of the time that the last one took."""
    name = NAMES.get(run["kind"], "Working")
    gone = (datetime.now(UTC) - datetime.fromisoformat(run["started_at"])).total_seconds()
    if run["kind"] == "train" and run["total"]:  # steps, of very different length
        share = max(run["done"] / run["total"], _by_time(gone, run["usual_s"]))
        told = f"{name}: step {min(run['done'] + 1, run['total'])} of {run['total']}"
    elif run["total"]:
        share = min(1.0, run["done"] / run["total"])
        told = f"{name}: {run['done']:,} of {run['total']:,}"
    else:
        share = _by_time(gone, run["usual_s"])
        told = f"{name}: {run['done']:,} done" if run["done"] else f"{name} …"
    counted = 0.0 if run["kind"] == "train" else share
    st.progress(share, text=f"{told} · {left(gone, counted, run['usual_s'])}")


def _by_time(gone_s: float, usual_s: int | None) -> float:
    return min(ALMOST, gone_s / usual_s) if usual_s else 0.0


def left(gone_s: float, share: float, usual_s: int | None) -> str:
    """How long it will still take, as far as that can be known."""
    if share and share < ALMOST:
        return f"about {spell(max(1, round(gone_s / share - gone_s)))} left"
    if usual_s and gone_s < usual_s:
        return f"about {spell(max(1, round(usual_s - gone_s)))} left"
    return f"running for {spell(round(gone_s))}"
