"""Impact: does following up High leads pay, who still waits, and did the wins come?"""

from __future__ import annotations

from typing import Any

import streamlit as st

from console.address import choice, folded
from console.api import (
    AgeingLists,
    Api,
    CohortRow,
    Cohorts,
    Effect,
    HoldoutPreview,
    HoldoutResult,
    PortalAccess,
    WaitingLead,
)
from console.client import ApiError
from console.notices import refused
from console.tables import counted, safe, table, when
from console.views import compare, exploration, questions
from console.views.shares import FEW, share_text

BANDS = {"High": "High", "Medium": "Medium", "Low": "Low"}
GROUPS = {
    "week": "Week",
    "month": "Month",
    "owner": "Owner",
    "team": "Team",
    "source": "Source",
}
PERIODS = {"26": "Last 26 weeks", "8": "Last 8 weeks", "52": "Last year", "0": "All time"}
COHORTS = {
    "label": "",
    "leads": "Leads",
    "status": "Status",
    "touched": "Contacted",
    "in_time": "In time",
    "median": "Half within (h)",
    "late": "9 of 10 within (h)",
    "meetings": "Met",
    "opportunities": "Opportunity",
    "won_so_far": "Won so far",
    "won": "Win rate",
    "amount": "Amount won",
}
WAITING = {
    "name": "Lead",
    "company": "Company",
    "owner": "Owner",
    "waits": "Waits (working time)",
    "since": "High since",
    "score": "Score",
    "url": "Record",
}
MONEY = {
    "period": "Month",
    "band": "Band",
    "leads": "Leads",
    "expected": "Wins expected",
    "won": "Won",
    "sum_expected": "Amount expected",
    "amount_won": "Amount won",
}
ARMS = {
    "arm": "Group",
    "leads": "Leads",
    "companies": "Companies",
    "complete": "Time over",
    "won": "Won",
    "in_time": "Contacted in time",
    "median_hours": "Half within (h)",
    "amount": "Amount won",
}
EFFECTS = {
    "what": "Per 100 leads",
    "followed_up": "Followed up",
    "held_out": "Left alone",
    "effect": "Difference",
    "range": "Lies between, however often you look",
    "once": "For a single look",
}
FIGURES = ("became_high", "contacted", "met", "opportunities", "high_won", "amount")
SHARES = (5, 10, 15, 20)
RECORD = {"Record": st.column_config.LinkColumn(display_text="Open in HubSpot")}


def draw(client: Api, portal: PortalAccess) -> None:
    """What came of High leads first, then who waits, the money, and the experiment."""
    st.title("Impact")
    _counting(client)
    query = _cohorts(client)
    compare.draw(client, FIGURES, **query)
    if "read_leads" in portal["permissions"]:
        _ageing(client)
    _money(client, query)
    may = "manage_portal" in portal["permissions"]
    _holdout(client, may=may)
    exploration.draw(client, may=may)


def _counting(client: Api) -> None:
    """When it was counted, and the button that counts again."""
    answer = questions.newest(client)["impact"]
    if answer["state"] != "none" and questions.waiting(client, answer):
        return
    told = "Nobody has counted yet what became of your leads. It is done once a day by itself."
    if answer["report"] is not None:
        told = f"Counted {when(answer['finished_at'])}; counted again once a day."
    st.caption(told)
    if st.button("Count now"):
        questions.ask(client, "/impact/count")


def _cohorts(client: Api) -> dict[str, Any]:
    """What became of the leads of a band; the filters that hold for the money, too."""
    st.header("What became of your leads")
    left, middle, right = st.columns(3)
    band = choice(left, "Leads that became", BANDS, "band")
    by = choice(middle, "Told apart by", GROUPS, "by")
    weeks = int(choice(right, "That came in within", PERIODS, "weeks"))
    choices = client.choices()
    with st.expander(folded("Owner, team, source", ("owner", "team", "source"))):
        places = st.columns(3)
        owner = choice(places[0], "Owner", _named(choices["owners"]), "owner")
        teams = client.list_cohorts(weeks=1)["teams"]
        team = choice(places[1], "Team", {"": "All", **{one: one for one in teams}}, "team")
        source = choice(places[2], "Source", _named(choices["sources"]), "source")
    query = {"owner": owner, "team": team, "source": source}
    found = client.list_cohorts(band=band, by=by, weeks=weeks, **query)
    if found["counted_at"] is None:
        return query
    if not found["total"]["leads"]:
        st.info(f"No lead became {band} in this time. Choose a longer one, or fewer filters.")
        return query
    st.markdown(f"**{_conclusion(found, band)}**")
    rows = [_flat(row, found) for row in [*found["rows"], found["total"]]]
    table(rows, f"impact-{by}", columns={**COHORTS, "label": GROUPS[by]}, empty="")
    st.caption(
        f"A lead counts from the moment it first became {band}. Contacted: called, written to or "
        f"met by one of your people since then; in time: within {found['within_hours']} working "
        "hours (Setup). Contacted leads are counted among all leads, so one that nobody has called "
        "makes the times longer. A win counts within "
        f"{found['horizon_days']} days; “open” leads still have time, and the win rate is that of "
        "the others. Brackets hold the true share 95 times in 100; under ten leads there is none."
    )
    return query


def _named(choices: list[Any]) -> dict[str, str]:
    return {"": "All", **{one["value"]: one["label"] for one in choices}}


def _conclusion(found: Cohorts, band: str) -> str:
    total, within = found["total"], found["within_hours"]
    leads = counted(total["leads"], f"lead became {band}", f"leads became {band}")
    touched = f"{total['touched']['count']:,} of them were contacted"
    in_time = f"{total['in_time']['count']:,} within {within} working hours"
    won = f"{total['won_so_far']:,} won so far"
    return f"{leads}: {touched}, {in_time}; {won}."


def _flat(row: CohortRow, found: Cohorts) -> dict[str, Any]:
    return {
        "label": row["label"],
        "leads": row["leads"],
        "status": f"{row['open']:,} open" if row["open"] else "complete",
        **{name: share_text(row[name]) for name in ("touched", "in_time", "meetings")},
        "opportunities": share_text(row["opportunities"]),
        "median": _hours(row["median_hours"], row["leads"]),
        "late": _hours(row["late_hours"], row["leads"]),
        "won_so_far": row["won_so_far"],
        "won": share_text(row["won"]),
        "amount": _amount(row["amount"], found["currency"]),
    }


def _hours(hours: float | None, leads: int) -> str:
    if hours is None:
        return FEW if leads < 10 else "not reached"
    return f"{hours:.1f}"


def _amount(amount: float, currency: str) -> str:
    return f"{amount:,.0f} {currency}".strip()


def _ageing(client: Api) -> None:
    found = client.list_ageing()
    st.header("High leads that wait")
    st.markdown(f"**{_waits(found)}**")
    _waiting(found["untouched"], "untouched", "Every High lead has been contacted since.")
    if len(found["untouched"]) < found["untouched_total"]:
        st.caption(f"The {len(found['untouched'])} that have waited longest.")
    if found["unowned_total"]:
        st.subheader(f"High leads without an owner ({found['unowned_total']:,})")
        _waiting(found["unowned"], "unowned", "")
    for one in found["over"]:
        told = counted(one["waiting"], "new lead")
        st.warning(
            f"{safe(one['owner'])} got {told} in seven days and can work {one['capacity']:,} a "
            f"week: {one['too_many']:,} too many. Share them out in HubSpot."
        )


def _waits(found: AgeingLists) -> str:
    if not found["untouched_total"]:
        return "Nobody waits: every High lead has been contacted since it became High."
    late = sum(one["late"] for one in found["untouched"])
    told = counted(found["untouched_total"], "High lead has", "High leads have")
    longest = found["untouched"][0]["waits"]
    least = "at least " if len(found["untouched"]) < found["untouched_total"] else ""
    return (
        f"{told} not been contacted since becoming High, {least}{late:,} for longer than "
        f"{found['within_hours']} working hours. The first has waited {longest}."
    )


def _waiting(leads: list[WaitingLead], name: str, empty: str) -> None:
    rows = [{**one, "since": when(one["since"])} for one in leads]
    table(rows, name, columns=WAITING, empty=empty, config=RECORD)


def _money(client: Api, query: dict[str, Any]) -> None:
    st.header("Did the wins come?")
    found = client.list_money(**query)["items"]
    if not found:
        st.info("Nothing to compare yet: this needs leads that became High or Medium.")
        return
    for one in found[:3]:
        st.markdown(safe(one["sentence"]))
    rows = [
        {
            **one,
            "period": one["month"][:7],
            "won": f"{one['won']:,}" + (" so far" if one["open"] else ""),
            "expected": _range(one["wins"]),
            "sum_expected": _range(one["amount"]),
            "amount_won": f"{one['amount_won']:,.0f}",
        }
        for one in found
    ]
    with st.expander("All months as a table"):
        table(rows, "money", columns=MONEY, empty="")
    st.caption(
        "Expected: the chances that the model gave when the leads came in, added up; the amount "
        "with the size of your own won deals. The range holds 95 times in 100 if the chances are "
        "right."
    )


def _range(found: Any) -> str:
    if found is None:
        return "not known"
    return f"{found['low']:,.0f} to {found['high']:,.0f}"


def _holdout(client: Api, *, may: bool) -> None:
    st.header("Does following up pay?")
    found = client.list_holdouts()
    for place, one in enumerate(found["items"]):
        if place == 0:
            _result(one)
        else:
            with st.expander(f"Holdout of {when(one['started_at'])}"):
                _result(one)
    if found["running"]:
        if may and st.button("End the holdout and follow up everybody"):
            _do(client.end_holdout)
        return
    if not found["items"]:
        st.write(
            "Only an experiment can tell: a small share of the leads that become High is left "
            "alone, chosen by chance, company by company, and compared with the others."
        )
    with st.expander("What a holdout would cost"):
        _plan(client, may=may)


def _result(one: HoldoutResult) -> None:
    st.markdown(f"**{safe(one['sentence'])}**")
    until = f", ended {when(one['ended_at'])}" if one["ended_at"] else ""
    st.caption(
        f"{one['share']} % of the leads that became High since {when(one['started_at'])}"
        f"{until} get no task, notification, list or workflow of ours; a win counts within "
        f"{one['window_days']} days."
    )
    arms: list[dict[str, Any]] = [
        {"arm": "Followed up", **one["followed_up"]},
        {"arm": "Left alone", **one["held_out"]},
    ]
    table(arms, f"arms-{one['holdout_id']}", columns=ARMS, empty="")
    effects: list[tuple[str, Effect | None, int]] = [
        ("Won", one["wins"], 1),
        ("Contacted in time", one["in_time"], 1),
        ("Amount won", one["amount"], 0),
    ]
    rows = [_effect(what, effect, digits) for what, effect, digits in effects if effect is not None]
    if rows:
        table(rows, f"effects-{one['holdout_id']}", columns=EFFECTS, empty="")
        st.caption(
            "Every lead counts in the group that it was put into, whatever was done for it. Leads "
            "of one company are in one group and count together."
        )


def _effect(what: str, one: Effect, digits: int) -> dict[str, Any]:
    def signed(value: float) -> str:
        return f"{100 * value:+,.{digits}f}"

    once_low, once_high = one["once_low"], one["once_high"]
    once = ""
    if once_low is not None and once_high is not None:
        once = f"{signed(once_low)} to {signed(once_high)}"
    always = f"{signed(one['low'])} to {signed(one['high'])}"
    return {
        "what": what,
        "followed_up": f"{100 * one['followed_up']:,.{digits}f}",
        "held_out": f"{100 * one['held_out']:,.{digits}f}",
        "effect": signed(one["effect"]),
        "range": always if one["known"] else "too few to tell",
        "once": once,
    }


def _plan(client: Api, *, may: bool) -> None:
    share = st.radio(
        "Share of High leads to leave alone",
        SHARES,
        index=1,
        format_func=lambda one: f"{one} %",
        horizontal=True,
    )
    found = client.preview_holdout(share=share)
    if found["problem"]:
        st.info(safe(found["problem"]))
        return
    _costs(found)
    if not may:
        st.caption("An admin of the portal can switch it on.")
        return
    agreed = st.checkbox(f"Leave {share} % of the leads that become High from now on alone")
    if st.button("Start the holdout", type="primary", disabled=not agreed):
        _do(lambda: client.start_holdout({"share": share, "preview": found["preview"]}))


def _costs(found: HoldoutPreview) -> None:
    st.markdown(f"**{safe(found['sentence'])}**")
    st.markdown(
        f"What it costs: about {found['held_a_month']:.1f} of your {found['leads_a_month']:.0f} "
        f"High leads a month get no task, no notification, no list and no workflow. Their score "
        f"stays on the record. If following up wins 30 % more, that is "
        f"{found['costs_wins']:.1f} wins a month that you forgo."
    )
    rows = [
        {
            "lift": f"{one['lift']:.0%} more wins",
            "months": "not within 3 years" if one["months"] is None else f"{one['months']:.0f}",
        }
        for one in found["lifts"]
    ]
    columns = {"lift": "If following up brings", "months": "it shows after so many months"}
    table(rows, "power", columns=columns, empty="")
    st.caption(
        f"In 8 of 10 such experiments, looking every day. {found['win_rate']:.0%} of your High "
        f"leads are won within {found['window_days']} days, which are part of the wait."
    )


def _do(deed: Any) -> None:
    try:
        deed()
    except ApiError as error:
        refused(error)
        return
    st.rerun()
