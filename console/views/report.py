"""The weekly report: when it goes out, to whom, and how it would look now."""

from __future__ import annotations

import streamlit as st

from console.api import Api, ReportSettings
from console.client import ApiError
from console.notices import refused
from console.tables import safe, when

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def draw(client: Api) -> None:
    """A part of Setup, for those who may change it."""
    st.header("Weekly report")
    found = client.read_report()
    ways = (["the channel above"] if found["to_channel"] else []) + (
        [f"{sum(not one['unsubscribed'] for one in found['recipients'])} by email"]
        if found["recipients"]
        else []
    )
    to = " and ".join(ways) or "nobody yet: name a channel above, or an address below"
    st.caption(f"Next one: {when(found['next_at'])}. Goes to {to}.")
    _when(client, found)
    _recipients(client, found)
    with st.expander("Preview", icon=":material/visibility:"):
        if st.button("Show the report as it would go out now"):
            made = client.preview_report()
            st.markdown(f"**{safe(made['subject'])}**")
            st.iframe(made["html"], height=520)


def _when(client: Api, found: ReportSettings) -> None:
    with st.form("report"):
        left, right = st.columns(2)
        weekday = left.selectbox(
            "Weekday", range(7), index=found["weekday"], format_func=DAYS.__getitem__
        )
        zone = found["time_zone"] or "UTC"
        hour = right.selectbox(
            f"Hour ({zone})", range(24), index=found["hour"], format_func=lambda h: f"{h:02}:00"
        )
        names = st.checkbox(
            "Name leads in the report",
            found["names"],
            help="Off: numbers only. Emails and channels are read by people without an account "
            "here.",
        )
        if st.form_submit_button("Save the report"):
            try:
                client.set_report({"weekday": weekday, "hour": hour, "names": names})
            except ApiError as error:
                refused(error)
                return
            st.rerun()


def _recipients(client: Api, found: ReportSettings) -> None:
    if not found["mail_server"]:
        st.info("No mail server is set, so no email goes out. Your operator sets SMTP_URL.")
    for one in found["recipients"]:
        told, button = st.columns([6, 2], vertical_alignment="center")
        stopped = " (has unsubscribed)" if one["unsubscribed"] else ""
        told.markdown(f"{safe(one['address'])}{stopped}")
        if button.button("Remove", key=f"remove_{one['recipient_id']}"):
            client.remove_recipient(one["recipient_id"])
            st.rerun()
    with st.form("recipient", clear_on_submit=True):
        address = st.text_input("Send it to this address, too")
        if st.form_submit_button("Add"):
            try:
                client.add_recipient({"address": address})
            except ApiError as error:
                refused(error)
                return
            st.rerun()
