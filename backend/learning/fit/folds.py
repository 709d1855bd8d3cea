"""Which rows belong together, and folds and splits that never part them.

Several contacts or deals of one company straddling train and test make a model look better than
it is (.82 instead of .75 on the IT deals). Without a group column, rows equal in everything but
dates and identifiers are taken for copies of each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC

import numpy as np

from backend.learning.arrays import Floats, Ints
from backend.learning.data.kinds import parse_dates
from backend.learning.data.leaks import named_afterwards
from backend.learning.data.table import Table
from backend.learning.numbers import DATE_SPLIT_FILL, FOLDS, STRADDLING_MAX, TEST_PARTS, TEST_SHARE
from backend.scoring.scorecard.cells import level_of


def groups_by_column(cells: Sequence[str | None]) -> Ints:
    """Group numbers, (n,). A row without a group is one of its own."""
    keys = [level_of(c) for c in cells]
    return _numbered([f"#{i}" if k is None else f"={k}" for i, k in enumerate(keys)])


def groups_by_likeness(table: Table, fields: Sequence[str]) -> Ints:
    """Group numbers, (n,): rows equal in all of these fields share one."""
    columns = [[level_of(c) or "" for c in table.column(name)] for name in fields]
    return _numbered(list(zip(*columns, strict=True)) if columns else list(range(len(table))))


def fold_numbers(groups: Ints, won: Floats, seed: int, folds: int = FOLDS) -> Ints:
    """A fold for every row, (n,): groups stay whole, won and lost rows spread evenly."""
    rng = np.random.default_rng(seed)
    count = int(groups.max()) + 1
    order = rng.permutation(count)
    rows = np.bincount(groups, minlength=count)
    wins = np.bincount(groups, won, minlength=count)
    order = order[np.argsort(-rows[order], kind="stable")]
    load = np.zeros((folds, 2))
    home = np.zeros(count, dtype=np.intp)
    for group in order:
        added = np.array([wins[group], rows[group] - wins[group]])
        # The fold that lacks most of what this group brings; the lowest number on a tie.
        home[group] = int(np.argmin(load @ (added / rows[group])))
        load[home[group]] += added
    return home[groups]


def rows_without(folds: Ints, fold: int, won: Floats) -> Ints:
    """The rows to train on for predicting this fold, ascending. With a single won (or lost) group
    one fold's training part lacks a kind: then all."""
    rows = np.flatnonzero(folds != fold)
    return rows if 0 < won[rows].sum() < len(rows) else np.arange(len(won))


def random_test_rows(groups: Ints, seed: int) -> Ints:
    """Rows of random groups, TEST_SHARE of all, ascending."""
    count = int(groups.max()) + 1
    rows = np.bincount(groups, minlength=count)
    order = np.random.default_rng(seed).permutation(count)
    taken = order[np.cumsum(rows[order]) <= max(TEST_SHARE * len(groups), 1)]
    return np.flatnonzero(np.isin(groups, taken))


def newest_splits(times: Floats, groups: Ints, won: Floats, seed: int) -> list[tuple[Ints, Ints]]:
    """(train, test) rows, ascending; the tests together are the newest `TEST_SHARE` of the rows,
    and each is judged by a model of older rows of other groups. `times` is in seconds, NaN where
    unknown (trained on).

    One split while that costs at most `STRADDLING_MAX` of the older rows. Where most groups go on
    having new rows it would leave hardly anything to train on, and judge a far weaker model than
    the one that is used: then the newest groups are dealt into `TEST_PARTS`, and each part goes
    without the older rows of its own groups only.
    """
    is_newest = times > np.quantile(times[~np.isnan(times)], 1 - TEST_SHARE)
    newest, older = np.flatnonzero(is_newest), np.flatnonzero(~is_newest)
    if not len(newest):
        return []
    part = np.zeros(len(newest), dtype=np.intp)
    if np.isin(groups[older], groups[newest]).mean() > STRADDLING_MAX:
        part = fold_numbers(_numbered(groups[newest].tolist()), won[newest], seed, TEST_PARTS)
    tests = [newest[part == number] for number in np.unique(part)]
    return [(older[~np.isin(groups[older], groups[test])], test) for test in tests]


def times_of(cells: Sequence[str | None]) -> Floats:
    """Seconds since 1970 of each date, NaN where there is none; a time without a zone is UTC, so
    that the machine's zone does not decide a split."""
    found = parse_dates(cells)
    aware = [t if t is None or t.tzinfo else t.replace(tzinfo=UTC) for t in found]
    return np.array([np.nan if t is None else t.timestamp() for t in aware], dtype=np.float64)


def usable_times(table: Table, dates: Iterable[str]) -> Iterator[tuple[str, Floats]]:
    """(name, `times_of`) of the dates that order the rows: known of nearly all, and not written
    when the outcome was."""
    for name in dates:
        if name in table.columns and len(table) and not named_afterwards(name):
            times = times_of(table.column(name))
            if np.mean(~np.isnan(times)) >= DATE_SPLIT_FILL:
                yield name, times


def _numbered(keys: Sequence[object]) -> Ints:
    numbers: dict[object, int] = {}
    return np.array([numbers.setdefault(key, len(numbers)) for key in keys], dtype=np.intp)
