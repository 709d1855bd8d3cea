"""Erasing and exporting a contact without a terminal: by Admins, confirmed, with a receipt."""

from __future__ import annotations

import json

import pytest
from werkzeug.test import TestResponse

from backend.jobs.erase_requested import erase_requested
from backend.storage.access import audit
from backend.storage.privacy import personal_data
from tests.integration.api.conftest import ON_SQLITE, OTHER, OWN, Desk
from tests.integration.api.fill import fill

PEOPLE = [("101", 92, "Ada Lovelace"), ("102", 61, "Grace Hopper")]
ERASURES = f"/portals/{OWN}/erasures"


@pytest.fixture
def admin(desk: Desk) -> str:
    fill(desk, PEOPLE)
    return desk.token(desk.person("admin"))


def erase(desk: Desk, token: str, contact_id: str, *, typed: str | None = None) -> TestResponse:
    body = {"contact_id": contact_id, "confirmation": contact_id if typed is None else typed}
    return desk.ask("POST", ERASURES, token, body)


def holds(desk: Desk, contact_id: str) -> bool:
    with desk.product.stores.database.read() as conn:
        return bool(personal_data.counts(conn, OWN, [contact_id]).get(contact_id))


def test_an_erasure_is_asked_for_watched_and_proved(desk: Desk, admin: str) -> None:
    asked = erase(desk, admin, "101")
    assert asked.status_code == 202
    number = asked.get_json()["receipt_id"]
    assert desk.ask("GET", f"{ERASURES}/{number}", admin).get_json()["state"] == "waiting"
    erase_requested(desk.product, OWN)
    receipt = desk.ask("GET", f"{ERASURES}/{number}", admin).get_json()
    assert receipt["state"] == "done"
    assert receipt["erased"]["scores"] == 1
    assert receipt["left"] == {}
    assert "hubspot" in receipt["vendors_keep"]
    assert not holds(desk, "101")
    assert holds(desk, "102")
    found = desk.ask("GET", f"{ERASURES}?contact_id=101", admin).get_json()["items"]
    assert found == [receipt]


def test_who_erased_and_exported_stands_on_the_trail(desk: Desk, admin: str) -> None:
    subject = desk.person("admin")
    desk.ask("POST", f"/portals/{OWN}/leads/102/export", admin)
    number = erase(desk, admin, "101").get_json()["receipt_id"]
    with desk.product.stores.database.read() as conn:
        rows = audit.listed(conn, OWN, limit=2)
    assert [(row.actor, row.action, dict(row.detail)) for row in rows] == [
        (subject, "privacy.erase", {"receipts": [number]}),
        (subject, "privacy.export", {}),
    ]


@ON_SQLITE
def test_a_confirmation_that_does_not_match_erases_nothing(desk: Desk, admin: str) -> None:
    refused = erase(desk, admin, "101", typed="102")
    assert refused.status_code == 409
    assert "type 101 once more" in refused.get_json()["message"]
    assert desk.ask("GET", ERASURES, admin).get_json()["items"] == []


@ON_SQLITE
@pytest.mark.parametrize("contact_id", ["999", "0" * 32])
def test_an_unknown_contact_is_said_to_be_unknown(desk: Desk, admin: str, contact_id: str) -> None:
    refused = erase(desk, admin, contact_id)
    assert refused.status_code == 404
    assert "nothing is held" in refused.get_json()["message"]
    path = f"/portals/{OWN}/leads/{contact_id}/export"
    assert desk.ask("POST", path, admin).status_code == 404


@ON_SQLITE
@pytest.mark.parametrize("contact_id", ["", "abc", "1 or 1=1", "1" * 33])
def test_what_is_no_contact_id_is_refused(desk: Desk, admin: str, contact_id: str) -> None:
    assert erase(desk, admin, contact_id).status_code == 400


@ON_SQLITE
def test_another_portals_contact_is_neither_erased_nor_shown(desk: Desk, admin: str) -> None:
    outsider = desk.token(desk.person("admin", OTHER))
    body = {"contact_id": "101", "confirmation": "101"}
    theirs = f"/portals/{OTHER}"
    assert desk.ask("POST", f"{theirs}/erasures", outsider, body).status_code == 404
    assert desk.ask("POST", f"{theirs}/leads/101/export", outsider).status_code == 404
    number = erase(desk, admin, "101").get_json()["receipt_id"]
    assert desk.ask("GET", f"{theirs}/erasures/{number}", outsider).status_code == 404
    assert desk.ask("GET", f"{theirs}/erasures?contact_id=101", outsider).get_json()["items"] == []


@ON_SQLITE
def test_asked_twice_is_once_and_after_it_was_done_is_said(desk: Desk, admin: str) -> None:
    first = erase(desk, admin, "101").get_json()["receipt_id"]
    assert erase(desk, admin, "101").get_json()["receipt_id"] == first
    erase_requested(desk.product, OWN)
    again = erase(desk, admin, "101")
    assert again.status_code == 409
    assert first in again.get_json()["message"]
    assert len(desk.ask("GET", ERASURES, admin).get_json()["items"]) == 1


@ON_SQLITE
def test_receipts_are_listed_page_by_page_newest_first(desk: Desk, admin: str) -> None:
    first = erase(desk, admin, "101").get_json()["receipt_id"]
    desk.clock.forward(1)
    second = erase(desk, admin, "102").get_json()["receipt_id"]
    page = desk.ask("GET", f"{ERASURES}?limit=1", admin).get_json()
    rest = desk.ask("GET", f"{ERASURES}?limit=1&cursor={page['next']}", admin).get_json()
    assert [row["receipt_id"] for row in page["items"] + rest["items"]] == [second, first]
    assert rest["next"] is None
    assert desk.ask("GET", f"{ERASURES}?cursor=WyJ4Il0", admin).status_code == 400


def test_a_copy_holds_everything_in_the_clear_and_nothing_sealed(desk: Desk, admin: str) -> None:
    found = desk.ask("POST", f"/portals/{OWN}/leads/101/export", admin).get_json()
    assert found["name"] == "Ada Lovelace"
    assert {"leads", "scores", "score_history"} <= set(found["held"])
    assert "person_sealed" not in json.dumps(found)
    assert "102" not in {row["contact_id"] for row in found["held"]["scores"]}
