"""What would change for the reps: from which band to which, between two models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from backend.learning.arrays import Ints
from backend.learning.judge.bands import BANDS, band_numbers
from backend.model import Thresholds

EXAMPLES = 10


@dataclass(frozen=True, slots=True)
class BandMove:
    """One lead whose score changes; for the examples a person looks at before publishing."""

    lead: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Migration:
    """`matrix[i][j]`: leads in band i now and band j then (High, Medium, Low). `examples` are the
    largest changes of those that change band, the largest first."""

    bands: tuple[str, ...]
    matrix: tuple[tuple[int, ...], ...]
    share_moved: float
    mean_change: float
    examples: tuple[BandMove, ...]


def migrate(leads: Sequence[str], before: Ints, after: Ints, thresholds: Thresholds) -> Migration:
    """Compare two models' scores of the same leads, int of shape (n,)."""
    old = band_numbers(before, thresholds)
    new = band_numbers(after, thresholds)
    matrix = np.zeros((len(BANDS), len(BANDS)), dtype=np.intp)
    np.add.at(matrix, (old, new), 1)
    moved = np.flatnonzero(old != new)
    largest = sorted(moved.tolist(), key=lambda i: (-abs(int(after[i]) - int(before[i])), leads[i]))
    return Migration(
        bands=tuple(band.value for band in BANDS),
        matrix=tuple(tuple(int(n) for n in row) for row in matrix),
        share_moved=len(moved) / len(leads) if leads else 0.0,
        mean_change=float(np.mean(after - before)) if leads else 0.0,
        examples=tuple(
            BandMove(leads[i], int(before[i]), int(after[i])) for i in largest[:EXAMPLES]
        ),
    )
