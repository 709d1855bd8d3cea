"""Long work under way, as a bar."""

from __future__ import annotations

import streamlit as st

from console.api import Progress

NAMES = {
    "pull": "Pulling the portal",
    "population": "Counting the population",
    "backfill": "Scoring every lead",
    "setup": "Setting up the portal",
    "train": "Training a model",
    "reconcile": "Comparing with the portal",
    "drift": "Looking for drift",
    "daily": "Daily maintenance",
    "weekly": "Weekly maintenance",
    "monthly": "Monthly maintenance",
}


def bar(run: Progress) -> None:
    """One run; without a total it says how much is done."""
    name = NAMES.get(run["kind"], run["kind"].capitalize())
    if run["total"]:
        share = min(1.0, run["done"] / run["total"])
        st.progress(share, text=f"{name}: {run['done']:,} of {run['total']:,}")
    else:
        st.progress(0.0, text=f"{name}: {run['done']:,} done")
