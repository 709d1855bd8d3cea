"""Is a backfill bound by the provider? `python -m bench.provider_bound` prints JSON.

Leads with ten activities each go through the whole pipeline from a migrated SQLite database: claim,
collect, embed, similar, baseline, budget, analyse, calculate, save, in `--workers` processes. The
analysis is simulated: a question takes 1.5 s, 16 at a time in a process, and at the shared pace of
`--limit` requests a minute, as a vendor's headers would say it (0: none).
"""

from __future__ import annotations

import argparse
import base64
import json
import logging
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import structlog

from backend.clients.redis.pace import Pace
from backend.clients.side_by_side import side_by_side
from backend.config import AI_CONCURRENCY, ANSWER_WITHIN_S, Settings
from backend.embedded.rule_analyst import judge
from backend.embedded.valkey import command
from backend.errors import LeadlightError
from backend.jobs.backfill import backfill
from backend.jobs.score_due import score_due
from backend.model import (
    Analysis,
    AnalystRequest,
    CrmRecord,
    IdealClient,
    PortalSettings,
    Urgency,
    Usage,
)
from backend.scoring.collect import mirror_record
from backend.storage import runs
from backend.storage.leads import due_leads, mirror
from backend.storage.learning import profiles
from backend.storage.migrate import upgrade
from backend.storage.portals import portals
from backend.wiring import Product, build
from bench.ports import free_port

PORTAL = 1
ANSWER_S = 1.5
ACTIVITIES = 10
INDUSTRIES = ("LOGISTICS_AND_SUPPLY_CHAIN", "BANKING", "COMPUTER_SOFTWARE", "RETAIL", "MACHINERY")
SIZES = ("8", "40", "120", "300", "2000")
COUNTRIES = ("Germany", "France", "United States", "Italy")


CLIENTS = tuple(
    IdealClient(str(i), "logistics and supply chain", "51-200", "10M-50M", "germany", ("aws",))
    for i in range(20)
)


class SlowAnalyst:
    """A vendor's analyst that thinks for 1.5 s, at most 16 questions at once."""

    name = "openai/simulated/analyst-1"

    def __init__(self, pace: Pace) -> None:
        self._pace = pace

    def cost(self) -> Usage:
        """As measured."""
        return Usage(1, 700, 150, 195)

    def analyse(
        self, requests: Sequence[AnalystRequest], within_s: float = ANSWER_WITHIN_S
    ) -> list[Analysis | LeadlightError]:
        """One answer per request, in order."""
        ask = partial(self._one, time.monotonic() + within_s)
        return side_by_side(ask, requests, AI_CONCURRENCY, within_s)

    def _one(self, ends: float, request: AnalystRequest) -> Analysis:
        self._pace.take(ends - time.monotonic())
        time.sleep(ANSWER_S)
        return replace(judge(request), provider="openai", usage=Usage(1, 700, 150, 195))


def main() -> None:
    """Seed, run, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--leads", type=int, default=1_000)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--limit", type=int, default=0)
    parser.add_argument("--join", nargs=2)  # folder and address of Redis: one of the processes
    chosen = parser.parse_args()
    logging.disable(logging.CRITICAL)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    if chosen.join:
        _worker(Path(chosen.join[0]), chosen.join[1])
        return
    with valkey() as redis_url, tempfile.TemporaryDirectory() as folder:
        print(json.dumps(_measured(Path(folder), redis_url, chosen)))


def _measured(folder: Path, redis_url: str, chosen: argparse.Namespace) -> dict[str, object]:
    product = _slow(folder, redis_url)
    if chosen.limit:
        _pace(product).learn({"x-ratelimit-limit-requests": str(chosen.limit)})
    seed(product, chosen.leads)
    with product.stores.database.write() as conn:
        runs.restart(conn, PORTAL, "backfill", product.stores.clock.now())
    backfill(product, PORTAL)
    line = [sys.executable, "-m", "bench.provider_bound", "--join", str(folder), redis_url]
    workers = [
        subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for _ in range(chosen.workers)
    ]
    for worker in workers:
        assert worker.stdout is not None  # noqa: S101
        worker.stdout.readline()  # it has loaded what it needs
    began = time.perf_counter()
    for worker in workers:
        assert worker.stdin is not None  # noqa: S101
        worker.stdin.write(b"go\n")
        worker.stdin.flush()
    told = [json.loads(worker.communicate()[0]) for worker in workers]
    wall = time.perf_counter() - began
    with product.stores.database.read() as conn:
        left = due_leads.unfinished(conn, PORTAL)
    product.stores.database.dispose()
    most = chosen.workers * AI_CONCURRENCY / ANSWER_S
    most = min(most, chosen.limit / 60) if chosen.limit else most
    return {
        "bench": "provider_bound",
        "leads": chosen.leads,
        "workers": chosen.workers,
        "limit_per_minute": chosen.limit,
        "left": left,
        "wall_s": round(wall, 1),
        "leads_per_s": round(chosen.leads / wall, 2),
        "most_per_s": round(most, 2),
        "share_of_most": round(chosen.leads / wall / most, 3),
        "own_cpu_ms_per_lead": round(sum(one["cpu_s"] for one in told) / chosen.leads * 1000, 2),
    }


def _worker(folder: Path, redis_url: str) -> None:
    """Scores until nothing is left, from the moment that it is told to begin."""
    product = _slow(folder, redis_url)
    product.ai.warm_up()
    print("ready", flush=True)
    sys.stdin.readline()
    began, left = time.process_time(), 1
    while left:
        score_due(product, PORTAL, Urgency.BACKFILL.value)
        with product.stores.database.read() as conn:
            left = due_leads.unfinished(conn, PORTAL)
        time.sleep(0.02)  # the last ones may be in the hands of others
    print(json.dumps({"cpu_s": time.process_time() - began}))


def _slow(folder: Path, redis_url: str) -> Product:
    product = wired(folder, REDIS_URL=redis_url)
    return replace(product, ai=replace(product.ai, analyst=SlowAnalyst(_pace(product))))


def _pace(product: Product) -> Pace:
    return Pace("simulated", product.stores.redis, product.stores.clock)


@contextmanager
def valkey() -> Iterator[str]:
    """The address of a real one that is stopped afterwards."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        line = command(port, Path(folder))
        process = subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(1)
        yield f"redis://127.0.0.1:{port}/0"
        process.terminate()
        process.wait(10)


def wired(folder: Path, **environ: str) -> Product:
    """A product on a fresh SQLite database, where `environ` names no other; nobody answers as Redis
    unless it says who."""
    url = environ.get("DATABASE_URL", f"sqlite:///{folder / 'bench.db'}")
    upgrade(url)
    return build(
        Settings.from_env(
            {
                "PUBLIC_BASE_URL": "http://localhost:8000",
                "ENCRYPTION_KEYS": f"k1:{base64.b64encode(bytes(range(32))).decode()}",
                "SESSION_SECRET": "kV9w3sQ0ZrT7xYb2LnC5mJd8HfGp1aEu4iWo6tRq",
                "HUBSPOT_CLIENT_ID": "c",
                "HUBSPOT_CLIENT_SECRET": "s",
                "HUBSPOT_APP_ID": "1",
                "DATABASE_URL": url,
                "REDIS_URL": "redis://127.0.0.1:9/0",  # nobody there: bells are lost, work is not
                **environ,
            }
        )
    )


def seed(product: Product, count: int, *, profile: bool = True, per_company: int = 1) -> None:
    """A connected portal with `count` leads of ten activities each, and 20 ideal clients."""
    now = product.stores.clock.now()
    with product.stores.database.write() as conn:
        portals.install(conn, PORTAL, client_id="c", name="", now=now)
        budget = PortalSettings(daily_ai_calls=10 * count)
        portals.set_settings(conn, PORTAL, budget)
        portals.set_pulled(conn, PORTAL, now)
        if profile:
            profiles.add(conn, PORTAL, CLIENTS, source="bench", made_by="bench", now=now)
        for start in range(0, count, 200):
            records = {
                str(i): _records(i, i // per_company, now)
                for i in range(start, min(start + 200, count))
            }
            found = [record for several in records.values() for record in several]
            mirror.save(conn, PORTAL, [mirror_record(record)[0] for record in found])
            mirror.link(
                conn,
                PORTAL,
                [
                    (contact_id, r.object_type, r.object_id)
                    for contact_id, several in records.items()
                    for r in several
                    if r.object_type != "contacts"
                ],
            )


def _records(i: int, of_company: int, now: datetime) -> list[CrmRecord]:
    contact = CrmRecord(
        "contacts",
        str(i),
        {
            "email": f"p{i}@c{i}.example",
            "jobtitle": ("CEO", "Head of IT", "Buyer", "Student")[i % 4],
            "country": COUNTRIES[i % 4],
            "lifecyclestage": "lead",
        },
        now,
        associations={"companies": (f"c{of_company}",)},
    )
    company = CrmRecord(
        "companies",
        f"c{of_company}",
        {
            "industry": INDUSTRIES[of_company % 5],
            "numberofemployees": SIZES[(of_company // 5) % 5],
            "web_technologies": ("aws;python", "java", "php")[of_company % 3],
        },
        now,
    )
    return [contact, company, *(_activity(i, n, now) for n in range(ACTIVITIES))]


def _activity(i: int, n: int, now: datetime) -> CrmRecord:
    at = (now - timedelta(days=(i + 7 * n) % 90)).astimezone(UTC)
    properties = {"hs_timestamp": at.isoformat(), "hs_email_direction": "EMAIL"}
    return CrmRecord("emails", f"e{i}-{n}", properties, now, associations={"contacts": (str(i),)})


if __name__ == "__main__":
    main()
