"""Pull and backfill of a large portal under HubSpot's real rate limit: how much of it is used?

`python -m bench.pull [--contacts 10000]` prints one JSON object. Reach: >= 90 % of the bucket's
refill while pulling, and not one 429.
"""

from __future__ import annotations

import argparse
import json
import time

from backend.config import BUCKET_BURST, BUCKET_REFILL_PER_S
from backend.storage import runs
from backend.storage.leads import due_leads, scores
from bench.stage import Running, running

PARTS = ("valkey", "sandbox", "web", "cron", "worker")


def main() -> None:
    """Connect, pull, score and write back."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contacts", type=int, default=10_000)
    contacts = parser.parse_args().contacts
    with running(contacts=contacts, parts=PARTS) as stage:
        print(json.dumps(measure(stage, contacts)))


def measure(stage: Running, contacts: int) -> dict[str, object]:
    """Seconds are of this machine; the ratio holds on any."""
    scenario = stage.scenario
    scenario.connect()
    scenario.import_profile()
    scenario.go_live()
    pulled = stage.stats()["total_calls"]
    with scenario.product.stores.database.read() as conn:
        pull = runs.latest(conn, scenario.portal_id, "pull")
    assert pull is not None and pull.finished_at is not None  # noqa: S101
    pull_s = (pull.finished_at - pull.started_at).total_seconds()
    began = time.monotonic()
    scenario.score_all()
    with scenario.product.stores.database.read() as conn:
        scored = sum(scores.distribution(conn, scenario.portal_id))
        lost = contacts - scored - due_leads.ineligible(conn, scenario.portal_id)
    stats = stage.stats()
    return {
        "contacts": contacts,
        "objects": pull.done,
        "pull_calls": pulled,
        "pull_s": round(pull_s, 1),
        "refill_used": round((pulled - BUCKET_BURST) / (pull_s * BUCKET_REFILL_PER_S), 3),
        "score_and_write_s": round(time.monotonic() - began, 1),
        "rate_limited": stats["rate_limited"],
        "leads_lost": lost,
        "calls_per_lead": round(stats["total_calls"] / contacts, 4),
    }


if __name__ == "__main__":
    main()
