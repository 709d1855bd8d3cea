from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

from backend.model import Chance, Factor, PortalSettings, Score, Thresholds
from backend.scoring.baseline import baseline
from backend.scoring.calculate import Versions, calculate
from backend.scoring.traits import grid_cell
from backend.scoring.write_back import (
    GRID_PROPERTIES,
    LISTS,
    PROPERTIES,
    PROPERTY_NAMES,
    TEXT_MAX,
    changed,
    iso_ms,
    properties_of,
    still_wanted,
)
from backend.storage.leads.patterns import ENGAGEMENT_EDGES, FIT_EDGES
from tests.unit.scoring.make import NOW, comparison, email_in, lead

SNAPSHOT = lead(company={"industry": "banking"}, activities=(email_in(3),))
SCORE = calculate(
    SNAPSHOT,
    baseline(SNAPSHOT, comparison()),
    analysis=None,
    reading=None,
    neighbours=(),
    thresholds=Thresholds(),
    versions=Versions("h"),
    scored_at=NOW,
)


def test_a_score_becomes_strings_that_hubspot_takes() -> None:
    found = properties_of(SCORE, PortalSettings())
    assert found["ai_lead_score"] == str(SCORE.score)
    assert found["ai_lead_fit"] in ("High", "Medium", "Low")
    assert found["ai_last_scored"] == "2026-11-23T12:00:00.000Z"
    assert "Replied on 20 Nov" in found["ai_lead_reasoning"]
    assert "ai_lead_chance" not in found
    assert set(found) <= {p["name"] for p in PROPERTIES}


def with_points(fit: int, engagement: int) -> Score:
    factors = (
        Factor("industry", "banking", fit + 1, "profile"),
        Factor("deal_history", "one lost", -1, "history"),
        Factor("reply", "20 Nov", engagement, "engagement"),
        Factor("portal", "", 40, "portal"),
        Factor("text", "asks for a price", 3, "text"),
    )
    return replace(SCORE, factors=factors)


GRID_ON = PortalSettings(grid_properties=True)


def test_fit_and_engagement_are_written_with_their_grid_only_where_they_are_wanted() -> None:
    found = properties_of(with_points(12, 4), GRID_ON)
    ours = {p["name"]: found[p["name"]] for p in GRID_PROPERTIES}
    assert ours == {
        "ai_lead_fit_points": "12",
        "ai_lead_engagement_points": "4",
        "ai_lead_grid": "A2",
    }
    assert not ours.keys() & properties_of(with_points(12, 4), PortalSettings()).keys()


def test_the_grid_is_cut_where_patterns_cuts_and_has_an_option_for_every_cell() -> None:
    fits = {-30: "C", -5: "C", -4: "B", 0: "B", 10: "B", 11: "A", 30: "A"}
    engagements = {-3: "3", 0: "3", 1: "2", 10: "2", 11: "1", 20: "1"}
    for (fit, letter), (engaged, number) in itertools.product(fits.items(), engagements.items()):
        assert grid_cell(with_points(fit, engaged)) == letter + number
    options = {option["value"] for option in GRID_PROPERTIES[2]["options"]}
    cells = [grid_cell(with_points(f, e)) for f in fits for e in engagements]
    assert set(cells) == options
    assert {-5, 10} <= set(FIT_EDGES) and {0, 10} <= set(ENGAGEMENT_EDGES)


def test_what_is_switched_off_is_emptied_and_nothing_else_of_it_is_written() -> None:
    on, off = properties_of(SCORE, GRID_ON), properties_of(SCORE, PortalSettings())
    emptied = changed(on, off)
    assert {name for name, value in emptied.items() if not value} == {
        "ai_lead_fit_points",
        "ai_lead_engagement_points",
        "ai_lead_grid",
    }
    made = {"ai_lead_fit_points", "ai_lead_grid"}  # the third was deleted in HubSpot
    assert {n for n in still_wanted(PortalSettings(), made, emptied) if n not in off} == made
    queued_before = still_wanted(PortalSettings(), PROPERTY_NAMES, on)
    assert queued_before == off


def test_a_chance_is_written_in_percent_when_there_is_one() -> None:
    score = replace(SCORE, chance=Chance(0.2449, 0.17, 0.32, 143, 120))
    assert properties_of(score, PortalSettings())["ai_lead_chance"] == "24.5"


def test_a_reasoning_never_exceeds_hubspot_s_limit() -> None:
    score = replace(SCORE, reasoning="x" * 100_000)
    assert len(properties_of(score, PortalSettings())["ai_lead_reasoning"]) == TEXT_MAX


def test_times_are_utc_with_milliseconds() -> None:
    east = datetime(2026, 11, 23, 1, 2, 3, 456_789, tzinfo=timezone(timedelta(hours=2)))
    assert iso_ms(east) == "2026-11-22T23:02:03.456Z"


def test_nothing_is_written_when_nothing_changed() -> None:
    new = properties_of(SCORE, PortalSettings())
    later = {**new, "ai_last_scored": iso_ms(NOW + timedelta(hours=23))}
    assert changed(new, later) == {}


def test_the_time_alone_is_written_daily() -> None:
    new = properties_of(SCORE, PortalSettings())
    later = {**new, "ai_last_scored": iso_ms(NOW + timedelta(hours=24))}
    assert changed(new, later) == {"ai_last_scored": later["ai_last_scored"]}


def test_only_what_differs_is_written_and_always_with_the_time() -> None:
    new = properties_of(SCORE, PortalSettings())
    old = {**new, "ai_lead_score": "1", "ai_last_scored": iso_ms(NOW - timedelta(minutes=1))}
    assert set(changed(old, new)) == {"ai_lead_score", "ai_last_scored"}


def test_numbers_are_compared_as_numbers_and_first_writes_are_whole() -> None:
    new = properties_of(SCORE, PortalSettings())
    assert changed({**new, "ai_lead_score": f"{SCORE.score}.0"}, new) == {}
    assert changed({}, new) == new
    assert changed(dict.fromkeys(new), new) == new


def test_a_chance_that_is_no_longer_known_is_cleared() -> None:
    new = properties_of(SCORE, PortalSettings())
    assert changed({**new, "ai_lead_chance": "24.5"}, new)["ai_lead_chance"] == ""


def test_definitions_are_what_the_properties_api_requires() -> None:
    for definition in (*PROPERTIES, *GRID_PROPERTIES):
        assert {"name", "label", "groupName", "type", "fieldType"} <= set(definition)
        for option in definition.get("options", ()):
            assert {"label", "value", "displayOrder", "hidden"} == set(option)
    assert {p["name"]: p["type"] for p in PROPERTIES} == {
        "ai_lead_score": "number",
        "ai_lead_fit": "enumeration",
        "ai_next_best_action": "enumeration",
        "ai_last_scored": "datetime",
        "ai_lead_reasoning": "string",
        "ai_lead_chance": "number",
    }
    assert list(LISTS) == ["priority", "follow_up", "nurture"]
    assert iso_ms(datetime(2026, 1, 1, tzinfo=UTC)) == "2026-01-01T00:00:00.000Z"
