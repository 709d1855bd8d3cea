"""An additive model on cells: one table a field, and a matrix for each of a few pairs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from backend.learning.arrays import Floats, Ints

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Additive:
    """log-odds = intercept + Σ tables[j][cell j] + Σ pairs[i, j][cell i, cell j]."""

    intercept: float
    tables: tuple[Floats, ...]
    pairs: Mapping[Pair, Floats] = field(default_factory=dict)

    def predict(self, codes: Ints) -> Floats:
        """Log-odds, float of shape (n,), for cell numbers of shape (n, fields)."""
        total = np.full(len(codes), self.intercept)
        for j, table in enumerate(self.tables):
            total += table[codes[:, j]]
        for (i, j), matrix in self.pairs.items():
            total += matrix[codes[:, i], codes[:, j]]
        return total

    def scaled(self, slope: float, shift: float) -> Additive:
        """slope · this + shift."""
        return Additive(
            self.intercept * slope + shift,
            tuple(table * slope for table in self.tables),
            {pair: matrix * slope for pair, matrix in self.pairs.items()},
        )

    def centred(self, codes: Ints) -> Additive:
        """The same predictions; every table and every margin of a pair has mean 0 on `codes`."""
        tables = [table.copy() for table in self.tables]
        pairs = {}
        for (i, j), matrix in self.pairs.items():
            rest, of_first, of_second = _purified(matrix, codes[:, i], codes[:, j])
            pairs[i, j] = rest
            tables[i] += of_first
            tables[j] += of_second
        means = [float(table[codes[:, j]].mean()) for j, table in enumerate(tables)]
        centred = tuple(table - mean for table, mean in zip(tables, means, strict=True))
        return Additive(self.intercept + sum(means), centred, pairs)


def weighted_sum(models: Sequence[Additive], weights: Sequence[float]) -> Additive:
    """Σ weight · model, on the log-odds scale."""
    tables = tuple(
        np.sum([w * m.tables[j] for m, w in zip(models, weights, strict=True)], axis=0)
        for j in range(len(models[0].tables))
    )
    pairs: dict[Pair, Floats] = {}
    for model, weight in zip(models, weights, strict=True):
        for pair, matrix in model.pairs.items():
            pairs[pair] = pairs.get(pair, np.zeros_like(matrix)) + weight * matrix
    intercept = sum(w * m.intercept for m, w in zip(models, weights, strict=True))
    return Additive(intercept, tables, pairs)


def _purified(matrix: Floats, first: Ints, second: Ints) -> tuple[Floats, Floats, Floats]:
    """Move what depends on one field alone out of a pair (functional ANOVA by back-fitting;
    Lengerich et al. 2020). A cell never seen keeps its place in the pair's rest."""
    weight = np.zeros(matrix.shape)
    np.add.at(weight, (first, second), 1.0)
    rest = matrix.copy()
    of_first, of_second = np.zeros(matrix.shape[0]), np.zeros(matrix.shape[1])
    rows, columns = weight.sum(axis=1), weight.sum(axis=0)
    for _ in range(10):
        step = np.divide((weight * rest).sum(axis=1), rows, out=np.zeros_like(rows), where=rows > 0)
        rest -= step[:, None]
        of_first += step
        step = np.divide(
            (weight * rest).sum(axis=0), columns, out=np.zeros_like(columns), where=columns > 0
        )
        rest -= step[None, :]
        of_second += step
    return rest, of_first, of_second
