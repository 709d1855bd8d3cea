"""How good the score is: every set, training size and method, with gaps to the best reference.

    python -m bench.quality [--data ../shared/data] [--quick] [--sets a,b] [--sizes 50,100,all]
                            [--split tune1] [--others DIR]

Prints one JSON object. Means over random training sets of each size from a part of dev.csv that
shares no near-copies with the rest, on which all are judged. The reference of a point is the best
mean AUC of logistic regression, LightGBM and CatBoost there, known only afterwards.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from backend.learning.metrics import measure
from bench.quality_methods import Method, methods
from bench.quality_sets import SETS, SIZES, TABLED, Split, load, others, training_sets

REFERENCES = ("logistic_regression", "lightgbm", "catboost")
FEW = (50, 100, 200)
SOME = (500, 1_000)
METRICS = ("auc", "brier", "ece")


def main() -> None:
    """Measure and print."""
    options = _options()
    wanted, absent = methods()
    sizes = tuple(None if s == "all" else int(s) for s in options.sizes.split(",") if s) or SIZES
    points: list[dict[str, Any]] = []
    folder, sets = (
        (options.others, others(options.others)) if options.others else (options.data, SETS)
    )
    for data in sets:
        if options.sets and data.name not in options.sets.split(","):
            continue
        split = load(data, folder, options.split)
        points += _measure(split, wanted, sizes, 2 if options.quick else 5)
    result = {"points": points, "absent_references": absent, "summary": _summary(points)}
    print(json.dumps(result, allow_nan=False))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    parser.add_argument("--data", type=Path, default=beside)
    parser.add_argument("--others", type=Path, help="folders of further sets, instead of those")
    parser.add_argument("--quick", action="store_true", help="2 training sets a size, up to 500")
    parser.add_argument("--sets", default="")
    parser.add_argument("--sizes", default="")
    parser.add_argument("--split", default=TABLED, help="another word, another split, to choose by")
    options = parser.parse_args()
    if options.quick and not options.sizes:
        options.sizes = "50,200,500"
    return options


def _measure(
    split: Split, wanted: dict[str, Method], sizes: tuple[int | None, ...], seeds: int
) -> list[dict[str, Any]]:
    """One point a size: each method's mean metrics and seconds, and our gap to the reference."""
    runs: dict[int | None, dict[str, list[list[float]]]] = {}
    won = split.won[split.test]
    for size, seed, rows in training_sets(split, sizes, seeds):
        for name, method in wanted.items():
            started = perf_counter()
            chances = method(split, rows, seed)
            found = measure(won, chances, chances)
            figures = [found.auc or 0.5, found.brier or 0.0, found.ece or 0.0]
            runs.setdefault(size, {}).setdefault(name, []).append(
                [*figures, perf_counter() - started]
            )
        print(f"{split.data.name} {size or 'all'} {seed}", file=sys.stderr)
    return [_point(split, size, found) for size, found in runs.items()]


def _point(split: Split, size: int | None, found: dict[str, list[list[float]]]) -> dict[str, Any]:
    means = {
        name: dict(zip((*METRICS, "seconds"), np.mean(v, axis=0).round(4).tolist(), strict=True))
        for name, v in found.items()
    }
    rivals = {name: means[name]["auc"] for name in REFERENCES if name in means}
    best = max(rivals, key=lambda name: rivals[name])
    return {
        "set": split.data.name,
        "size": size or "all",
        "methods": means,
        "reference": best,
        "gap": round(means["ours"]["auc"] - rivals[best], 4),
        "above_naive_bayes": means["ours"]["auc"] > means["naive_bayes"]["auc"],
        "ece_over_logistic": round(means["ours"]["ece"] - means["logistic_regression"]["ece"], 4),
    }


def _summary(points: list[dict[str, Any]]) -> dict[str, Any]:
    summary: dict[str, Any] = {}
    for name, sizes in (("few", FEW), ("some", SOME), ("all", ("all",))):
        chosen = [p for p in points if p["size"] in sizes]
        if chosen:
            gaps = [p["gap"] for p in chosen]
            summary[name] = {
                "mean_gap": round(float(np.mean(gaps)), 4),
                "worst_gap": min(gaps),
                "below_naive_bayes": sum(not p["above_naive_bayes"] for p in chosen),
                "worst_ece": max(p["methods"]["ours"]["ece"] for p in chosen),
                "worst_ece_over_logistic": max(p["ece_over_logistic"] for p in chosen),
            }
    return summary


if __name__ == "__main__":
    main()
