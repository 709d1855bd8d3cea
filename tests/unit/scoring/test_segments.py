"""Which segment a lead is in, and where its bands begin."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from backend.model import MirrorRecord, PortalSettings, Segment, Thresholds
from backend.scoring.collect import snapshot_of
from backend.scoring.facts.segments import own_read, segment_of, thresholds_of
from backend.scoring.scorecard.rows import row_of
from backend.storage.portals.portals import settings_from_json, settings_to_json
from tests.unit.scoring.make import TODAY, lead

AT = datetime(2026, 11, 1, tzinfo=UTC)
DACH = Segment("DACH", "companies.region", ("Germany", "Österreich"), Thresholds(70, 40))
NORDICS = Segment("Nordics", "companies.region", ("Sweden", "Germany"))
RENEWALS = Segment("Renewals", "deals.pipeline", ("7711",))
BIG = Segment("Big", "owner.team", ("Enterprise sales",))
SETTINGS = PortalSettings(segments=(DACH, NORDICS, RENEWALS, BIG))


def place(region: str = "", pipeline: str = "", team: str = "", **settings: object) -> str | None:
    """The segment of a contact as the mirror has it."""
    contact = MirrorRecord("contacts", "1", {"company_id": "5", "own.region": "Sweden"}, AT)
    company = MirrorRecord("companies", "5", {"own.region": region} if region else {}, AT)
    deal = MirrorRecord("deals", "9", {"pipeline": pipeline, "created_at": AT.isoformat()}, AT)
    linked = [company, *([deal] if pipeline else [])]
    chosen = replace(SETTINGS, **settings)  # type: ignore[arg-type]
    return snapshot_of(1, contact, linked, TODAY, chosen, team=team).segment


def test_the_first_segment_that_matches_is_the_leads_own() -> None:
    assert place("Germany") == "DACH"
    assert place("Germany", segments=(NORDICS, DACH)) == "Nordics"
    assert place("Sweden") == "Nordics"


@pytest.mark.parametrize("region", ["osterreich", "  ÖSTERREICH ", "Italy;Österreich", "germany"])
def test_spelling_does_not_matter_and_one_of_several_choices_is_enough(region: str) -> None:
    assert place(region) == "DACH"


@pytest.mark.parametrize("region", ["", "Italy", "German", "Germany and Italy", ";", "DACH"])
def test_a_lead_that_nothing_matches_is_in_no_segment(region: str) -> None:
    assert place(region) == ""


def test_a_portal_without_segments_has_no_column_for_them() -> None:
    assert place("Germany", segments=()) is None
    assert "segment" not in row_of(lead())
    assert row_of(replace(lead(), segment=""))["segment"] == "all others"
    assert row_of(replace(lead(), segment="DACH"))["segment"] == "DACH"


def test_pipelines_of_deals_and_the_owners_team_place_a_lead() -> None:
    assert place("Italy", pipeline="7711") == "Renewals"
    assert place("Italy", pipeline="7712") == ""
    assert place("Italy", team="Enterprise Sales") == "Big"
    assert place("Italy", team="Enterprise") == ""


def test_a_value_of_nothing_but_marks_matches_no_lead_that_is_not_known() -> None:
    assert segment_of([Segment("Odd", "companies.region", ("-", "?"))], {}, []) == ""


def test_bands_are_the_segments_own_or_the_portals() -> None:
    assert thresholds_of(SETTINGS, "DACH") == Thresholds(70, 40)
    for name in ("Nordics", "", "a segment that is gone"):
        assert thresholds_of(SETTINGS, name) == SETTINGS.thresholds


def test_what_segments_ask_about_is_read_and_not_learned_from() -> None:
    settings = replace(SETTINGS, learn_from=("contacts.interest", "companies.region"))
    assert own_read(settings) == ("contacts.interest", "companies.region")
    assert own_read(SETTINGS) == ("companies.region",)
    contact = MirrorRecord("contacts", "1", {"company_id": "5"}, AT)
    company = MirrorRecord("companies", "5", {"own.region": "Sweden"}, AT)
    assert snapshot_of(1, contact, [company], TODAY, SETTINGS).own == {}


def test_settings_come_back_from_json_as_they_were() -> None:
    assert settings_from_json(settings_to_json(SETTINGS)) == SETTINGS
    assert settings_from_json({}).segments == ()
