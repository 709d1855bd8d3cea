"""Reps' agree and disagree as labels: tried beside the real outcomes, used only if that helps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from backend.learning.data.outcomes import BECAME_LEAD_COLUMN, GROUP_COLUMN, OUTCOME_COLUMN
from backend.learning.data.table import Table, table_of
from backend.learning.fit.training import TrainingChoices
from backend.learning.judge.backtest import Backtest
from backend.learning.judge.feedback import try_feedback
from backend.learning.numbers import FEEDBACK_MIN_OPINIONS
from backend.model import Band
from backend.ports import Clock
from backend.scoring.calculate import band
from backend.scoring.scorecard.rows import row_of
from backend.services.learning.gather import Gathered
from backend.services.scoring.snapshots import load
from backend.storage.database import Database
from backend.storage.learning import models
from backend.storage.portals.portals import Portal


@dataclass(frozen=True, slots=True)
class Tried:
    """`table` is what to train on: outcomes alone, or with the opinions that proved helpful."""

    table: Table
    report: Mapping[str, Any]


def with_opinions(
    database: Database,
    clock: Clock,
    portal: Portal,
    gathered: Gathered,
    judged: Backtest,
    choices: TrainingChoices,
) -> Tried:
    """Try the opinions on the backtest's own test leads; the report says what came of it."""
    labels, said = _labels(database, clock, portal, gathered)
    if said < FEEDBACK_MIN_OPINIONS or not len(labels):
        return Tried(gathered.table, {"opinions": said, "used": False})
    test = np.array([prediction.row - 1 for prediction in judged.predictions])
    groups = np.array(gathered.table.column(GROUP_COLUMN))
    rest = np.flatnonzero(~np.isin(groups, groups[test]))
    before, fresh = gathered.table.take(rest), gathered.table.take(test)
    apart = ~np.isin(np.array(labels.column(GROUP_COLUMN)), groups[test])
    trial = try_feedback(before, labels.take(np.flatnonzero(apart)), fresh, OUTCOME_COLUMN, choices)
    report = {
        "opinions": said,
        "labels": len(labels),
        "used": trial.better,
        "log_loss_without": trial.without,
        "log_loss_with": trial.with_feedback,
    }
    return Tried(_joined(gathered.table, labels) if trial.better else gathered.table, report)


def label_of(shown: Band, agrees: bool) -> str | None:
    """ "won" for a High score that a rep stands by or a Low one that is disputed; Medium says
    nothing about the outcome."""
    if shown is Band.MEDIUM:
        return None
    return "won" if (shown is Band.HIGH) == agrees else "lost"


def _labels(
    database: Database, clock: Clock, portal: Portal, gathered: Gathered
) -> tuple[Table, int]:
    """(rows of leads without an outcome that reps spoke about, number of opinions)."""
    with database.read() as conn:
        said = models.opinions(conn, portal.portal_id)
        decided = {outcome.contact_id for outcome in gathered.outcomes}
        latest = {opinion.contact_id: opinion for opinion in said}
        asked = [cid for cid in latest if cid not in decided]
        now = load(conn, portal, asked, clock.now())
    rows = []
    for contact_id, snapshot in now.items():
        opinion = latest[contact_id]
        label = label_of(band(opinion.score, portal.settings.thresholds), opinion.agrees)
        if label is not None:
            rows.append(
                {
                    **row_of(snapshot),
                    OUTCOME_COLUMN: label,
                    GROUP_COLUMN: snapshot.company_id or contact_id,
                    BECAME_LEAD_COLUMN: None,  # no outcome: says nothing about the newest leads
                }
            )
    return table_of(rows), len(said)


def _joined(outcomes: Table, labels: Table) -> Table:
    absent: list[str | None] = [None] * len(labels)
    return Table({n: [*outcomes.column(n), *labels.columns.get(n, absent)] for n in outcomes.names})
