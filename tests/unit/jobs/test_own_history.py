"""Cached facts of the past follow the list of own properties, with as few reads as can be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from backend.learning.data.outcomes import Outcome
from backend.model import PortalSettings
from backend.ports import Crm
from backend.services.learning.own_history import OWN_READ, field_of, followed, own_then
from backend.storage.learning.models import PastFacts
from backend.storage.portals.portals import Portal
from tests.unit.scoring.make import lead

START = datetime(2026, 1, 1, tzinfo=UTC)
OUTCOME = Outcome("7", "won", START + timedelta(days=60), START + timedelta(days=20))
VERSIONS = {
    "seen": [(START, "early"), (START + timedelta(days=90), "later")],
    "leak": [(START + timedelta(days=70), "signed")],
}


class Histories:
    """A CRM that remembers what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[list[str], list[str]]] = []

    def history(self, kind: str, ids: Sequence[str], properties: Sequence[str]) -> Any:
        self.asked.append((list(ids), list(properties)))
        return {i: {name: VERSIONS[name] for name in properties} for i in ids}


def portal(*names: str) -> Portal:
    settings = PortalSettings(learn_from=names)
    return Portal(1, "connected", "c", "n", (), settings, {}, START, None, None, START)


def follow(crm: Histories, cached: PastFacts, *names: str) -> PastFacts:
    found = followed(portal(*names), cast(Crm, crm), [OUTCOME], {"7": cached})
    return found.get("7", cached)


def test_only_what_is_new_is_read_and_only_once() -> None:
    crm = Histories()
    old = PastFacts(OUTCOME.as_of, {"visits": "3"}, {"visits": False})
    first = follow(crm, old, "contacts.seen", "companies.seats")
    assert first.facts == {"visits": "3", "own.seen": "early", OWN_READ: "seen"}
    both = follow(crm, first, "contacts.seen", "contacts.leak")
    assert both.facts == {**first.facts, OWN_READ: "leak seen"}
    assert both.late == {"visits": False, "own.seen": False, "own.leak": True}
    assert follow(crm, both, "contacts.leak", "contacts.seen") is both
    assert crm.asked == [(["7"], ["seen"]), (["7"], ["leak"])]


def test_what_is_allowed_no_more_is_gone_without_a_call() -> None:
    crm = Histories()
    both = follow(crm, PastFacts(OUTCOME.as_of, {}, {}), "contacts.seen", "contacts.leak")
    assert follow(crm, both, "contacts.leak").late == {"own.leak": True}
    assert follow(crm, both) == PastFacts(OUTCOME.as_of, {}, {})
    assert len(crm.asked) == 1


def test_the_contact_s_are_as_they_were_the_company_s_as_they_are() -> None:
    now = replace(lead(), own={"contacts.seen": "later", "companies.seats": "9"})
    facts = {"visits": "3", "own.seen": "early", OWN_READ: "seen"}
    asked = ("contacts.seen", "companies.seats")
    assert own_then(now.own, facts, asked) == {"contacts.seen": "early", "companies.seats": "9"}
    assert own_then(now.own, facts, ()) == {"companies.seats": "9"}
    assert (field_of("own.seen"), field_of("visits")) == ("contacts.seen", "visits")
