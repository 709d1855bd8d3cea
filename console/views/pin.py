"""A lead set by hand: what holds, with one click to withdraw it, else the form to set it."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal

import streamlit as st

from console.api import Api, PinBody, Pinned
from console.client import ApiError
from console.notices import refused
from console.tables import safe

Kind = Literal["high", "aside"]
KINDS: Final[dict[Kind, str]] = {"high": "High: work it now", "aside": "Set aside: not now"}
WORDS: Final = {"high": "Set to High by hand", "aside": "Set aside by hand"}
DAYS: Final = (7, 14, 30, 90)
REASON_MAX: Final = 120


def draw(client: Api, contact_id: str, pin: Pinned | None, *, may: bool) -> None:
    """On the page of a lead."""
    if pin is not None:
        until = f"{datetime.fromisoformat(pin['until']):%-d %b %Y}"
        told, button = st.columns([6, 2], vertical_alignment="center")
        told.info(f"**{WORDS[pin['kind']]} until {until}:** {safe(pin['reason'])}")
        if may and button.button("Withdraw", key=f"unpin_{contact_id}"):
            withdraw(client, contact_id)
    elif may:
        form(client, contact_id)


def form(client: Api, contact_id: str) -> None:
    """Behind a button, so that it takes no room."""
    with (
        st.popover("Set by hand", icon=":material/keep:"),
        st.form(f"pin_{contact_id}", border=False),
    ):
        kind = st.selectbox("What", list(KINDS), format_func=KINDS.__getitem__)
        days = st.selectbox("For how long", DAYS, index=1, format_func=lambda n: f"{n} days")
        reason = st.text_input(
            "Why?",
            max_chars=REASON_MAX,
            help="Your team sees this. It teaches the model nothing.",
        )
        if st.form_submit_button("Set"):
            body: PinBody = {"kind": kind, "days": days, "reason": reason}
            _send(client, contact_id, body)


def withdraw(client: Api, contact_id: str) -> None:
    """The facts alone decide again."""
    try:
        client.withdraw_pin(contact_id)
    except ApiError as error:
        refused(error)
        return
    _told("Withdrawn: the lead is scored by its facts again, within seconds.")


def tell() -> None:
    """What the last press did, once."""
    words = st.session_state.pop("pin_told", "")
    if words:
        st.toast(words)


def _send(client: Api, contact_id: str, body: PinBody) -> None:
    try:
        client.set_pin(contact_id, body)
    except ApiError as error:
        refused(error)
        return
    _told("Set by hand. The new score is there within seconds.")


def _told(words: str) -> None:
    st.session_state["pin_told"] = words
    st.rerun()
