"""A company's record page, with the app's card in its sidebar."""

from __future__ import annotations

from flask import Flask, render_template, request

from sandbox.errors import ApiError
from sandbox.pages import reading
from sandbox.pages.cards import CardPages
from sandbox.world import World


class CompanyPages:
    """`/companies/<id>`; `?portal=` chooses another account."""

    def __init__(self, world: World, cards: CardPages) -> None:
        self._world = world
        self._cards = cards

    def register(self, app: Flask) -> None:
        """Serve the page of this file."""
        app.add_url_rule("/companies/<int:company_id>", endpoint="company", view_func=self.show)

    def show(self, company_id: int) -> str | tuple[str, int]:
        """One record."""
        with self._world.lock:
            first = next(iter(self._world.portals))
            portal = self._world.portal(request.args.get("portal", first, type=int))
            try:
                record = portal.record("companies", company_id)
            except ApiError:
                return render_template("missing.html", contact_id=company_id), 404
            return render_template(
                "company.html",
                portal=portal,
                record=record,
                rows=reading.company_rows(portal, record),
                cards=self._cards.of_company(portal, company_id),
            )
