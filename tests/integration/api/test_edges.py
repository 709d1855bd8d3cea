"""Numbers, cursors and bodies that no client of ours sends: refused in words, never a 500."""

from __future__ import annotations

import base64
import json
from typing import Any

from backend.jobs.carry_accesses import carry_accesses
from backend.security.roles import Role
from backend.storage.access import access_log
from tests.integration.api.conftest import OTHER, OWN, Desk

DEEP = "[" * 10_000 + "]" * 10_000


def cursor(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def test_a_portal_that_cannot_be_is_no_address_and_in_no_log(desk: Desk) -> None:
    admin = desk.token(desk.person(Role.ADMIN.value))
    for number in (10**25, 2**63, "-1", "9" * 5_000, "1e25", "0x10", "1.5", "٣", "%00"):
        assert desk.ask("GET", f"/portals/{number}/leads", admin).status_code == 404
    assert desk.product.stores.redis.llen("accesses") == 0


def test_a_portal_of_others_and_a_one_time_password_leave_no_entry(desk: Desk) -> None:
    admin = desk.token(desk.person(Role.ADMIN.value))
    for number in (OTHER, 0, 2**63 - 1):
        assert desk.ask("GET", f"/portals/{number}/leads", admin).status_code == 404
    carry_accesses(desk.product.stores)
    with desk.product.stores.database.read() as conn:
        assert access_log.listed(conn, OTHER) == access_log.listed(conn, 2**63 - 1) == []
        assert access_log.listed(conn, OWN) == []


CURSORS: tuple[Any, ...] = (
    "x",
    DEEP,
    "{",
    "NaN",
    "[NaN]",
    "[Infinity, 1]",
    "[null]",
    "[[1]]",
    "{}",
    "9" * 5_000,
    [10**30],
    [2**63],
    [-(2**63) - 1],
    [True],
    ["a"] * 50,
    ["\ud800"],
    ["\x00"],
    [1.5],
    [1e300],
)


def test_a_crafted_cursor_is_400(desk: Desk) -> None:
    admin = desk.token(desk.person(Role.ADMIN.value))
    for path in ("leads", "audit", "accesses", "erasures"):
        for value in CURSORS:
            answer = desk.ask("GET", f"/portals/{OWN}/{path}?cursor={cursor(value)}", admin)
            assert answer.status_code == 400, (path, value)


BODIES = (
    DEEP,
    '{"a":' * 10_000 + "1" + "}" * 10_000,
    "NaN",
    '{"high": 1e400, "medium": 1}',
    '{"high": 80, "medium": ' + "9" * 5_000 + "}",
    '{"high": NaN, "medium": 1}',
    "",
    "\x00",
)


def test_an_odd_body_is_400(desk: Desk) -> None:
    admin = desk.token(desk.person(Role.ADMIN.value))
    for body in BODIES:
        for method, path in (
            ("PUT", "settings"),
            ("PUT", "settings/mode"),
            ("POST", "erasures"),
            ("POST", "users"),
            ("PUT", "settings/notifications"),
        ):
            answer = desk.app.test_client().open(
                f"/api/v1/portals/{OWN}/{path}",
                method=method,
                data=body.encode(),
                headers={"Authorization": f"Bearer {admin}"},
                content_type="application/json",
            )
            assert answer.status_code == 400, (path, body[:40])


def test_a_number_of_a_query_is_bounded(desk: Desk) -> None:
    admin = desk.token(desk.person(Role.ADMIN.value))
    for query in (
        "limit=1e25",
        "limit=99999999999999999999",
        "limit=NaN",
        "days=1e400",
        "score_min=-9999999999999999999",
    ):
        assert desk.ask("GET", f"/portals/{OWN}/leads?{query}", admin).status_code == 400
