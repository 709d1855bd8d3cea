"""Does a lead cost the same in a large portal? `python -m bench.backfill [--contacts 4000 40000]`.

Two portals side by side, one database file each, embedded providers, a real Valkey: CPU of one
worker per contact of counting the population, and per lead of a first backfill (every score is
new) and a second one (scored again with another profile), the statements of the database per lead,
and what a contact takes on disk. `--profile` prints where the CPU of the larger portal's backfill
goes. Prints one JSON object; `ratio` is large to small and holds on any machine.
"""

from __future__ import annotations

import argparse
import cProfile
import json
import logging
import pstats
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import structlog

from backend.jobs.backfill import backfill
from backend.jobs.population import population
from backend.jobs.score_due import score_due
from backend.model import Urgency
from backend.storage import runs
from backend.storage.leads import due_leads
from backend.wiring import Product
from bench.provider_bound import PORTAL, seed, valkey, wired


def main() -> None:
    """Seed, run, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contacts", type=int, nargs="+", default=[4_000, 40_000])
    parser.add_argument("--profile", action="store_true")
    chosen = parser.parse_args()
    logging.disable(logging.CRITICAL)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    with valkey() as redis_url:
        found = [
            _measured(contacts, redis_url, chosen.profile and contacts == min(chosen.contacts))
            for contacts in chosen.contacts
        ]
    small, large = found[0], found[-1]
    ratio = {
        name: round(large[name] / small[name], 2)
        for name in small
        if name.endswith(("_per_lead", "_per_contact"))
    }
    print(json.dumps({"bench": "backfill", "portals": found, "ratio": ratio}))


def _measured(contacts: int, redis_url: str, profiled: bool) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        product = wired(Path(folder), REDIS_URL=redis_url)
        product.stores.redis.flushall()
        statements = counted(product)
        seed(product, contacts)
        product.ai.warm_up()
        size_before = _size(Path(folder))
        began, memory = time.process_time(), _peak_mb()
        with product.stores.database.write() as conn:
            runs.start(conn, PORTAL, "population", product.stores.clock.now())
        population(product, PORTAL)
        population_ms = (time.process_time() - began) * 1000 / contacts
        population_mb = _peak_mb() - memory
        profile = cProfile.Profile()
        if profiled:
            profile.enable()
        statements[0] = 0
        first_ms = backfilled(product, contacts)
        first_statements = statements[0] / contacts
        if profiled:
            profile.disable()
            pstats.Stats(profile, stream=sys.stderr).sort_stats("tottime").print_stats(45)
        size_first = _size(Path(folder))
        again_ms = backfilled(product, contacts)
        found = {
            "contacts": contacts,
            "population_cpu_ms_per_contact": round(population_ms, 2),
            "population_peak_mb": round(population_mb, 1),
            "cpu_ms_per_lead": round(first_ms, 2),
            "again_cpu_ms_per_lead": round(again_ms, 2),
            "statements_per_lead": round(first_statements, 2),
            "mirror_kb_per_contact": round(size_before / contacts / 1000, 2),
            "scored_kb_per_contact": round((size_first - size_before) / contacts / 1000, 2),
        }
        product.stores.redis.close()
        product.stores.database.engine.dispose()
        return found


def backfilled(product: Product, contacts: int) -> float:
    """CPU in ms per lead of marking all due and scoring them, in this process alone."""
    began = time.process_time()
    with product.stores.database.write() as conn:
        runs.restart(conn, PORTAL, "backfill", product.stores.clock.now())
    backfill(product, PORTAL)
    while not _ended(product):
        score_due(product, PORTAL, Urgency.BACKFILL.value)
    with product.stores.database.read() as conn:
        assert due_leads.unfinished(conn, PORTAL) == 0  # noqa: S101
    return (time.process_time() - began) * 1000 / contacts


def _ended(product: Product) -> bool:
    with product.stores.database.read() as conn:
        run = runs.latest(conn, PORTAL, "backfill")
    return run is not None and run.state != "running"


def counted(product: Product) -> list[int]:
    """How many statements have been executed from now on, in its only place."""
    count = [0]

    @sa.event.listens_for(product.stores.database.engine, "before_cursor_execute")
    def _one(*_: Any) -> None:
        count[0] += 1

    return count


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.glob("bench.db*"))


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


if __name__ == "__main__":
    main()
