"""Train on the past, judge on leads never seen, compare with what people use today."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from time import perf_counter
from typing import Any

import numpy as np

from backend.errors import BadInput
from backend.learning.arrays import Floats, Ints
from backend.learning.data.encoding import encode, encode_columns
from backend.learning.data.kinds import kind_of
from backend.learning.data.labels import parse_outcomes, require_both
from backend.learning.data.table import Table
from backend.learning.fit.folds import newest_splits, random_test_rows, usable_times
from backend.learning.fit.training import Trained, TrainingChoices, group_rows, train
from backend.learning.judge.bands import band_numbers
from backend.learning.judge.baselines import ReferenceScore, baselines, naive_bayes
from backend.learning.judge.compare import sure_to_rank_better
from backend.learning.judge.matching import mismatches, missing_columns
from backend.learning.judge.verdict import Strongest, verdict
from backend.learning.metrics import BandResult, Metrics, by_band, measure
from backend.learning.numbers import SPLIT_DRAWS
from backend.model import Band, Thresholds
from backend.scoring.points.scale import all_on_scale
from backend.scoring.scorecard.scorecard import apply


@dataclass(frozen=True, slots=True)
class Prediction:
    """One test row, numbered from 1 in its file."""

    row: int
    chance: float
    score: int


@dataclass(frozen=True, slots=True)
class Backtest:
    """A trained model and how it did on rows it never saw. `split` says which those were; where it
    took several models to judge them all, `trained` is the one of the most rows. `logits` (n,)
    belong to `predictions`."""

    trained: Trained
    n_test: int
    n_test_won: int
    metrics: Metrics
    baselines: Mapping[str, Metrics]
    bands: tuple[BandResult, ...]
    predictions: tuple[Prediction, ...]
    logits: Floats
    split: str
    train_seconds: float
    predict_seconds: float
    verdict: str
    warnings: tuple[str, ...]
    left_out_open: int = 0  # rows of either file whose outcome says that nothing is decided

    def report(self) -> dict[str, Any]:
        """The fixed JSON of `model backtest --json`; no value is ever NaN."""
        card, choice = self.trained.scorecard, self.trained.choice
        return {
            "n_train": card.won + card.lost,
            "n_train_won": card.won,
            "n_test": self.n_test,
            "n_test_won": self.n_test_won,
            "left_out_open": self.left_out_open,
            "split": self.split,
            "model": card.model,
            "metrics": self.metrics.as_dict(),
            "baselines": {name: m.as_dict() for name, m in self.baselines.items()},
            "bands": [asdict(band) for band in self.bands],
            "fields": {
                "used": list(choice.names),
                "excluded": [{"field": n, "reason": r} for n, r in choice.excluded.items()],
                "suspected_leaks": [asdict(s) for s in choice.suspects],
            },
            "tried": dict(self.trained.fitted.log_losses),
            "warnings": list(self.warnings),
            "train_s": round(self.train_seconds, 3),
            "predict_s": round(self.predict_seconds, 4),
            "verdict": self.verdict,
        }


def backtest(
    table: Table,
    outcome: str,
    choices: TrainingChoices | None = None,
    *,
    test: Table | None = None,
    thresholds: Thresholds | None = None,
) -> Backtest:
    """Train on `table` and judge on `test`, or on the newest outcomes, or on whole random groups.

    Raises BadInput like `train`; also when too few rows are left to train on. A test file without
    the outcome column, or rows of it without an outcome, are scored but not judged.
    """
    choices = choices or TrainingChoices()
    if test is None:
        judged = _split(table, outcome, choices)
    else:
        everything = np.arange(len(test))
        judged = _Test(test, everything, "the test file", (_Part(table, everything),))
    models = [train(part.train, outcome, choices) for part in judged.parts]
    missing = missing_columns(models[0].choice.names, table, judged.table)
    scored = _score(judged, models)
    most = max(models, key=lambda model: len(model.rows))
    known, won = _outcomes(judged.table, outcome, choices.won)
    metrics = measure(won, scored.logits[known], scored.chances[known])
    rules = _baselines(judged, models, most, known, won)
    wins = int(won.sum())
    scores = all_on_scale(scored.totals)
    return Backtest(
        trained=most,
        n_test=len(won),
        n_test_won=wins,
        metrics=metrics,
        baselines={name: rule.metrics for name, rule in rules.items()},
        bands=tuple(_bands(won, scores[known], thresholds or Thresholds())),
        predictions=tuple(
            Prediction(int(row) + 1, float(chance), int(score))
            for row, chance, score in zip(judged.rows, scored.chances, scores, strict=True)
        ),
        logits=scored.logits,
        split=judged.split,
        left_out_open=_left_out(table, test, outcome, choices.won),
        train_seconds=sum(model.seconds for model in models),
        predict_seconds=scored.seconds,
        verdict=verdict(
            metrics,
            _strongest(rules, scored.logits[known], won, choices.seed),
            wins,
            len(won) - wins,
            len(most.choice.suspects),
            len(missing),
        ),
        warnings=(
            *most.warnings,
            *most.notes,
            *(mismatches(table, test, missing, outcome, choices.group) if test else ()),
        ),
    )


@dataclass(frozen=True, slots=True)
class _Part:
    """What to train on, and the places in the test's table that this model judges."""

    train: Table
    rows: Ints


@dataclass(frozen=True, slots=True)
class _Test:
    """Rows to judge on; `rows` are their places in the file they came from."""

    table: Table
    rows: Ints
    split: str
    parts: Sequence[_Part]


@dataclass(frozen=True, slots=True)
class _Scores:
    """(n,) each, in the order of the test's table."""

    logits: Floats
    chances: Floats
    totals: Ints
    seconds: float


def _score(judged: _Test, models: Sequence[Trained]) -> _Scores:
    n, seconds = len(judged.rows), 0.0
    logits, chances, totals = np.zeros(n), np.zeros(n), np.zeros(n, dtype=np.intp)
    for part, model in zip(judged.parts, models, strict=True):
        mappings = judged.table.take(part.rows).row_mappings()
        started = perf_counter()
        scored = apply(model.scorecard, mappings)
        seconds += perf_counter() - started
        logits[part.rows], chances[part.rows] = scored.logits, scored.chances
        totals[part.rows] = scored.totals
    return _Scores(logits, chances, totals, seconds)


def _outcomes(test: Table, outcome: str, won: str | None) -> tuple[Ints, Floats]:
    """(rows with an outcome, won); nothing when the test lacks the column: it is only scored."""
    if outcome not in test.columns:
        return np.zeros(0, dtype=np.intp), np.zeros(0)
    judged = parse_outcomes(test, outcome, won)
    return judged.rows, judged.won


def _strongest(
    rules: Mapping[str, ReferenceScore], ours: Floats, won: Floats, seed: int
) -> Strongest | None:
    """The simple rule that ranks best, and how sure it is that the model ranks better."""
    ranked = {n: r for n, r in rules.items() if r.metrics.auc is not None and n != "base_rate"}
    name = max(ranked, key=lambda n: ranked[n].metrics.auc or 0.0, default=None)
    if name is None:
        return None
    sure = sure_to_rank_better(won, ours, ranked[name].scores, seed)
    return Strongest(name, ranked[name].metrics, sure)


def _baselines(
    judged: _Test, models: Sequence[Trained], most: Trained, known: Ints, won: Floats
) -> dict[str, ReferenceScore]:
    bayes, rates = np.zeros(len(judged.rows)), np.zeros(len(judged.rows))
    for part, model in zip(judged.parts, models, strict=True):
        cells = [f.cells for f in model.scorecard.fields]
        seen = encode(cells, part.train.take(model.rows))
        asked = encode_columns(cells, judged.table.take(part.rows))
        bayes[part.rows] = naive_bayes(seen, model.won, asked)
        rates[part.rows] = model.won.mean()
    test = judged.table.take(known)
    times = _times(test, most.choice.dates)
    return baselines(bayes[known], rates[known], test, won, times=times, seed=most.scorecard.seed)


def _bands(won: Floats, totals: Ints, thresholds: Thresholds) -> list[BandResult]:
    names = (Band.HIGH.value, Band.MEDIUM.value, Band.LOW.value)
    return by_band(won, band_numbers(totals, thresholds), names)


def _split(table: Table, outcome: str, choices: TrainingChoices) -> _Test:
    """Newest outcomes as test where a date is known, else random whole groups."""
    order = table.content_order()
    table = table.take(order)
    outcomes = parse_outcomes(table, outcome, choices.won)
    require_both(outcomes, outcome)
    labelled, places = table.take(outcomes.rows), order[outcomes.rows]
    groups = group_rows(labelled, outcome, choices.group, choices.ignore)
    dates = [n for n in labelled.names if kind_of(n, labelled.column(n)).kind == "date"]
    for name, times in usable_times(labelled, dates):
        splits = newest_splits(times, groups, outcomes.won, choices.seed)
        trained_on = [outcomes.won[rows] for rows, _ in splits]
        judged = [outcomes.won[rows] for _, rows in splits]
        if splits and _both(np.concatenate(judged)) and all(_both(won) for won in trained_on):
            split = f"the newest leads by {name!r}, {_kept_whole(len(splits))}"
            return _parts(labelled, places, splits, split)
    for seed in range(choices.seed, choices.seed + SPLIT_DRAWS):
        test_rows = random_test_rows(groups, seed)
        train_rows = np.setdiff1d(np.arange(len(groups)), test_rows)
        if len(test_rows) and _both(outcomes.won[train_rows]):
            split = "random leads, groups kept whole"
            return _parts(labelled, places, [(train_rows, test_rows)], split)
    raise BadInput(
        f"{len(groups)} rows with an outcome are too few to set some aside for a test: "
        "give more rows, or a file of its own with --test",
        problems=(f"{len(groups)} rows",),
    )


def _left_out(table: Table, test: Table | None, outcome: str, won: str | None) -> int:
    files = [table, *([test] if test is not None and outcome in test.names else [])]
    return sum(parse_outcomes(one, outcome, won).undecided for one in files)


def _kept_whole(parts: int) -> str:
    if parts == 1:
        return "groups kept whole"
    return f"in {parts} parts, each judged by a model of the older leads of other groups"


def _parts(labelled: Table, rows: Ints, splits: Sequence[tuple[Ints, Ints]], split: str) -> _Test:
    test = np.concatenate([part for _, part in splits])
    test = test[np.argsort(rows[test])]  # as they stand in the file
    place = np.zeros(len(rows), dtype=np.intp)
    place[test] = np.arange(len(test))
    parts = [_Part(labelled.take(train_rows), place[part]) for train_rows, part in splits]
    return _Test(labelled.take(test), rows[test], split, parts)


def _both(won: Floats) -> bool:
    return 0 < float(won.sum()) < len(won)


def _times(rows: Table, dates: Iterable[str]) -> Floats | None:
    return next((times for _, times in usable_times(rows, dates)), None)
