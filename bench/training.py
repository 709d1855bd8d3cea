"""What training costs: 10,000 leads with 30 fields, and how fast they are scored.

    python -m bench.training [--leads 10000] [--fields 30]

Prints one JSON object: seconds by the clock and of the processor, the peak of memory, the size of
the stored model and leads scored a second. Half of the fields are numbers, half have 3 to 200
levels; a few of them decide the outcome.
"""

from __future__ import annotations

import argparse
import json
import resource
from time import perf_counter, process_time

import numpy as np

from backend.learning.data.table import Table, table_of
from backend.learning.fit.training import train
from backend.learning.metrics import measure
from backend.scoring.scorecard.scorecard import apply

OUTCOME = "outcome"
SEED = 11
SCORED = 20_000


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--leads", type=int, default=10_000)
    parser.add_argument("--fields", type=int, default=30)
    options = parser.parse_args()
    table = _leads(options.leads, options.fields)
    started, used = perf_counter(), process_time()
    trained = train(table, OUTCOME)
    clock, processor = perf_counter() - started, process_time() - used
    peak_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    rows = list(_leads(SCORED, options.fields).row_mappings())
    started = perf_counter()
    scored = apply(trained.scorecard, rows)
    seconds = perf_counter() - started
    found = measure(trained.won, trained.out_of_fold)
    print(
        json.dumps(
            {
                "leads": options.leads,
                "fields": options.fields,
                "model": trained.fitted.name,
                "auc_out_of_fold": round(found.auc or 0.0, 4),
                "train_seconds": round(clock, 1),
                "train_processor_seconds": round(processor, 1),
                "peak_mb": round(peak_kb / 1024),
                "model_mb": round(len(trained.scorecard.to_json()) / 1e6, 2),
                "scored_a_second": round(len(scored.logits) / seconds),
            }
        )
    )


def _leads(leads: int, fields: int) -> Table:
    rng = np.random.default_rng([SEED, leads])
    columns: dict[str, list[str]] = {}
    logits = np.full(leads, -1.0)
    for number in range(fields):
        if number % 2:
            values = rng.lognormal(3, 1, leads)
            columns[f"number {number}"] = [f"{value:.2f}" for value in values]
            logits += (0.4 if number < 9 else 0.0) * (np.log(values) - 3)
        else:
            levels = int(np.geomspace(3, 200, fields // 2)[number // 2])
            places = rng.integers(levels, size=leads)
            columns[f"levels {number}"] = [f"level {place}" for place in places]
            worth = np.random.default_rng([SEED, number]).normal(0, 0.4, levels)
            logits += (1.0 if number < 8 else 0.0) * worth[places]
    won = rng.random(leads) < 1 / (1 + np.exp(-logits))
    columns[OUTCOME] = ["won" if one else "lost" for one in won]
    names = list(columns)
    return table_of(
        dict(zip(names, row, strict=True)) for row in zip(*columns.values(), strict=True)
    )


if __name__ == "__main__":
    main()
