"""What a stranger says of itself is marked, and makes nobody an ideal client."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backend.model import Snapshot
from backend.scoring.baseline import baseline
from backend.scoring.points.profile_points import CLAIMED, CLAIMED_CAP, claims, profile_parts
from tests.unit.scoring.make import comparison, lead

FACTS = {
    "industry": "logistics and supply chain",
    "company_size": "201-500",
    "location": "germany",
}
STRANGER = {"email_kind": "free", "forms": "3", **FACTS}
CASES = (
    ("a stranger who sent a form", {}, True),
    ("a stranger whom nobody knows from a form", {"forms": ""}, False),
    ("at a company's address", {"email_kind": "company"}, False),
)


def person(**changes: str) -> Snapshot:
    facts = {name: text for name, text in {**STRANGER, **changes}.items() if text}
    return replace(lead(contact=facts), company={}, company_id=None)


@pytest.mark.parametrize(("changes", "claimed"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_who_claims(changes: dict[str, str], claimed: bool) -> None:
    assert claims(person(**changes), "industry") is claimed
    values = {part.field: part.value for part in profile_parts(person(**changes), comparison())}
    assert all(value.endswith(CLAIMED) is claimed for value in values.values())


def test_claims_are_bounded_together_and_a_company_s_record_is_not() -> None:
    stranger = person()
    known = replace(stranger, company=FACTS, company_id="7")
    claimed = sum(part.points for part in profile_parts(stranger, comparison()))
    full = sum(part.points for part in profile_parts(known, comparison()))
    assert claimed <= CLAIMED_CAP + 1e-9
    assert full >= claimed
    assert not claims(known, "industry")
    assert baseline(stranger, comparison()).points <= baseline(known, comparison()).points
