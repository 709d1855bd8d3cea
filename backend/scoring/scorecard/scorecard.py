"""A published scorecard: plain JSON, applied with numpy, explained to the last point.

    log-odds = log-odds of the base rate + Σ contribution of each field
    points of a field = contribution · 15 / ln 2          (15 points double the odds)
    score = 50 + Σ whole points                           (50 = the base rate's odds)

A pair's contribution is split equally between its two fields. Points are made whole by largest
remainder, so they add up exactly to the score. A field whose value is unknown has 0 points and is
listed as missing; what unknown values say together stands in one visible factor, `UNKNOWN_FIELDS`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import exp, log

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from backend.config import POINTS_AVERAGE, POINTS_TO_DOUBLE
from backend.errors import BadInput
from backend.model import Chance
from backend.scoring.scorecard.cells import UNKNOWN_CELL, Cell, FieldCells

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]

POINTS_PER_LOGIT = POINTS_TO_DOUBLE / log(2)
SEEN_ROWS = 30  # leads behind "won 2.1 times as often" where a number's cells can be pooled
SEEN_RANGES = 12  # … and at least so large a part of all leads


class FieldPoints(BaseModel):
    """One field's contribution per cell, in log-odds, and what training saw in that cell.

    `rows` and `won` count training leads.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    cells: FieldCells
    logits: tuple[float, ...]
    rows: tuple[int, ...]
    won: tuple[int, ...]

    @cached_property
    def behind(self) -> tuple[tuple[int, int], ...]:
        """(leads, won) that a cell is compared by. Cells of a number are narrow: neighbours are
        added until enough leads stand behind each; one that has enough of its own (999 for "never
        called") is no neighbour."""
        return tuple(self._behind(cell) for cell in range(self.cells.size))

    def _behind(self, cell: int) -> tuple[int, int]:
        low = high = cell
        if self.cells.kind == "number" and cell != UNKNOWN_CELL:
            enough = max(SEEN_ROWS, sum(self.rows) // SEEN_RANGES)
            while sum(self.rows[low : high + 1]) < enough:
                wider = low - self._joins(low - 1, enough), high + self._joins(high + 1, enough)
                if wider == (low, high):
                    break
                low, high = wider
        return sum(self.rows[low : high + 1]), sum(self.won[low : high + 1])

    def _joins(self, cell: int, enough: int) -> bool:
        return UNKNOWN_CELL < cell < self.cells.size and self.rows[cell] < enough

    @model_validator(mode="after")
    def _one_entry_per_cell(self) -> FieldPoints:
        for name in ("logits", "rows", "won"):
            if len(getattr(self, name)) != self.cells.size:
                raise ValueError(
                    f"field {self.cells.name!r}: {name} need {self.cells.size} entries"
                )
        return self


class PairPoints(BaseModel):
    """A pair's contribution, `logits[cell of first][cell of second]`; fields by position."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    first: int
    second: int
    logits: tuple[tuple[float, ...], ...]


class SharedFactor(BaseModel):
    """Fields (by position, what counts most first) that say much the same: one factor shows their
    sum. `rows` and `won` count training leads with at least two of them known, by that sum in
    log-odds: below `edges[0]`, …, from `edges[-1]` on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    fields: tuple[int, ...]
    edges: tuple[float, ...]
    rows: tuple[int, ...]
    won: tuple[int, ...]


class ChanceBin(BaseModel):
    """Out-of-fold leads with calibrated log-odds below `upto` (None: the last bin). `low` and
    `high` bound the share won of leads as new as the newest of them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    upto: float | None
    rows: int
    won: int
    low: float
    high: float


class Scorecard(BaseModel):
    """Everything needed to score a lead, and where it came from. `recent_shift`: what the newest
    training leads add to everybody's log-odds; points, which compare leads, stay as they are."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: int = 1
    model: str
    outcome: str
    base_rate: float
    recent_shift: float = 0.0
    won: int
    lost: int
    horizon_days: int
    seed: int
    data_sha256: str
    fields: tuple[FieldPoints, ...]
    pairs: tuple[PairPoints, ...] = ()
    shared: tuple[SharedFactor, ...] = ()
    chances: tuple[ChanceBin, ...]
    training: Mapping[str, str | int | float | None]

    @model_validator(mode="after")
    def _pairs_fit_their_fields(self) -> Scorecard:
        for pair in self.pairs:
            if not 0 <= pair.first < pair.second < len(self.fields):
                raise ValueError(f"pair {pair.first}, {pair.second} names no two fields")
            shape = (self.fields[pair.first].cells.size, self.fields[pair.second].cells.size)
            if np.shape(pair.logits) != shape:
                raise ValueError(f"pair {pair.first}, {pair.second} must have shape {shape}")
        members = [j for one in self.shared for j in one.fields]
        if len(set(members)) < len(members) or not set(members) <= set(range(len(self.fields))):
            raise ValueError("shared factors must name different fields")
        if any(len(s.edges) + 1 != len(s.rows) or len(s.rows) != len(s.won) for s in self.shared):
            raise ValueError("a shared factor has one count more than edges")
        if not self.chances or not 0 < self.base_rate < 1:
            raise ValueError("base_rate must lie between 0 and 1, and chances must not be empty")
        return self

    @property
    def recent_rate(self) -> float:
        """The share won that leads as new as the newest are promised on average."""
        odds = self.base_rate / (1 - self.base_rate) * exp(self.recent_shift)
        return odds / (1 + odds)

    @property
    def field_names(self) -> tuple[str, ...]:
        return tuple(f.cells.name for f in self.fields)

    def titled(self, titles: Mapping[str, str]) -> Scorecard:
        """The same with what people call these fields."""
        fields = [
            f.model_copy(
                update={"cells": f.cells.model_copy(update={"title": titles[f.cells.name]})}
            )
            if f.cells.name in titles
            else f
            for f in self.fields
        ]
        return self.model_copy(update={"fields": tuple(fields)})

    def to_json(self) -> str:
        """Stable text: the same scorecard gives the same bytes."""
        return json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Scorecard:
        """Read and check a stored scorecard; BadInput says what does not fit."""
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            lines = tuple(f"{_place(e['loc'])}: {e['msg']}" for e in error.errors())
            raise BadInput("not a valid scorecard: " + "; ".join(lines), problems=lines) from error


@dataclass(frozen=True, slots=True)
class Scored:
    """n leads scored. `points` is (n, fields + 1), whole; the last column is `UNKNOWN_FIELDS`.
    `totals` (n,) = 50 + the sum of the points, not clamped. `codes` (n, fields) are cell numbers,
    `contributions` (n, fields) log-odds, `unknown` (n, fields) marks unknown values."""

    points: Ints
    totals: Ints
    logits: Floats
    codes: Ints
    contributions: Floats
    unknown: npt.NDArray[np.bool_]

    @property
    def chances(self) -> Floats:
        """Calibrated chance of winning, (n,)."""
        return np.asarray(1 / (1 + np.exp(-self.logits)), dtype=np.float64)


def apply(scorecard: Scorecard, rows: Sequence[Mapping[str, Cell]]) -> Scored:
    """Score leads. A field a row lacks is unknown; values never seen count as `another value`."""
    codes = (
        np.stack(
            [f.cells.encode([row.get(f.cells.name) for row in rows]) for f in scorecard.fields],
            axis=1,
        )
        if scorecard.fields
        else np.zeros((len(rows), 0), dtype=np.intp)
    )
    return apply_codes(scorecard, codes)


def apply_codes(scorecard: Scorecard, codes: Ints) -> Scored:
    """Score leads whose cells are known, int of shape (n, fields)."""
    contributions = np.zeros(codes.shape)
    unknown = np.zeros(codes.shape, dtype=np.bool_)
    for j, f in enumerate(scorecard.fields):
        contributions[:, j] = np.array(f.logits)[codes[:, j]]
        unknown[:, j] = np.isin(codes[:, j], f.cells.unknown)
    for pair in scorecard.pairs:
        half = np.array(pair.logits)[codes[:, pair.first], codes[:, pair.second]] / 2
        contributions[:, pair.first] += half
        contributions[:, pair.second] += half
    points = whole_points(_shown(contributions, unknown) * POINTS_PER_LOGIT)
    base = log(scorecard.recent_rate / (1 - scorecard.recent_rate))
    return Scored(
        points=points,
        totals=POINTS_AVERAGE + points.sum(axis=1),
        logits=base + contributions.sum(axis=1),
        codes=codes,
        contributions=contributions,
        unknown=unknown,
    )


def whole_points(points: Floats) -> Ints:
    """Whole numbers per lead that add up to the rounded sum (largest remainder), (n, columns).

    Each is less than one point away from what it stands for; 0 stays 0. Equal remainders are
    served from left to right.
    """
    # A sum of floats a hair below .5 must not depend on the machine: compare at 1e-9.
    points = np.round(points, 9)
    whole = np.floor(points).astype(np.intp)
    rest = points - whole
    missing = np.floor(points.sum(axis=1) + 0.5).astype(np.intp) - whole.sum(axis=1)
    rank = np.argsort(np.argsort(-rest, axis=1, kind="stable"), axis=1, kind="stable")
    raised: Ints = whole + (rank < missing[:, None])
    return raised


def chance(scorecard: Scorecard, logit: float) -> Chance:
    """The chance behind calibrated log-odds, with the interval of its bin of like leads. What the
    model promises beyond what such leads were seen to bring is cut to that interval."""
    bin_ = next(b for b in scorecard.chances if b.upto is None or logit < b.upto)
    return Chance(
        value=float(np.clip(1 / (1 + np.exp(-logit)), bin_.low, bin_.high)),
        low=bin_.low,
        high=bin_.high,
        sample=bin_.rows,
        horizon_days=scorecard.horizon_days,
        average=scorecard.recent_rate,
    )


def _shown(contributions: Floats, unknown: npt.NDArray[np.bool_]) -> Floats:
    """Per-field log-odds with unknown fields at 0, and what they add up to as the last column."""
    known = np.where(unknown, 0.0, contributions)
    together = np.where(unknown, contributions, 0.0).sum(axis=1, keepdims=True)
    return np.concatenate([known, together], axis=1)


def _place(location: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in location) or "scorecard"
