"""Points by field as people read them: every training lead in one line, nothing counted twice."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.scoring.scorecard.cells import FieldCells
from backend.scoring.scorecard.scorecard import POINTS_PER_LOGIT, SEEN_ROWS, FieldPoints
from backend.scoring.scorecard.table import points_lines, spread


def of_numbers(rows: list[int], edges: tuple[float, ...] = ()) -> FieldPoints:
    """Cell 0 is unknown; each cell's log-odds are its number / 10, one in four is won."""
    edges = edges or tuple(float(10 * (i + 1)) for i in range(len(rows) - 2))
    return FieldPoints(
        cells=FieldCells(name="visits", kind="number", edges=edges),
        logits=tuple(i / 10 for i in range(len(rows))),
        rows=tuple(rows),
        won=tuple(n // 4 for n in rows),
    )


@given(st.lists(st.integers(0, 200), min_size=2, max_size=60))
def test_every_lead_stands_in_one_line(rows: list[int]) -> None:
    field = of_numbers(rows)
    lines = points_lines(field)
    assert sum(line.leads for line in lines) == sum(rows)
    assert sum(line.won for line in lines) == sum(field.won)
    assert all(line.leads for line in lines)
    known = [line for line in lines if line.value != "unknown"]
    if len(known) > 1:
        assert all(line.leads >= SEEN_ROWS for line in known)
    assert len(lines) <= 13


def test_narrow_cells_are_one_range_with_the_mean_of_their_points() -> None:
    lines = points_lines(of_numbers([7, 40, 10, 10, 20, 5]))
    assert [line.value for line in lines] == ["below 10", "10 or more", "unknown"]
    assert [(line.leads, line.won) for line in lines] == [(40, 10), (45, 10), (7, 1)]
    mean = (10 * 0.2 + 10 * 0.3 + 20 * 0.4 + 5 * 0.5) / 45
    assert lines[1].points == pytest.approx(mean * POINTS_PER_LOGIT, abs=0.05)


def test_levels_come_best_first_and_those_never_seen_not_at_all() -> None:
    field = FieldPoints(
        cells=FieldCells(name="size", kind="levels", levels=("a", "b"), labels=("A", "B")),
        logits=(-0.1, 0.0, -0.5, 0.5),
        rows=(3, 0, 4, 5),
        won=(0, 0, 1, 4),
    )
    assert [line.value for line in points_lines(field)] == ["B", "unknown", "A"]
    assert field.behind[2] == (4, 1)  # levels are not pooled
    assert spread(field) > 0


def test_a_comparison_of_a_narrow_cell_takes_its_neighbours_in() -> None:
    field = of_numbers([100, 12, 12, 12, 60, 8])
    assert field.behind[2] == (36, 9)
    assert field.behind[4] == (60, 15)
    assert field.behind[0] == (100, 25)  # what is unknown has no neighbours
    assert field.behind[5] == (8, 2)  # the next has enough of its own: another kind of lead
    assert of_numbers([0, 2, 3]).behind[1] == (5, 0)  # never enough: all there are


@pytest.mark.parametrize(
    ("edges", "shown"),
    [
        ((0.0065724,), ["below 0.006572", "0.006572 or more"]),
        ((2015.0,), ["below 2015", "2015 or more"]),
        ((1_234_567.0,), ["below 1234567", "1234567 or more"]),
        ((-12.5,), ["below -12.5", "-12.5 or more"]),
    ],
)
def test_edges_have_four_digits_or_are_whole(edges: tuple[float, ...], shown: list[str]) -> None:
    assert [line.value for line in points_lines(of_numbers([0, 50, 50], edges))] == shown
