"""One lead: why this score, why did it change, what would move it; and scoring it again."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from console import charts
from console.api import Api, Edges, History, Lead, LeadDetail, PortalAccess, Quote, RouteRow
from console.client import ApiError
from console.drawing import chart
from console.notices import notices, refused
from console.tables import pick, safe, table, when
from console.views import pin
from console.vocabulary import CAUSES, GROUPS, NEIGHBOURS

PORTAL = "portal"  # the group of what every lead starts with
FACTORS = {"label": "Field", "value": "Value", "points": "Points", "comparison": "Compared"}
MOMENTS = {
    "at": "Scored",
    "score": "Score",
    "fit_level": "Band",
    "cause": "Cause",
    "why": "Why it changed",
}
COLLEAGUES = {"name": "Name", "score": "Score", "band": "Band", "next_action": "Next"}
NEIGHBOUR_COLUMNS = {
    "kind": "Outcome",
    "label": "Client",
    "facts": "Facts",
    "similarity": "Similarity",
}
ROUTES = {
    "at": "Decided",
    "what": "What",
    "band": "Band",
    "score": "Score",
    "cause": "Cause",
    "state": "State",
    "route_id": "Id",
}
STATES = {
    "waiting": "This lead is waiting to be scored.",
    "not_scored": "This lead is not scored yet: import a profile, or press Rescore.",
}
VERDICTS = {
    "failed": "Scoring failed several times; the Operations page says why.",
    "ineligible": "This contact is no lead any more.",
}
QUOTED = {
    "message": "The lead's own words, from a form",
    "email": "From an email",
    "note": "From a colleague's note",
    "description": "From the company's description",
}


def draw_lead(client: Api, portal: PortalAccess, contact_id: str) -> None:
    """The whole page of one lead."""
    if st.button("All leads", icon=":material/arrow_back:"):
        _leave()
    found = client.read_lead(contact_id)
    st.title(safe(found["name"]))
    st.markdown(_under_the_name(found))
    _rescore(client, portal, found)
    if found["state"] in ("not_a_lead", "parked"):
        word = "No lead" if found["state"] == "not_a_lead" else "Failed after its retries"
        st.warning(f"{word}: {safe(found['reason'])}")
    pin.tell()
    lead = found["lead"]
    if lead is None:
        st.info(STATES.get(found["state"], "There is no score."))
        return
    _first_screen(lead)
    pin.draw(client, contact_id, lead["pin"], may="give_feedback" in portal["permissions"])
    _why(lead)
    if found["history"]:
        _changes(found["history"], found["thresholds"])
    _around(found, lead)


def _leave() -> None:
    del st.query_params["lead"]
    # a fresh key for the table, so that the row is not chosen any more
    st.session_state["leads_seen"] = st.session_state.get("leads_seen", 0) + 1
    st.rerun()


def _under_the_name(found: LeadDetail) -> str:
    parts = [found["company"], found["email"], found["owner"] and f"owned by {found['owner']}"]
    if found["lead"] is not None and found["lead"]["segment"]:
        parts.append(f"segment: {found['lead']['segment']}")
    told = " · ".join(safe(part) for part in parts if part)
    return f"{told} · [Open in HubSpot]({found['hubspot_url']})"


def _first_screen(lead: Lead) -> None:
    row = st.container(horizontal=True, gap="medium")
    trend = lead["trend"]
    row.metric(
        f"Score · {lead['fit_level']} fit",
        lead["score"],
        None if trend is None else f"{trend['points']:+d} since {when(trend['since'])}",
        width="content",
    )
    if lead["chance"] is None:
        row.metric("Against your average lead", f"{lead['score'] - 50:+d} points", width="content")
    else:
        odds = f"{lead['times_average_odds']:g} ×"
        row.metric("Odds against the average lead", odds, width="content")
    row.metric(*_chance(lead), width="content")
    row.metric("Next", lead["next_action"] or "No sales action", width="content")
    if lead["action_reason"]:
        st.markdown(f"**Next:** {safe(lead['action_reason'])}")
    if lead["offered"]:
        st.info(safe(lead["offered"]))
    st.markdown(safe(lead["reasoning"]))
    _quote(lead["quote"])
    if lead["opener"]:
        st.caption("To begin with: copy it, change it, send it yourself")
        st.code(lead["opener"], language=None, wrap_lines=True)
    for title, text, tone in notices(lead["flags"]):
        (st.warning if tone == "warning" else st.info)(f"**{title}.** {text}")


def _quote(quote: Quote | None) -> None:
    """Words of the lead, marked as such, with their day and the way to where they stand."""
    if quote is None:
        return
    written = quote["written_on"]
    day = f", {datetime.fromisoformat(written):%-d %b %Y}" if written else ""
    st.markdown(f"> “{safe(quote['text'])}”")
    st.markdown(f"{QUOTED[quote['source']]}{day} · [Open in HubSpot]({quote['url']})")


def _chance(lead: Lead) -> tuple[str, str]:
    chance = lead["chance"]
    if chance is not None:
        label = (
            f"Win within {chance['horizon_days']} days "
            f"({chance['low']:.0%}-{chance['high']:.0%}, n = {chance['sample']}"
            + (f"; {chance['average']:.0%} of all)" if chance["average"] else ")")
        )
        return label, f"{chance['value']:.0%}"
    if lead["percentile"] is not None:
        return "Fits better than", f"{lead['percentile']} % of leads"
    return "Chance", "not known yet"


def _rescore(client: Api, portal: PortalAccess, found: LeadDetail) -> None:
    key = f"rescore_{found['contact_id']}"
    before = found["lead"]["score"] if found["lead"] else None
    if "rescore" in portal["permissions"] and st.button(
        "Rescore", type="primary", disabled=key in st.session_state, icon=":material/refresh:"
    ):
        try:
            asked = client.rescore(found["contact_id"])
        except ApiError as error:
            refused(error)
            return
        st.session_state[key] = {"id": asked["rescore_id"], "before": before}
        st.rerun()
    if key in st.session_state:
        _watch(client, key)
    verdict = st.session_state.pop(f"{key}_verdict", None)
    if verdict:
        st.success(verdict)


def _watch(client: Api, key: str) -> None:
    """Until it is done: "unchanged" is an honest answer, too."""

    @st.fragment(run_every=1.0)
    def watched() -> None:
        if key not in st.session_state:
            return
        asked = st.session_state[key]
        state = client.rescore_state(asked["id"])
        if state["state"] == "waiting":
            st.progress(0.5, text="Reading HubSpot and scoring …")
            return
        del st.session_state[key]
        now = client.read_lead(state["contact_id"])["lead"]
        st.session_state[f"{key}_verdict"] = _verdict(state["state"], asked["before"], now)
        st.rerun()

    watched()


def _verdict(state: str, before: int | None, now: Lead | None) -> str:
    if state in VERDICTS:
        return VERDICTS[state]
    score = "" if now is None else now["score"]
    if state == "unchanged":
        return f"Scored again just now: unchanged at {score}."
    return f"Scored again just now: {score}, was {'not scored' if before is None else before}."


def _why(lead: Lead) -> None:
    st.header("Why this score")
    shown = [factor for factor in lead["factors"] if factor["group"] != PORTAL]
    chart(charts.factors(shown), "factors", table=False)
    start = 50 + sum(part["points"] for part in lead["subtotals"] if part["group"] == PORTAL)
    parts = [f"Every lead starts at {start}"]
    parts += [
        f"{GROUPS.get(part['group'], part['group'])} {part['points']:+d}"
        for part in lead["subtotals"]
        if part["points"] and part["group"] != PORTAL
    ]
    st.caption(f"{' · '.join(parts)} = {lead['score']}. {_unknown(lead)}")
    with st.expander("As a table"):
        table(lead["factors"], "factors", columns=FACTORS, empty="No factor counts.")
    gaps = [gap for gap in lead["missing"] if gap["could_add"] > 0]
    if gaps:
        told = ", ".join(f"{gap['label']} (up to +{gap['could_add']})" for gap in gaps)
        st.markdown(f"**Not known:** {safe(told)}")


def _unknown(lead: Lead) -> str:
    """A model learns what not knowing is worth, all fields together; the formula counts it 0."""
    if any(factor["field"] == "unknown_fields" for factor in lead["factors"]):
        return "What is not known counts in one factor."
    return "Unknown fields count 0."


def _changes(history: History, edges: Edges) -> None:
    st.header("Why it changed")
    moments = history["moments"]
    if len(moments) > 1:
        chart(charts.history(moments, edges), "history", table=False)
    rows = [
        {
            **moment,
            "at": when(moment["scored_at"]),
            "cause": CAUSES.get(moment["cause"], "Scored"),
            "why": "; ".join(f"{c['points']:+d} {c['text']}" for c in moment["changes"])
            or ("First score" if moment is moments[-1] else ""),
        }
        for moment in moments
    ]
    table(rows, "history", columns=MOMENTS, empty="The score has not changed yet.")
    if history["moves"]:
        st.markdown("**What would move it**")
        for move in history["moves"]:
            st.markdown(f"- +{move['points']}: {safe(move['text'])}")


def _routes(found: list[RouteRow]) -> None:
    st.header("What followed in HubSpot")
    rows = [
        {
            **route,
            "at": when(route["decided_at"]),
            "what": route["kind"].replace("_", " "),
            "cause": CAUSES.get(route["cause"], "Scored"),
        }
        for route in found
    ]
    table(
        rows,
        "routes",
        columns=ROUTES,
        empty="Nothing yet: lists and tasks follow when the lead enters a band.",
    )


def _around(found: LeadDetail, lead: Lead) -> None:
    if found["colleagues"]:
        st.header("Colleagues at the same company")
        chosen = pick(
            found["colleagues"], "colleagues", columns=COLLEAGUES, key=found["contact_id"]
        )
        if chosen is not None:
            st.query_params["lead"] = found["colleagues"][chosen]["contact_id"]
            st.rerun()
    st.header("Similar clients")
    rows = [
        {**near, "kind": NEIGHBOURS[near["kind"]], "facts": ", ".join(near["facts"])}
        for near in lead["neighbours"]
    ]
    table(
        rows,
        "similar",
        columns=NEIGHBOUR_COLUMNS,
        empty="None yet: import an ideal client profile on the Profile page.",
    )
    _routes(found["routes"])
    for opinion in found["opinions"]:
        word = "agreed" if opinion["agrees"] else "disagreed"
        told = f"{when(opinion['said_at'])}: a rep {word} with {opinion['score']}"
        st.caption(safe(f"{told}. {opinion['reason']}" if opinion["reason"] else told))
        if opinion["comment"]:
            st.text(f"“{opinion['comment']}”")
