"""Overview: how are my leads distributed, and is scoring up to date?"""

from __future__ import annotations

import csv
import io
from typing import Any

import streamlit as st

from console.charts import distribution
from console.client import ApiError, Client

EXPLAINED = (
    "A score of 50 means average odds of winning among your leads, and every 15 points double "
    "them: 65 is twice, 80 four times the average. The band follows from the score; a chance in "
    "per cent appears once enough outcomes are known to calibrate it."
)


def draw(client: Client, portal: dict[str, Any]) -> None:
    """The page; an empty portal says what to do next."""
    st.title("Overview")
    st.caption(EXPLAINED)
    _live(client)


def _live(client: Client) -> None:
    @st.fragment(run_every=5)
    def shown() -> None:
        try:
            found = client.read("/overview")
        except ApiError as error:
            st.error(str(error))
            return
        _under_way(found)
        total = sum(found["distribution"])
        if not total:
            st.info(
                "No lead is scored yet. Import an ideal client profile with "
                f"`flask --app backend profiles import FILE.csv --portal {found['portal_id']}`; "
                "scoring starts when the first pull has ended."
            )
            return
        _bands(found, total)
        st.plotly_chart(distribution(found["distribution"], found["thresholds"]), width="stretch")
        st.caption(_conclusion(found, total))
        st.download_button(
            "Download the distribution as CSV",
            _csv(found["distribution"]),
            file_name="score-distribution.csv",
            mime="text/csv",
        )

    shown()


def _under_way(found: dict[str, Any]) -> None:
    run = found["backfill"]
    if run is not None and run["state"] == "running" and run["total"]:
        st.progress(
            min(1.0, run["done"] / run["total"]),
            text=f"Scoring {run['done']:,} of {run['total']:,} contacts",
        )
    if found["state"] != "connected":
        st.warning("This portal has to be connected again by its HubSpot admin.")
    if found["parked"]:
        st.warning(f"{found['parked']} leads were given up after their retries.")


def _bands(found: dict[str, Any], total: int) -> None:
    columns = st.columns(5)
    for column, band in zip(columns, ("High", "Medium", "Low"), strict=False):
        count = found["bands"][band]
        share = f"{count / total:.0%} of leads"
        column.metric(f"{band} fit", f"{count:,}", share, delta_color="off", delta_arrow="off")
    columns[3].metric("Waiting", f"{found['due'] + found['pending_writes']:,}")
    columns[4].metric("Mode", found["mode"])


def _conclusion(found: dict[str, Any], total: int) -> str:
    share = found["bands"]["High"] / total
    last = f" Last scored {found['last_scored']}." if found["last_scored"] else ""
    if share > 0.25:
        return f"{share:.0%} of the leads are High: more than most teams can work first.{last}"
    if share < 0.02:
        return f"Only {share:.1%} of the leads are High: the profile may be too narrow.{last}"
    return f"{share:.0%} of the leads are High: a list that a team can work first.{last}"


def _csv(counts: list[int]) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["score", "leads"])
    writer.writerows(enumerate(counts))
    return text.getvalue()
