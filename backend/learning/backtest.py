"""Train on the past, judge on leads never seen, compare with what people use today."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from time import perf_counter
from typing import Any

import numpy as np

from backend.errors import BadInput
from backend.learning.bands import band_numbers
from backend.learning.baselines import Baseline, baselines
from backend.learning.compare import sure_to_rank_better
from backend.learning.encoding import encode, encode_columns
from backend.learning.folds import newest_test_rows, random_test_rows, times_of
from backend.learning.kinds import kind_of
from backend.learning.labels import parse_outcomes, require_both
from backend.learning.metrics import BandResult, Metrics, by_band, measure
from backend.learning.numbers import DATE_SPLIT_FILL, SPLIT_DRAWS
from backend.learning.table import Floats, Ints, Table
from backend.learning.training import Trained, TrainingChoices, group_rows, train
from backend.learning.verdict import Strongest, verdict
from backend.model import Band, Thresholds
from backend.scoring.scorecard import apply


@dataclass(frozen=True, slots=True)
class Prediction:
    """One test row, numbered from 1 in its file."""

    row: int
    chance: float
    score: int


@dataclass(frozen=True, slots=True)
class Backtest:
    """A trained model and how it did on rows it never saw. `split` says which those were."""

    trained: Trained
    n_test: int
    n_test_won: int
    metrics: Metrics
    baselines: Mapping[str, Metrics]
    bands: tuple[BandResult, ...]
    predictions: tuple[Prediction, ...]
    split: str
    predict_seconds: float
    verdict: str

    def report(self) -> dict[str, Any]:
        """The fixed JSON of `model backtest --json`; no value is ever NaN."""
        card, choice = self.trained.scorecard, self.trained.choice
        return {
            "n_train": card.won + card.lost,
            "n_train_won": card.won,
            "n_test": self.n_test,
            "n_test_won": self.n_test_won,
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
            "warnings": list(self.trained.warnings),
            "train_s": round(self.trained.seconds, 3),
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
        judged = _Test(test, np.arange(len(test)), "the test file")
    trained = train(judged.train or table, outcome, choices)
    mappings = judged.table.row_mappings()
    started = perf_counter()
    scored = apply(trained.scorecard, mappings)
    seconds = perf_counter() - started
    known, won = _outcomes(judged.table, outcome)
    metrics = measure(won, scored.logits[known], scored.chances[known])
    rules = _baselines(trained, judged.train or table, judged.table.take(known), won)
    wins = int(won.sum())
    scores = np.clip(scored.totals, 0, 100)
    return Backtest(
        trained=trained,
        n_test=len(won),
        n_test_won=wins,
        metrics=metrics,
        baselines={name: rule.metrics for name, rule in rules.items()},
        bands=tuple(_bands(won, scored.totals[known], thresholds or Thresholds())),
        predictions=tuple(
            Prediction(int(row) + 1, float(chance), int(score))
            for row, chance, score in zip(judged.rows, scored.chances, scores, strict=True)
        ),
        split=judged.split,
        predict_seconds=seconds,
        verdict=verdict(
            metrics,
            _strongest(rules, scored.logits[known], won, choices.seed),
            wins,
            len(won) - wins,
            len(trained.choice.suspects),
        ),
    )


@dataclass(frozen=True, slots=True)
class _Test:
    """Rows to judge on; `rows` are their places in the file they came from. `train` is what is
    left of that file, None when the test has a file of its own."""

    table: Table
    rows: Ints
    split: str
    train: Table | None = None


def _outcomes(test: Table, outcome: str) -> tuple[Ints, Floats]:
    """(rows with an outcome, won); nothing when the test lacks the column: it is only scored."""
    if outcome not in test.columns:
        return np.zeros(0, dtype=np.intp), np.zeros(0)
    judged = parse_outcomes(test, outcome)
    return judged.rows, judged.won


def _strongest(
    rules: Mapping[str, Baseline], ours: Floats, won: Floats, seed: int
) -> Strongest | None:
    """The simple rule that ranks best, and how sure it is that the model ranks better."""
    ranked = {n: r for n, r in rules.items() if r.metrics.auc is not None and n != "base_rate"}
    name = max(ranked, key=lambda n: ranked[n].metrics.auc or 0.0, default=None)
    if name is None:
        return None
    sure = sure_to_rank_better(won, ours, ranked[name].scores, seed)
    return Strongest(name, ranked[name].metrics, sure)


def _baselines(trained: Trained, table: Table, test: Table, won: Floats) -> dict[str, Baseline]:
    cells = [f.cells for f in trained.scorecard.fields]
    return baselines(
        encode(cells, table.take(trained.rows)),
        trained.won,
        encode_columns(cells, test),
        test,
        won,
        times=_times(test, trained.choice.dates),
        seed=trained.scorecard.seed,
    )


def _bands(won: Floats, totals: Ints, thresholds: Thresholds) -> list[BandResult]:
    names = (Band.HIGH.value, Band.MEDIUM.value, Band.LOW.value)
    return by_band(won, band_numbers(totals, thresholds), names)


def _split(table: Table, outcome: str, choices: TrainingChoices) -> _Test:
    """Newest outcomes as test where a date is known, else random whole groups."""
    outcomes = parse_outcomes(table, outcome)
    require_both(outcomes, outcome)
    labelled = table.take(outcomes.rows)
    groups = group_rows(labelled, outcome, choices.group, choices.ignore)
    dates = [n for n in labelled.names if kind_of(n, labelled.column(n)).kind == "date"]
    for name in dates:
        times = times_of(labelled.column(name))
        if np.mean(~np.isnan(times)) < DATE_SPLIT_FILL:
            continue
        train_rows, test_rows = newest_test_rows(times, groups)
        if _both(outcomes.won[train_rows]) and _both(outcomes.won[test_rows]):
            split = f"the newest leads by {name!r}, groups kept whole"
            return _parts(labelled, outcomes.rows, train_rows, test_rows, split)
    for seed in range(choices.seed, choices.seed + SPLIT_DRAWS):
        test_rows = random_test_rows(groups, seed)
        train_rows = np.setdiff1d(np.arange(len(groups)), test_rows)
        if len(test_rows) and _both(outcomes.won[train_rows]):
            split = "random leads, groups kept whole"
            return _parts(labelled, outcomes.rows, train_rows, test_rows, split)
    raise BadInput(
        f"{len(groups)} rows with an outcome are too few to set some aside for a test: "
        "give more rows, or a file of its own with --test",
        problems=(f"{len(groups)} rows",),
    )


def _parts(labelled: Table, rows: Ints, train_rows: Ints, test_rows: Ints, split: str) -> _Test:
    return _Test(labelled.take(test_rows), rows[test_rows], split, labelled.take(train_rows))


def _both(won: Floats) -> bool:
    return 0 < float(won.sum()) < len(won)


def _times(rows: Table, dates: tuple[str, ...]) -> Floats | None:
    present = [name for name in dates if name in rows.columns]
    return times_of(rows.column(present[0])) if present else None
