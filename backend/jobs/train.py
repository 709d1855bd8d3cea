"""Train a challenger on the portal's own outcomes, judge it on the newest, store its report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import structlog

from backend.config import MIN_OUTCOMES_TO_PUBLISH
from backend.errors import BadInput, Transient
from backend.jobs.as_of import Past, pasts, snapshots_as_of
from backend.jobs.exclusive import Held, exclusive
from backend.jobs.street import ground_of
from backend.learning.backtest import Backtest, backtest
from backend.learning.labels import parse_outcomes
from backend.learning.metrics import measure
from backend.learning.outcomes import (
    BECAME_LEAD_COLUMN,
    GROUP_COLUMN,
    OUTCOME_COLUMN,
    Outcome,
    horizon_days,
    outcome_of,
)
from backend.learning.table import Table, table_of
from backend.learning.training import TrainingChoices
from backend.learning.training import train as train_model
from backend.model import Snapshot
from backend.scoring.baseline import formula_parts
from backend.scoring.parts import exact_points
from backend.scoring.rows import row_of
from backend.storage import audit, models, portals, runs
from backend.storage.portals import Portal
from backend.storage.runs import Run
from backend.wiring import Product

log = structlog.get_logger()


def train(product: Product, portal_id: int) -> None:
    """Work on the running training; a portal with too few outcomes ends with the reason."""
    with exclusive(product, f"train:{portal_id}") as held:
        if held is None:
            return
        with product.database.read() as conn:
            run = runs.latest(conn, portal_id, "train")
            portal = portals.get(conn, portal_id)
        if run is None or run.state != "running" or portal.pulled_at is None:
            return
        try:
            _train(product, portal, run, held)
        except Transient:
            raise
        except BadInput as error:
            with product.database.write() as conn:
                runs.finish(conn, run, product.clock.now(), state="failed", problem=str(error))


def _train(product: Product, portal: Portal, run: Run, held: Held) -> None:
    chosen, horizon, censored = _outcomes(product, portal)
    won = sum(outcome.result == "won" for _, outcome in chosen)
    if min(won, len(chosen) - won) < MIN_OUTCOMES_TO_PUBLISH:
        raise BadInput(
            f"not enough outcomes yet: {won} won and {len(chosen) - won} lost, "
            f"{MIN_OUTCOMES_TO_PUBLISH} of each are needed"
        )
    held.renew()
    snapshots = snapshots_as_of(product, portal, chosen)
    held.renew()
    table = _table(snapshots, chosen)
    choices = TrainingChoices(
        group=GROUP_COLUMN, ignore=(BECAME_LEAD_COLUMN,), horizon_days=horizon
    )
    judged = backtest(
        table,
        OUTCOME_COLUMN,
        TrainingChoices(group=GROUP_COLUMN, horizon_days=horizon),
        thresholds=portal.settings.thresholds,
    )
    held.renew()
    trained = train_model(table, OUTCOME_COLUMN, choices)
    report = judged.report() | {
        "formula": _formula(product, portal, table, snapshots, judged),
        "horizon_days": horizon,
        "censored": censored,
        "won": won,
        "lost": len(chosen) - won,
    }
    now = product.clock.now()
    with product.database.write() as conn:
        version = models.add(
            conn, portal.portal_id, trained.scorecard, report, made_by="training", now=now
        )
        audit.append(
            conn,
            now=now,
            actor="system:training",
            action="model.train",
            subject=f"model:{version}",
            portal_id=portal.portal_id,
            detail={"won": won, "lost": len(chosen) - won},
        )
        runs.advance(conn, run, now, done=len(chosen), total=len(chosen), position={})
        runs.finish(conn, run, now)
    log.info("model_trained", portal_id=portal.portal_id, version=version, outcomes=len(chosen))


def _outcomes(product: Product, portal: Portal) -> tuple[list[tuple[Past, Outcome]], int, int]:
    """Leads with an outcome, the horizon in days, and how many are too young to tell."""
    everyone = list(pasts(product, portal))
    horizon = horizon_days([past.history() for past in everyone])
    now = product.clock.now()
    decided = [(past, outcome_of(past.history(), horizon, now)) for past in everyone]
    chosen = [(past, outcome) for past, outcome in decided if outcome is not None]
    return chosen, horizon, len(everyone) - len(chosen)


def _table(snapshots: Sequence[Snapshot], chosen: Sequence[tuple[Past, Outcome]]) -> Table:
    return table_of(
        {
            **row_of(snapshot),
            OUTCOME_COLUMN: outcome.result,
            GROUP_COLUMN: past.snapshot.company_id or past.snapshot.contact_id,
            BECAME_LEAD_COLUMN: past.became_lead_at.date().isoformat(),
        }
        for snapshot, (past, outcome) in zip(snapshots, chosen, strict=True)
    )


def _formula(
    product: Product,
    portal: Portal,
    table: Table,
    snapshots: Sequence[Snapshot],
    judged: Backtest,
) -> Mapping[str, Any]:
    """How the formula without outcomes orders the same test leads: what the model has to beat."""
    ground = ground_of(product, portal)
    outcomes = parse_outcomes(table, OUTCOME_COLUMN)
    rows = [prediction.row - 1 for prediction in judged.predictions]
    points = [exact_points(formula_parts(snapshots[row], ground.comparison)) for row in rows]
    won = {int(row): float(w) for row, w in zip(outcomes.rows, outcomes.won, strict=True)}
    return measure(np.array([won[row] for row in rows]), np.array(points)).as_dict()
