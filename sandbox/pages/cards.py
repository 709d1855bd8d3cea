"""The app's cards on the record page: their bundles, the scripts that host them, their proxy.

Both are built by `make card`; without them the page says how to build and works all the same.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from flask import Flask, Response, jsonify, render_template, request, send_file

from sandbox.errors import Json, invalid, not_found
from sandbox.numbers import TIME_ZONE
from sandbox.pages.card_proxy import CardProxy, Viewer
from sandbox.state.portal import Portal
from sandbox.world import World

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "sandbox/record_page/dist"
BUNDLES = ROOT / "hubspot-card/dist"
NAMES = (
    "LeadScoreCard",
    "LeadHistoryTab",
    "CompanyScoreCard",
    "DealScoreCard",
    "LeadRecordCard",
    "SettingsPage",
)
CONTACT_TYPE_ID = "0-1"
_OTHERS = {
    "companies": ("CompanyScoreCard", "0-2"),
    "deals": ("DealScoreCard", "0-3"),
    "leads": ("LeadRecordCard", "0-136"),
}


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a card goes: its bundle and the context HubSpot would hand it."""

    bundle: str
    context: str


@dataclass(frozen=True, slots=True)
class Slots:
    """The cards of one contact; `problem` says why there are none."""

    sidebar: Slot | None
    tab: Slot | None
    problem: str = ""


class CardPages:
    """Serves what the cards need."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._proxy = CardProxy(world.settings.app, world.clock)

    def register(self, app: Flask) -> None:
        """Serve the addresses of this file."""
        app.add_url_rule("/sandbox/card/<any(host, worker):name>.js", view_func=self.script)
        app.add_url_rule("/sandbox/card/bundles/<name>.js", view_func=self.bundle)
        app.add_url_rule("/sandbox/card/fetch", view_func=self.fetch, methods=["POST"])
        app.add_url_rule("/sandbox/app-settings", view_func=self.settings, endpoint="app-settings")

    def script(self, name: str) -> Response:
        """One of the record page's own scripts."""
        return _javascript(SCRIPTS / f"{name}.js")

    def bundle(self, name: str) -> Response:
        """A card exactly as HubSpot's build left it."""
        if name not in NAMES:
            raise not_found(f"there is no card {name}")
        return _javascript(BUNDLES / name / f"{name}.js")

    def fetch(self) -> tuple[Response, int]:
        """One `hubspot.fetch`."""
        wanted = request.get_json(silent=True)
        if not isinstance(wanted, dict):
            raise invalid("the body must be a JSON object")
        with self._world.lock:
            portal = self._world.portal(request.args.get("portal", 0, type=int))
            viewer = Viewer(portal.portal_id, portal.admin.user_id, portal.admin.email)
        answer, status = self._proxy.send(viewer, wanted)
        return jsonify(answer), status

    def settings(self) -> str:
        """The app's settings page, where Connected apps would show it."""
        with self._world.lock:
            first = next(iter(self._world.portals))
            portal = self._world.portal(request.args.get("portal", first, type=int))
            problem = self._problem(portal)
            slot = None if problem else self._slot("SettingsPage", portal, "settings", None)
        return render_template("app_settings.html", slot=slot, problem=problem, portal=portal)

    def slots(self, portal: Portal, contact_id: int) -> Slots:
        """The cards for a contact's record page."""
        problem = self._problem(portal)
        if problem:
            return Slots(None, None, problem)
        crm = {"objectId": contact_id, "objectTypeId": CONTACT_TYPE_ID}
        return Slots(
            self._slot("LeadScoreCard", portal, "crm.record.sidebar", crm),
            self._slot("LeadHistoryTab", portal, "crm.record.tab", crm),
        )

    def of_other(self, portal: Portal, kind: str, record_id: int) -> Slots:
        """The card for the record page of a company or deal."""
        problem = self._problem(portal)
        if problem:
            return Slots(None, None, problem)
        bundle, type_id = _OTHERS[kind]
        crm = {"objectId": record_id, "objectTypeId": type_id}
        return Slots(self._slot(bundle, portal, "crm.record.sidebar", crm), None)

    def _problem(self, portal: Portal) -> str:
        if not all((SCRIPTS / f"{name}.js").exists() for name in ("host", "worker")) or not all(
            (BUNDLES / name / f"{name}.js").exists() for name in NAMES
        ):
            return "The card is not built. Run: make card (it needs Node 20; make setup brings it)."
        if self._world.settings.app.app_id not in portal.installations:
            return "The app is not installed in this account, so its card is not shown."
        return ""

    def _slot(self, name: str, portal: Portal, location: str, crm: Json | None) -> Slot:
        admin = portal.admin
        context: Json = {
            "location": location,
            "portal": {"id": portal.portal_id, "timezone": TIME_ZONE},
            "user": {
                "id": admin.user_id,
                "email": admin.email,
                "emails": [admin.email],
                "firstName": admin.first_name,
                "lastName": admin.last_name,
                "roles": [],
                "teams": [],
                "permissions": [],
            },
            "extension": {"appId": self._world.settings.app.app_id, "appName": "Leadlight"},
            "variables": {"BACKEND_URL": self._proxy.origin(), "CONSOLE_URL": ""},
        }
        if crm is not None:
            context["crm"] = crm
        return Slot(f"/sandbox/card/bundles/{name}.js", json.dumps(context))


def _javascript(path: Path) -> Response:
    if not path.exists():
        raise not_found("the card is not built: run `make card`")
    return send_file(path, mimetype="text/javascript", conditional=True, max_age=0)
