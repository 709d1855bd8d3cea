"""What a segment's own base rate, calibration or model is worth against one model for all.

    python -m bench.segments [--data ../shared/data] [--sizes 200,1000] [--draws 4] [--split tune1]
                             [--voice regression] [--only Location] [--quick]

Prints one JSON object. A column of each public set stands for the segment. `one` never sees it;
`field` is one model with the segment as one of its fields; `large` tells only segments with 15 won
and 15 lost apart in it, and all others are one; `gated` is `field` where its out-of-fold log loss
is lower, else `one`; `offset` adds to `one` each segment's shift of the log-odds, shrunken; `slope`
gives segments with 15 won and 15 lost a slope, too; `own` trains these alone, and takes `offset`
for the others. Figures are `one` minus the other (log loss: more is better) or the other minus
`one` (AUC), means over draws with their standard errors; `within` is the AUC inside segments,
weighed by their pairs. With `--voice regression` the model is its first voice alone, which takes a
tenth of the time.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from backend.config import MIN_OUTCOMES_TO_PUBLISH
from backend.learning.arrays import Floats, Ints
from backend.learning.data.cutting import cut
from backend.learning.data.encoding import encode
from backend.learning.data.fields import choose_fields, levels_allowed
from backend.learning.data.labels import parse_outcomes
from backend.learning.data.table import Table
from backend.learning.fit.folds import fold_numbers
from backend.learning.fit.shrunken import shrunken_regression
from backend.learning.fit.training import TrainingChoices, train
from backend.learning.metrics import measure
from backend.learning.numbers import FOLD_SEED
from backend.scoring.scorecard.scorecard import apply
from bench.quality_sets import OUTCOME, SETS, Split, load, training_sets

SEGMENTS: Final = (
    ("salvirt_b2b", "Product"),
    ("xeducation", "Lead Origin"),
    ("it_win_prediction", "Location"),
    ("uci_bank", "job"),
    ("it_win_prediction", "Sector"),
    ("xeducation", "Specialization"),
)
SPREADS: Final = (0.0, 0.1, 0.2, 0.35, 0.5, 0.8, 1.2)  # log-odds between segments, to choose from
SLOPE_SPREAD: Final = 0.3
TEST_MAX: Final = 1_500  # judging rows


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    parser.add_argument("--data", type=Path, default=beside)
    parser.add_argument("--sizes", default="200,1000")
    parser.add_argument("--draws", type=int, default=4)
    parser.add_argument("--split", default="tune1")
    parser.add_argument("--voice", choices=("all", "regression"), default="all")
    parser.add_argument("--only", default="")
    parser.add_argument("--quick", action="store_true", help="field and large only")
    options = parser.parse_args()
    learn = _regression if options.voice == "regression" else _model
    sizes = tuple(int(size) for size in options.sizes.split(","))
    by_name = {data.name: data for data in SETS}
    points = []
    for name, column in SEGMENTS:
        if options.only in f"{name} {column}":
            split = load(by_name[name], options.data, options.split)
            points += _measured(learn, split, column, sizes, options.draws, quick=options.quick)
    print(json.dumps({"points": points}))


@dataclass(frozen=True, slots=True)
class Learned:
    """A model of labelled rows: log-odds of other rows, and out of fold of its own."""

    predict: Callable[[Table], Floats]
    rows: Ints
    won: Floats
    out_of_fold: Floats


Learn = Callable[[Table, tuple[str, ...], bool], Learned]  # True: without `out_of_fold`


def _model(table: Table, ignore: tuple[str, ...], _alone: bool = False) -> Learned:
    found = train(table, OUTCOME, TrainingChoices(ignore=ignore))
    return Learned(
        lambda other: apply(found.scorecard, other.row_mappings()).logits,
        found.rows,
        found.won,
        found.out_of_fold,
    )


def _regression(table: Table, ignore: tuple[str, ...], alone: bool = False) -> Learned:
    won = parse_outcomes(table, OUTCOME).won
    every = np.arange(len(won))
    folds = fold_numbers(every, won, FOLD_SEED)
    choice = choose_fields(table, won, folds, outcome=OUTCOME, ignore=ignore)
    allowed = levels_allowed(choice.used)
    fields = [cut(kind, table.column(kind.name), allowed) for kind in choice.used]
    encoded = encode(fields, table)
    unseen = np.zeros(len(won))
    for fold in range(0 if alone else int(folds.max()) + 1):
        others, held = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        part = shrunken_regression(encoded.take(others), won[others])
        unseen[held] = part.predict(encoded.codes[held])
    model = shrunken_regression(encoded, won)
    return Learned(lambda other: model.predict(encode(fields, other).codes), every, won, unseen)


def _measured(
    learn: Learn, split: Split, column: str, sizes: tuple[int, ...], draws: int, *, quick: bool
) -> list[dict[str, Any]]:
    found = []
    tests = split.test[:: max(1, len(split.test) // TEST_MAX)]
    for size in sizes:
        differences: dict[str, list[dict[str, float]]] = {}
        for _, _, rows in training_sets(split, (size,), draws):
            drawn = _one_draw(learn, split, column, split.table.take(rows), tests, quick=quick)
            for method, figures in drawn.items():
                differences.setdefault(method, []).append(figures)
        for method, some in differences.items():
            point = {"set": split.data.name, "segment": column, "size": size, "method": method}
            for figure in some[0]:
                values = np.array([one[figure] for one in some])
                error = values.std(ddof=1) / len(values) ** 0.5 if len(values) > 1 else 0.0
                point[figure] = [round(float(values.mean()), 4), round(float(error), 4)]
            found.append(point)
            print(point, file=sys.stderr, flush=True)
    return found


def _one_draw(
    learn: Learn, split: Split, column: str, table: Table, tests: Any, *, quick: bool
) -> dict[str, dict[str, float]]:
    test = split.table.take(tests)
    won, ignore = split.won[tests], split.data.ignore
    without = (*ignore, column)
    one, field = learn(table, without, quick), learn(table, ignore, quick)
    base = one.predict(test)
    asked = np.array([value or "" for value in test.column(column)])
    seen = np.array([value or "" for value in table.take(one.rows).column(column)])
    apart = _large(one, seen)
    large = learn(_told_apart(table, column, apart), ignore, True)
    logits = {
        "field": field.predict(test),
        "large": large.predict(_told_apart(test, column, apart)) if apart else base,
    }
    if not quick:
        better = _losses(field.out_of_fold, field.won) < _losses(one.out_of_fold, one.won)
        logits["gated"] = logits["field"] if better else base
        offsets = offsets_of(one.out_of_fold, one.won, seen)
        logits["offset"] = base + np.array([offsets.get(name, 0.0) for name in asked])
        logits["slope"], logits["own"] = logits["offset"].copy(), logits["offset"].copy()
    for name in () if quick else apart:
        mine, inside = seen == name, asked == name
        a, b = _line(one.out_of_fold[mine], one.won[mine], offsets[name])
        logits["slope"][inside] = a + b * base[inside]
        if inside.any():
            alone = learn(table.take(one.rows[mine]), without, True)
            logits["own"][inside] = alone.predict(test.take(np.flatnonzero(inside)))
    reference = _figures(won, base, asked)
    return {
        method: {name: _gain(name, reference[name], value) for name, value in figures.items()}
        for method, figures in ((m, _figures(won, x, asked)) for m, x in logits.items())
    }


def _gain(name: str, one: float, other: float) -> float:
    return one - other if name == "log_loss" else other - one


def _told_apart(table: Table, column: str, apart: Sequence[str]) -> Table:
    """The table in which the other segments are one."""
    values = [v if v in apart else "all others" for v in table.column(column)]
    return Table({**table.columns, column: values})


def _large(one: Learned, seen: Any) -> list[str]:
    """Segments with enough outcomes of their own."""
    wins = {name: one.won[seen == name] for name in np.unique(seen)}
    least = MIN_OUTCOMES_TO_PUBLISH
    return [n for n, won in wins.items() if min(won.sum(), len(won) - won.sum()) >= least]


def offsets_of(logits: Floats, won: Floats, segments: Any) -> dict[str, float]:
    """Each segment's shift, the most likely under a Normal prior around 0 whose spread is the one
    under which the outcomes are likeliest (Laplace's approximation)."""
    best: tuple[float, dict[str, float]] = (-np.inf, {})
    for spread in SPREADS:
        total, found = 0.0, {}
        for name in np.unique(segments):
            mine = segments == name
            found[name], evidence = _shift(logits[mine], won[mine], spread)
            total += evidence
        if total > best[0]:
            best = total, found
    return best[1]


def _shift(logits: Floats, won: Floats, spread: float) -> tuple[float, float]:
    """(the shift, the log of how likely the outcomes are with this spread)."""
    if not spread:
        return 0.0, -_losses(logits, won)
    shift = 0.0
    for _ in range(50):
        chances = 1 / (1 + np.exp(-(logits + shift)))
        curve = (chances * (1 - chances)).sum() + spread**-2
        step = ((won - chances).sum() - shift * spread**-2) / curve
        shift += float(np.clip(step, -1, 1))
        if abs(step) < 1e-9:
            break
    likely = -_losses(logits + shift, won) - shift**2 / (2 * spread**2)
    return shift, likely - np.log(spread) - 0.5 * np.log(curve)


def _line(logits: Floats, won: Floats, offset: float) -> tuple[float, float]:
    """Intercept and slope of a segment, the slope held near 1, the intercept near `offset`."""
    at = np.array([offset, 1.0])
    start, weight = at.copy(), np.array([1 / 0.2**2, 1 / SLOPE_SPREAD**2])
    x = np.column_stack([np.ones(len(logits)), logits])
    for _ in range(50):
        chances = 1 / (1 + np.exp(-(x @ at)))
        bend = (x * (chances * (1 - chances))[:, None]).T @ x + np.diag(weight)
        step = np.linalg.solve(bend, x.T @ (won - chances) - weight * (at - start))
        at = at + np.clip(step, -1, 1)
    return float(at[0]), float(at[1])


def _losses(logits: Floats, won: Floats) -> float:
    return float(np.logaddexp(0, np.where(won > 0, -logits, logits)).sum())


def _figures(won: Floats, logits: Floats, segments: Any) -> Mapping[str, float]:
    inside = [(segments == name) for name in np.unique(segments)]
    aucs, pairs = [], []
    for mine in inside:
        wins = int(won[mine].sum())
        if 0 < wins < mine.sum():
            aucs.append(_auc(won[mine], logits[mine]))
            pairs.append(wins * (int(mine.sum()) - wins))
    return {
        "log_loss": _losses(logits, won) / len(won),
        "auc": _auc(won, logits),
        "within": float(np.average(aucs, weights=pairs)),
    }


def _auc(won: Floats, logits: Floats) -> float:
    return measure(won, logits).auc or 0.0


if __name__ == "__main__":
    main()
