"""A portal's outcomes as one table: what training, backtest and profile mining all start from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from backend.config import MIN_OUTCOMES_TO_PUBLISH
from backend.errors import BadInput
from backend.learning.data.arms import Arm, Assigned
from backend.learning.data.labels import parse_outcomes
from backend.learning.data.outcomes import (
    BECAME_LEAD_COLUMN,
    GROUP_COLUMN,
    OUTCOME_COLUMN,
    WEIGHT_COLUMN,
    Outcome,
    at_comparable_ages,
)
from backend.learning.data.table import Table, table_of
from backend.learning.fit.training import TrainingChoices
from backend.learning.judge.backtest import Backtest
from backend.learning.metrics import effective_number, measure
from backend.model import Snapshot
from backend.scoring.baseline import formula_parts
from backend.scoring.facts.segments import OUTSIDE, SEGMENT_FIELD
from backend.scoring.points.parts import exact_points
from backend.scoring.scorecard.rows import row_of
from backend.services.learning.as_of import OWN_SCORE, as_of
from backend.services.learning.labels import Past, labelled
from backend.services.scoring.pipeline import context_of
from backend.storage.outbox import experiments
from backend.storage.portals.portals import Portal
from backend.wiring import Product


@dataclass(frozen=True, slots=True)
class Gathered:
    """Every lead with an outcome, as it was then: `snapshots` and rows of `table` in one order.
    `censored` leads are held out (`Why`); `horizon_days` is the time a win may take."""

    table: Table
    snapshots: Sequence[Snapshot]
    outcomes: Sequence[Outcome]
    horizon_days: int
    censored: int
    filled_after: Mapping[str, float]

    @property
    def won(self) -> int:
        return sum(outcome.result == "won" for outcome in self.outcomes)

    @property
    def lost(self) -> int:
        return len(self.outcomes) - self.won

    @property
    def arms(self) -> dict[str, int]:
        """How many of the leads experiments followed up, left alone, or had tried."""
        counts = Counter(outcome.arm for outcome in self.outcomes)
        return {arm.value: counts[arm] for arm in Arm if counts[arm] and arm is not Arm.NONE}

    @property
    def worth(self) -> float:
        """How many outcomes of one weight say as much as these."""
        return effective_number(np.array([outcome.weight for outcome in self.outcomes]))

    def choices(self, keep: Sequence[str] = (), ignore: Sequence[str] = ()) -> TrainingChoices:
        """How to train on it. Its group, date and the portal's own score are no fields."""
        return TrainingChoices(
            group=GROUP_COLUMN,
            weight=WEIGHT_COLUMN if WEIGHT_COLUMN in self.table.names else None,
            date=BECAME_LEAD_COLUMN,
            ignore=(BECAME_LEAD_COLUMN, OWN_SCORE, *ignore),
            keep=tuple(keep),
            horizon_days=self.horizon_days,
            filled_after=self.filled_after,
        )

    def summary(self) -> dict[str, Any]:
        """What every report says about its outcomes."""
        return {
            "won": self.won,
            "lost": self.lost,
            "censored": self.censored,
            "horizon_days": self.horizon_days,
            "arms": self.arms,
            "worth": round(self.worth),
        }


def gather(product: Product, portal: Portal, still: Callable[[], Any] = lambda: None) -> Gathered:
    """Read the mirror and, for leads with an outcome that are not cached, HubSpot's property
    history. `still` is called between the slow parts, to renew a lease.

    Raises BadInput while there are fewer than 15 won and 15 lost.
    """
    labels = labelled(product.stores, portal)
    known = labels.known
    outcomes = at_comparable_ages([(past.history, outcome) for past, outcome in known])
    with product.stores.database.read() as conn:
        assigned = experiments.of_portal(conn, portal.portal_id)
    outcomes = [_in_arm(outcome, assigned.get(outcome.contact_id)) for outcome in outcomes]
    chosen = list(zip([past for past, _ in known], outcomes, strict=True))
    won = sum(outcome.result == "won" for _, outcome in chosen)
    if min(won, len(chosen) - won) < MIN_OUTCOMES_TO_PUBLISH:
        raise BadInput(
            f"not enough outcomes yet: {won} won and {len(chosen) - won} lost, "
            f"{MIN_OUTCOMES_TO_PUBLISH} of each are needed"
        )
    still()
    then = as_of(product, portal, chosen)
    still()
    return Gathered(
        table=_table(then.snapshots, chosen, portal.settings.learn_from),
        snapshots=then.snapshots,
        outcomes=[outcome for _, outcome in chosen],
        horizon_days=labels.horizon_days,
        censored=len(labels.decided) - len(chosen),
        filled_after=then.filled_after,
    )


def formula_metrics(
    product: Product, portal: Portal, gathered: Gathered, judged: Backtest
) -> dict[str, float | None]:
    """How the formula without outcomes orders the same test leads: what a model has to beat."""
    comparison = context_of(product, portal).comparison
    rows, won = judged_rows(gathered, judged)
    leads = [gathered.snapshots[row] for row in rows]
    points = [exact_points(formula_parts(lead, comparison.of(lead.segment))) for lead in leads]
    return measure(won, np.array(points)).as_dict()


def judged_rows(gathered: Gathered, judged: Backtest) -> tuple[list[int], Any]:
    """(places of the test leads in the table, whether each was won as 0.0 and 1.0)."""
    rows = [prediction.row - 1 for prediction in judged.predictions]
    won = parse_outcomes(gathered.table, OUTCOME_COLUMN).won
    return rows, won[rows]


def _table(
    snapshots: Sequence[Snapshot],
    chosen: Sequence[tuple[Past, Outcome]],
    learn_from: Sequence[str],
) -> Table:
    """An own property that nobody had then is a column all the same: the report says why not."""
    own = any(OWN_SCORE in snapshot.contact for snapshot in snapshots)
    apart = _told_apart(zip(snapshots, [outcome for _, outcome in chosen], strict=True))
    weighed = any(outcome.weight != 1 for _, outcome in chosen)
    return table_of(
        {
            **row_of(snapshot),
            **({SEGMENT_FIELD: OUTSIDE} if snapshot.segment not in {*apart, None} else {}),
            **{name: snapshot.own.get(name) for name in learn_from},
            **({OWN_SCORE: snapshot.contact.get(OWN_SCORE)} if own else {}),
            OUTCOME_COLUMN: outcome.result,
            GROUP_COLUMN: _group(past),
            BECAME_LEAD_COLUMN: past.became_lead_at.date().isoformat(),
            **({WEIGHT_COLUMN: outcome.weight} if weighed else {}),
        }
        for snapshot, (past, outcome) in zip(snapshots, chosen, strict=True)
    )


def _told_apart(leads: Iterable[tuple[Snapshot, Outcome]]) -> set[str]:
    """Segments with 15 won and 15 lost of their own. With fewer a base rate of one's own promises
    worse than the portal's (docs/scoring-statistics.md, Segments)."""
    counts = Counter((lead.segment, outcome.result) for lead, outcome in leads)
    least = MIN_OUTCOMES_TO_PUBLISH
    return {
        name
        for name in {segment for segment, _ in counts}
        if name and min(counts[name, "won"], counts[name, "lost"]) >= least
    }


def _in_arm(outcome: Outcome, assigned: Assigned | None) -> Outcome:
    if assigned is None:
        return outcome
    return replace(outcome, arm=assigned.arm, weight=assigned.weight)


def _group(past: Past) -> str:
    """Leads that are judged together: of one company, or without one of the same first deal."""
    deals = past.history.deals
    return past.snapshot.company_id or (
        f"deal {deals[0].deal_id}" if deals else past.snapshot.contact_id
    )
