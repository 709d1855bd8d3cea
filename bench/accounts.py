"""Which rule for a company's score orders companies best by what became of them.

`python -m bench.accounts [--seeds 1,2,3] [--contacts 1500] [--days 90]` prints one JSON object. In
each simulated portal every lead is scored by the formula as it was `days` ago (property history,
deals and activities until then); companies with a won deal by then are left out; a company counts
as won when one of its contacts has a deal that was won since.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product as combinations
from statistics import mean
from typing import Final

import numpy as np

from backend.learning.arrays import Floats
from backend.learning.data.outcomes import Outcome
from backend.learning.metrics import measure
from backend.scoring.baseline import baseline
from backend.scoring.points.engagement import engagement_parts
from backend.services.learning.as_of import as_of
from backend.services.learning.labels import Past, labelled
from backend.services.scoring.pipeline import context_of
from backend.storage.portals import portals
from bench.stage import Running, running


@dataclass(frozen=True, slots=True)
class Lead:
    """One contact as it was."""

    score: int
    engagement: float


@dataclass(frozen=True, slots=True)
class Account:
    """A company's leads, best first, and whether it was won afterwards."""

    leads: tuple[Lead, ...]
    won: bool


Rule = Callable[[Sequence[Lead]], float]


def plus(table: Sequence[int], least: float) -> Rule:
    """The best lead's score and the table's points for further ones, of `least` points of
    engagement or more."""

    def rule(leads: Sequence[Lead]) -> float:
        engaged = sum(lead.engagement >= least for lead in leads[1:])
        return min(100, leads[0].score + sum(table[:engaged]))

    return rule


TABLES: Final = (
    (2, 1),
    (4, 2, 1),
    (6, 4, 2, 1),
    (8, 4, 2, 1),
    (10, 7, 5, 3, 2, 1),
    (15, 10, 7, 5, 3, 2, 1),
)
RULES: Final[dict[str, Rule]] = {
    "best": lambda leads: leads[0].score,
    "mean": lambda leads: mean(lead.score for lead in leads),
    "sum of points above 50": lambda leads: sum(max(0, lead.score - 50) for lead in leads),
    **{
        f"best + {table} from {least} points": plus(table, least)
        for table, least in combinations(TABLES, (-99.0, 0.5, 4.0))
    },
}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", default="1,2,3")
    parser.add_argument("--contacts", type=int, default=1_500)
    parser.add_argument("--days", type=int, default=90)
    options = parser.parse_args()
    found = {}
    for seed in options.seeds.split(","):
        with running(contacts=options.contacts, seed=seed) as stage:
            found[seed] = judged(accounts(stage, options.days))
    print(json.dumps({"days": options.days, "seeds": found, "mean_auc": _means(found)}, indent=1))


def accounts(stage: Running, days: int) -> list[Account]:
    """Every company with a lead `days` ago."""
    scenario = stage.scenario
    scenario.connect()
    scenario.import_profile()
    scenario.go_live()
    scenario.score_all()
    product = scenario.product
    with product.stores.database.read() as conn:
        portal = portals.get(conn, scenario.portal_id)
    at = product.stores.clock.now() - timedelta(days=days)
    pasts = [
        past
        for past, _ in labelled(product.stores, portal).decided
        if past.became_lead_at < at and past.history.company_id
    ]
    then = as_of(product, portal, [(past, _asked(past, at)) for past in pasts])
    comparison = context_of(product, portal).comparison
    by_company: dict[str, list[tuple[Past, Lead]]] = defaultdict(list)
    for past, snapshot in zip(pasts, then.snapshots, strict=True):
        engagement = sum(part.points for part in engagement_parts(snapshot))
        lead = Lead(baseline(snapshot, comparison).points, engagement)
        by_company[past.history.company_id or ""].append((past, lead))
    return [_account(known, at) for known in by_company.values() if not _won(known, None, at)]


def _asked(past: Past, at: datetime) -> Outcome:
    return Outcome(past.history.contact_id, "lost", decided_at=at, as_of=at)


def _won(
    known: Sequence[tuple[Past, Lead]], after: datetime | None, until: datetime | None
) -> bool:
    return any(
        deal.outcome == "won"
        and deal.closed_at is not None
        and (after is None or deal.closed_at > after)
        and (until is None or deal.closed_at <= until)
        for past, _ in known
        for deal in past.history.deals
    )


def _account(known: Sequence[tuple[Past, Lead]], at: datetime) -> Account:
    leads = sorted((lead for _, lead in known), key=lambda lead: -lead.score)
    return Account(tuple(leads), _won(known, at, None))


def judged(found: Sequence[Account]) -> dict[str, object]:
    """How each rule orders them."""
    won = np.array([float(account.won) for account in found])
    several = [account for account in found if len(account.leads) > 1]
    return {
        "companies": len(found),
        "with_several_leads": len(several),
        "won": int(won.sum()),
        "rules": {name: _measured(rule, found, won) for name, rule in RULES.items()},
    }


def _measured(rule: Rule, found: Sequence[Account], won: Floats) -> dict[str, float | None]:
    measured = measure(won, np.array([rule(account.leads) for account in found]) / 100).as_dict()
    return {name: measured[name] for name in ("auc", "pr_auc", "lift_at_20")}


def _means(found: dict[str, dict[str, object]]) -> dict[str, float]:
    means = {
        name: mean(one["rules"][name]["auc"] for one in found.values())  # type: ignore[index]
        for name in RULES
    }
    ordered = sorted(means.items(), key=lambda pair: -pair[1])
    return {name: round(value, 4) for name, value in ordered}


if __name__ == "__main__":
    main()
