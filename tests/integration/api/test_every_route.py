"""Every route x role x own or other portal. A new route has to be entered here first."""

from __future__ import annotations

from typing import Any

import pytest

from backend.security.roles import Role
from backend.web.api import listed
from backend.web.api.framework.endpoints import Access, Route, Routes
from backend.web.api.framework.shapes import Nothing
from tests.integration.api.conftest import ON_SQLITE, OTHER, OWN, PASSWORD, Desk
from tests.support.settings_bodies import SETTINGS

ALL = {"rep", "manager", "admin", "auditor"}
READERS = {"rep", "manager", "admin"}
MANAGERS = {"manager", "admin"}
ADMINS = {"admin"}
AUDITORS = {"admin", "auditor"}
P = "/portals/<int:portal_id>"

# (method, path) → who may; None: anyone, without signing in
WHO: dict[tuple[str, str], set[str] | None] = {
    ("POST", "/session"): None,
    ("POST", "/session/second-factor"): ALL,
    ("PUT", "/session/second-factor"): ALL,
    ("POST", "/session/second-factor/removal"): ALL,
    ("PUT", f"{P}/settings/second-factor"): ADMINS,
    ("POST", "/invitation/shown"): None,
    ("POST", "/invitation/accepted"): None,
    ("GET", "/session"): ALL,
    ("DELETE", "/session"): ALL,
    ("PUT", "/session/password"): ALL,
    ("GET", f"{P}/overview"): READERS,
    ("GET", f"{P}/leads"): READERS,
    ("GET", f"{P}/leads.csv"): READERS,
    ("GET", f"{P}/leads/summary"): READERS,
    ("GET", f"{P}/leads/choices"): READERS,
    ("GET", f"{P}/leads/<id:contact_id>"): READERS,
    ("POST", f"{P}/leads/<id:contact_id>/rescore"): READERS,
    ("GET", f"{P}/my-leads"): READERS,
    ("GET", f"{P}/months"): READERS,
    ("PUT", f"{P}/leads/<id:contact_id>/aside"): READERS,
    ("DELETE", f"{P}/leads/<id:contact_id>/aside"): READERS,
    ("PUT", f"{P}/leads/<id:contact_id>/pin"): READERS,
    ("DELETE", f"{P}/leads/<id:contact_id>/pin"): READERS,
    ("GET", f"{P}/report"): MANAGERS,
    ("PUT", f"{P}/report"): MANAGERS,
    ("GET", f"{P}/report/preview"): MANAGERS,
    ("POST", f"{P}/report/recipients"): MANAGERS,
    ("DELETE", f"{P}/report/recipients/<id:recipient_id>"): MANAGERS,
    ("GET", f"{P}/rescores/<id:rescore_id>"): READERS,
    ("GET", f"{P}/patterns/traits"): READERS,
    ("GET", f"{P}/patterns/grid"): READERS,
    ("GET", f"{P}/patterns/touches"): READERS,
    ("GET", f"{P}/patterns/surprises"): READERS,
    ("GET", f"{P}/patterns/drift"): READERS,
    ("GET", f"{P}/impact/cohorts"): READERS,
    ("GET", f"{P}/impact/money"): READERS,
    ("GET", f"{P}/impact/ageing"): READERS,
    ("POST", f"{P}/impact/count"): READERS,
    ("GET", f"{P}/impact/holdout/preview"): READERS,
    ("GET", f"{P}/impact/holdout"): READERS,
    ("POST", f"{P}/impact/holdout"): ADMINS,
    ("DELETE", f"{P}/impact/holdout"): ADMINS,
    ("GET", f"{P}/impact/exploration/preview"): READERS,
    ("GET", f"{P}/impact/exploration"): READERS,
    ("POST", f"{P}/impact/exploration"): ADMINS,
    ("DELETE", f"{P}/impact/exploration"): ADMINS,
    ("GET", f"{P}/profiles"): READERS,
    ("POST", f"{P}/profiles"): MANAGERS,
    ("GET", f"{P}/profiles/<version:version>"): READERS,
    ("POST", f"{P}/profiles/<version:version>/preview"): MANAGERS,
    ("POST", f"{P}/profiles/<version:version>/activate"): MANAGERS,
    ("POST", f"{P}/profiles/suggestions"): MANAGERS,
    ("POST", f"{P}/profiles/suggestions/accept"): MANAGERS,
    ("GET", f"{P}/models"): READERS,
    ("GET", f"{P}/models/<version:version>"): READERS,
    ("POST", f"{P}/models/training"): MANAGERS,
    ("POST", f"{P}/models/outcomes"): READERS,
    ("POST", f"{P}/models/backtest"): MANAGERS,
    ("POST", f"{P}/models/<version:version>/preview"): MANAGERS,
    ("POST", f"{P}/models/<version:version>/publish"): MANAGERS,
    ("POST", f"{P}/models/rollback"): MANAGERS,
    ("GET", f"{P}/disputes"): READERS,
    ("GET", f"{P}/owners"): READERS,
    ("GET", f"{P}/workflows"): READERS,
    ("GET", f"{P}/fields"): READERS,
    ("GET", f"{P}/views"): READERS,
    ("PUT", f"{P}/views"): READERS,
    ("POST", f"{P}/views/removal"): READERS,
    ("GET", f"{P}/questions"): READERS,
    ("GET", f"{P}/operations"): READERS,
    ("POST", f"{P}/operations/replay"): MANAGERS,
    ("GET", f"{P}/runs"): READERS,
    ("POST", f"{P}/runs"): MANAGERS,
    ("GET", f"{P}/runs/<id:run_id>"): READERS,
    ("POST", f"{P}/runs/<id:run_id>/cancel"): MANAGERS,
    ("GET", f"{P}/upkeep"): READERS,
    ("GET", f"{P}/settings"): READERS,
    ("PUT", f"{P}/settings"): MANAGERS,
    ("GET", f"{P}/settings/choices"): MANAGERS,
    ("PUT", f"{P}/settings/mode"): MANAGERS,
    ("PUT", f"{P}/settings/notifications"): MANAGERS,
    ("GET", f"{P}/settings/outlook"): READERS,
    ("GET", f"{P}/settings/preview"): READERS,
    ("GET", f"{P}/settings/properties"): MANAGERS,
    ("POST", f"{P}/settings/segments/counts"): MANAGERS,
    ("POST", f"{P}/invitations"): ADMINS,
    ("GET", f"{P}/users"): ADMINS,
    ("POST", f"{P}/users"): ADMINS,
    ("PUT", f"{P}/users/<id:user_id>/role"): ADMINS,
    ("DELETE", f"{P}/users/<id:user_id>"): ADMINS,
    ("GET", f"{P}/users/invitations"): ADMINS,
    ("DELETE", f"{P}/users/invitations/<id:invitation_id>"): ADMINS,
    ("GET", f"{P}/api-keys"): ADMINS,
    ("POST", f"{P}/api-keys"): ADMINS,
    ("DELETE", f"{P}/api-keys/<id:prefix>"): ADMINS,
    ("GET", f"{P}/audit"): AUDITORS,
    ("GET", f"{P}/accesses"): AUDITORS,
    ("POST", f"{P}/erasures"): ADMINS,
    ("GET", f"{P}/erasures"): ADMINS,
    ("GET", f"{P}/erasures/<id:receipt_id>"): ADMINS,
    ("POST", f"{P}/leads/<id:contact_id>/export"): ADMINS,
}
CHANGED = "another horse battery staple"  # by the route that changes it, which comes first
BODIES: dict[str, Any] = {
    "operations.replay": {"what": "leads"},
    "views.save_view": {"name": "mine", "filters": "band=High"},
    "views.remove_view": {"name": "mine"},
    "runs.begin": {"kind": "backfill"},
    "settings.save": SETTINGS,
    "settings.set_mode": {"mode": "paused"},
    "segments.count_segments": {"segments": []},
    "settings.set_notifications": {"url": "https://hooks.example.com/x"},
    "session.start": {"email": "nobody@x.example", "password": PASSWORD},
    "second_factor.set_up": {"secret": "A" * 32, "code": "000000", "password": CHANGED},
    "second_factor.remove": {"code": "000000", "password": CHANGED},
    "second_factor.require": {"second_factor": "nobody"},
    "session.show_invitation": {"code": "x"},
    "session.accept_invitation": {"code": "x", "password": PASSWORD},
    "session.change_password": {"current": PASSWORD, "new": CHANGED},
    "profiles.upload": {"name": "clients.csv", "content": "Industry\n"},
    "impact.start_holdout": {"share": 10, "preview": "x"},
    "exploration.start_exploration": {"share": 5, "per_week": 10, "preview": "x"},
    "profiles.accept": {"client_ids": ["won-1"]},
    "my_leads.put_aside": {"kind": "done"},
    "report.set_report": {"weekday": 0, "hour": 8, "names": False},
    "report.add_recipient": {"address": "boss@x.example"},
    "pins.set_pin": {"kind": "high", "days": 14, "reason": "met at the fair"},
    "models.train": {},
    "models.backtest": {},
    "models.publish": {},
    "access.invite_user": {"email": "new@x.example", "role": "rep"},
    "access.change_role": {"role": "rep"},
    "erasures.begin": {"contact_id": "1", "confirmation": "1"},
    "access.add_key": {"label": "a program", "role": "rep"},
}


def key_of(route: Route) -> tuple[str, str]:
    return route.method, route.path


def address(route: Route, portal_id: int) -> str:
    path = route.path.replace("<int:portal_id>", str(portal_id))
    for kind, name in route.parameters:
        path = path.replace(f"<{kind}:{name}>", "1")
    return path


def test_every_route_is_in_the_table_and_nothing_else() -> None:
    assert {key_of(route) for route in listed()} == set(WHO)
    assert len(listed()) == len(WHO)


@ON_SQLITE
def test_no_address_below_the_api_goes_round_the_gate(desk: Desk) -> None:
    served = {
        (method, rule.rule.removeprefix("/api/v1"))
        for rule in desk.app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert served == set(WHO) | {("GET", "/openapi.json")}


def test_a_route_that_does_not_say_what_it_needs_cannot_be_made() -> None:
    routes = Routes()
    with pytest.raises(TypeError):
        routes.get("/portals/<int:portal_id>/x", answer=Nothing)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="does not say"):
        routes.get("/x", needs=None, answer=Nothing)  # type: ignore[arg-type]


def test_every_role_gets_what_the_table_says_and_no_other_portal(desk: Desk) -> None:
    subjects = {role.value: desk.person(role.value) for role in Role}
    for route in listed():
        allowed = WHO[key_of(route)]
        for role, subject in subjects.items():
            own = status(desk, route, OWN, subject)
            if allowed is not None and role not in allowed:
                assert own == 403, (route.name, role)
            else:
                refused = {401} if allowed is None else set()  # a wrong password is no right
                assert own in {200, 201, 202, 400, 404, 409} | refused, (route.name, role, own)
            if "<int:portal_id>" in route.path:
                assert status(desk, route, OTHER, subject) == 404, (route.name, role)


def test_nobody_and_an_ended_session_get_nothing(desk: Desk) -> None:
    ended = desk.token(desk.person("admin"))
    assert desk.ask("DELETE", "/session", ended).status_code == 200
    for route in listed():
        if route.needs is not Access.ANYONE:
            for token in ("", ended, "lls_" + "x" * 43, "ll_0123456789ab_" + "x" * 43):
                found = desk.ask(route.method, address(route, OWN), token, BODIES.get(route.name))
                assert found.status_code == 401, route.name
                assert found.headers["WWW-Authenticate"] == "Bearer"


def status(desk: Desk, route: Route, portal_id: int, subject: str) -> int:
    token = desk.token(subject)
    body = BODIES[route.name] if route.body is not None else None
    return desk.ask(route.method, address(route, portal_id), token, body).status_code
