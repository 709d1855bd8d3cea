"""HubSpot calls for routes, counted at the wire: a whole portal's lists, one lead, a hundred.

`python -m bench.routes [--contacts 1500]` prints one JSON object. Leads become High by replies,
with thresholds just above where they stand; doubles and gaps are counted in the portal itself.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from dataclasses import replace
from typing import Any

import requests

from backend.model import Thresholds
from backend.storage.leads import scores
from backend.storage.portals import portals
from bench.stage import Running, running

PARTS = ("valkey", "sandbox", "web", "cron", "worker")
AT_ONCE = 100


def main() -> None:
    """Connect, go live, score; then one lead and a hundred become High."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contacts", type=int, default=1_500)
    contacts = parser.parse_args().contacts
    with running(contacts=contacts, parts=PARTS) as stage:
        for step in (stage.scenario.connect, stage.scenario.import_profile, stage.scenario.go_live):
            step()
        stage.scenario.score_all()
        print(json.dumps(measure(stage)))


def measure(stage: Running) -> dict[str, object]:
    """Calls of lists and tasks per lead, and what the portal holds afterwards."""
    scenario = stage.scenario
    with scenario.product.stores.database.read() as conn:
        ranked = [s.contact_id for s in scores.top(conn, scenario.portal_id, 100_000)]
    listed = _routes(stage.stats())
    low = _between(stage, ranked)
    before = stage.stats()
    scenario.reply_from(low[:1])
    scenario.wait_until_written()
    one = stage.stats()
    scenario.reply_from(low[1 : AT_ONCE + 1])
    scenario.wait_until_written()
    many = _difference(_routes(stage.stats()), _routes(one))
    rate_limited = stage.stats()["rate_limited"]
    requests.put(f"{stage.stage.sandbox}/sandbox/rate-limit", json={"enabled": False}, timeout=10)
    tasks = _tasks(stage, low)
    return {
        "leads": len(ranked),
        "list_calls_whole_portal": sum(listed.values()),
        "list_calls_per_lead": round(sum(listed.values()) / len(ranked), 4),
        "one_lead_into_high_calls": dict(_calls(one) - _calls(before)),
        "one_lead_into_high_route_calls": sum(_difference(_routes(one), _routes(before)).values()),
        "hundred_into_high_route_calls": dict(many),
        "route_calls_per_lead_of_hundred": round(sum(many.values()) / AT_ONCE, 3),
        "tasks_made": sum(tasks.values()),
        "leads_with_two_tasks": sum(number > 1 for number in tasks.values()),
        "rate_limited": rate_limited,
    }


def _between(stage: Running, ranked: list[str]) -> list[str]:
    """The lowest leads, with an edge that a reply takes each of them over."""
    scenario = stage.scenario
    chosen = ranked[-(AT_ONCE + 1) :]
    with scenario.product.stores.database.write() as conn:
        settings = portals.get(conn, scenario.portal_id).settings
        edge = min(
            score.score for score in scores.current(conn, scenario.portal_id, chosen).values()
        )
        edges = Thresholds(high=max(edge + 1, 2), medium=1)
        portals.set_settings(conn, scenario.portal_id, replace(settings, thresholds=edges))
    return chosen


def _routes(stats: dict[str, Any]) -> Counter[str]:
    found = {
        name: int(number)
        for name, number in stats["calls"].items()
        if "memberships" in name
        or "/tasks/batch/create" in name
        or "/tasks/batch/update" in name
        or "contacts/tasks" in name
    }
    return Counter(found)


def _difference(after: Counter[str], before: Counter[str]) -> Counter[str]:
    return after - before


def _calls(stats: dict[str, Any]) -> Counter[str]:
    return Counter({name: int(number) for name, number in stats["calls"].items()})


def _tasks(stage: Running, contact_ids: list[str]) -> Counter[str]:
    """Tasks of our making by contact, as the portal's own API has them."""
    base, portal_id = stage.stage.sandbox, stage.scenario.portal_id
    answer = requests.post(f"{base}/sandbox/token", json={"portal_id": portal_id}, timeout=30)
    headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    found: Counter[str] = Counter()
    for contact_id in contact_ids:
        tied = requests.get(
            f"{base}/crm/objects/2026-09/contacts/{contact_id}",
            params={"associations": "tasks"},
            headers=headers,
            timeout=30,
        ).json()
        ids = [
            one["id"] for one in tied.get("associations", {}).get("tasks", {}).get("results", [])
        ]
        if ids:
            body = {"properties": ["hs_task_body"], "inputs": [{"id": i} for i in set(ids)]}
            read = requests.post(
                f"{base}/crm/objects/2026-09/tasks/batch/read",
                json=body,
                headers=headers,
                timeout=30,
            ).json()
            texts = [one["properties"].get("hs_task_body") or "" for one in read["results"]]
            found[contact_id] = sum("Leadlight route" in text for text in texts)
    return found


if __name__ == "__main__":
    main()
