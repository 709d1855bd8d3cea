"""Privacy, a part of Access: a copy of what is held about a person, and its erasure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import streamlit as st

from console.api import Api, ReceiptRow
from console.client import ApiError
from console.deeds import who
from console.notices import refused
from console.tables import table, when

REFRESH_S = 2
RECEIPTS = {
    "receipt_id": "Receipt",
    "state": "State",
    "asked": "Asked",
    "by": "By",
    "reason": "Why",
    "done": "Done",
    "rows": "Rows erased",
}
REASONS = {
    "request": "a person asked",
    "deletion": "deleted in HubSpot",
    "merge": "merged away",
    "restore": "erased before a restore",
}
STATES = {"waiting": "is being erased", "done": "erased"}
VENDORS = {"hubspot": "HubSpot", "openai": "OpenAI", "pinecone": "Pinecone"}
ROWS = 50


def draw(client: Api, names: dict[str, str]) -> None:
    """For those who may erase; `names` are people by the subject that the API names them by."""
    st.header("Privacy")
    st.caption(
        "For a person who asks what is held about them, or to be forgotten. A contact's id "
        "is the number at the end of its address in HubSpot."
    )
    told = st.session_state.pop("privacy_told", "")
    if told:
        st.success(told)
    with st.expander("Export what is held about a contact", icon=":material/download:"):
        _export(client)
    with st.expander("Erase a contact", icon=":material/delete_forever:"):
        _erase(client)
    _receipts(client, names)


def _export(client: Api) -> None:
    with st.form("export"):
        contact_id = st.text_input("Contact id", key="export_contact").strip()
        wanted = st.form_submit_button("Prepare the copy")
    if not wanted:
        return
    if not contact_id.isalnum():
        st.error("Give the contact's id: a number.")
        return
    try:
        found = client.export(contact_id)
    except ApiError as error:
        refused(error)
        return
    rows = sum(len(each) for each in found["held"].values())
    st.success(f"{rows:,} rows in {len(found['held'])} places. The export is on the audit trail.")
    _save("Download the copy (JSON)", found, f"contact-{contact_id}.json")


def _erase(client: Api) -> None:
    st.warning(
        "Everything held about the contact is removed for ever: score, history, opinions, "
        "vectors. The record in HubSpot itself stays; delete it there."
    )
    with st.form("erase"):
        contact_id = st.text_input("Contact id", key="erase_contact").strip()
        typed = st.text_input("Type the id again to confirm", key="erase_confirmation").strip()
        wanted = st.form_submit_button("Erase for ever", type="primary")
    if not wanted:
        return
    if not contact_id or typed != contact_id:
        st.error("Nothing was erased: the two ids are not the same.")
        return
    try:
        asked = client.begin_erasures({"contact_id": contact_id, "confirmation": typed})
    except ApiError as error:
        st.error(
            "Nothing was erased: a contact's id is a number." if error.status == 400 else str(error)
        )
        return
    st.session_state["privacy_told"] = f"Asked for. The receipt is {asked['receipt_id']}."
    st.session_state["receipt"] = asked["receipt_id"]
    st.rerun()


def _receipts(client: Api, names: dict[str, str]) -> None:
    """Looked at again by itself as long as one of them waits."""
    contact_id = st.text_input(
        "Find the receipt of a contact", placeholder="Contact id", key="receipt_contact"
    ).strip()
    waits = any(row["state"] == "waiting" for row in _read(client, contact_id))

    @st.fragment(run_every=REFRESH_S if waits else None)
    def live() -> None:
        found = _read(client, contact_id)
        if waits and all(row["state"] == "done" for row in found):
            st.rerun()
        rows = [_shown(row, names) for row in found]
        none = "No receipt for this contact." if contact_id else "Nobody was erased yet."
        table(rows, "receipts", columns=RECEIPTS, empty=none)
        if found:
            _one(found)

    live()


def _read(client: Api, contact_id: str) -> list[ReceiptRow]:
    return client.list_receipts(limit=ROWS, contact_id=contact_id)["items"]


def _shown(row: ReceiptRow, names: dict[str, str]) -> dict[str, Any]:
    return {
        **row,
        "state": STATES[row["state"]],
        "asked": when(row["requested_at"]),
        "by": who(row["requested_by"], names),
        "reason": REASONS.get(row["reason"], row["reason"]),
        "done": when(row["finished_at"]),
        "rows": sum(row["erased"].values()),
    }


def _one(found: list[ReceiptRow]) -> None:
    by_id = {row["receipt_id"]: row for row in found}
    if st.session_state.get("receipt") not in by_id:
        st.session_state.pop("receipt", None)
    number = st.selectbox("Receipt", list(by_id), key="receipt")
    receipt = by_id[number]
    if receipt["state"] == "waiting":
        st.info("A worker is erasing it; this page follows by itself.")
        return
    left = sum(receipt["left"].values())
    st.markdown(
        f"**{sum(receipt['erased'].values()):,} rows erased, "
        f"{left or 'nothing'} left.** It names no contact, only a keyed hash of its "
        "id."
    )
    for vendor, what in receipt["vendors_keep"].items():
        st.caption(f"{VENDORS.get(vendor, vendor)} keeps {what}.")
    for place, what in receipt["kept"].items():
        st.caption(f"{place.replace('_', ' ').capitalize()}: {what}.")
    _save("Download the receipt (JSON)", receipt, f"receipt-{number}.json")


def _save(label: str, found: Mapping[str, Any], name: str) -> None:
    st.download_button(
        label,
        json.dumps(found, indent=2, ensure_ascii=False),
        file_name=name,
        mime="application/json",
        key=f"save_{name}",
        on_click="ignore",
        icon=":material/download:",
    )
