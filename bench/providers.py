"""What providers cost a lead: `python -m bench.providers [leads]` prints JSON.

A portal of `leads` leads (200), a third of them with a message and every third message the same, is
connected, gets a profile, and is scored against it; then single leads have an event, and people
rescore leads, changed ones and others. OpenAI's chat is a server on this machine that answers in
1.5 s, refuses 5 % for their rate, fails with 2 % and never answers 1 %; embeddings are the
embedded ones. Requests are counted at the wire, refused ones apart.
"""

from __future__ import annotations

import json
import logging
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

import structlog

from backend.config import ANSWER_WITHIN_S
from backend.embedded.valkey import command
from backend.jobs.backfill import backfill
from backend.jobs.population import population
from backend.jobs.score_due import score_due
from backend.model import CrmRecord, Score, Urgency
from backend.scoring.collect import mirror_record
from backend.services.scoring.pipeline import Keep, context_of, score_batch
from backend.storage import runs
from backend.storage.leads import due_leads, mirror, scores
from backend.storage.learning import analyses, profiles
from backend.storage.portals import portals
from backend.wiring import Product, providers
from bench.ports import free_port
from bench.provider_bound import ANSWER_S, CLIENTS, PORTAL, seed, wired

HANG_S: Final = 120.0
SINGLE: Final = 20  # leads of each phase that takes one at a time
ROUNDS: Final = 3  # of leads that come again because they had to do without
ANALYSIS: Final = {
    "score": 60,
    "fit_level": "Medium",
    "next_action": "Email",
    "reasons": [],
    "reasoning": "A sound lead.",
}
READING: Final = {
    "intent": "price",
    "timeline": "none",
    "budget_mentioned": False,
    "role": "unknown",
    "complaint": False,
    "job_seeker": False,
    "manipulation_suspected": False,
    "quote": "",
}
REFUSALS: Final = ((0.05, 429), (0.07, 500), (0.08, 0))  # up to this draw: this status, 0 hangs


class Vendor:
    """The simulated chat; `counts` are requests by what became of them."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._random = random.Random(7)
        self._lock = threading.Lock()

    def answer(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Status and JSON of one request, after its time."""
        with self._lock:
            draw = self._random.random()
        status = next((status for share, status in REFUSALS if draw < share), 200)
        kind = str(body["response_format"]["json_schema"]["name"])
        with self._lock:
            self.counts[kind if status == 200 else f"status {status}"] += 1
        if status == 0:
            time.sleep(HANG_S)
        if status != 200:
            return status or 500, {"error": {"message": "simulated", "code": "simulated"}}
        time.sleep(ANSWER_S)
        made = ANALYSIS if kind == "analysis" else READING
        tokens = sum(len(message["content"]) for message in body["messages"]) // 4
        return 200, {
            "id": "x",
            "object": "chat.completion",
            "created": 1,
            "model": body["model"],
            "choices": [
                {
                    "index": 0,
                    "finish_reason": "stop",
                    "message": {"role": "assistant", "content": json.dumps(made)},
                }
            ],
            "usage": {
                "prompt_tokens": tokens,
                "completion_tokens": 120,
                "total_tokens": tokens + 120,
            },
        }


def main() -> None:
    """Every phase, one JSON object."""
    logging.disable(logging.CRITICAL)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    vendor = Vendor()
    with (
        tempfile.TemporaryDirectory() as folder,
        valkey(Path(folder)) as redis_url,
        serving(vendor) as url,
    ):
        product = with_chat(wired(Path(folder), REDIS_URL=redis_url), url)
        seed(product, count, profile=False)
        write_messages(product, count)
        product.ai.warm_up()
        found = {
            name: phase(product, vendor, work)
            for name, work in (
                ("connect", lambda: connect(product)),
                ("first_profile", lambda: first_profile(product)),
                ("event", lambda: one_by_one(product, event=True)),
                ("rescore_changed", lambda: one_by_one(product, event=True, person=True)),
                ("rescore_unchanged", lambda: one_by_one(product, person=True)),
            )
        }
        product.ai.close()
        product.stores.database.dispose()
    print(json.dumps({"bench": "providers", "leads": count, "phases": found}))


def phase(
    product: Product, vendor: Vendor, work: Callable[[], tuple[int, list[float]]]
) -> dict[str, Any]:
    """Requests, tokens, cost and seconds per lead of one phase."""
    vendor.counts.clear()
    before = _spent(product)
    started = time.perf_counter()
    leads, seconds = work()
    wall = time.perf_counter() - started
    after = _spent(product)
    with product.stores.database.read() as conn:
        stored = scores.top(conn, PORTAL, 1_000_000)
    told: dict[str, Any] = {
        "leads": leads,
        "requests": dict(sorted(vendor.counts.items())),
        "requests_per_lead": round(sum(vendor.counts.values()) / leads, 3),
        "tokens_per_lead": round((after[0] - before[0]) / leads),
        "usd_per_1000_leads": round((after[1] - before[1]) / leads / 1_000, 4),
        "seconds_per_lead": round(wall / leads, 3),
        "incomplete": sum(_is_incomplete(score) for score in stored),
    }
    if seconds:
        ordered = sorted(seconds)
        told |= {"p50_s": round(ordered[len(ordered) // 2], 2), "most_s": round(ordered[-1], 2)}
    return told


def connect(product: Product) -> tuple[int, list[float]]:
    """As it is after the pull: counted, and every lead scored."""
    _run(product)
    return _leads(product), []


def first_profile(product: Product) -> tuple[int, list[float]]:
    """The profile is imported, and every lead scored against it."""
    now = product.stores.clock.now()
    with product.stores.database.write() as conn:
        profiles.add(conn, PORTAL, CLIENTS, source="bench", made_by="bench", now=now)
    _run(product)
    return _leads(product), []


def one_by_one(
    product: Product, *, event: bool = False, person: bool = False
) -> tuple[int, list[float]]:
    """Single leads: with `event` something has happened, with `person` somebody asks."""
    seconds = []
    with product.stores.database.read() as conn:
        portal = portals.get(conn, PORTAL)
        ids = [s.contact_id for s in scores.top(conn, PORTAL, 1_000_000)][:SINGLE]
    for contact_id in ids:
        if event:
            _meeting(product, contact_id)
        keep = Keep(anew=frozenset([contact_id]) if person else frozenset())
        started = time.perf_counter()
        now = product.stores.clock.now()
        context = context_of(product, portal)
        batch = score_batch(product, context, [contact_id], now, keep, ANSWER_WITHIN_S)
        seconds.append(time.perf_counter() - started)
        with product.stores.database.write() as conn:
            scores.save(conn, list(batch.scored.values()), batch.before, {})
    return len(ids), seconds


def _run(product: Product) -> None:
    with product.stores.database.write() as conn:
        runs.restart(conn, PORTAL, "population", product.stores.clock.now())
    population(product, PORTAL)
    backfill(product, PORTAL)
    for _ in range(ROUNDS):
        _score_all(product)
        with product.stores.database.write() as conn:
            due_leads.bring_forward(conn, PORTAL, product.stores.clock.now())


def _score_all(product: Product) -> None:
    """Until nothing is due now; what had to do without comes in the next round."""
    while True:
        now = product.stores.clock.now()
        with product.stores.database.read() as conn:
            due = due_leads.due_counts(conn, now, PORTAL)
        if not any(count.next_due_at <= now for count in due):
            return
        score_due(product, PORTAL, Urgency.BACKFILL.value)


def _meeting(product: Product, contact_id: str) -> None:
    now = product.stores.clock.now() - timedelta(minutes=5)
    record = CrmRecord(
        "meetings",
        f"m{contact_id}-{now.timestamp():.0f}",
        {"hs_timestamp": now.isoformat(), "hs_meeting_outcome": "COMPLETED"},
        now,
        associations={"contacts": (contact_id,)},
    )
    with product.stores.database.write() as conn:
        mirror.save(conn, PORTAL, [mirror_record(record)[0]])
        mirror.link(conn, PORTAL, [(contact_id, "meetings", record.object_id)])


def write_messages(product: Product, count: int) -> None:
    """A third of the leads wrote something; a third of those the same."""
    ids = [str(i) for i in range(0, count, 3)]
    with product.stores.database.write() as conn:
        found = mirror.records(conn, PORTAL, "contacts", ids)
        texts = {
            cid: "Please send your price list." if n % 3 == 0 else f"We need {n} seats. What price?"
            for n, cid in enumerate(ids)
        }
        mirror.save(
            conn,
            PORTAL,
            [
                replace(record, facts={**record.facts, "text.message": texts[cid]})
                for cid, record in found.items()
            ],
        )


def with_chat(product: Product, url: str) -> Product:
    """The product with OpenAI's readers, on `url`."""
    stores = product.stores
    settings = replace(stores.settings, openai_api_key="k", openai_base_url=url)
    chosen = providers(settings, stores.database, stores.redis, stores.clock, stores.meter)
    ai = replace(product.ai, analyst=chosen.analyst, reader=chosen.reader, vendors=chosen.vendors)
    return replace(product, stores=replace(stores, settings=settings), ai=ai)


@contextmanager
def valkey(folder: Path) -> Iterator[str]:
    """Pace, breakers and what was learned are kept in it."""
    port = free_port()
    line = command(port, folder)
    with subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        time.sleep(1)
        yield f"redis://127.0.0.1:{port}/0"
        process.terminate()


@contextmanager
def serving(vendor: Vendor) -> Iterator[str]:
    """The vendor's address while it serves."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status, answer = vendor.answer(body)
            sent = json.dumps(answer).encode()
            try:
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(sent)))
                if status == 429:
                    self.send_header("Retry-After", "1")
                self.end_headers()
                self.wfile.write(sent)
            except OSError:
                return  # nobody waits any more

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", free_port()), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()


def _spent(product: Product) -> tuple[int, int]:
    """Tokens and millionths of a dollar, so far today."""
    with product.stores.database.read() as conn:
        used = analyses.spent_today(conn, PORTAL, product.stores.clock.now())
    return used.prompt_tokens + used.completion_tokens, used.cost_micro_usd


def _leads(product: Product) -> int:
    with product.stores.database.read() as conn:
        return len(scores.top(conn, PORTAL, 1_000_000))


def _is_incomplete(score: Score) -> bool:
    return any(flag.endswith("_away") for flag in score.flags)


if __name__ == "__main__":
    main()
