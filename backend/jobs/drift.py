"""Weekly: do today's leads still look like those of training, and do the promises hold?"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
import structlog

from backend.errors import BadInput, NotFound
from backend.learning.arrays import Ints
from backend.learning.judge.drift import (
    CalibrationDrift,
    DriftOfField,
    calibration_drift,
    field_drift,
    score_drift,
)
from backend.ports import Clock
from backend.scoring.points.scale import all_on_scale
from backend.scoring.scorecard.cells import Cell
from backend.scoring.scorecard.rows import row_of
from backend.scoring.scorecard.scorecard import Scorecard, apply
from backend.services.exclusive import running
from backend.services.learning.gather import gather
from backend.services.scoring.snapshots import leads_among, slices_of
from backend.storage import runs
from backend.storage.database import Database
from backend.storage.learning import models
from backend.storage.learning.models import ModelVersion
from backend.storage.portals.portals import Portal
from backend.wiring import Product

log = structlog.get_logger()


def drift(product: Product, portal_id: int) -> None:
    """Work on the running drift report; a portal without a published model ends with the reason."""
    with running(product, portal_id, "drift") as work:
        if work is None:
            return
        run = work.run
        try:
            found = drift_report(product, work.portal)
        except NotFound as error:
            with product.stores.database.write() as conn:
                runs.finish(
                    conn, run, product.stores.clock.now(), state="failed", problem=str(error)
                )
            return
        now = product.stores.clock.now()
        with product.stores.database.write() as conn:
            leads = int(found["leads"])
            runs.advance(conn, run, now, done=leads, total=leads, position={runs.REPORT: found})
            runs.finish(conn, run, now)
    log.info("drift_measured", portal_id=portal_id, level=found["level"])


def population_counts(
    database: Database, clock: Clock, portal: Portal, card: Scorecard
) -> dict[str, Any]:
    """Today's leads by cell of every field and by the model's own score: what training leaves for
    later weeks to be compared with, like with like."""
    scored = apply(card, _rows_now(database, clock, portal))
    return {
        "fields": {
            field.cells.name: np.bincount(scored.codes[:, j], minlength=field.cells.size).tolist()
            for j, field in enumerate(card.fields)
        },
        "scores": np.bincount(all_on_scale(scored.totals), minlength=101).tolist(),
    }


def drift_report(product: Product, portal: Portal) -> dict[str, Any]:
    """PSI of every field and of the model's scores between today's leads and those of the day it
    was trained, and promised against actual wins since. Raises NotFound without a model."""
    version, card = _published(product.stores.database, portal)
    then = version.report.get("leads")
    now = population_counts(product.stores.database, product.stores.clock, portal, card)
    fields = [
        field_drift(f.cells, counts, now["fields"][f.cells.name])
        for f in card.fields
        if (counts := (then or {"fields": {}})["fields"].get(f.cells.name)) is not None
    ]
    scores = score_drift(_repeated(then["scores"]), _repeated(now["scores"])) if then else None
    calibration = _calibration(product, portal, version, card)
    watched = [*fields, *([scores] if scores else [])]
    return {
        "model_version": version.version,
        "leads": sum(now["scores"]),
        "level": _worst(watched, calibration),
        "fields": [asdict(one) for one in sorted(fields, key=lambda one: (-one.psi, one.field))],
        "scores": None if scores is None else asdict(scores),
        "calibration": None if calibration is None else asdict(calibration),
    }


def _repeated(counts: list[int]) -> Ints:
    return np.repeat(np.arange(len(counts)), counts)


def _published(database: Database, portal: Portal) -> tuple[ModelVersion, Scorecard]:
    with database.read() as conn:
        found = models.published(conn, portal.portal_id)
        listed = models.listed(conn, portal.portal_id)
    if found is None:
        raise NotFound(f"portal {portal.portal_id} has no published model")
    return next(v for v in listed if v.version == found[0]), found[1]


def _rows_now(database: Database, clock: Clock, portal: Portal) -> list[dict[str, Cell]]:
    return [
        row_of(snapshot)
        for found in slices_of(database, portal, clock.now().date())
        for snapshot in leads_among(portal, found).values()
    ]


def _calibration(
    product: Product, portal: Portal, version: ModelVersion, card: Scorecard
) -> CalibrationDrift | None:
    """Promises against wins among leads decided after training; None while there are none."""
    try:
        gathered = gather(product, portal)
    except BadInput:
        return None
    fresh = np.array([o.decided_at > version.created_at for o in gathered.outcomes])
    if not fresh.any():
        return None
    chances = apply(card, gathered.table.row_mappings()).chances
    won = np.array([o.result == "won" for o in gathered.outcomes], dtype=np.float64)
    return calibration_drift(chances[fresh], won[fresh])


def _worst(watched: list[DriftOfField], calibration: CalibrationDrift | None) -> str:
    if calibration is not None and calibration.drifted:
        return "alarm"
    levels = {one.level for one in watched}
    return next((level for level in ("alarm", "watch") if level in levels), "stable")
