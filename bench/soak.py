"""Hours of events with random kills: everything accepted is scored and written, nothing twice.

`python -m bench.soak [--minutes 5] [--seed 7]` prints one JSON object, exit code 1 for anything
lost. `make soak` runs it for an hour. Kills a worker, both workers, the web server, cron or Valkey
(keeping or losing its disk) at random, a kill every 20 to 40 s. `held` is what all processes hold
together (memory, open files, connections): in the first and the last third, and the hourly slope.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from statistics import linear_regression, mean
from typing import Any

import requests

from backend.security.audit import chain_key, verify
from backend.storage.access import audit
from backend.storage.leads import due_leads, scores
from backend.storage.outbox import due_rows, writes
from bench.stage import Running, running

PARTS = ("valkey", "sandbox", "web", "cron", "worker")
CONTACTS = 300
SAMPLE_S = 20
SETTLE_S = 400  # after the last kill: claims lapse, retries come
TITLES = ("CEO", "Head of Logistics", "Intern", "VP Sales", "Engineer", "Buyer")


def main() -> int:
    """A scored portal, then changes and kills until the time is up, then the reckoning."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--seed", type=int, default=7)
    chosen = parser.parse_args()
    rng = random.Random(chosen.seed)
    with running(contacts=CONTACTS, rate_limit=False, parts=PARTS) as stage:
        for step in (stage.scenario.connect, stage.scenario.import_profile, stage.scenario.go_live):
            step()
        stage.scenario.score_all()
        samples: list[dict[str, float]] = []
        changes, kills = _storm(stage, rng, chosen.minutes * 60, samples)
        settled_s = until(lambda: quiet(stage), SETTLE_S)
        found = {
            "minutes": chosen.minutes,
            "changes": changes,
            "kills": dict(kills),
            "settled_s": settled_s,
            "held": slopes(samples),
        } | reckoning(stage)
    print(json.dumps(found))
    return 0 if found["lost"] == 0 and settled_s is not None else 1


def _storm(
    stage: Running, rng: random.Random, seconds: float, samples: list[dict[str, float]]
) -> tuple[int, Counter[str]]:
    """Change contacts twice a second; kill something now and then, and note what is held."""
    ids = contact_ids(stage)
    ends_at = time.monotonic() + seconds
    next_kill = time.monotonic() + rng.uniform(5, 15)
    changes, kills = 0, Counter[str]()
    next_sample = time.monotonic()
    while time.monotonic() < ends_at:
        if time.monotonic() > next_sample:
            samples.append(stage.held() | {"at_h": time.monotonic() / 3600})
            next_sample = time.monotonic() + SAMPLE_S
        changes += change(stage, rng.choice(ids), rng.choice(TITLES))
        if time.monotonic() > next_kill:
            kills[kill_something(stage, rng)] += 1
            next_kill = time.monotonic() + rng.uniform(20, 40)
        restart_the_dead(stage)
        time.sleep(0.5)
    return changes, kills


def slopes(samples: list[dict[str, float]]) -> dict[str, dict[str, float]]:
    """By what is held: the mean of the first and of the last third of the samples, and the slope of
    a straight line through all, per hour."""
    third = max(1, len(samples) // 3)
    hours = [sample["at_h"] for sample in samples]
    found = {}
    for name in ("mb", "files", "connections"):
        values = [sample[name] for sample in samples]
        found[name] = {
            "first": round(mean(values[:third]), 1),
            "last": round(mean(values[-third:]), 1),
            "per_hour": round(linear_regression(hours, values).slope, 1),
        }
    return found


def change(stage: Running, contact_id: str, title: str) -> int:
    """What a person does in HubSpot; the sandbox sends the webhook and repeats it."""
    address = (
        f"{stage.stage.sandbox}/sandbox/portals/{stage.scenario.portal_id}"
        f"/contacts/{contact_id}/properties"
    )
    return int(requests.post(address, json={"jobtitle": title}, timeout=30).ok)


def kill_something(stage: Running, rng: random.Random) -> str:
    """Kill a process, or both workers, or Valkey with or without its disk; what it was."""
    what = rng.choice(("worker1", "worker2", "workers", "web", "cron", "valkey", "valkey emptied"))
    for name in {"workers": ("worker1", "worker2")}.get(what, (what.split(" ")[0],)):
        if stage.processes[name].poll() is None:
            stage.kill(name)
    if what == "valkey emptied":
        for file in (stage.stage.folder / "valkey").rglob("*"):
            if file.is_file():
                file.unlink()
    return what


def restart_the_dead(stage: Running) -> None:
    """Start ended processes again, as a supervisor would."""
    for name, process in list(stage.processes.items()):
        if process.poll() is not None:
            stage.start_one(name)


def quiet(stage: Running) -> bool:
    """Whether nothing waits: no lead is due, no write pending."""
    restart_the_dead(stage)
    requests.post(f"{stage.stage.sandbox}/sandbox/webhooks/flush", json={}, timeout=60)
    portal = stage.scenario.portal_id
    with stage.scenario.product.stores.database.read() as conn:
        return (
            due_leads.unfinished(conn, portal) == 0
            and due_rows.count(conn, due_rows.WRITES, portal) == 0
        )


def reckoning(stage: Running) -> dict[str, Any]:
    """`lost`: leads whose score in the portal is not the stored one, although nothing waits."""
    portal = stage.scenario.portal_id
    product = stage.scenario.product
    with product.stores.database.read() as conn:
        stored = scores.top(conn, portal, 100_000)
        parked = due_leads.parked(conn, portal)
        twice = conn.exec_driver_sql(
            "SELECT count(*) FROM (SELECT contact_id, input_hash, score, scored_at FROM "
            "score_history GROUP BY contact_id, input_hash, score, scored_at HAVING count(*) > 1)"
        ).scalar_one()
        key = chain_key(product.stores.settings.session_secret)
        broken = len(verify(audit.chain(conn), key))
        known = writes.last_written(conn, portal, [one.contact_id for one in stored])
    shown = {one.contact_id: _shown(stage, one.contact_id) for one in stored}
    lost = {
        one.contact_id: {
            "stored": one.score,
            "scored_at": one.scored_at.isoformat(),
            "shown": shown[one.contact_id],
            "written": str(known.get(one.contact_id)),
        }
        for one in stored
        if shown[one.contact_id] != str(one.score)
    }
    return {
        "leads": len(stored),
        "parked": parked,
        "lost": len(lost),
        "lost_leads": lost,
        "history_twice": int(twice),
        "audit_breaks": broken,
    }


def _shown(stage: Running, contact_id: str) -> str:
    portal = stage.scenario.portal_id
    address = f"{stage.stage.sandbox}/sandbox/portals/{portal}/contacts/{contact_id}"
    found: str = requests.get(address, timeout=30).json()["properties"].get("ai_lead_score", "")
    return found


def contact_ids(stage: Running) -> list[str]:
    """Every scored lead."""
    with stage.scenario.product.stores.database.read() as conn:
        return [one.contact_id for one in scores.top(conn, stage.scenario.portal_id, 100_000)]


def until(holds: Callable[[], bool], seconds: float) -> float | None:
    """Seconds until it held three times in a row, None when it never did."""
    began, good = time.monotonic(), 0
    while time.monotonic() - began < seconds:
        try:
            good = good + 1 if holds() else 0
        except requests.RequestException:
            good = 0
        if good == 3:
            return round(time.monotonic() - began, 1)
        time.sleep(2)
    return None


if __name__ == "__main__":
    sys.exit(main())
