"""Nothing of the trail reaches a person as code."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from console.deeds import DEEDS, deed, request, told, who

BACKEND = Path(__file__).resolve().parents[3] / "backend"
ACTION = re.compile(
    r'"((?:api_key|audit|keys|model|portal|privacy|profile|routes|run|session|user)\.[a-z_.]+)"'
)
COLUMNS = re.compile(r"^(audit\.(?!seal)|routes\.(?!confirm|decide)|portal\.)")


def test_every_action_of_the_trail_has_words() -> None:
    written = {
        found
        for folder in ("services", "jobs", "web", "cli")
        for path in (BACKEND / folder).rglob("*.py")
        for found in ACTION.findall(path.read_text())
    }
    assert len(written) > 20
    assert {one for one in written if one not in DEEDS} == set()


@pytest.mark.parametrize(
    ("detail", "sentence"),
    [
        ({}, ""),
        ({"before": "rep", "after": "admin"}, "Before: rep. After: admin"),
        (
            {
                "thresholds": {
                    "before": {"high": 80, "medium": 50},
                    "after": {"high": 68, "medium": 50},
                }
            },
            "Thresholds: from high 80 to high 68",
        ),
        (
            {
                "routes": {
                    "backfill": {"follow_up_list": {"count": 16, "first": ["a"], "digest": "b"}}
                }
            },
            "Routes: all leads scored 16 × follow up list",
        ),
        ({"daily_ai_calls": {"before": 5000, "after": 0}}, "Daily ai calls: from 5,000 to 0"),
        ({"cause": None, "archived": False, "keep": []}, "Archived: no"),
    ],
)
def test_details_are_sentences(detail: dict[str, Any], sentence: str) -> None:
    assert told(detail) == sentence
    assert not re.search(r"[{}_\[\]]", told(detail))


def test_requests_hands_and_unknown_deeds_have_words() -> None:
    base = "/api/v1/portals/<int:portal_id>"
    assert request(f"GET {base}/leads") == "Read leads"
    assert request(f"GET {base}/leads/<id:contact_id>") == "Read one of leads"
    assert request(f"POST {base}/leads/<id:contact_id>/rescore") == "Asked for leads, rescore"
    assert request(f"GET {base}/leads.csv") == "Read leads as CSV"
    assert request("GET /card/lead") == "Read card, lead"
    assert deed("new.thing_made") == "New: thing made"
    assert who("system:training", {}) == "Leadlight"
    assert who("cli:operator", {}) == "command line"
    assert who("user:1", {"user:1": "ada@x.example"}) == "ada@x.example"
