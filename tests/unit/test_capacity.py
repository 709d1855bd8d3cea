"""Sizes are calculated from unit costs: what causes a need moves it, and nothing else does."""

from __future__ import annotations

from dataclasses import replace

from bench.capacity import UnitCosts, needs

UNIT = UnitCosts()


def test_storage_grows_with_leads_and_calls_with_events() -> None:
    small = needs(100, 20_000, 2_000, UNIT, 64)
    more_leads = needs(100, 40_000, 2_000, UNIT, 64)
    more_events = needs(100, 20_000, 4_000, UNIT, 64)
    assert more_leads.database_gb == 2 * small.database_gb
    assert more_leads.hubspot_calls_per_day == small.hubspot_calls_per_day
    assert more_events.hubspot_calls_per_day == 2 * small.hubspot_calls_per_day
    assert more_events.database_gb == small.database_gb


def test_the_slowest_part_of_a_first_backfill_is_named() -> None:
    assert needs(1, 20_000, 0, UNIT, 16).bound_by == "the model"
    assert needs(1, 20_000, 0, UNIT, 10_000).bound_by == "HubSpot's calls"
    dear = replace(UNIT, backfill_cpu_ms=100.0)
    assert needs(1, 20_000, 0, dear, 10_000).bound_by == "one worker's core"
