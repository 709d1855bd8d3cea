"""From a table with known outcomes to a published scorecard and a report about how it was made."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from time import perf_counter

import numpy as np

from backend.config import HORIZON_MAX_DAYS, MIN_OUTCOMES_TO_PUBLISH
from backend.learning.arrays import Floats, Ints
from backend.learning.data.cutting import cut
from backend.learning.data.encoding import Encoded, encode
from backend.learning.data.fields import FieldChoice, choose_fields, levels_allowed
from backend.learning.data.kinds import kind_of
from backend.learning.data.labels import parse_outcomes, require_both
from backend.learning.data.table import Table
from backend.learning.fit.fit import Fitted, fit
from backend.learning.fit.folds import (
    fold_numbers,
    groups_by_column,
    groups_by_likeness,
    times_of,
    usable_times,
)
from backend.learning.fit.publish import scorecard_of
from backend.learning.fit.recent import recent_shift
from backend.learning.numbers import (
    CALENDAR_AGREE,
    COPY_GROUP_SHARE_MAX,
    COPY_GROUPS_MIN_SHARE,
    FOLD_SEED,
    TRAIN_ROWS_MAX,
)
from backend.scoring.scorecard.scorecard import Scorecard

DEFAULT_SEED = 7
_CALENDAR = re.compile(
    r"(month|quarter|year|week|weekday|day)s?\b|day_?of|_?month_?", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class TrainingChoices:
    """What a person may decide. `group` names the column of the company; `ignore` columns are not
    used; `keep` re-admits columns that would be left out; `horizon_days` is shown beside every
    chance; `filled_after` is what history says of fields written after the outcome;
    `won` is the word that means won, where the usual ones are not used: all others mean lost;
    `weight` names the column that says how often a row counts (nothing there: once); `date` tells
    how new a lead is, where that is not the first usable date that is not ignored; rows without
    one say nothing about the newest leads."""

    group: str | None = None
    weight: str | None = None
    date: str | None = None
    ignore: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    seed: int = DEFAULT_SEED
    horizon_days: int = HORIZON_MAX_DAYS
    filled_after: Mapping[str, float] = field(default_factory=dict)
    won: str | None = None


@dataclass(frozen=True, slots=True)
class Trained:
    """`scorecard` is what gets published; the rest is for the report. `won` and `out_of_fold` are
    of the labelled rows, which are `rows` of the table, in that order."""

    scorecard: Scorecard
    choice: FieldChoice
    fitted: Fitted
    rows: Ints
    won: Floats
    groups: Ints
    seconds: float
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()  # worth knowing, and nothing is wrong

    @property
    def out_of_fold(self) -> Floats:
        return self.fitted.out_of_fold


def train(table: Table, outcome: str, choices: TrainingChoices | None = None) -> Trained:
    """Train on the rows whose outcome is known.

    Raises BadInput, with a message a person can act on, when the outcome column does not exist,
    is empty, holds other words than won and lost, or only one of them; or when no column is left.
    The same rows in any order, choices and seed give the same scorecard, byte for byte.
    """
    started = perf_counter()
    choices = choices or TrainingChoices()
    order = table.content_order()
    table = table.take(order)
    known = parse_outcomes(table, outcome, choices.won)
    outcomes = known.first(TRAIN_ROWS_MAX)  # by their hashes: a random sample
    require_both(outcomes, outcome)
    labelled = table.take(outcomes.rows)
    groups = group_rows(labelled, outcome, choices.group, choices.ignore)
    encoded, choice = _prepared(labelled, outcomes.won, groups, outcome, choices)
    fitted = fit(encoded, outcomes.won, groups, choices.seed, _weights(labelled, choices.weight))
    times = _times(labelled, choice.dates, choices)
    scorecard = scorecard_of(
        fitted,
        encoded,
        outcomes.won,
        groups=groups,
        recent=0.0 if times is None else recent_shift(fitted.out_of_fold, outcomes.won, times),
        outcome=outcome,
        seed=choices.seed,
        horizon_days=choices.horizon_days,
        data_sha256=table.digest(),
    )
    missing = too_few_outcomes(scorecard.won, scorecard.lost)
    return Trained(
        scorecard=scorecard,
        choice=choice,
        fitted=fitted,
        rows=order[outcomes.rows],
        won=outcomes.won,
        groups=groups,
        seconds=perf_counter() - started,
        warnings=(
            *((missing,) if missing else ()),
            *(f"{name!r} cannot be kept: {why}" for name, why in choice.refused.items()),
            *(f"look at {one.field!r}: {one.reason}" for one in choice.look_at),
        ),
        notes=_sampled(len(outcomes.rows), len(known.rows)),
    )


def _sampled(rows: int, of: int) -> tuple[str, ...]:
    return (f"trained on a random sample: {rows:,} of {of:,} outcomes",) if rows < of else ()


def _weights(labelled: Table, name: str | None) -> Floats | float:
    if name is None:
        return 1.0
    return np.array([1.0 if cell is None else float(cell) for cell in labelled.column(name)])


def _times(labelled: Table, dates: Iterable[str], choices: TrainingChoices) -> Floats | None:
    """Seconds since 1970 of each row, None where no date tells how new the rows are."""
    if choices.date is not None:
        return times_of(labelled.column(choices.date))
    names = [name for name in dates if name not in choices.ignore]
    return next((times for _, times in usable_times(labelled, names)), None)


def too_few_outcomes(won: int, lost: int) -> str:
    """Why a model may not be published yet ("not enough outcomes yet (9 won of 15)"), or ""."""
    needed = MIN_OUTCOMES_TO_PUBLISH
    short = [f"{n} {kind} of {needed}" for n, kind in ((won, "won"), (lost, "lost")) if n < needed]
    return f"not enough outcomes yet ({', '.join(short)})" if short else ""


def group_rows(
    labelled: Table, outcome: str, group: str | None, ignore: Iterable[str] = ()
) -> Ints:
    """Group numbers, (n,): by the named column, else near-copies share one.

    Rows equal in every field but dates, what follows from a date, and identifiers are copies. If
    that lumps most rows together the fields are merely coarse, and every row stands alone.
    """
    if group is not None:
        return groups_by_column(labelled.column(group))
    skipped = {outcome, *ignore}
    kinds = {n: kind_of(n, labelled.column(n)) for n in labelled.names}
    dates = [n for n, kind in kinds.items() if kind.kind == "date"]
    fields = [
        n
        for n, kind in kinds.items()
        if kind.usable and n not in skipped and not _calendar(labelled, n, dates)
    ]
    groups = groups_by_likeness(labelled, fields)
    sizes = np.bincount(groups)
    few = len(sizes) < COPY_GROUPS_MIN_SHARE * len(groups)
    if few or sizes.max() > max(COPY_GROUP_SHARE_MAX * len(groups), 10):
        return np.arange(len(groups))
    return groups


def _prepared(
    labelled: Table, won: Floats, groups: Ints, outcome: str, choices: TrainingChoices
) -> tuple[Encoded, FieldChoice]:
    folds = fold_numbers(groups, won, FOLD_SEED)
    ignore = {*choices.ignore, *(n for n in (choices.group, choices.weight) if n)}
    choice = choose_fields(
        labelled,
        won,
        folds,
        outcome=outcome,
        ignore=ignore,
        keep=choices.keep,
        filled_after=choices.filled_after,
    )
    allowed = levels_allowed(choice.used)
    fields = [cut(kind, labelled.column(kind.name), allowed) for kind in choice.used]
    return encode(fields, labelled), choice


def _calendar(table: Table, name: str, dates: Iterable[str]) -> bool:
    """A month or weekday, by its name or because rows of one date agree on it."""
    if _CALENDAR.search(name):
        return True
    column = table.column(name)
    for date in dates:
        first: dict[str | None, str | None] = {}
        again = agree = 0
        for day, value in zip(table.column(date), column, strict=True):
            if day in first:
                again += 1
                agree += first[day] == value
            else:
                first[day] = value
        if again >= 20 and agree >= CALENDAR_AGREE * again and len(set(first.values())) > 2:
            return True
    return False
