"""Cut a column into cells: quantile cells for numbers, one cell a level, rare levels pooled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from backend.learning.arrays import Ints
from backend.learning.data.kinds import ColumnKind, level_min_rows
from backend.learning.numbers import CELL_MIN_ROWS, CELLS_MAX, LEVELS_MAX
from backend.scoring.scorecard.cells import FieldCells, decimal_mark, level_of, number_of


def cut(kind: ColumnKind, cells: Sequence[str | None], levels_max: int = LEVELS_MAX) -> FieldCells:
    """Cells of one usable column, from the training rows only; the commonest levels are kept."""
    if kind.kind == "number":
        mark = decimal_mark(cells)
        numbers = [x for cell in cells if (x := number_of(cell, mark)) is not None]
        edges = quantile_edges(numbers)
        return FieldCells(name=kind.name, kind="number", edges=edges, decimal_mark=mark)
    least = level_min_rows(len(cells))
    commonest = sorted(kind.counts.items(), key=lambda entry: (-entry[1], entry[0]))
    kept = [level for level, n in commonest[: min(levels_max, LEVELS_MAX)] if n >= least]
    kept.sort()
    spellings = _labels(cells)
    return FieldCells(
        name=kind.name,
        kind="levels",
        levels=tuple(kept),
        labels=tuple(spellings[level] for level in kept),
    )


def quantile_edges(numbers: Sequence[float]) -> tuple[float, ...]:
    """Ascending edges, half-way between neighbours, that cut into about equally full cells."""
    values, counts = np.unique(np.array(numbers, dtype=np.float64), return_counts=True)
    if len(values) < 2:
        return ()
    wanted = int(np.clip(len(numbers) // CELL_MIN_ROWS, 2, CELLS_MAX))
    cell = _cells_of_values(counts, wanted)
    last = np.flatnonzero(np.diff(cell))
    edges = values[last] + (values[last + 1] - values[last]) / 2
    # Two neighbours a rounding apart have no number half-way: the upper one is the edge then.
    return tuple(float(e) for e in np.where(edges > values[last], edges, values[last + 1]))


def _cells_of_values(counts: Ints, wanted: int) -> Ints:
    """Ascending cell numbers. A value that fills a cell alone (999 for "never called") gets one;
    the others share what is left, so that a minority of rows is still cut finely."""
    alone = counts > counts.sum() / wanted
    left = max(wanted - int(alone.sum()), 2)
    others = np.where(alone, 0, counts)
    rows = max(int(others.sum()), 1)
    left = int(np.clip(rows // CELL_MIN_ROWS, 1, left))
    share = (np.cumsum(others) - others / 2) / rows
    part = np.minimum((share * left).astype(np.intp), left - 1)
    starts = np.ones(len(counts), dtype=bool)
    starts[1:] = alone[1:] | alone[:-1] | (np.diff(part) > 0)
    return np.cumsum(starts) - 1


def _labels(cells: Sequence[str | None]) -> dict[str, str]:
    """For each level the spelling used most, first in the alphabet on a tie."""
    spellings: dict[str, Counter[str]] = {}
    for cell, n in Counter(cells).items():
        level = level_of(cell)
        if level is not None and cell is not None:
            spellings.setdefault(level, Counter())[" ".join(cell.split())] += n
    return {
        level: min(found, key=lambda label: (-found[label], label))
        for level, found in spellings.items()
    }
