"""What selection does to a model that learns from worked leads, and what exploration gives back.

`python -m bench.exploration [--seeds N] [--months M] [--full] [--quick]`. A simulated portal where
the truth is known: its people work the 30 % of each month's leads that the model in use puts first,
a lead that nobody works is won a twentieth as often, and one industry that they never called wins
more than all others. Every three months a model is trained on the decided outcomes, chosen and
weighed by one of `RULES`: the regression alone and, with `--full`, at the last training the whole
model. Prints one JSON object.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from statistics import mean
from typing import Any

import numpy as np

from backend.learning.arrays import Floats, Ints
from backend.learning.data.cutting import cut
from backend.learning.data.encoding import encode, encode_columns
from backend.learning.data.kinds import kind_of
from backend.learning.data.table import Table
from backend.learning.fit.shrunken import shrunken_regression
from backend.learning.fit.training import TrainingChoices, train
from backend.learning.metrics import auc
from backend.scoring.scorecard.scorecard import apply

INDUSTRIES = ("dental", "machinery", "software", "retail", "logistics", "media", "energy", "food")
INDUSTRY_SHARES = (0.08, 0.20, 0.18, 0.14, 0.12, 0.10, 0.10, 0.08)
INDUSTRY_LOGITS = np.array([2.0, 0.5, 0.4, 0.0, 0.0, -0.3, -0.5, -0.7])
NICHE = 0  # the first industry
SOURCES = ("search", "event", "partner", "ads")
SOURCE_LOGITS = np.array([0.0, 0.5, 0.7, -0.6])
FIELDS = ("industry", "source", "employees", "page_views")
ALONE = 0.05  # of its chance a lead has that nobody works
CAPACITY = 0.30  # of a month's leads are worked
BEFORE = 12  # months of outcomes from before there were scores
DECIDED = 2  # months until an outcome is known
EVERY = 3  # months between two trainings

HISTORY, WORKED, TRIED, IGNORED, NOT_OFFERED = range(5)  # how a lead was treated


@dataclass(frozen=True, slots=True)
class Rule:
    """`share` per cent of the Low leads are offered, of which people try `tried`. The outcome of
    one that was tried (`ignored`: of every offered one) weighs `weight` at most; `left_out`: Low
    leads that were not offered are not learned from."""

    share: int
    weight: float = 1.0
    left_out: bool = False
    tried: float = 1.0
    ignored: bool = False


RULES: Mapping[str, Rule] = {
    "no exploration": Rule(0),
    **{
        f"{share} %{name}": Rule(share, weight)
        for share in (1, 2, 5, 10)
        for name, weight in (
            (", all alike", 1),
            (", weighed up to 5", 5),
            (", weighed up to 20", 20),
        )
    },
    "1 %, weighed up to 100": Rule(1, weight=100),
    "5 %, not offered left out": Rule(5, left_out=True),
    "5 %, weighed, not offered left out": Rule(5, weight=20, left_out=True),
    "5 %, 6 of 10 tried, those weighed": Rule(5, weight=20, tried=0.6),
    "5 %, 6 of 10 tried, all offered weighed": Rule(5, weight=20, tried=0.6, ignored=True),
    "10 %, 2 of 10 tried, those weighed": Rule(10, weight=20, tried=0.2),
    "10 %, 2 of 10 tried, all offered weighed": Rule(10, weight=20, tried=0.2, ignored=True),
}


@dataclass(frozen=True, slots=True)
class Leads:
    """`chance` is that of a lead that is worked; `won` and `treated` are known once it was."""

    month: Ints
    industry: Ints
    source: Ints
    employees: Ints
    page_views: Ints
    chance: Floats
    luck: Floats  # uniform: won where it is below the chance
    explored_by: Floats  # uniform: offered where it is below the share
    tried_by: Floats  # uniform: an offered lead is called where it is below the rule's part

    def table(self, rows: Ints, won: Floats | None = None) -> Table:
        """As a training reads it."""
        columns: dict[str, list[str | None]] = {
            "industry": [INDUSTRIES[n] for n in self.industry[rows]],
            "source": [SOURCES[n] for n in self.source[rows]],
            "employees": [str(n) for n in self.employees[rows]],
            "page_views": [str(n) for n in self.page_views[rows]],
            "company": [str(n) for n in rows],
        }
        if won is not None:
            columns["outcome"] = ["won" if one else "lost" for one in won]
        return Table(columns)


def leads(seed: int, months: int, a_month: int) -> Leads:
    """Everybody who comes in, the months before the first score included."""
    rng = np.random.default_rng(seed)
    number = (BEFORE + months) * a_month
    industry = rng.choice(len(INDUSTRIES), number, p=INDUSTRY_SHARES)
    source = rng.choice(len(SOURCES), number, p=(0.4, 0.2, 0.15, 0.25))
    source = np.where(industry == NICHE, np.where(source == 3, 3, 0), source)
    employees = np.exp(rng.normal(4, 1.2, number)).astype(np.intp) + 1
    page_views = rng.poisson(np.where(industry == NICHE, 1.5, 3))
    logits = (
        -2.2
        + INDUSTRY_LOGITS[industry]
        + SOURCE_LOGITS[source]
        + 0.3 * (np.log(employees) - 4)
        + 0.2 * (page_views - 3)
    )
    return Leads(
        month=np.repeat(np.arange(BEFORE + months), a_month),
        industry=industry,
        source=source,
        employees=employees,
        page_views=page_views,
        chance=1 / (1 + np.exp(-logits)),
        luck=rng.random(number),
        explored_by=rng.random(number),
        tried_by=rng.random(number),
    )


def weights(rule: Rule, treated: Ints) -> Floats:
    """How much each outcome counts; 0 is not learned from."""
    found = np.ones(len(treated))
    heavy = (treated == TRIED) | (rule.ignored & (treated == IGNORED))
    found[heavy] = max(1.0, min(100 / max(rule.share, 1), rule.weight))
    if rule.left_out:
        found[treated == NOT_OFFERED] = 0.0
    return found


def predicted(train_on: Table, times: Floats, wanted: Table, *, full: bool) -> Floats:
    """Log-odds of the wanted leads by a model of these outcomes."""
    if full:
        weighed = Table({**train_on.columns, "weight": [str(one) for one in times]})
        choices = TrainingChoices(group="company", weight="weight")
        return apply(train(weighed, "outcome", choices).scorecard, wanted.row_mappings()).logits
    cells = [cut(kind_of(n, train_on.column(n)), train_on.column(n)) for n in FIELDS]
    won = np.array([one == "won" for one in train_on.column("outcome")], dtype=float)
    model = shrunken_regression(encode(cells, train_on), won, weights=times)
    return model.predict(encode_columns(cells, wanted))


def first_order(found: Leads) -> Floats:
    """What people went by before there were scores: engagement and source, never the niche."""
    order = 0.2 * found.page_views + SOURCE_LOGITS[found.source]
    return np.where(found.industry == NICHE, -np.inf, order)


def run(rule: Rule, seed: int, months: int, a_month: int, *, full: bool) -> dict[str, Any]:
    """One portal's life with this rule, from its first training on."""
    found = leads(seed, months, a_month)
    treated = np.full(len(found.month), HISTORY)
    order = first_order(found)
    won = np.zeros(len(found.month))
    wins: list[float] = []
    niche: list[float] = []  # share of its leads that are worked because of their score
    explored = 0
    for month in range(BEFORE + months):
        rows = np.flatnonzero(found.month == month)
        since = month - BEFORE
        if since >= 0 and since % EVERY == 0:
            known = np.flatnonzero(found.month < month - DECIDED)
            times = weights(rule, treated[known])
            known, times = known[times > 0], times[times > 0]
            learned = found.table(known, won[known])
            whole = full and since + EVERY >= months
            order = predicted(learned, times, found.table(np.arange(len(order))), full=whole)
        worked = order[rows] >= np.quantile(order[rows], 1 - CAPACITY)
        offered = ~worked & (100 * found.explored_by[rows] < rule.share) & (since >= 0)
        tried = offered & (found.tried_by[rows] < rule.tried)
        chance = found.chance[rows] * np.where(worked | tried, 1.0, ALONE)
        won[rows] = found.luck[rows] < chance
        if since >= 0:
            treated[rows] = np.select(
                [worked, tried, offered], [WORKED, TRIED, IGNORED], NOT_OFFERED
            )
            explored += int(offered.sum())
            wins.append(float(chance.sum()))
            niche.append(float(worked[found.industry[rows] == NICHE].mean()))
    last = found.month >= BEFORE + months - EVERY
    rare = last & (found.industry == NICHE)
    above = [n for n, share in enumerate(niche) if min(niche[n : n + EVERY]) >= 0.5]
    return {
        "recovered_after": above[0] if above else None,
        "niche_worked": mean(niche[-EVERY:]),
        "wins_a_month": mean(wins[-EVERY:]),
        "auc": auc((found.luck < found.chance)[last].astype(float), order[last]),
        "niche_promised": float((1 / (1 + np.exp(-order[rare]))).mean()),
        "niche_chance": float(found.chance[rare].mean()),
        "promised": float((1 / (1 + np.exp(-order[last]))).mean()),
        "chance": float(found.chance[last].mean()),
        "explored_a_month": explored / months,
    }


def measure(
    seeds: Sequence[int],
    months: int,
    a_month: int,
    *,
    full: bool = False,
    rules: Collection[str] = tuple(RULES),
) -> dict[str, Any]:
    """Every rule on the same portals: in how many the niche was recovered (at least half of its
    leads worked for a quarter, because of their score), when half of them had it, and the means of
    the last three months."""
    found: dict[str, Any] = {}
    for name in rules:
        lives = [run(RULES[name], seed, months, a_month, full=full) for seed in seeds]
        after = sorted(
            one["recovered_after"] for one in lives if one["recovered_after"] is not None
        )
        half = (len(seeds) + 1) // 2
        found[name] = {
            "recovered": len(after),
            "half_after_months": after[half - 1] if len(after) >= half else None,
            **{
                name: round(mean(one[name] for one in lives), 3)
                for name in lives[0]
                if name != "recovered_after"
            },
        }
    return {
        "bench": "exploration",
        "portals": len(seeds),
        "months": months,
        "a_month": a_month,
        "full": full,
        "rules": found,
    }


def quick() -> dict[str, Any]:
    """Three rules on one portal, 15 months long: a few seconds."""
    rules = ("no exploration", "10 %, all alike", "10 %, weighed up to 20")
    return measure((5,), 15, 300, rules=rules)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="bench.exploration", description=main.__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--months", type=int, default=24)
    parser.add_argument("--a-month", type=int, default=300)
    parser.add_argument("--full", action="store_true", help="the whole model at the end")
    parser.add_argument("--quick", action="store_true", help="three rules on one portal")
    parser.add_argument("--rule", action="append", choices=tuple(RULES), help="only this one")
    asked = parser.parse_args()
    rules = asked.rule or tuple(RULES)
    found = (
        quick()
        if asked.quick
        else measure(
            range(1, asked.seeds + 1), asked.months, asked.a_month, full=asked.full, rules=rules
        )
    )
    print(json.dumps(found, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
