"""The record pages of a company, a deal and a lead, with the app's card in their sidebar."""

from __future__ import annotations

from flask import Flask, render_template, request

from sandbox.errors import ApiError
from sandbox.pages import reading
from sandbox.pages.cards import CardPages
from sandbox.world import World

WHAT = {  # what the record and its card are called
    "companies": ("Company", "AI account score"),
    "deals": ("Deal", "AI lead scores of the deal"),
    "leads": ("Lead", "AI lead score"),
}


class OtherPages:
    """`/companies/<id>`, `/deals/<id>` and `/leads/<id>`; `?portal=` chooses another account."""

    def __init__(self, world: World, cards: CardPages) -> None:
        self._world = world
        self._cards = cards

    def register(self, app: Flask) -> None:
        """Serve the pages of this file."""
        one = "/<any(companies, deals, leads):kind>/<int:record_id>"
        app.add_url_rule(one, endpoint="other", view_func=self.show)

    def show(self, kind: str, record_id: int) -> str | tuple[str, int]:
        """One record."""
        with self._world.lock:
            first = next(iter(self._world.portals))
            portal = self._world.portal(request.args.get("portal", first, type=int))
            try:
                record = portal.record(kind, record_id)
            except ApiError:
                return render_template("missing.html", contact_id=record_id), 404
            return render_template(
                "other.html",
                kind=kind,
                portal=portal,
                record=record,
                title=reading.title_of(kind, record),
                what=WHAT[kind],
                rows=reading.rows_of(portal, kind, record),
                cards=self._cards.of_other(portal, kind, record_id),
            )
