"""The labelled public sets of `../shared/data` and how each is split for measuring."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from backend.learning.arrays import Floats, Ints
from backend.learning.data.csv_reader import read_table
from backend.learning.data.labels import parse_outcomes
from backend.learning.data.table import Table

OUTCOME = "label"
SIZES: tuple[int | None, ...] = (50, 100, 200, 500, 1_000, None)
TEST_SHARE = 0.3
TABLED = "bench"  # the split of the table in docs/scoring-statistics.md
MIN_KIND = 3  # a training set has at least so many won and lost rows


@dataclass(frozen=True, slots=True)
class DataSet:
    """`key`: rows sharing it are near-copies and stay on one side. `ignore`: outcome copies, leaks
    and identifiers as the set's README names them."""

    name: str
    key: str
    ignore: tuple[str, ...]


SETS = (
    DataSet(
        "xeducation",
        "Prospect ID",
        (
            "Converted",
            "Tags",
            "Lead Quality",
            "Lead Profile",
            "Last Activity",
            "Last Notable Activity",
            "Asymmetrique Activity Index",
            "Asymmetrique Profile Index",
            "Asymmetrique Activity Score",
            "Asymmetrique Profile Score",
            "What matters most to you in choosing a course",
            "Lead Number",
            "Prospect ID",
        ),
    ),
    DataSet("it_win_prediction", "row_key", ("Deal Date", "row_key", "Deal Status Code")),
    DataSet("salvirt_b2b", "row_key", ("row_key", "Status")),
    DataSet(
        "uci_bank",
        "row_key",
        (
            "duration",
            "row_key",
            "y",
            "emp.var.rate",
            "cons.price.idx",
            "cons.conf.idx",
            "euribor3m",
            "nr.employed",
        ),
    ),
)


def others(folder: Path) -> tuple[DataSet, ...]:
    """Any further sets: each folder in this one that holds a dev.csv with `label` and `row_key`."""
    files = sorted(folder.glob("*/dev.csv"))
    return tuple(DataSet(file.parent.name, "row_key", ("row_key",)) for file in files)


@dataclass(frozen=True, slots=True)
class Split:
    """`pool` rows may be trained on, `test` rows judge; `names` are the honest columns."""

    data: DataSet
    table: Table
    names: tuple[str, ...]
    won: Floats
    pool: Ints
    test: Ints


def load(data: DataSet, folder: Path, salt: str = TABLED) -> Split:
    """Read dev.csv and split it by a hash of salt and key. What is chosen by looking at these sets
    is chosen with another salt than the tabled one."""
    table = read_table(folder / data.name / "dev.csv")
    shares = [
        int(hashlib.sha256(f"{salt}{key}".encode()).hexdigest()[:8], 16) / 2**32
        for key in table.column(data.key)
    ]
    test = np.array(shares) < TEST_SHARE
    names = tuple(n for n in table.names if n not in data.ignore and n != OUTCOME)
    won = parse_outcomes(table, OUTCOME).won
    return Split(data, table, names, won, np.flatnonzero(~test), np.flatnonzero(test))


def training_sets(
    split: Split, sizes: tuple[int | None, ...], seeds: int
) -> Iterator[tuple[int | None, int, Ints]]:
    """(size, seed, rows): random rows of the pool for each size, all of it for None."""
    for size in sizes:
        if size is None:
            yield None, 0, split.pool
        elif size < len(split.pool):
            for seed in range(seeds):
                rng = np.random.default_rng([seed, size])
                yield size, seed, _drawn(split, size, rng)


def _drawn(split: Split, size: int, rng: np.random.Generator) -> Ints:
    while True:
        rows = np.sort(rng.choice(split.pool, size, replace=False))
        if MIN_KIND <= split.won[rows].sum() <= size - MIN_KIND:
            return rows
