"""Whether chances' intervals hold, and how far another seed moves scores.

    python -m bench.intervals [--data ../shared/data] [--sets a,b] [--sizes 200,1000] [--draws 3]
                              [--split tune1]

Prints one JSON object. `covered`: the share of judging leads whose interval agrees with the share
won among the judging leads of that interval (95 %, allowing for their own number as well).
`seed_mean` and `seed_max`: points by which scores differ under another seed.
"""

from __future__ import annotations

import argparse
import json
import sys
from math import sqrt
from pathlib import Path
from typing import Any

import numpy as np

from backend.learning.arrays import Floats
from backend.learning.fit.training import DEFAULT_SEED, TrainingChoices, train
from backend.learning.numbers import INTERVAL_Z
from backend.scoring.points.scale import all_on_scale
from backend.scoring.scorecard.scorecard import Scorecard, apply
from bench.quality_sets import OUTCOME, SETS, TABLED, Split, load, training_sets

JUDGED_MIN = 30  # judging leads in one interval; fewer say little


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    parser.add_argument("--data", type=Path, default=beside)
    parser.add_argument("--sets", default=",".join(data.name for data in SETS))
    parser.add_argument("--sizes", default="200,1000")
    parser.add_argument("--draws", type=int, default=3)
    parser.add_argument("--split", default=TABLED)
    options = parser.parse_args()
    sizes = tuple(int(size) for size in options.sizes.split(","))
    points: list[dict[str, Any]] = []
    for data in SETS:
        if data.name in options.sets.split(","):
            points += _measured(load(data, options.data, options.split), sizes, options.draws)
    covered = [point["covered"] for point in points]
    print(json.dumps({"points": points, "covered": round(float(np.mean(covered)), 3)}))


def _measured(split: Split, sizes: tuple[int, ...], draws: int) -> list[dict[str, Any]]:
    found = []
    for size, draw, rows in training_sets(split, sizes, draws):
        table, test = split.table.take(rows), split.table.take(split.test).row_mappings()
        cards = [
            train(table, OUTCOME, TrainingChoices(ignore=split.data.ignore, seed=seed)).scorecard
            for seed in (DEFAULT_SEED, DEFAULT_SEED + 1)
        ]
        first, second = (apply(card, test) for card in cards)
        moved = np.abs(all_on_scale(first.totals) - all_on_scale(second.totals))
        found.append(
            {
                "set": split.data.name,
                "size": size,
                "draw": draw,
                "covered": round(_covered(cards[0], first.logits, split.won[split.test]), 3),
                "seed_mean": round(float(moved.mean()), 2),
                "seed_max": int(moved.max()),
            }
        )
        print(found[-1], file=sys.stderr)
    return found


def _covered(card: Scorecard, logits: Floats, won: Floats) -> float:
    edges = [one.upto for one in card.chances if one.upto is not None]
    place = np.searchsorted(edges, logits, side="right")
    agreeing = judged = 0
    for number, one in enumerate(card.chances):
        inside = place == number
        leads = int(inside.sum())
        if leads >= JUDGED_MIN:
            share = float(won[inside].mean())
            reach = sqrt(
                ((one.high - one.low) / 2) ** 2 + INTERVAL_Z**2 * share * (1 - share) / leads
            )
            agreeing += leads * (abs(share - (one.low + one.high) / 2) <= reach)
            judged += leads
    return agreeing / judged if judged else 1.0


if __name__ == "__main__":
    main()
