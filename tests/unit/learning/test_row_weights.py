"""A row counts as often as its weight says, and rows of weight 1 as they always did."""

from __future__ import annotations

import numpy as np
import pytest

from backend.learning.data.arms import Arm, Assigned
from backend.learning.data.cutting import cut
from backend.learning.data.encoding import Encoded, encode
from backend.learning.data.kinds import kind_of
from backend.learning.data.table import Table
from backend.learning.fit.cold_start import cold_start
from backend.learning.fit.fit import fit
from backend.learning.fit.shrunken import shrunken_regression
from backend.learning.fit.training import TrainingChoices, train
from backend.learning.metrics import effective_number
from bench.exploration import quick

ROWS = 240


def leads(rows: int = ROWS) -> Table:
    random = np.random.default_rng(5)
    size, source = random.normal(size=rows), random.choice(["ads", "fair", "search"], rows)
    won = random.random(rows) < 1 / (1 + np.exp(1.2 - size - (source == "fair")))
    return Table(
        {
            "employees": [f"{100 + 20 * one:.0f}" for one in size],
            "source": [str(one) for one in source],
            "company": [str(n) for n in range(rows)],
            "outcome": ["won" if one else "lost" for one in won],
        }
    )


def encoded(table: Table) -> tuple[Encoded, np.ndarray]:
    cells = [cut(kind_of(n, table.column(n)), table.column(n)) for n in ("employees", "source")]
    won = np.array([one == "won" for one in table.column("outcome")], dtype=float)
    return encode(cells, table), won


def test_weights_of_one_give_the_same_model_bit_by_bit() -> None:
    rows, won = encoded(leads(60))
    groups = np.arange(len(won))
    plain, ones = fit(rows, won, groups, 7), fit(rows, won, groups, 7, np.ones(len(won)))
    assert plain.out_of_fold.tobytes() == ones.out_of_fold.tobytes()
    assert plain.blend == ones.blend
    assert plain.model.intercept == ones.model.intercept
    for one, other in zip(plain.model.tables, ones.model.tables, strict=True):
        assert one.tobytes() == other.tobytes()


def test_a_weight_of_three_is_three_copies() -> None:
    both, won = encoded(leads())
    rows = both.only([1])  # how finely numbers are cut follows from the number of rows
    times = np.where(np.arange(ROWS) % 7 == 0, 3, 1)
    copies = np.repeat(np.arange(ROWS), times)
    for ours, theirs in (
        (
            shrunken_regression(rows, won, weights=times.astype(float)),
            shrunken_regression(rows.take(copies), won[copies]),
        ),
        (
            cold_start(rows, won, times.astype(float)),
            cold_start(rows.take(copies), won[copies], np.ones(len(copies))),
        ),
    ):
        assert ours.tables[0] - ours.tables[0][1] == pytest.approx(
            theirs.tables[0] - theirs.tables[0][1], abs=1e-6
        )


def test_a_training_reads_its_weights_and_they_are_no_field() -> None:
    table = leads(100)
    fair = [source == "fair" for source in table.column("source")]
    lost = [one == "lost" for one in table.column("outcome")]
    heavy = ["20.0" if a and b else None for a, b in zip(fair, lost, strict=True)]
    weighed = Table({**table.columns, "weight": heavy})
    plain = train(table, "outcome", TrainingChoices(group="company"))
    found = train(weighed, "outcome", TrainingChoices(group="company", weight="weight"))
    assert found.choice.names == plain.choice.names
    assert _of_fairs(found) < _of_fairs(plain) - 1


def _of_fairs(trained: object) -> float:
    card = trained.scorecard  # type: ignore[attr-defined]
    source = next(one for one in card.fields if one.cells.name == "source")
    cell = int(source.cells.encode(["fair"])[0])
    return float(source.logits[cell])


@pytest.mark.parametrize(
    ("arm", "share", "weight"),
    [
        (Arm.EXPLORED, 10, 10.0),
        (Arm.EXPLORED, 5, 20.0),
        (Arm.EXPLORED, 1, 20.0),  # bounded
        (Arm.NOT_TRIED, 5, 1.0),
        (Arm.NOT_OFFERED, 5, 1.0),
        (Arm.HELD_OUT, 5, 1.0),
        (Arm.TREATED, 5, 1.0),
    ],
)
def test_only_who_was_tried_by_chance_speaks_for_others(
    arm: Arm, share: int, weight: float
) -> None:
    assert Assigned(arm, share).weight == weight


def test_the_effective_number_is_that_of_rows_of_one_weight() -> None:
    assert effective_number(np.ones(50)) == 50
    assert effective_number(np.full(50, 7.0)) == pytest.approx(50)
    assert effective_number(np.array([20.0, *[1.0] * 80])) == pytest.approx(100**2 / 480)


def test_exploration_recovers_a_niche_that_worked_leads_hide() -> None:
    """One portal of the bench whose truth is known, 15 months long."""
    found = quick()["rules"]
    weighed = found.pop("10 %, weighed up to 20")
    assert [one["recovered"] for one in found.values()] == [0, 0]
    assert (weighed["recovered"], weighed["half_after_months"] < 12) == (1, True)
    assert weighed["wins_a_month"] > 1.1 * found["no exploration"]["wins_a_month"]
