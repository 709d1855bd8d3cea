"""My leads: whom do I work next, and why?"""

from __future__ import annotations

from typing import Final

import streamlit as st

from console.address import choice
from console.api import Api, AsideBody, MyLead, MyLeads, PortalAccess
from console.client import ApiError
from console.notices import refused
from console.tables import counted, safe, when
from console.views import pin

SNOOZE_DAYS: Final = 7
KINDS: Final = {"done": "Done", "snoozed": "Snoozed", "not_a_lead": "Not a lead"}


def draw(client: Api, portal: PortalAccess) -> None:
    """The list in the order to work it, each lead with its reason, its action and three buttons."""
    st.title("My leads")
    pin.tell()
    told = st.session_state.pop("mine_told", "")
    if told:
        st.toast(told)
    found = _found(client)
    if not found["owner_id"]:
        st.info("Your address is not that of an owner in HubSpot: choose above whose leads to see.")
        return
    _list(client, found, may="give_feedback" in portal["permissions"])
    _aside(client, found)


def _found(client: Api) -> MyLeads:
    """Of the owner in the address, else of the caller."""
    names = {one["value"]: one["label"] for one in client.choices()["owners"] if one["value"]}
    return client.list_my_leads(owner=choice(st, "Whose leads", {"": "Mine", **names}, "owner"))


def _list(client: Api, found: MyLeads, *, may: bool) -> None:
    leads = found["items"]
    if not leads:
        st.success("Nothing to do: no lead of yours waits for a call or an email.")
        return
    shown = "" if found["total"] <= len(leads) else f"; the first {len(leads)} are shown"
    st.caption(
        f"{counted(found['total'], 'lead')} to call or write to{shown}. Leads that changed since "
        "yesterday come first, then the higher band and chance. "
        f"Snoozed leads are back in {SNOOZE_DAYS} days, or when they do something."
    )
    at = min(st.session_state.get("mine_at", 0), len(leads) - 1)
    ways = st.container(horizontal=True)
    if ways.button("Previous", shortcut="K", disabled=at == 0):
        _go(at - 1)
    if ways.button("Next", shortcut="J", disabled=at == len(leads) - 1):
        _go(at + 1)
    for place, lead in enumerate(leads):
        _row(client, lead, here=place == at, may=may)


def _go(place: int) -> None:
    st.session_state["mine_at"] = place
    st.rerun()


def _row(client: Api, lead: MyLead, *, here: bool, may: bool) -> None:
    """One lead; the keys D, S and N press the buttons of the one that is `here`."""
    with st.container(border=here):
        score, told, side = st.columns([1, 5, 4], vertical_alignment="center")
        change = lead["change"]
        moved = "new" if change is None else f"{change:+d} since yesterday" if change else ""
        score.markdown(f"**{lead['score']}** {lead['band']}" + (f"  \n{moved}" if moved else ""))
        company = f", {safe(lead['company'])}" if lead["company"] else ""
        told.markdown(
            f"**[{safe(lead['name'])}]({lead['url']})**{company}  \n"
            f"**{lead['next_action']}:** {safe(lead['reason'])}"
        )
        if not may:
            return
        with side:
            buttons = st.container(horizontal=True)
            if here:
                pin.form(client, lead["contact_id"])
        key = lead["contact_id"]
        done = buttons.button("Done", key=f"done_{key}", shortcut="D" if here else None)
        later = buttons.button("Snooze", key=f"snooze_{key}", shortcut="S" if here else None)
        never = buttons.button("Not a lead", key=f"never_{key}", shortcut="N" if here else None)
        if done:
            _put(client, lead, {"kind": "done"}, "is done until they do something.")
        if later:
            body: AsideBody = {"kind": "snoozed", "days": SNOOZE_DAYS}
            _put(
                client, lead, body, f"comes back in {SNOOZE_DAYS} days, or when they do something."
            )
        if never:
            _put(
                client, lead, {"kind": "not_a_lead"}, "is off your list, and your manager is told."
            )


def _put(client: Api, lead: MyLead, body: AsideBody, told: str) -> None:
    try:
        client.put_aside(lead["contact_id"], body)
    except ApiError as error:
        refused(error)
        return
    st.session_state["mine_told"] = f"{safe(lead['name'])} {told}"
    st.rerun()


def _aside(client: Api, found: MyLeads) -> None:
    if not found["aside"]:
        return
    with st.expander(f"Put aside ({len(found['aside'])})"):
        for lead in found["aside"]:
            told, button = st.columns([6, 2], vertical_alignment="center")
            until = f" until {when(lead['until'])}" if lead["until"] else ""
            told.markdown(f"{safe(lead['name'])}: {KINDS[lead['kind']].lower()}{until}")
            if button.button("Put back", key=f"back_{lead['contact_id']}"):
                client.take_back(lead["contact_id"])
                st.rerun()
