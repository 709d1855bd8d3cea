"""Overview: how are my leads distributed, and is scoring up to date?"""

from __future__ import annotations

import streamlit as st

from console import charts
from console.api import Api, Bands, Day, Funnel, Overview, PortalAccess
from console.client import ApiError
from console.drawing import chart
from console.tables import QUIET, counted, download, safe, sentence, when
from console.views import compare
from console.views.progress import bar

EXPLAINED = (
    "The higher the score, the better a lead fits your ideal clients and the more it does; 50 is "
    "your average lead, and the band follows from the score. Once a model is published, every 15 "
    "points double the odds of winning, and each score has its chance in per cent."
)
COUNTS = {"score": "Score", "leads": "Leads"}
DAYS = {"day": "Day", "high": "High", "medium": "Medium", "low": "Low", "mean_score": "Mean score"}
REFRESH_S = 5
FIGURES = ("new_leads", "became_high", "high", "mean_score", "won", "lost")


def draw(client: Api, portal: PortalAccess) -> None:
    """The page; an empty portal says what to do next."""
    st.title("Overview")
    st.caption(EXPLAINED)

    @st.fragment(run_every=REFRESH_S)
    def live() -> None:
        try:
            found = client.read_overview()
        except ApiError as error:
            st.error(str(error))
            return
        _first_screen(found)
        if sum(found["distribution"]):
            _below(found)

    live()
    compare.draw(client, FIGURES)


def _first_screen(found: Overview) -> None:
    for run in found["running"]:
        bar(run)
    if found["state"] != "connected":
        st.warning("This portal has to be connected again by its HubSpot admin: see Setup.")
    if found["parked"]:
        given_up = counted(found["parked"], "lead", "leads")
        st.warning(f"{given_up} failed after all retries: see Operations.")
    total = sum(found["distribution"])
    if not total:
        st.info(
            "No lead is scored yet. Import an ideal client profile on the Profile page; scoring "
            "starts when the first pull has ended. The page [Start](start) shows each step."
        )
        return
    _bands(found, total)
    chart(charts.distribution(found["distribution"], found["thresholds"]), "distribution")
    for advice in found["advice"]:
        st.warning(safe(sentence(advice)))
    st.caption(_conclusion(found, total))


def _bands(found: Overview, total: int) -> None:
    row = st.container(horizontal=True, gap="medium")
    for band, count in _counts(found["bands"]):
        share = f"{count / total:.0%} of leads"
        row.metric(f"{band} fit", f"{count:,}", share, **QUIET)
    row.metric(
        "Waiting",
        f"{found['due']:,}",
        f"{found['pending_writes']:,} to write",
        **QUIET,
    )
    row.metric("Mode", found["mode"].capitalize())


def _counts(bands: Bands) -> list[tuple[str, int]]:
    return [("High", bands["High"]), ("Medium", bands["Medium"]), ("Low", bands["Low"])]


def _conclusion(found: Overview, total: int) -> str:
    share = found["bands"]["High"] / total
    last = f"Last scored {when(found['last_scored'])}." if found["last_scored"] else ""
    if found["advice"]:
        return last
    return f"{share:.0%} of the leads are High: a list that a team can work first. {last}"


def _below(found: Overview) -> None:
    left, right = st.columns(2)
    passed = found["funnel"]
    with left:
        chart(charts.funnel(_steps(passed)), "funnel")
        st.caption(_touched(passed))
    with right:
        chart(charts.trend(found["trend"]), "trend")
        st.caption(_trend_told(found["trend"]))
    counts = [{"score": s, "leads": n} for s, n in enumerate(found["distribution"])]
    with left:
        download(counts, "score-distribution", COUNTS)
    with right:
        download(found["trend"], "bands-by-day", DAYS)


def _steps(passed: Funnel) -> list[tuple[str, int]]:
    return [
        ("Contacts", passed["contacts"]),
        ("Leads", passed["leads"]),
        ("Scored", passed["scored"]),
        ("High", passed["high"]),
        ("High, contacted", passed["high_touched"]),
    ]


def _touched(passed: Funnel) -> str:
    untouched = passed["high"] - passed["high_touched"]
    won = f"{counted(passed['won'], 'contact was', 'contacts were')} won so far."
    if not passed["high"]:
        return f"No lead is High. {won}"
    if untouched:
        waiting = counted(untouched, "High lead was", "High leads were")
        return f"{waiting} never called, written to or met: start there. {won}"
    return f"Every High lead was contacted. {won}"


def _trend_told(days: list[Day]) -> str:
    if len(days) < 2:
        return "The trend begins today: one bar a day from now on."
    first, last = days[0], days[-1]
    change = last["mean_score"] - first["mean_score"]
    if abs(change) < 1:
        return f"The mean score has held since {first['day']}: no inflation."
    way = "risen" if change > 0 else "fallen"
    return f"The mean score has {way} by {abs(change):.1f} points since {first['day']}."
