"""What a tree is shown of a level: what other companies' rows with it became."""

from __future__ import annotations

import numpy as np

from backend.learning.data.encoding import Encoded
from backend.learning.fit.shown import level_names, level_shares
from backend.scoring.scorecard.cells import FieldCells

LEVELS = FieldCells(name="Industry", kind="levels", levels=("a", "b"), labels=("a", "b"))
NUMBERS = FieldCells(name="Visits", kind="number", edges=(1.5,))


def encoded(levels: list[int], numbers: list[int]) -> Encoded:
    return Encoded((LEVELS, NUMBERS), np.stack([levels, numbers], axis=1), ((), ()))


def test_names_stay_cell_numbers_and_an_unknown_number_is_missing() -> None:
    shown = level_names(encoded([1, 2, 0], [0, 1, 2]))
    assert shown.rows[:, 0].tolist() == [1.0, 2.0, 0.0]
    assert np.isnan(shown.rows[0, 1]) and shown.rows[1:, 1].tolist() == [1.0, 2.0]


def test_a_row_never_learns_from_its_own_company_what_its_level_is_worth() -> None:
    rng = np.random.default_rng(5)
    groups = np.repeat(np.arange(40), 5)
    levels = rng.integers(1, 3, 200)
    won = rng.integers(0, 2, 200).astype(float)
    before = level_shares(encoded(levels, levels), won, groups, seed=1)
    one = groups == 17
    other = won.copy()
    other[one] = 1 - other[one]
    after = level_shares(encoded(levels, levels), other, groups, seed=1)
    # Only the base rate that smooths a share has moved: by one row's weight at most.
    own = np.tile(one, len(before.rows) // len(one))  # each row is shown in several deals of folds
    own_change = np.abs(after.rows[own, 0] - before.rows[own, 0]).max()
    assert own_change < 5 / 200
    assert np.abs(after.cells[0] - before.cells[0]).max() > 0.004


def test_a_level_never_seen_is_worth_the_average_and_numbers_keep_their_order() -> None:
    won = np.array([1.0, 0.0, 0.0, 0.0] * 10)
    shown = level_shares(encoded([1] * 40, [1, 2] * 20), won, np.arange(40), seed=1)
    assert shown.cells[0][2] == 0.25
    assert (
        np.isnan(shown.cells[1][0])
        and shown.cells[1][1:].tolist() == [1.0, 2.0, 3.0][: len(shown.cells[1]) - 1]
    )
