"""What an installation of a given size needs, calculated from unit costs.

`python -m bench.capacity` prints one JSON object per size: 1, 100 and 10,000 portals of 20,000
contacts with 2,000 events a day each, and 100 million leads in 5,000 portals. The needs are not
measured, and of the unit costs only those are that say so. `bound_by` names the limit that a first
backfill of one portal meets first, `busy_hour_share` how much of a day's events come in its busiest
hour.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, dataclass

from backend.config import AI_PRICES, BUCKET_REFILL_PER_S

CONTACTS, EVENTS = 20_000, 2_000  # per portal, and per portal and day


@dataclass(frozen=True, slots=True)
class UnitCosts:
    """A name ends with its unit."""

    # measured by bench.backfill and bench.size, on a busy machine
    backfill_cpu_ms: float = 2.6  # per lead, first score
    population_cpu_ms: float = 0.7  # per contact
    database_kb: float = 8.0  # per contact, on SQLite (bench.size)
    # measured once, with 25 events one after the other on a busy machine
    event_cpu_ms: float = 325.0  # per event that comes alone: three jobs, each a new process
    event_calls: float = 1.7  # HubSpot calls per event that comes alone
    # measured before, at 4,000 to 100,000 contacts
    pull_calls: float = 0.119  # HubSpot calls per contact
    # assumed
    history_kb: float = 1.5  # per changed score
    redis_portal_kb: float = 4.0  # limits, marks, meter
    redis_job_kb: float = 1.5  # per waiting job; at most 8 of a portal wait at once
    embedded_texts: float = 0.6  # per contact; equal texts are embedded once
    analysis_prompt_tokens: int = 700
    analysis_answer_tokens: int = 150
    analysis_s: float = 1.5
    busy_hour_share: float = 0.18


@dataclass(frozen=True, slots=True)
class Needs:
    """Of a whole installation; `backfill_*` of one portal."""

    portals: int
    leads: int
    database_gb: float
    history_gb_per_year: float
    redis_mb: float
    busy_hour_worker_cores: float
    hubspot_calls_per_day: int
    hubspot_calls_per_portal_and_day: int
    backfill_calls_s: float
    backfill_cpu_s: float
    backfill_analyst_s: float
    bound_by: str
    embeddings: int
    tokens_per_day: int
    analyst_usd_per_day: float


def needs(portals: int, contacts: int, events: int, unit: UnitCosts, parallel: int) -> Needs:
    """`contacts` and `events` (a day) per portal; `parallel` questions to a model at a time."""
    leads, events_all = portals * contacts, portals * events
    peak_per_s = events_all * unit.busy_hour_share / 3_600
    calls_s = contacts * unit.pull_calls / BUCKET_REFILL_PER_S
    cpu_s = contacts * (unit.backfill_cpu_ms + unit.population_cpu_ms) / 1_000
    analyst_s = contacts * unit.analysis_s / parallel
    limits = {"HubSpot's calls": calls_s, "one worker's core": cpu_s, "the model": analyst_s}
    tokens = unit.analysis_prompt_tokens + unit.analysis_answer_tokens
    price = AI_PRICES["gpt-6-luna"]
    usd = (
        unit.analysis_prompt_tokens * price.prompt_usd
        + unit.analysis_answer_tokens * price.completion_usd
    ) / 1e6
    calls = events * unit.event_calls
    return Needs(
        portals=portals,
        leads=leads,
        database_gb=round(leads * unit.database_kb / 1e6, 1),
        history_gb_per_year=round(events_all * 365 * unit.history_kb / 1e6, 1),
        redis_mb=round(portals * (unit.redis_portal_kb + 8 * unit.redis_job_kb) / 1e3 + 4, 1),
        busy_hour_worker_cores=round(peak_per_s * unit.event_cpu_ms / 1_000, 2),
        hubspot_calls_per_day=round(portals * calls),
        hubspot_calls_per_portal_and_day=round(calls),
        backfill_calls_s=round(calls_s),
        backfill_cpu_s=round(cpu_s),
        backfill_analyst_s=round(analyst_s),
        bound_by=max(limits, key=lambda name: limits[name]),
        embeddings=round(leads * unit.embedded_texts),
        tokens_per_day=events_all * tokens,
        analyst_usd_per_day=round(events_all * usd, 2),
    )


def main() -> None:
    """Four sizes, one line each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parallel", type=int, default=64, help="questions to a model at a time")
    parallel = parser.parse_args().parallel
    unit = UnitCosts()
    for portals in (1, 100, 10_000, 5_000):
        found = needs(portals, CONTACTS, EVENTS, unit, parallel)
        print(json.dumps({"bench": "capacity"} | asdict(found)))


if __name__ == "__main__":
    main()
