"""HubSpot calls per lead, counted at the wire by the sandbox; memory and time of the whole way.

`python -m bench.hubspot_calls [--contacts 1500]` prints one JSON object.
"""

from __future__ import annotations

import argparse
import json
import time
from typing import Any

from backend.model import Score
from backend.storage.leads import due_leads, scores
from backend.storage.outbox import due_rows
from backend.storage.portals import portals
from bench.stage import Running, running

# Reading lead records, and writing scores on anything else than contacts.
RECORDS = ("/leads", "/companies/batch/update", "/deals/batch/update")
RECORDS_WAIT_S = 180  # a run's scores of one company become one write after a minute
ASIDE = ("/oauth/", "/crm/lists/", "/crm/properties/", "/account-info/", "/tasks", "/appinstalls/")


def main() -> None:
    """Connect, pull, score and write back a whole portal; then one lead alone."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contacts", type=int, default=1_500)
    contacts = parser.parse_args().contacts
    with running(contacts=contacts) as stage:
        print(json.dumps(measure(stage, contacts)))


def measure(stage: Running, contacts: int) -> dict[str, object]:
    """Counts and ratios; seconds are of this machine."""
    scenario = stage.scenario
    started = time.monotonic()
    scenario.connect()
    scenario.import_profile()
    scenario.go_live()
    pulled = time.monotonic()
    scenario.score_all()
    finished = time.monotonic()
    whole = stage.stats()
    _wait_for_records(stage)
    with_records = _calls(stage.stats())
    pss = stage.pss_mb()
    return {
        "contacts": contacts,
        "leads_lost": _lost(stage, contacts),
        "calls_per_lead": round((_calls(whole) - _of_records(whole)) / contacts, 4),
        "calls_per_lead_with_records": round(with_records / contacts, 4),
        "calls_aside": _all_calls(whole) - _calls(whole),
        "rate_limited": whole["rate_limited"],
        "calls_into_high": _into_high(stage),
        "calls_one_rescore": _rescored(stage),
        "factors_add_up": _add_up(stage),
        "pull_s": round(pulled - started, 1),
        "score_and_write_s": round(finished - pulled, 1),
        "pss_mb": pss,
        "pss_mb_total": round(sum(pss.values()), 1),
    }


def _endpoints(stats: dict[str, Any]) -> dict[str, int]:
    return {name: int(count) for name, count in stats["calls"].items()}


def _all_calls(stats: dict[str, Any]) -> int:
    return sum(_endpoints(stats).values())


def _calls(stats: dict[str, Any]) -> int:
    """Pull, refreshes and property writes; set-up, tasks and lists apart."""
    return sum(n for name, n in _endpoints(stats).items() if not any(a in name for a in ASIDE))


def _of_records(stats: dict[str, Any]) -> int:
    return sum(n for name, n in _endpoints(stats).items() if any(r in name for r in RECORDS))


def _wait_for_records(stage: Running) -> None:
    """Until companies, deals and lead records have their scores."""
    deadline = time.monotonic() + RECORDS_WAIT_S
    while _records_wait(stage):
        if time.monotonic() > deadline:
            raise RuntimeError("scores of companies, deals or lead records were not written")
        time.sleep(0.5)


def _records_wait(stage: Running) -> bool:
    portal_id = stage.scenario.portal_id
    with stage.scenario.product.stores.database.read() as conn:
        return any(due_rows.count(conn, box, portal_id) for box in due_rows.RECORDS)


def _lost(stage: Running, contacts: int) -> int:
    with stage.scenario.product.stores.database.read() as conn:
        scored = sum(scores.distribution(conn, stage.scenario.portal_id))
        return contacts - scored - due_leads.ineligible(conn, stage.scenario.portal_id)


def _add_up(stage: Running) -> bool:
    with stage.scenario.product.stores.database.read() as conn:
        found = scores.top(conn, stage.scenario.portal_id, 1_000_000)
    return all(s.score == 50 + sum(f.points for f in s.factors) for s in found)


def _into_high(stage: Running) -> int:
    """Calls until a reply has brought the best lead below High into it, with task and lists."""
    scenario = stage.scenario
    with scenario.product.stores.database.read() as conn:
        high = portals.get(conn, scenario.portal_id).settings.thresholds.high
        ranked = scores.top(conn, scenario.portal_id, 1_000_000)
    lead = next(s for s in ranked if s.score < high and _silent(s))
    before = _all_calls(stage.stats())
    scenario.reply_from([lead.contact_id])
    scenario.wait_until_written()
    calls = _all_calls(stage.stats()) - before
    with scenario.product.stores.database.read() as conn:
        after = {s.contact_id: s.score for s in scores.top(conn, scenario.portal_id, 1_000_000)}
    if after[lead.contact_id] < high:
        raise RuntimeError(f"a reply left {lead.score} at {after[lead.contact_id]}: not in High")
    return calls


def _silent(score: Score) -> bool:
    """A reply counts in full."""
    return not any(f.group == "engagement" and f.points > 0 for f in score.factors)


def _rescored(stage: Running) -> int:
    """Calls of a rescore that changes nothing."""
    scenario = stage.scenario
    with scenario.product.stores.database.read() as conn:
        lead = scores.top(conn, scenario.portal_id, 50)[-1]
    before = _all_calls(stage.stats())
    scenario.flask("score", "--portal", str(scenario.portal_id), lead.contact_id, "--json")
    scenario.wait_until_written()
    return _all_calls(stage.stats()) - before


if __name__ == "__main__":
    main()
