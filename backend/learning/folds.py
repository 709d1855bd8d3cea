"""Which rows belong together, and folds and splits that never part them.

Several contacts or deals of one company straddling train and test make a model look better than
it is (.82 instead of .75 on the IT deals). Without a group column, rows equal in everything but
dates and identifiers are taken for copies of each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC

import numpy as np

from backend.learning.kinds import parse_date
from backend.learning.numbers import FOLDS, TEST_SHARE
from backend.learning.table import Floats, Ints, Table
from backend.scoring.scorecard_cells import level_of


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


def random_test_rows(groups: Ints, seed: int, share: float = TEST_SHARE) -> Ints:
    """Rows of a random share of the groups, ascending."""
    count = int(groups.max()) + 1
    rows = np.bincount(groups, minlength=count)
    order = np.random.default_rng(seed).permutation(count)
    taken = order[np.cumsum(rows[order]) <= max(share * len(groups), 1)]
    return np.flatnonzero(np.isin(groups, taken))


def newest_test_rows(times: Floats, groups: Ints, share: float = TEST_SHARE) -> tuple[Ints, Ints]:
    """(train, test): the newest share of the rows is the test; older rows of a group that has
    newer ones are left out of training. `times` is in seconds, NaN where unknown (trained on)."""
    known = np.flatnonzero(~np.isnan(times))
    since = np.quantile(times[known], 1 - share)
    newest = np.flatnonzero(times > since)
    train = np.flatnonzero(~np.isin(groups, groups[newest]))
    return train, newest


def times_of(cells: Sequence[str | None]) -> Floats:
    """Seconds since 1970 of each date, NaN where there is none; a time without a zone is UTC, so
    that the machine's zone does not decide a split."""
    found = [parse_date(cell) for cell in cells]
    aware = [t if t is None or t.tzinfo else t.replace(tzinfo=UTC) for t in found]
    return np.array([np.nan if t is None else t.timestamp() for t in aware], dtype=np.float64)


def _numbered(keys: Sequence[object]) -> Ints:
    numbers: dict[object, int] = {}
    return np.array([numbers.setdefault(key, len(numbers)) for key in keys], dtype=np.intp)
