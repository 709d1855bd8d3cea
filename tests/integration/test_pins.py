"""A lead set by hand: a factor of its own, until its day, withdrawn in one click, never learned."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from backend.errors import BadInput, NotFound
from backend.model import Band
from backend.scoring.explain import ScoreMove
from backend.security.tombstone import pseudonym
from backend.services.learning.thresholds import current_outlook
from backend.services.merging import follow_merges
from backend.services.routing.pins import end_pins, pin, unpin
from backend.services.scoring.moves import moves_of
from backend.storage.access import audit
from backend.storage.leads import band_entries, feedback, lead_pins, scores
from backend.storage.outbox import holdouts
from backend.storage.outbox.holdouts import Holdout
from backend.storage.portals import portals
from backend.storage.tables.leads import lead_pins as table
from backend.web.card.answer import subtotals
from tests.integration.conftest import ENVIRON, PORTAL, Connected
from tests.integration.routes import leads_in, open_tasks
from tests.support.card import ask, some_lead
from tests.support.pipeline import settle

WHY = "met at the fair"


def low_lead(connected: Connected) -> str:
    """One that facts alone leave under High."""
    return sorted(leads_in(connected, Band.LOW) or leads_in(connected, Band.MEDIUM))[0]


def set_high(connected: Connected, contact_id: str, days: int = 14) -> None:
    stores = connected.product.stores
    pin(stores, PORTAL, contact_id, "high", days, WHY, actor="user:u1")
    settle(connected)


def over(connected: Connected) -> None:
    """The time of every pin is over."""
    stores = connected.product.stores
    with stores.database.write() as conn:
        conn.execute(sa.update(table).values(until=stores.clock.now() - timedelta(seconds=1)))


def post(connected: Connected, contact_id: str, **body: Any) -> Any:
    asked = {"contactId": contact_id, **body}
    return ask(connected, "/card/pin", method="POST", body=asked)


def test_a_pinned_lead_is_high_by_one_factor_and_its_own_score_is_kept(live: Connected) -> None:
    contact_id = low_lead(live)
    before = live.scores()[contact_id]
    set_high(live, contact_id)
    now = live.scores()[contact_id]
    assert (now.band, now.own_score, now.own_band) == (Band.HIGH, before.score, before.band)
    assert now.score == 50 + sum(part.points for part in subtotals(now))
    (mine,) = [factor for factor in now.factors if factor.group == "pin"]
    assert mine.points == now.score - before.score and WHY in mine.value
    assert live.properties(contact_id)["ai_lead_fit"] == "High"
    assert len(open_tasks(live, contact_id)) == 1
    with live.product.stores.database.read() as conn:
        row = scores.history(conn, PORTAL, contact_id)[0]
    assert (row["cause"], row["own_score"], row["own_band"]) == (
        "pin",
        before.score,
        before.band.value,
    )


@pytest.mark.parametrize("kind", ["high", "aside"])
def test_what_would_move_it_is_counted_from_its_own_score(live: Connected, kind: str) -> None:
    def moves() -> list[ScoreMove]:
        stores = live.product.stores
        with stores.database.read() as conn:
            score = scores.current(conn, PORTAL, [contact_id])[contact_id]
            return moves_of(conn, portals.get(conn, PORTAL), score, stores.clock.now())

    contact_id = low_lead(live)
    before = moves()
    pin(live.product.stores, PORTAL, contact_id, kind, 14, WHY, actor="user:u1")
    settle(live)
    assert before and moves() == before


def test_who_pinned_is_audited_without_the_contact_and_why_is_found_by_the_pins_id(
    connected: Connected,
) -> None:
    contact_id = some_lead(connected)
    pin(connected.product.stores, PORTAL, contact_id, "aside", 7, WHY, actor="user:u1")
    with connected.product.stores.database.read() as conn:
        row = audit.listed(conn, PORTAL, limit=1)[0]
        held = lead_pins.of_lead(conn, PORTAL, contact_id, connected.product.stores.clock.now())
    assert held is not None
    assert (row.action, row.actor) == ("lead.pin", "user:u1")
    assert row.subject == pseudonym(ENVIRON["SESSION_SECRET"], PORTAL, contact_id)
    assert row.detail == {"pin": held.pin_id, "kind": "aside", "days": 7}
    assert held.reason == WHY


def test_a_lead_that_is_set_aside_loses_its_task(live: Connected) -> None:
    contact_id = low_lead(live)
    set_high(live, contact_id)
    pin(live.product.stores, PORTAL, contact_id, "aside", 14, "says no", actor="user:u1")
    settle(live)
    assert live.scores()[contact_id].band is Band.LOW
    assert open_tasks(live, contact_id) == []


@pytest.mark.parametrize("way", ["withdrawn", "over"])
def test_a_pin_ends_by_itself_or_in_one_click(live: Connected, way: str) -> None:
    contact_id = low_lead(live)
    before = live.scores()[contact_id]
    set_high(live, contact_id, days=1)
    if way == "over":
        over(live)
    else:
        unpin(live.product.stores, PORTAL, contact_id, actor="user:u1")
    settle(live)
    now = live.scores()[contact_id]
    assert (now.score, now.band, now.factors) == (before.score, before.band, before.factors)
    assert now.own_band is None
    with live.product.stores.database.read() as conn:
        assert scores.history(conn, PORTAL, contact_id)[0]["cause"] == "pin_ended"
    assert end_pins(live.product.stores) == 0


def test_nothing_learns_from_a_pin(connected: Connected) -> None:
    contact_id = low_lead(connected)
    stores = connected.product.stores
    own = connected.scores()[contact_id]
    counted = current_outlook(stores.database, stores.clock, PORTAL)
    set_high(connected, contact_id)
    shown = connected.scores()[contact_id].score
    assert current_outlook(stores.database, stores.clock, PORTAL) == counted
    body = {"contactId": contact_id, "agrees": True, "score": shown}
    assert ask(connected, "/card/feedback", method="POST", body=body)[0] == 200
    with stores.database.read() as conn:
        entries = band_entries.first_entries(conn, PORTAL, [contact_id])
        said = feedback.of_user(conn, PORTAL, contact_id, "7")
    assert {entry.band for entry in entries} == {own.band.value}
    assert said is not None and said.score == own.score


def test_a_pin_takes_no_lead_into_an_experiment(live: Connected) -> None:
    stores = live.product.stores
    contact_id = low_lead(live)
    with stores.database.write() as conn:
        holdouts.begin(conn, PORTAL, Holdout("h1", 100, 90, 500, "t", stores.clock.now()))
    set_high(live, contact_id)
    with stores.database.read() as conn:
        assert holdouts.members(conn, PORTAL, "h1") == []
    assert len(open_tasks(live, contact_id)) == 1


def test_a_merge_takes_the_pin_to_the_contact_that_stays(connected: Connected) -> None:
    stores = connected.product.stores
    first, second = sorted(connected.scores())[:2]
    pin(stores, PORTAL, first, "aside", 3, WHY, actor="user:u1")
    follow_merges(stores.database, stores.clock, PORTAL, {second: [first]})
    with stores.database.read() as conn:
        assert lead_pins.of_lead(conn, PORTAL, first, stores.clock.now()) is None
        assert lead_pins.of_lead(conn, PORTAL, second, stores.clock.now()) is not None


def test_a_second_pin_takes_the_place_of_the_first(connected: Connected) -> None:
    contact_id = some_lead(connected)
    stores = connected.product.stores
    for kind in ("high", "aside"):
        pin(stores, PORTAL, contact_id, kind, 3, WHY, actor="user:u1")  # type: ignore[arg-type]
    with stores.database.read() as conn:
        holding = conn.execute(sa.select(table.c.kind).where(table.c.ended_at.is_(None)))
        assert [row.kind for row in holding] == ["aside"]


@pytest.mark.parametrize(
    ("days", "reason", "field"),
    [
        (14, "", "Reason"),
        (14, " \u200b\u200b\u200b ", "Reason"),
        (14, "x" * 121, "Reason"),
        (0, WHY, "Days"),
        (400, WHY, "Days"),
        (-1, WHY, "Days"),
    ],
)
def test_bad_input_gets_a_sentence_that_names_the_field(
    connected: Connected, days: int, reason: str, field: str
) -> None:
    contact_id = some_lead(connected)
    stores = connected.product.stores
    with pytest.raises(BadInput, match=f"^{field}: "):
        pin(stores, PORTAL, contact_id, "high", days, reason, actor="user:u1")
    status, answer = post(connected, contact_id, kind="high", days=days, reason=reason)
    assert (status, answer["code"]) == (200, "bad_input")
    assert answer["message"].startswith(f"{field}: ")
    with stores.database.read() as conn:
        assert lead_pins.of_lead(conn, PORTAL, contact_id, stores.clock.now()) is None


def test_an_unknown_lead_is_not_found(connected: Connected) -> None:
    with pytest.raises(NotFound):
        pin(connected.product.stores, PORTAL, "404404", "high", 3, WHY, actor="user:u1")
    with pytest.raises(NotFound):
        unpin(connected.product.stores, PORTAL, "404404", actor="user:u1")
    assert post(connected, "404404", kind="high", reason=WHY)[0] == 404


def test_the_card_sets_shows_and_withdraws(connected: Connected) -> None:
    contact_id = some_lead(connected)
    status, answer = post(connected, contact_id, kind="high", reason=f"{WHY}\u202e")
    assert (status, answer["pin"]["kind"], answer["pin"]["reason"]) == (200, "high", WHY)
    _, read = ask(connected, f"/card/lead?contactId={contact_id}")
    assert read["lead"]["pin"] == answer["pin"]
    assert "hubspot:7" not in json.dumps(read)
    assert post(connected, contact_id, kind="none")[1]["pin"] is None
    assert post(connected, contact_id, kind="none")[1]["ok"] is True
    _, read = ask(connected, f"/card/lead?contactId={contact_id}")
    assert read["lead"]["pin"] is None
