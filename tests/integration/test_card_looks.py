"""What is new since this user last looked at a lead on the card."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any, NoReturn

import sqlalchemy as sa

from backend.errors import Outage
from backend.services.routing.pins import pin
from backend.storage.database import Database
from backend.storage.privacy import personal_data, retention
from backend.storage.tables.leads import card_looks, score_history
from backend.web.card.routes import note_look
from backend.web.hubspot.signed import SignedCaller
from tests.integration.conftest import PORTAL, Connected
from tests.integration.routes import score_as
from tests.support.card import ask, some_lead
from tests.support.pipeline import settle


def look(connected: Connected, contact_id: str) -> Any:
    status, answer = ask(connected, f"/card/lead?contactId={contact_id}")
    assert status == 200
    return answer["lead"]["since_look"]


def earlier(connected: Connected, **ago: int) -> None:
    """Everything that was looked at and scored was so much earlier."""
    by = timedelta(**ago)
    with connected.product.stores.database.write() as conn:
        for table, names in (
            (card_looks, ("looked_at", "before_at")),
            (score_history, ("scored_at",)),
        ):
            for row in conn.execute(sa.select(table)).mappings().all():
                keys = [column == row[column.name] for column in table.primary_key.columns]
                moved = {name: row[name] - by for name in names if row[name] is not None}
                conn.execute(sa.update(table).where(*keys).values(**moved))


def rows(connected: Connected) -> list[Any]:
    with connected.product.stores.database.read() as conn:
        return list(conn.execute(sa.select(card_looks)).mappings())


def test_the_card_says_what_changed_since_this_user_looked(connected: Connected) -> None:
    contact_id = some_lead(connected)
    before = connected.scores()[contact_id].score
    assert look(connected, contact_id) is None
    earlier(connected, days=5)
    pin(connected.product.stores, PORTAL, contact_id, "high", 9, "met her", actor="user:u")
    settle(connected)
    found = look(connected, contact_id)
    up = connected.scores()[contact_id].score - before
    assert (found["points"], sum(one["points"] for one in found["changes"])) == (up, up)
    assert found["changes"][0]["text"].startswith("Set to High until")
    assert found == look(connected, contact_id)  # the same visit says the same


def test_nothing_new_is_said_and_the_next_visit_compares_with_this_one(
    connected: Connected,
) -> None:
    contact_id = some_lead(connected)
    score_as(connected, {contact_id: 60})
    look(connected, contact_id)
    earlier(connected, days=2)
    first = look(connected, contact_id)
    assert (first["points"], first["changes"]) == (0, [])
    earlier(connected, days=1)
    assert look(connected, contact_id)["since"] > first["since"]


def test_a_score_that_is_no_longer_kept_says_nothing(connected: Connected) -> None:
    contact_id = some_lead(connected)
    look(connected, contact_id)
    earlier(connected, days=5)
    with connected.product.stores.database.write() as conn:
        conn.execute(sa.delete(score_history))
    assert look(connected, contact_id) is None


def test_no_user_id_is_kept_and_the_row_goes_with_its_contact(connected: Connected) -> None:
    contact_id = some_lead(connected)
    for _ in range(3):
        look(connected, contact_id)
    (row,) = rows(connected)
    assert set(row) == {"portal_id", "contact_id", "looker", "looked_at", "before_at"}
    assert row["looker"] not in {"7", "hubspot:7"} and len(row["looker"]) == 16
    with connected.product.stores.database.write() as conn:
        personal_data.remove(conn, PORTAL, [contact_id])
    assert rows(connected) == []


def test_looks_are_removed_after_half_a_year(connected: Connected) -> None:
    look(connected, some_lead(connected))
    earlier(connected, days=181)
    (rule,) = [rule for rule in retention.RULES if rule.table is card_looks]
    with connected.product.stores.database.write() as conn:
        assert retention.remove_old(conn, rule, connected.product.stores.clock.now()) == 1


def test_a_stranger_and_an_unknown_lead_leave_nothing(connected: Connected) -> None:
    assert ask(connected, "/card/lead?contactId=404404")[0] == 404
    assert ask(connected, "/card/lead?contactId=1", portal_id=777)[1]["ok"] is False
    assert rows(connected) == []


class Full:
    """A database that answers and takes nothing."""

    def __init__(self, real: Database) -> None:
        self.read = real.read

    def write(self) -> NoReturn:
        raise Outage("no space left", outage="disk_full", cure="make room", wait_s=1)


def test_the_card_is_answered_while_the_database_takes_nothing(connected: Connected) -> None:
    stores = connected.product.stores
    full: Any = Full(stores.database)
    note_look(replace(stores, database=full), SignedCaller(PORTAL, "7"), some_lead(connected))
    assert rows(connected) == []
