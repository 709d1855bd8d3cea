"""The backtest month by month: each month's leads judged by a model trained on all earlier ones."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np

from backend.errors import BadInput
from backend.learning.arrays import Floats
from backend.learning.data.table import Table
from backend.learning.fit.folds import groups_by_column, times_of
from backend.learning.fit.training import TrainingChoices
from backend.learning.judge.backtest import Backtest, backtest
from backend.learning.numbers import MIN_TEST_KIND


@dataclass(frozen=True, slots=True)
class Month:
    """`as_of`: the first day of the month ("2024-05-01"); earlier leads trained the model."""

    as_of: str
    result: Backtest


def rolling_months(
    table: Table,
    outcome: str,
    date: str,
    choices: TrainingChoices | None = None,
    *,
    months: int = 6,
) -> tuple[Month, ...]:
    """Up to `months` latest months, oldest first. Months without enough earlier outcomes to train
    on, or with no lead, are passed over; a month's groups are not trained on, as in `backtest`.
    BadInput when no month can be judged."""
    choices = choices or TrainingChoices()
    times = times_of(table.column(date))
    dated = replace(choices, ignore=(*choices.ignore, date), date=date)
    cells = table.column(choices.group) if choices.group else [None] * len(table)
    groups = groups_by_column(cells)
    found: list[Month] = []
    for start, end in reversed(_months(times)):
        inside = (times >= start) & (times < end)
        earlier = np.flatnonzero((times < start) & ~np.isin(groups, groups[inside]))
        if len(found) == months:
            break
        if len(earlier) < 2 * MIN_TEST_KIND:
            continue  # an older month may have fewer companies in common with those before it
        try:
            result = backtest(
                table.take(earlier), outcome, dated, test=table.take(np.flatnonzero(inside))
            )
        except BadInput:
            continue  # e.g. no win yet among the earlier leads: this month cannot be judged
        found.append(Month(datetime.fromtimestamp(start, UTC).date().isoformat(), result))
    if not found:
        raise BadInput(f"no month of {date!r} has enough earlier outcomes to train on")
    return tuple(reversed(found))


def _months(times: Floats) -> list[tuple[float, float]]:
    """(start, end) in seconds since 1970 of every month with a lead, oldest first."""
    known = [datetime.fromtimestamp(t, UTC) for t in times[~np.isnan(times)].tolist()]
    starts = sorted({(t.year, t.month) for t in known})
    return [
        (
            datetime(year, month, 1, tzinfo=UTC).timestamp(),
            datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC).timestamp(),
        )
        for year, month in starts
    ]
