"""Train on the past, judge on leads never seen, compare with what people use today."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from time import perf_counter
from typing import Any

import numpy as np

from backend.errors import BadInput
from backend.learning.bands import band_numbers
from backend.learning.baselines import baselines
from backend.learning.encoding import encode
from backend.learning.folds import newest_test_rows, random_test_rows, times_of
from backend.learning.kinds import kind_of
from backend.learning.labels import parse_outcomes, require_both
from backend.learning.metrics import BandResult, Metrics, by_band, measure
from backend.learning.numbers import DATE_SPLIT_FILL
from backend.learning.table import Floats, Ints, Table
from backend.learning.training import Trained, TrainingChoices, group_rows, train
from backend.learning.verdict import verdict
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

    Raises BadInput like `train`; also when the test lacks the outcome or both kinds of rows cannot
    be had on the training side.
    """
    choices = choices or TrainingChoices()
    if test is None:
        table, test, split = _split(table, outcome, choices)
    else:
        test.column(outcome)
        split = "the test file"
    trained = train(table, outcome, choices)
    judged = parse_outcomes(test, outcome)
    rows = test.take(judged.rows)
    mappings = rows.row_mappings()
    started = perf_counter()
    scored = apply(trained.scorecard, mappings)
    seconds = perf_counter() - started
    metrics = measure(judged.won, scored.logits, scored.chances)
    learned = table.take(trained.rows)
    cells = [f.cells for f in trained.scorecard.fields]
    compared = baselines(
        encode(cells, learned),
        trained.won,
        scored.codes,
        rows,
        judged.won,
        times=_times(rows, trained.choice.dates),
        seed=choices.seed,
    )
    wins = int(judged.won.sum())
    return Backtest(
        trained=trained,
        n_test=len(judged.won),
        n_test_won=wins,
        metrics=metrics,
        baselines=compared,
        bands=tuple(_bands(judged.won, scored.totals, thresholds or Thresholds())),
        predictions=tuple(
            Prediction(int(row) + 1, float(chance), int(score))
            for row, chance, score in zip(
                judged.rows, scored.chances, np.clip(scored.totals, 0, 100), strict=True
            )
        ),
        split=split,
        predict_seconds=seconds,
        verdict=verdict(
            metrics, compared, wins, len(judged.won) - wins, len(trained.choice.suspects)
        ),
    )


def _bands(won: Floats, totals: Ints, thresholds: Thresholds) -> list[BandResult]:
    names = (Band.HIGH.value, Band.MEDIUM.value, Band.LOW.value)
    return by_band(won, band_numbers(totals, thresholds), names)


def _split(table: Table, outcome: str, choices: TrainingChoices) -> tuple[Table, Table, str]:
    """Newest outcomes as test where a date is known, else random whole groups; (train, test)."""
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
            parts = labelled.take(train_rows), labelled.take(test_rows)
            return (*parts, f"the newest leads by {name!r}, groups kept whole")
    test_rows = random_test_rows(groups, choices.seed)
    train_rows = np.setdiff1d(np.arange(len(groups)), test_rows)
    if not len(test_rows) or not _both(outcomes.won[train_rows]):
        raise BadInput(
            f"{len(groups)} rows with an outcome are too few to set some aside for a test: "
            "give more rows, or a file of its own with --test",
            problems=(f"{len(groups)} rows",),
        )
    return labelled.take(train_rows), labelled.take(test_rows), "random leads, groups kept whole"


def _both(won: Floats) -> bool:
    return 0 < float(won.sum()) < len(won)


def _times(rows: Table, dates: tuple[str, ...]) -> Floats | None:
    present = [name for name in dates if name in rows.columns]
    return times_of(rows.column(present[0])) if present else None
