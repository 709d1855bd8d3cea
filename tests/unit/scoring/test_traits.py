"""What a factor is about, whoever scored."""

from __future__ import annotations

import pytest

from backend.model import Factor, FactorGroup
from backend.scoring.traits import about


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
