"""Forms and pages that an admin calls high intent count apart; no name reaches a score."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from backend.model import CrmRecord, PortalSettings
from backend.scoring.collect import mirror_record, snapshot
from backend.scoring.facts.intent import form_name, page_path, with_intent
from backend.scoring.points.engagement import SELF_MADE_CAP, engagement_parts
from backend.scoring.scorecard.rows import row_of, words_of
from tests.unit.scoring.make import TODAY

GIVEN = {
    "num_conversion_events": "2",
    "recent_conversion_date": "2026-11-20T09:00:00Z",
    "recent_conversion_event_name": "Pricing | Acme: Request a Demo",
    "first_conversion_date": "2026-10-01T09:00:00Z",
    "first_conversion_event_name": "Blog: Newsletter",
    "hs_analytics_last_url": "https://acme.example/Pricing/?email=jo@x.example",
    "hs_analytics_last_timestamp": "2026-11-21T09:00:00Z",
}


def parts_of(*chosen: str) -> dict[str, str]:
    settings = PortalSettings(high_intent=chosen)
    record = CrmRecord("contacts", "1", GIVEN, datetime(2026, 11, 22, tzinfo=UTC))
    mirrored, _ = mirror_record(record)
    found = snapshot(1, mirrored, None, (), (), TODAY, settings)
    assert not {"Request a Demo", "Newsletter", "/pricing"} & set(found.contact.values())
    row = row_of(found)
    parts = engagement_parts(found)
    assert sum(part.points for part in parts) <= SELF_MADE_CAP
    for part in parts:
        assert row[part.field] > 0
        assert words_of(found, row)[part.field] == part.value
    return {part.field: part.value for part in parts if part.field.startswith("intent")}


@pytest.mark.parametrize(
    ("chosen", "told"),
    [
        ((), {}),
        (("Request a demo",), {"intent_form": "20 Nov"}),
        (("request A DEMO", "newsletter"), {"intent_form": "2, last on 20 Nov"}),
        (("Newsletter",), {"intent_form": "1 Oct"}),
        (("/pricing",), {"intent_page": "21 Nov"}),
        (("/Pricing", "Request a demo"), {"intent_form": "20 Nov", "intent_page": "21 Nov"}),
        (("Pricing", "/request a demo", "/", ""), {}),
    ],
)
def test_what_was_chosen_is_a_factor_of_its_own(
    chosen: tuple[str, ...], told: dict[str, str]
) -> None:
    assert parts_of(*chosen) == told


def test_a_single_submission_is_first_and_last_and_counts_once() -> None:
    facts = {
        "first_form": "Demo",
        "first_form_on": "2026-11-20",
        "last_form": "Demo",
        "last_form_on": "2026-11-20",
    }
    assert with_intent(facts, ["demo"]) == {
        "last_form_on": "2026-11-20",
        "intent_forms": "1",
        "intent_form_on": "2026-11-20",
    }


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("https://a.example/pricing?x=1#y", "/pricing"),
        ("https://a.example", "/"),
        ("https://a.example/unsubscribe/jo@x.example", ""),
        ("https://a.example/u/jo%40x.example", ""),
        ("http://[", ""),
        ("", ""),
    ],
)
def test_of_a_page_only_the_path_is_kept(address: str, path: str) -> None:
    assert page_path(address) == path


def test_of_a_submission_the_form_is_kept() -> None:
    assert form_name("Acme: Home: Request a demo") == "Request a demo"
    assert form_name("Request a demo") == "Request a demo"
    assert len(form_name("x" * 5000)) == 100
