"""From an event in HubSpot to the new score in its properties, two leads a second.

`python -m bench.latency [--leads 60]` prints one JSON object; HubSpot's answers are delayed by
150 ms. Counted from the moment the activity is saved in the portal. The analysis is the embedded
one: add the provider's own time for a language model.
"""

from __future__ import annotations

import argparse
import json
import time
from datetime import UTC, datetime

import requests

from backend.storage.leads import scores
from backend.storage.outbox import writes
from bench.stage import Running, running

PARTS = ("valkey", "sandbox", "web", "cron", "worker")
PER_S = 2.0


def main() -> None:
    """A scored portal, then replies one after the other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--leads", type=int, default=60)
    wanted = parser.parse_args().leads
    with running(contacts=600, parts=PARTS) as stage:
        for step in (stage.scenario.connect, stage.scenario.import_profile, stage.scenario.go_live):
            step()
        stage.scenario.score_all()
        print(json.dumps(measure(stage, wanted)))


def measure(stage: Running, wanted: int) -> dict[str, object]:
    """Seconds by percentile, and leads whose score was not written within a minute."""
    scenario = stage.scenario
    faults = f"{stage.stage.sandbox}/sandbox/faults"
    slow = {"effect": "latency", "path": "/crm/*", "ms": 150}
    requests.put(faults, json={"rules": [slow]}, timeout=10).raise_for_status()
    with scenario.product.stores.database.read() as conn:
        leads = [s.contact_id for s in scores.top(conn, scenario.portal_id, 10_000)][-wanted:]
    began: dict[str, datetime] = {}
    started = time.monotonic()
    for number, contact_id in enumerate(leads):
        time.sleep(max(0.0, started + number / PER_S - time.monotonic()))
        began[contact_id] = datetime.now(UTC)
        scenario.reply(contact_id)
    time.sleep(20)
    with scenario.product.stores.database.read() as conn:
        found = writes.last_written(conn, scenario.portal_id, leads)
    took = sorted(
        (found[c][1] - began[c]).total_seconds()
        for c in leads
        if c in found and found[c][1] > began[c]
    )
    return {
        "leads": len(leads),
        "written": len(took),
        "p50_s": round(took[len(took) // 2], 2),
        "p95_s": round(took[int(len(took) * 0.95)], 2),
        "rate_limited": stage.stats()["rate_limited"],
    }


if __name__ == "__main__":
    main()
