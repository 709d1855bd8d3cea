"""Is a backfill bound by the provider? `python -m bench.provider_bound [leads]` prints JSON.

1,000 leads with ten activities each go through the whole pipeline from a migrated SQLite database:
claim, collect, embed, similar, baseline, budget, analyse, calculate, save. The analysis is
simulated: a question takes 1.5 s, 16 at a time; nobody could reach more than 16 / 1.5 leads/s.
"""

from __future__ import annotations

import base64
import json
import logging
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog

from backend.clients.side_by_side import side_by_side
from backend.config import AI_CONCURRENCY, ANSWER_WITHIN_S, Settings
from backend.embedded.rule_analyst import judge
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

    def cost(self) -> Usage:
        """As measured."""
        return Usage(1, 700, 150, 195)

    def analyse(
        self, requests: Sequence[AnalystRequest], within_s: float = ANSWER_WITHIN_S
    ) -> list[Analysis | LeadlightError]:
        """One answer per request, in order."""
        return side_by_side(self._one, requests, AI_CONCURRENCY, within_s)

    @staticmethod
    def _one(request: AnalystRequest) -> Analysis:
        time.sleep(ANSWER_S)
        return replace(judge(request), provider="openai", usage=Usage(1, 700, 150, 195))


def main() -> None:
    """Seed, run, print."""
    logging.disable(logging.CRITICAL)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    with tempfile.TemporaryDirectory() as folder:
        product = wired(Path(folder))
        product = replace(product, ai=replace(product.ai, analyst=SlowAnalyst()))
        seed(product, count)
        product.ai.warm_up()
        wall, cpu = time.perf_counter(), time.process_time()
        _run(product)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        with product.stores.database.read() as conn:
            left = due_leads.unfinished(conn, PORTAL)
        product.stores.database.dispose()
    most = AI_CONCURRENCY / ANSWER_S
    print(
        json.dumps(
            {
                "bench": "provider_bound",
                "leads": count,
                "left": left,
                "wall_s": round(wall, 1),
                "leads_per_s": round(count / wall, 2),
                "most_per_s": round(most, 2),
                "share_of_most": round(count / wall / most, 3),
                "own_cpu_ms_per_lead": round(cpu / count * 1000, 2),
            }
        )
    )


def _run(product: Product) -> None:
    with product.stores.database.write() as conn:
        runs.restart(conn, PORTAL, "backfill", product.stores.clock.now())
    backfill(product, PORTAL)
    left = 1
    while left:
        score_due(product, PORTAL, Urgency.BACKFILL.value)
        with product.stores.database.read() as conn:
            left = due_leads.unfinished(conn, PORTAL)


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


def _records(i: int, company: int, now: datetime) -> list[CrmRecord]:
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
        associations={"companies": (f"c{company}",)},
    )
    company = CrmRecord(
        "companies",
        f"c{company}",
        {
            "industry": INDUSTRIES[company % 5],
            "numberofemployees": SIZES[(company // 5) % 5],
            "web_technologies": ("aws;python", "java", "php")[company % 3],
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
