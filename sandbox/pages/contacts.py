"""The contact list and the record page; edits there are a person's and cause webhooks."""

from __future__ import annotations

from flask import Flask, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from sandbox.errors import ApiError
from sandbox.pages import reading
from sandbox.pages.cards import CardPages
from sandbox.state.editor import Editor, Tie
from sandbox.state.object_types import CONTACTS, object_type
from sandbox.state.portal import Portal
from sandbox.state.records import Record
from sandbox.times import iso
from sandbox.world import World

Page = str | Response | tuple[str, int]
_BODY_OF = {"notes": "hs_note_body", "calls": "hs_call_body", "emails": "hs_email_text"}


class ContactPages:
    """`/contacts` and `/contacts/<id>`; `?portal=` chooses another account."""

    def __init__(self, world: World, cards: CardPages) -> None:
        self._world = world
        self._cards = cards

    def register(self, app: Flask) -> None:
        """Serve the pages of this file."""
        one = "/contacts/<int:contact_id>"
        app.add_url_rule("/", endpoint="home", view_func=lambda: redirect("/contacts"))
        app.add_url_rule("/contacts", endpoint="contacts", view_func=self.list_contacts)
        app.add_url_rule(one, endpoint="contact", view_func=self.show)
        as_hubspot = "/contacts/<int:portal_id>/record/0-1/<int:contact_id>"
        app.add_url_rule(as_hubspot, endpoint="record", view_func=self.as_hubspot_says)
        app.add_url_rule(one, endpoint="edit", view_func=self.edit, methods=["POST"])
        app.add_url_rule(
            f"{one}/activity", endpoint="log", view_func=self.log_activity, methods=["POST"]
        )

    def _portal_id(self) -> int:
        asked = request.args.get("portal", type=int)
        return next(iter(self._world.portals)) if asked is None else asked

    def list_contacts(self) -> Page:
        """Contacts, newest first, with a search box."""
        words = request.args.get("q", "")
        with self._world.lock:
            portal = self._world.portal(self._portal_id())
            start = max(0, request.args.get("after", 0, type=int))
            records, following = reading.find_contacts(portal, words, start)
            return render_template(
                "contacts.html",
                portal=portal,
                portals=list(self._world.portals.values()),
                words=words,
                rows=[(r, reading.full_name(r)) for r in records],
                following=following,
            )

    def as_hubspot_says(self, portal_id: int, contact_id: int) -> Page:
        """HubSpot's own address of a record."""
        return redirect(f"/contacts/{contact_id}?portal={portal_id}")

    def show(self, contact_id: int) -> Page:
        """One record."""
        with self._world.lock:
            portal = self._world.portal(self._portal_id())
            try:
                record = portal.record("contacts", contact_id)
            except ApiError:
                return render_template("missing.html", contact_id=contact_id), 404
            if record.record_id != contact_id:  # merged: its page is the remaining record's
                return self._to(portal, record)
            return self._render(portal, record, record.properties)

    def edit(self, contact_id: int) -> Page:
        """Save the form; what is refused is shown beside what was typed."""
        with self._world.editing_as_person(self._portal_id()) as editor:
            record = editor.portal.record("contacts", contact_id)
            values = {name: _typed(name) for name in reading.EDITABLE}
            changed = {n: v for n, v in values.items() if v != record.properties.get(n, "")}
            try:
                editor.update(CONTACTS, record, changed)
            except ApiError as refused:
                page = self._render(editor.portal, record, values, str(refused))
                return page, 400
            return self._to(editor.portal, record)

    def log_activity(self, contact_id: int) -> Page:
        """A note, call or email written down by hand."""
        with self._world.editing_as_person(self._portal_id()) as editor:
            record = editor.portal.record("contacts", contact_id)
            self._log(editor, record)
            return self._to(editor.portal, record)

    def _log(self, editor: Editor, record: Record) -> None:
        kind_name, _, direction = request.form.get("kind", "notes").partition(":")
        if kind_name not in _BODY_OF:
            raise ApiError(400, "VALIDATION_ERROR", f"{kind_name} cannot be logged here")
        values = {
            "hs_timestamp": iso(editor.now_ms),
            _BODY_OF[kind_name]: request.form.get("text", ""),
            "hubspot_owner_id": str(editor.portal.admin.owner_id),
        }
        if kind_name == "emails":
            values |= {"hs_email_direction": direction, "hs_email_status": "SENT"}
        if kind_name == "calls":
            values |= {"hs_call_direction": direction, "hs_call_status": "COMPLETED"}
        editor.create(object_type(kind_name), values, (Tie("contacts", record.record_id),))

    def _to(self, portal: Portal, record: Record) -> Response:
        page = url_for("contact", contact_id=record.record_id, portal=portal.portal_id)
        return redirect(page, 303)

    def _render(
        self, portal: Portal, record: Record, values: dict[str, str], refusal: str = ""
    ) -> str:
        return render_template(
            "contact.html",
            portal=portal,
            record=record,
            name=reading.full_name(record),
            fields=reading.form_fields(portal, values),
            others=reading.other_properties(portal, record),
            happenings=reading.timeline(portal, record),
            companies=reading.companies_of(portal, record),
            deals=reading.deals_of(portal, record),
            cards=self._cards.slots(portal, record.record_id),
            refusal=refusal,
        )


def _typed(name: str) -> str:
    return request.form.get(name, "").replace("\r\n", "\n")
