from __future__ import annotations

from math import isfinite

from hypothesis import given

from backend.scoring.points.engagement import INPUTS
from backend.scoring.scorecard.rows import row_of, words_of
from backend.scoring.values.words import statement
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


def test_people_read_words_where_the_model_reads_points() -> None:
    one = lead(
        contact={"visits": "1200", "created_on": "2026-10-01", "opted_out": "yes"},
        company={"technologies": "aws;python", "industry": "logistics and supply chain"},
        activities=(email_in(1), email_in(3)),
    )
    words = words_of(one, row_of(one))
    said = {field: statement(field, value) for field, value in words.items()}
    assert said["reply"] == "Replied: 2, last on 22 Nov"
    assert said["meeting"] == "No meeting yet"
    assert said["opted_out"] == "Opted out of email"
    assert said["bounced"] == "Email not bounced"
    assert said["technologies"] == "Technology stack: AWS, Python"
    assert said["industry"] == "Industry: Logistics and Supply Chain"
    assert said["visits"] == "Visits: 1,200"
    assert said["known_since"] == "Known since: 1 Oct"
    assert "location" not in said  # unknown


@QUICK
@given(snapshots)
def test_words_are_given_for_columns_of_the_row_alone(snapshot) -> None:
    row = row_of(snapshot)
    words = words_of(snapshot, row)
    assert set(words) <= set(row)
    assert all(words.values())
    assert not any(row[field] is None for field in words)
