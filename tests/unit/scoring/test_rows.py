from __future__ import annotations

from math import isfinite

from hypothesis import given

from backend.scoring.engagement import INPUTS
from backend.scoring.rows import row_of
from tests.unit.scoring.make import QUICK, email_in, lead, snapshots


@QUICK
@given(snapshots)
def test_every_lead_has_the_same_columns_and_sound_numbers(snapshot) -> None:
    row = row_of(snapshot)
    assert list(row) == list(row_of(lead()))
    assert all(isfinite(v) for v in row.values() if isinstance(v, float))


def test_unknown_is_none_and_what_did_not_happen_is_zero() -> None:
    row = row_of(lead())
    assert row["industry"] is None
    assert row["reply"] == 0.0


def test_columns_are_named_like_the_factors() -> None:
    row = row_of(lead(company={"technologies": "aws;python"}, activities=(email_in(1),)))
    assert row["technologies"] == "aws;python"
    assert isinstance(row["reply"], float) and row["reply"] > 8
    assert {field for field, entry in INPUTS.items() if entry.points} <= set(row)
