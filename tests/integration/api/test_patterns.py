"""Who buys, and where the score was wrong: counted the same on SQLite and Postgres."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from backend.storage import runs
from backend.storage.runs import REPORT
from tests.integration.api.conftest import OTHER, OWN, Desk
from tests.integration.api.fill import AT, TRAITS, fill, moved

AFTER = datetime(2026, 11, 24, tzinfo=UTC)  # a day after the portal was connected
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
BANKS = replace(TRAITS, industry="banking", technologies="aws;sap", owner_id="88")
FARMS = replace(TRAITS, industry="farming", technologies="", lead_source="offline")

LOST = replace(
    FARMS,
    outcome="lost",
    outcome_at=AFTER,
    lead_since=AT - timedelta(days=100),
    first_touch_at=AT - timedelta(days=98),
)


@pytest.fixture
def manager(desk: Desk) -> str:
    """Three machinery leads, two won banks and two lost farms; somebody else's portal beside."""
    fill(desk, [("1", 90, "A"), ("2", 60, "B"), ("3", 20, "C")])
    fill(
        desk,
        [("4", 95, "D"), ("5", 30, "Gem")],
        traits=replace(BANKS, outcome="won", outcome_at=AFTER, first_touch_at=TRAITS.lead_since),
    )
    fill(desk, [("6", 85, "Hope"), ("7", 10, "G")], traits=LOST)
    fill(desk, [("8", 50, "H")], portal_id=OTHER, traits=BANKS)
    return desk.token(desk.person("manager"))


def read(desk: Desk, token: str, path: str) -> dict[str, Any]:
    answer = desk.ask("GET", f"/portals/{OWN}/patterns/{path}", token)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.get_json()


def test_conversion_and_score_by_industry_against_the_average(desk: Desk, manager: str) -> None:
    found = read(desk, manager, "traits?by=industry")
    groups = {group["value"]: group for group in found["groups"]}
    assert [g["value"] for g in found["groups"]] == ["machinery", "banking", "farming"]
    assert groups["banking"]["conversion"] | {"low": 0, "high": 0} == {
        "won": 2,
        "decided": 2,
        "share": 1.0,
        "low": 0,
        "high": 0,
    }
    assert groups["machinery"]["conversion"]["share"] is None
    assert groups["machinery"]["mean_score"] == pytest.approx(170 / 3)
    average = found["average"]
    assert (average["leads"], average["conversion"]["share"]) == (7, 0.5)
    assert average["conversion"]["low"] < 0.5 < average["conversion"]["high"]
    assert groups["banking"]["label"] == "Banking"


def test_a_lead_counts_for_each_of_its_technologies(desk: Desk, manager: str) -> None:
    groups = read(desk, manager, "traits?by=technologies")["groups"]
    assert {group["value"]: group["leads"] for group in groups} == {"sap": 5, "aws": 2, "": 2}


def test_filters_narrow_by_owner_source_and_age(desk: Desk, manager: str) -> None:
    assert read(desk, manager, "traits?by=industry&owner=88")["average"]["leads"] == 2
    assert read(desk, manager, "traits?by=industry&source=offline")["average"]["leads"] == 2
    assert read(desk, manager, "traits?by=industry&days=60")["average"]["leads"] == 5


def test_wins_with_low_and_losses_with_high_scores_are_named(desk: Desk, manager: str) -> None:
    found = read(desk, manager, "surprises")
    assert [(one["name"], one["score_before"]) for one in found["missed_gems"]] == [("Gem", 30)]
    assert [(one["name"], one["score_before"]) for one in found["false_hopes"]] == [("Hope", 85)]
    assert (found["missed_gems_total"], found["false_hopes_total"], found["judged"]) == (1, 1, 4)


def test_a_loss_is_judged_by_the_score_before_it_not_by_the_lower_one_after(
    desk: Desk, manager: str
) -> None:
    moved(desk, "6", 20, at=AFTER + timedelta(hours=1), traits=LOST)
    found = read(desk, manager, "surprises")
    assert [one["score_before"] for one in found["false_hopes"]] == [85]


def test_what_was_decided_before_scoring_began_judges_no_score(desk: Desk, manager: str) -> None:
    fill(desk, [("9", 5, "Old")], traits=replace(BANKS, outcome="won", outcome_at=LONG_AGO))
    assert read(desk, manager, "surprises")["judged"] == 4


def test_time_to_the_first_touch_by_band(desk: Desk, manager: str) -> None:
    bands = {one["band"]: one for one in read(desk, manager, "touches")["bands"]}
    assert bands["High"]["within"] == ["1 h", "1 day", "3 days", "later", "never"]
    assert bands["High"]["leads"] == [1, 0, 1, 0, 1]  # a bank, a farm, a machine maker
    assert bands["Low"]["leads"] == [1, 0, 1, 0, 1]


def test_the_grid_counts_every_lead_once(desk: Desk, manager: str) -> None:
    found = read(desk, manager, "grid")
    assert sum(cell["leads"] for cell in found["cells"]) == 7
    assert {cell["fit"] for cell in found["cells"]} <= set(found["fit"])
    assert {cell["engagement"] for cell in found["cells"]} == {"+0 or less"}


def test_drift_is_the_weekly_reports_newest_first(desk: Desk, manager: str) -> None:
    assert read(desk, manager, "drift") == {"weeks": []}
    field = {
        "field": "industry",
        "psi": 0.3,
        "level": "alarm",
        "most_moved": "Banking",
        "share_before": 0.1,
        "share_now": 0.4,
    }
    for number in (1, 2):
        with desk.product.stores.database.write() as conn:
            now = desk.clock.now()
            run = runs.start(conn, OWN, "drift", now)
            report = {
                "model_version": number,
                "leads": 5,
                "level": "alarm",
                "scores": None,
                "calibration": None,
                "fields": [field],
            }
            runs.advance(conn, run, now, done=1, position={REPORT: report})
            runs.finish(conn, run, now)
        desk.clock.forward(7 * 86_400)
    manager = desk.token(desk.person("manager"))
    weeks = read(desk, manager, "drift")["weeks"]
    assert [week["model_version"] for week in weeks] == [2, 1]
    assert weeks[0]["fields"] == [field | {"field": "Industry"}]
