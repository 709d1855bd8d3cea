"""My leads: an owner's leads in the order to work them, and what was put aside."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from backend.model import Person
from backend.storage.leads import feedback, people
from backend.storage.portals import owners
from backend.storage.tables.leads import lead_summaries, score_history
from backend.vocabulary import OFFERED_WORDS
from tests.integration.api.conftest import OTHER, OWN, Desk
from tests.integration.api.fill import TRAITS, fill, hold_out, offer

MINE, THEIRS = "77", "78"
LIST = f"/portals/{OWN}/my-leads"
MY_TRAITS = replace(TRAITS, owner_id=MINE, last_sign_on=date(2026, 11, 18))


def owner(desk: Desk, owner_id: str, email: str) -> None:
    subject = people.of_owner(owner_id)
    cipher = desk.product.stores.cipher
    sealed = people.seal(cipher, OWN, subject, Person(f"Owner {owner_id}", email))
    with desk.product.stores.database.write() as conn:
        owners.put(conn, OWN, {owner_id: sealed}, desk.clock.now())


def summary(desk: Desk, contact_id: str, **values: Any) -> None:
    """What the next scoring would store of the lead."""
    with desk.product.stores.database.write() as conn:
        conn.execute(
            sa.update(lead_summaries)
            .where(lead_summaries.c.portal_id == OWN, lead_summaries.c.contact_id == contact_id)
            .values(**values)
        )


@pytest.fixture
def rep(desk: Desk) -> str:
    """A rep who owns four leads in HubSpot; nothing of them has changed since yesterday."""
    fill(
        desk,
        [("1", 60, "Ada"), ("2", 90, "Bo"), ("3", 85, "Cy"), ("4", 20, "Di")],
        traits=MY_TRAITS,
    )
    fill(desk, [("5", 95, "Eve")], traits=replace(TRAITS, owner_id=THEIRS))
    fill(desk, [("6", 99, "Stranger")], portal_id=OTHER, traits=MY_TRAITS)
    owner(desk, THEIRS, "somebody@x.example")
    subject = desk.person("rep")
    owner(desk, MINE, f"REP@{OWN}.example")
    return desk.token(subject)


def listed(desk: Desk, token: str, **query: str) -> list[str]:
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    found = desk.ask("GET", f"{LIST}?{asked}", token).get_json()
    return [one["contact_id"] for one in found["items"]]


def aside(desk: Desk, token: str, contact_id: str, **body: Any) -> int:
    path = f"/portals/{OWN}/leads/{contact_id}/aside"
    return int(desk.ask("PUT", path, token, body).status_code)


def test_the_callers_own_leads_come_by_band_chance_and_score(desk: Desk, rep: str) -> None:
    summary(desk, "3", chance=0.6)
    summary(desk, "2", chance=0.3)
    assert listed(desk, rep) == ["3", "2", "1", "4"]
    assert listed(desk, rep, owner=THEIRS) == ["5"]
    first = desk.ask("GET", LIST, rep).get_json()["items"][0]
    assert (first["name"], first["next_action"], first["reason"]) == ("Cy", "Call", "replied")
    assert first["url"].endswith("/record/0-1/3")


def test_what_changed_since_yesterday_comes_first_and_says_by_how_much(
    desk: Desk, rep: str
) -> None:
    now = desk.clock.now()
    with desk.product.stores.database.write() as conn:
        old = now - timedelta(days=3)
        conn.execute(sa.update(score_history).values(scored_at=old))
        conn.execute(sa.update(lead_summaries).values(changed_at=old))
    summary(desk, "1", changed_at=now - timedelta(hours=1), score=66)
    found = desk.ask("GET", LIST, rep).get_json()["items"]
    assert [(one["contact_id"], one["change"]) for one in found][:2] == [("1", 6), ("2", 0)]


def test_leads_without_anything_to_do_and_those_held_out_are_not_listed(
    desk: Desk, rep: str
) -> None:
    summary(desk, "2", next_action="Nurture")
    summary(desk, "4", next_action="")
    hold_out(desk, "3")
    assert listed(desk, rep) == ["1"]
    assert desk.ask("GET", LIST, rep).get_json()["total"] == 1


def test_a_low_lead_that_is_offered_stands_behind_the_high_ones_and_says_why(
    desk: Desk, rep: str
) -> None:
    summary(desk, "4", next_action="Nurture", first_touch_at=None, last_touch_at=None)
    assert listed(desk, rep) == ["2", "3", "1"]
    offer(desk, "4", "1")  # 1 is Medium by now: no longer what was offered
    found = desk.ask("GET", LIST, rep).get_json()
    assert [one["contact_id"] for one in found["items"]] == ["2", "3", "4", "1"]
    assert found["total"] == 4
    low, medium = found["items"][2:]
    assert (low["band"], low["next_action"], low["reason"]) == ("Low", "Call", OFFERED_WORDS)
    assert (medium["next_action"], medium["reason"]) == ("Call", "replied")
    shown = desk.ask("GET", f"/portals/{OWN}/leads/4", rep).get_json()["lead"]
    assert (shown["offered"], shown["score"]) == (OFFERED_WORDS, 20)
    assert aside(desk, rep, "4", kind="done") == 200
    assert listed(desk, rep) == ["2", "3", "1"]


@pytest.mark.parametrize(
    ("body", "news", "is_back"),
    [
        ({"kind": "done"}, {}, False),
        ({"kind": "done"}, {"last_sign_on": date(2026, 11, 19)}, True),
        ({"kind": "done"}, {"engagement_points": 9}, True),  # on the same day
        ({"kind": "snoozed", "days": 3}, {}, False),
        ({"kind": "snoozed", "days": 3}, {"last_sign_on": date(2026, 11, 19)}, True),
        ({"kind": "not_a_lead"}, {"last_sign_on": date(2026, 11, 19)}, False),
    ],
)
def test_a_lead_that_was_put_aside_comes_back_when_it_does_something(
    desk: Desk, rep: str, body: dict[str, Any], news: dict[str, Any], is_back: bool
) -> None:
    assert aside(desk, rep, "2", **body) == 200
    assert "2" not in listed(desk, rep)
    if news:
        summary(desk, "2", **news)
    assert ("2" in listed(desk, rep)) is is_back
    desk.ask("DELETE", f"/portals/{OWN}/leads/2/aside", rep)
    assert "2" in listed(desk, rep)


def test_a_snoozed_lead_comes_back_by_its_day(desk: Desk, rep: str) -> None:
    assert aside(desk, rep, "2", kind="snoozed", days=3) == 200
    (away,) = desk.ask("GET", LIST, rep).get_json()["aside"]
    assert (away["name"], away["kind"]) == ("Bo", "snoozed")
    desk.clock.forward(3 * 86_400 - 60)
    later = desk.token(desk.person("rep"))  # the session has ended meanwhile
    assert "2" not in listed(desk, later)
    desk.clock.forward(120)
    assert "2" in listed(desk, later)
    assert desk.ask("GET", LIST, later).get_json()["aside"] == []


def test_no_lead_at_all_is_said_to_the_team(desk: Desk, rep: str) -> None:
    assert aside(desk, rep, "2", kind="not_a_lead") == 200
    with desk.product.stores.database.read() as conn:
        (opinion,) = feedback.of_lead(conn, OWN, "2")
    assert (opinion.agrees, opinion.comment, opinion.score) == (False, "Not a lead", 90)
    desk.ask("DELETE", f"/portals/{OWN}/leads/2/aside", rep)  # it was a slip: nothing learns of it
    with desk.product.stores.database.read() as conn:
        assert feedback.of_lead(conn, OWN, "2") == []
    assert "2" in listed(desk, rep)


def test_what_cannot_be_put_aside_is_refused(desk: Desk, rep: str) -> None:
    assert aside(desk, rep, "404404", kind="done") == 404
    assert aside(desk, rep, "6", kind="done") == 404  # another portal's
    assert aside(desk, rep, "2", kind="snoozed", days=0) == 400
    assert aside(desk, rep, "2", kind="for ever") == 400
    auditor = desk.token(desk.person("auditor"))
    assert aside(desk, auditor, "2", kind="done") == 403


def test_who_owns_nothing_in_hubspot_is_told_so(desk: Desk, rep: str) -> None:
    other = desk.token(desk.person("manager"))
    found = desk.ask("GET", LIST, other).get_json()
    assert (found["owner_id"], found["items"]) == ("", [])
