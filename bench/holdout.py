"""The holdout's promises, on simulated portals where the truth is known. Prints one JSON object.

`python -m bench.holdout [--runs N] [--seed S]`. Each run is an experiment on companies of one to
four leads that are alike, looked at every day: how often it finds something where nothing is, and
by when a lift of 40 % is found, against what the plan promised.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from backend.learning.judge.holdout import (
    DAYS_A_MONTH,
    PLANNED_LIFT,
    POWER,
    Arms,
    Plan,
    design_effect,
    difference,
)
from backend.services.routing.holdout_arms import company_mac, is_held

SHARE = 20
WIN_RATE = 0.30  # of leads that are followed up
A_MONTH = 240
WINDOW_DAYS = 60
PORTAL = 4_242_001
DAILY = A_MONTH / DAYS_A_MONTH


@dataclass(frozen=True)
class Portal:
    """Leads in the order in which their time ends: day, company, arm, won."""

    days: np.ndarray[Any, np.dtype[np.int64]]
    companies: np.ndarray[Any, np.dtype[np.int64]]
    held: np.ndarray[Any, np.dtype[np.bool_]]
    won: np.ndarray[Any, np.dtype[np.float64]]

    def until(self, day: int) -> tuple[Arms, np.ndarray[Any, np.dtype[np.float64]]]:
        """What can be known on that day."""
        n = int(np.searchsorted(self.days, day, side="right"))
        return Arms(self.companies[:n], self.held[:n]), self.won[:n]


def portal(seed: int, lift: float, days: int) -> Portal:
    """A simulated experiment; a company's chance is Beta-distributed around its arm's."""
    rng = np.random.default_rng(seed)
    number = int(days * DAILY)
    sizes = rng.choice((1, 2, 3, 4), number, p=(0.7, 0.2, 0.07, 0.03))
    company = np.repeat(np.arange(number), sizes)[:number]
    macs = [company_mac("secret", PORTAL, f"run{seed}", str(one)) for one in range(number)]
    dealt = np.array([is_held(mac, SHARE) for mac in macs])
    held = dealt[company]
    base = np.where(dealt, WIN_RATE / (1 + lift), WIN_RATE)
    chance = rng.beta(9 * base, 9 * (1 - base))  # colleagues correlate by 1 / 10
    won = (rng.random(number) < chance[company]).astype(float)
    # colleagues come in the same weeks, not on the same day
    day = np.sort(rng.integers(0, days, number)) + WINDOW_DAYS
    return Portal(day, company, held, won)


def plan() -> Plan:
    """As the page would make it, from a year of cohorts of this portal."""
    past = portal(7, 0.0, 365)
    alike = design_effect(past.companies, past.won)
    return Plan(WIN_RATE, alike, A_MONTH, SHARE / 100, WINDOW_DAYS)


def looks(one: Portal, planned: float) -> Iterator[tuple[int, bool]]:
    """(day, whether something was found) of every day on which a lead's time ends."""
    for day in np.unique(one.days):
        arms, won = one.until(int(day))
        found = difference(arms, won, planned, shares=True)
        yield int(day), bool(found and found.known and (found.low > 0 or found.high < 0))


def found_on(one: Portal, planned: float) -> int | None:
    """The first day on which something was found."""
    return next((day for day, found in looks(one, planned) if found), None)


def measure(runs: int, seed: int) -> dict[str, Any]:
    """False alarms over three times the promised time, and when a lift of 40 % was found."""
    wanted = plan()
    planned = wanted.leads_for(PLANNED_LIFT)
    promised = wanted.months_for(0.4, planned)
    days = math.ceil(promised * DAYS_A_MONTH)
    alarms = sum(
        found_on(portal(seed + n, 0.0, 2 * days), planned) is not None for n in range(runs)
    )
    times = sorted(
        found_on(portal(seed + runs + n, 0.4, 2 * days), planned) or math.inf for n in range(runs)
    )
    found = times[math.ceil(POWER * runs) - 1] / DAYS_A_MONTH
    return {
        "bench": "holdout",
        "runs": runs,
        "false_alarms": alarms,
        "false_alarm_share": round(alarms / runs, 4),
        "promised_months": round(promised, 1),
        "found_by_8_of_10_months": round(found, 1),
        "found_over_promised": round(found / promised, 3),
    }


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="bench.holdout", description=main.__doc__)
    parser.add_argument("--runs", type=int, default=400)
    parser.add_argument("--seed", type=int, default=20_261_129)
    wanted = parser.parse_args()
    print(json.dumps(measure(wanted.runs, wanted.seed)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
