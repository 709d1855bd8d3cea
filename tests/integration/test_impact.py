"""Impact's numbers against SQL on a portal of the sandbox, and who is on its lists."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from backend.scoring.wording.working_days import working_minutes, zone_of
from backend.services.learning.labels import labelled
from backend.services.routing.ageing import ageing
from backend.storage.outbox import demand
from backend.storage.tables.leads import band_entries, lead_summaries
from backend.storage.tables.outbox import routings
from tests.integration.conftest import PORTAL, Connected
from tests.integration.routes import score_as, set_routing
from tests.support.impact import asked, count, portal_of, scored_long_ago


@pytest.fixture
def contacts() -> int:
    return 200


@pytest.fixture
def counted(connected: Connected) -> Iterator[Connected]:
    """Scored long ago, and counted as the daily run does."""
    scored_long_ago(connected)
    count(connected)
    yield connected


def rows_of(connected: Connected, text: str, **values: Any) -> list[Any]:
    with connected.product.stores.database.read() as conn:
        return list(conn.execute(sa.text(text), {"portal": PORTAL, **values}).mappings())


GROUPS = {"week": "week", "month": "month", "owner": "owner_id", "source": "lead_source"}
SUMS = """
SELECT {key} AS key, count(*) AS leads,
  sum(CASE WHEN result = 'open' THEN 1 ELSE 0 END) AS open,
  sum(CASE WHEN touched_at IS NOT NULL THEN 1 ELSE 0 END) AS touched,
  sum(CASE WHEN touch_minutes <= 240 THEN 1 ELSE 0 END) AS in_time,
  sum(CASE WHEN meeting_at IS NOT NULL THEN 1 ELSE 0 END) AS met,
  sum(CASE WHEN opportunity_at IS NOT NULL THEN 1 ELSE 0 END) AS opportunities,
  sum(CASE WHEN won_at IS NOT NULL THEN 1 ELSE 0 END) AS won_so_far,
  sum(CASE WHEN result = 'won' THEN 1 ELSE 0 END) AS won,
  sum(CASE WHEN result IN ('won', 'lost') THEN 1 ELSE 0 END) AS decided,
  sum(amount) AS amount
FROM band_entries WHERE portal_id = :portal AND band = :band AND result <> 'before'
GROUP BY {key}
"""


@pytest.mark.parametrize("by", GROUPS)
@pytest.mark.parametrize("band", ["High", "Medium", "Low"])
def test_every_sum_is_what_sql_says(counted: Connected, by: str, band: str) -> None:
    found = asked(counted, f"cohorts?band={band}&by={by}")
    wanted = {
        str(row["key"])[:10] if by in ("week", "month") else row["key"]: row
        for row in rows_of(counted, SUMS.format(key=GROUPS[by]), band=band)
    }
    assert wanted
    assert {row["key"] for row in found["rows"]} == set(wanted)
    for row in found["rows"]:
        sql = wanted[row["key"]]
        assert (row["leads"], row["open"]) == (sql["leads"], sql["open"])
        for name, column in (("touched", "touched"), ("in_time", "in_time"), ("meetings", "met")):
            assert (row[name]["count"], row[name]["of"]) == (sql[column], sql["leads"])
        assert row["opportunities"]["count"] == sql["opportunities"]
        assert (row["won"]["count"], row["won"]["of"]) == (sql["won"], sql["decided"])
        assert row["won_so_far"] == sql["won_so_far"]
        assert row["amount"] == pytest.approx(sql["amount"])
        few = row["leads"] < 10
        assert (row["touched"]["share"] is None) == few
        assert (row["won"]["share"] is None) == (sql["decided"] < 10)
    assert found["total"]["leads"] == sum(row["leads"] for row in wanted.values())
    assert found["total"]["amount"] == pytest.approx(sum(row["amount"] for row in wanted.values()))


def test_filters_and_teams_are_those_of_owners(counted: Connected) -> None:
    by_owner = {r["key"]: r["leads"] for r in asked(counted, "cohorts?band=Low&by=owner")["rows"]}
    teams = {r["owner_id"]: r["team"] for r in rows_of(counted, "SELECT * FROM owners")}
    wanted: Counter[str] = Counter()
    for owner, leads in by_owner.items():
        wanted[teams.get(owner, "") or "no team"] += leads
    found = asked(counted, "cohorts?band=Low&by=team")
    assert {row["label"]: row["leads"] for row in found["rows"]} == dict(wanted)
    assert set(found["teams"]) == {"Inbound", "Enterprise"}
    one = asked(counted, "cohorts?band=Low&team=Inbound")["total"]["leads"]
    assert one == wanted["Inbound"] > 0
    owner = max(by_owner, key=lambda key: by_owner[key])
    assert asked(counted, f"cohorts?band=Low&owner={owner}")["total"]["leads"] == by_owner[owner]
    assert asked(counted, "cohorts?band=Low&owner=none&team=Inbound")["total"]["leads"] == 0
    assert asked(counted, "cohorts?band=Low&weeks=4")["total"]["leads"] == 0
    sources = asked(counted, "cohorts?band=Low&by=source")["rows"]
    some = asked(counted, f"cohorts?band=Low&source={sources[0]['key']}")
    assert some["total"]["leads"] == sources[0]["leads"]


def test_times_are_those_of_the_activities(counted: Connected) -> None:
    """Touches, working hours and the two percentiles, counted again from the mirror's rows."""
    zone = zone_of(str(portal_of(counted).installation["account"]["timeZone"]))
    first = firsts(counted)
    wanted: dict[str, list[int]] = defaultdict(list)
    stored = rows_of(counted, "SELECT * FROM band_entries WHERE result <> 'before'")
    for row in stored:
        times = first[row["contact_id"]]
        entered = aware(row["entered_at"])
        later = [at for at in times if entered <= at <= datetime.now(UTC)]
        assert (row["touched_at"] is None) == (not later)
        if later:
            assert aware(row["touched_at"]) == min(later)
            minutes = working_minutes(entered, min(later), range(5), zone)
            assert row["touch_minutes"] == minutes
            wanted[row["band"]].append(minutes)
    assert wanted
    for band, minutes in wanted.items():
        total = asked(counted, f"cohorts?band={band}")["total"]
        for name, part in (("median_hours", 0.5), ("late_hours", 0.9)):
            place = -(-total["leads"] * int(10 * part) // 10)  # rounded up
            reached = sorted(minutes)[place - 1] if place <= len(minutes) else None
            told = None if reached is None or total["leads"] < 10 else round(reached / 60, 2)
            assert total[name] == told


def aware(value: Any) -> datetime:
    found = datetime.fromisoformat(value) if isinstance(value, str) else value
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found


def firsts(connected: Connected) -> dict[str, list[datetime]]:
    """When each contact was called, written to or met, from the mirror's rows."""
    text = """
    SELECT l.contact_id, o.facts FROM mirror_links l JOIN mirror_objects o
    ON o.portal_id = l.portal_id AND o.object_type = l.object_type AND o.object_id = l.object_id
    WHERE l.object_type IN ('calls', 'emails', 'meetings')
    """
    found: dict[str, list[datetime]] = defaultdict(list)
    with connected.product.stores.database.read() as conn:
        typed = sa.text(text).columns(contact_id=sa.String, facts=sa.JSON)
        for row in conn.execute(typed):
            facts = row.facts
            sent = facts.get("outcome") not in ("bounced", "failed", "planned", "canceled")
            if facts.get("direction", "") in ("out", "") and sent:
                found[row.contact_id].append(datetime.fromisoformat(facts["occurred_at"]))
    return found


def test_wins_are_those_that_a_model_learns_from(counted: Connected) -> None:
    """Won within the horizon of coming in, by the deals that the labels know; amounts once."""
    portal = portal_of(counted)
    labels = labelled(counted.product.stores, portal)
    deals = {
        past.snapshot.contact_id: [d for d in past.history.deals if d.outcome == "won"]
        for past, _ in labels.decided
    }
    horizon = timedelta(days=labels.horizon_days)
    rows = rows_of(counted, "SELECT * FROM band_entries WHERE result <> 'before'")
    amounts: dict[str, dict[str, float]] = defaultdict(dict)
    won = 0
    for row in rows:
        entered = aware(row["entered_at"])
        mine = [
            d
            for d in deals[row["contact_id"]]
            if d.closed_at and entered <= d.closed_at <= entered + horizon
        ]
        for deal in mine:
            amounts[row["band"]][deal.deal_id] = deal.amount or 0.0
        if row["result"] == "won" and mine:
            bought = min(d.closed_at for d in mine if d.closed_at)
            # the lifecycle stage may say so first: at noon of that day
            assert timedelta() <= bought - aware(row["won_at"]) < timedelta(days=1)
            won += 1
        assert bool(mine) <= (row["result"] in ("won", "open", "untold"))
    assert won
    for band in ("High", "Medium", "Low"):
        total = asked(counted, f"cohorts?band={band}")["total"]
        assert total["amount"] == pytest.approx(sum(amounts[band].values()))


def test_counting_again_changes_nothing_and_never_when_a_lead_came_in(counted: Connected) -> None:
    def stored() -> list[Any]:
        text = "SELECT * FROM band_entries ORDER BY contact_id, band"
        return [dict(row) for row in rows_of(counted, text)]

    before = stored()
    count(counted)
    assert stored() == before
    with counted.product.stores.database.write() as conn:
        conn.execute(sa.text("DELETE FROM score_history"))
        gone = before[0]["contact_id"]
        conn.execute(sa.delete(lead_summaries).where(lead_summaries.c.contact_id == gone))
        conn.execute(sa.delete(band_entries).where(band_entries.c.contact_id == gone))
    count(counted)
    assert stored() == [row for row in before if row["contact_id"] != gone]


def test_money_says_what_was_expected_and_why_nothing_was(counted: Connected) -> None:
    items = asked(counted, "money")["items"]
    assert items
    assert all("no model with a chance was in use" in one["sentence"] for one in items)
    with counted.product.stores.database.write() as conn:
        conn.execute(sa.update(band_entries).values(chance=0.25))
    for one in asked(counted, "money")["items"]:
        day = one["month"]
        (sql,) = rows_of(
            counted,
            "SELECT count(*) AS n, sum(chance) AS expected, sum(amount) AS amount, "
            "sum(CASE WHEN won_at IS NOT NULL THEN 1 ELSE 0 END) AS won FROM band_entries "
            "WHERE band = :band AND month = :month AND result <> 'before'",
            band=one["band"],
            month=day if "sqlite" in str(database(counted)) else datetime.fromisoformat(day).date(),
        )
        assert (one["leads"], one["with_chance"]) == (sql["n"], sql["n"])
        assert one["amount_won"] == pytest.approx(sql["amount"])
        assert one["won"] == sql["won"]
        if sql["n"] < 10:
            assert one["wins"] is None
            assert "too few to add up" in one["sentence"]
        else:
            assert one["wins"]["value"] == pytest.approx(sql["expected"])
            assert one["wins"]["low"] < one["wins"]["value"] < one["wins"]["high"]
            assert "wins were expected" in one["sentence"]


def database(connected: Connected) -> Any:
    return connected.product.stores.database.engine.url


def test_who_waits_is_on_the_list_oldest_first(live: Connected) -> None:
    ids = sorted(live.scores())[:4]
    score_as(live, dict.fromkeys(ids, 30))
    score_as(live, dict.fromkeys(ids, 90))
    now = datetime.now(UTC)
    with live.product.stores.database.write() as conn:
        conn.execute(
            sa.update(routings).where(~routings.c.contact_id.in_(ids)).values(settled="Low")
        )
        for place, contact_id in enumerate(ids):
            mine = routings.c.contact_id == contact_id
            entered = now - timedelta(days=10 - place)
            owner = "" if place == 3 else "71"
            conn.execute(sa.update(routings).where(mine).values(entered_at=entered, owner_id=owner))
        touched = {ids[0]: now - timedelta(days=1), ids[1]: now - timedelta(days=30)}
        for contact_id, at in touched.items():
            conn.execute(
                sa.update(lead_summaries)
                .where(lead_summaries.c.contact_id == contact_id)
                .values(last_touch_at=at)
            )
    found = asked(live, "ageing")
    assert [one["contact_id"] for one in found["untouched"]] == [ids[1], ids[2], ids[3]]
    assert found["untouched_total"] == 3
    assert [one["contact_id"] for one in found["unowned"]] == [ids[3]]
    assert all(one["late"] and "working day" in one["waits"] for one in found["untouched"])
    assert found["untouched"][0]["url"].endswith(f"/{PORTAL}/record/0-1/{ids[1]}")
    assert found["over"] == []
    set_routing(live, weekly_capacity=1)
    with live.product.stores.database.write() as conn:
        conn.execute(sa.update(routings).values(entered_at=now))
    over = ageing(live.product.stores, portal_of(live)).over
    assert [(one.owner_id, one.over) for one in over if one.owner_id == "71"] == [("71", 2)]
    with live.product.stores.database.read() as conn:
        total, _ = demand.untouched(conn, PORTAL, limit=1)
    assert total >= 2
