"""What a factor is about, whoever scored."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backend.model import Factor, FactorGroup
from backend.scoring.traits import about, points_of
from tests.unit.scoring.scores import a_score


@pytest.mark.parametrize(
    ("field", "group", "meant"),
    [
        ("company_size", "model", "profile"),
        ("reply", "model", "engagement"),
        ("opted_out", "model", "engagement"),
        ("deal_lost", "model", "history"),
        ("source", "model", "model"),
        ("unknown_fields", "model", "model"),
        ("contacts.reply", "model", "model"),  # a property of the portal's own
        ("company_size", "profile", "profile"),
        ("portal_average", "portal", "portal"),
    ],
)
def test_under_a_model_a_factor_is_about_what_it_was_about(
    field: str, group: FactorGroup, meant: FactorGroup
) -> None:
    assert about(Factor(field, "", 3, group)) == meant


def test_points_of_a_model_are_summed_by_what_they_are_about() -> None:
    factors = (
        Factor("company_size", "51-200", 7, "model"),
        Factor("industry", "Banking", -2, "model"),
        Factor("reply", "no", -6, "model"),
        Factor("source", "offline", 3, "model"),
    )
    score = replace(a_score(52), factors=factors)
    assert points_of(score, "profile") == 5
    assert points_of(score, "engagement") == -6
    assert points_of(score, "profile", "model", "history") == 8
