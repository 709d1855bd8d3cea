"""The access log: who asked for what and how it ended, members refused included, no content."""

from __future__ import annotations

from typing import Any

from backend.jobs.carry_accesses import carry_accesses
from backend.security.roles import Role
from backend.storage.privacy import tombstones
from tests.integration.api.conftest import OTHER, OWN, Desk


def accesses(desk: Desk, token: str) -> list[dict[str, Any]]:
    carry_accesses(desk.product.stores)
    found = desk.ask("GET", f"/portals/{OWN}/accesses", token)
    items: list[dict[str, Any]] = found.get_json()["items"]
    return items


def test_reads_and_refusals_are_logged_with_their_actor(desk: Desk) -> None:
    auditor = desk.token(desk.person(Role.AUDITOR.value, email="auditor@x.example"))
    rep = desk.person(Role.REP.value, email="rep@x.example")
    outsider = desk.person(Role.ADMIN.value, OTHER, email="outsider@x.example")
    desk.ask("GET", f"/portals/{OWN}/leads/77", desk.token(rep))
    desk.ask("GET", f"/portals/{OWN}/users", desk.token(rep))
    desk.ask("GET", f"/portals/{OWN}/leads/78", desk.token(outsider))
    desk.ask("GET", f"/portals/{OWN}/overview")  # nobody in particular
    found = [(a["actor"], a["action"], a["subject"], a["status"]) for a in accesses(desk, auditor)]
    leads = "GET /api/v1/portals/<int:portal_id>/leads/<id:contact_id>"
    assert (rep, leads, "77", 404) in found
    assert (rep, "GET /api/v1/portals/<int:portal_id>/users", "", 403) in found
    assert outsider not in {actor for actor, *_ in found}  # nobody's log names a stranger
    assert len(found) == 2
    again = desk.ask("GET", f"/portals/{OWN}/accesses?limit=1", auditor).get_json()
    assert len(again["items"]) == 1
    rest = desk.ask("GET", f"/portals/{OWN}/accesses?cursor={again['next']}", auditor).get_json()
    assert again["items"][0] not in rest["items"]


def test_an_access_that_arrives_after_the_erasure_names_nobody(desk: Desk) -> None:
    admin = desk.token(desk.person(Role.ADMIN.value, email="admin@x.example"))
    desk.ask("GET", f"/portals/{OWN}/leads/77", admin)
    with desk.product.stores.database.write() as conn:
        mac = desk.product.stores.tombstone_mac(OWN, "77")
        tombstones.put(conn, OWN, [mac], desk.clock.now())
    assert [a["subject"] for a in accesses(desk, admin)] == ["erased"]


def test_a_lost_redis_refuses_nobody(desk: Desk) -> None:
    admin = desk.token(desk.person(Role.ADMIN.value, email="admin@x.example"))
    desk.product.stores.redis.connection_pool.connection_kwargs["port"] = 9
    desk.product.stores.redis.connection_pool.disconnect()
    assert desk.ask("GET", f"/portals/{OWN}/overview", admin).status_code == 200
