"""Putting a model to use, and taking it back: the same for the command line and the console."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from backend.config import MIN_OUTCOMES_TO_PUBLISH
from backend.errors import BadInput, NotFound
from backend.model import Thresholds
from backend.services.settings import put_thresholds
from backend.storage import runs
from backend.storage.access import audit
from backend.storage.database import Connection
from backend.storage.learning import models
from backend.storage.learning.models import ModelVersion
from backend.wiring import Stores


def publish(
    stores: Stores,
    portal_id: int,
    version: int,
    *,
    actor: str,
    force: bool = False,
    thresholds: Thresholds | None = None,
) -> None:
    """Score with this model from now on, and every lead again; with `thresholds`, the bands begin
    there. Raises NotFound, or BadInput for too few outcomes, bands that leave no room and, without
    `force`, a backtest that was not won."""
    now = stores.clock.now()
    with stores.database.write() as conn:
        chosen = models.one(conn, portal_id, version)
        check(chosen, force)
        models.publish(conn, portal_id, version, now)
        if thresholds is not None:
            put_thresholds(conn, stores, portal_id, thresholds, actor=actor)
        _record(conn, now, portal_id, "model.publish", version, actor, {"forced": force})
        runs.restart(conn, portal_id, "population", now)
    stores.jobs.enqueue("population", portal_id=portal_id)


def rollback(stores: Stores, portal_id: int, *, actor: str) -> int:
    """Back to the version before; 0 is the formula. Raises NotFound when nothing is published."""
    now = stores.clock.now()
    with stores.database.write() as conn:
        if models.published(conn, portal_id) is None:
            raise NotFound(f"portal {portal_id} has no published model")
        older = models.previous(conn, portal_id)
        if older is None:
            models.unpublish(conn, portal_id)
        else:
            models.publish(conn, portal_id, older, now)
        _record(conn, now, portal_id, "model.rollback", older or 0, actor, {})
        runs.restart(conn, portal_id, "population", now)
    stores.jobs.enqueue("population", portal_id=portal_id)
    return older or 0


def check(chosen: ModelVersion, force: bool) -> None:
    """Enough outcomes always; a won backtest, or a person's word. Raises BadInput."""
    report = chosen.report
    if min(report["won"], report["lost"]) < MIN_OUTCOMES_TO_PUBLISH:
        raise BadInput(
            f"not enough outcomes yet: {report['won']} won and {report['lost']} lost of "
            f"{MIN_OUTCOMES_TO_PUBLISH} each"
        )
    if not force and not won_its_backtest(report):
        auc, formula = report["metrics"]["auc"], report["formula"]["auc"]
        raise BadInput(
            f"model {chosen.version} did not beat the formula in its backtest "
            f"({_number(auc)} against {_number(formula)}); force publishes it all the same"
        )


def won_its_backtest(report: Mapping[str, Any]) -> bool:
    """Better than the formula at telling won from lost leads that training did not see."""
    auc, formula = report["metrics"]["auc"], report["formula"]["auc"]
    return auc is not None and (formula is None or auc > formula)


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _record(
    conn: Connection,
    now: datetime,
    portal_id: int,
    action: str,
    version: int,
    actor: str,
    detail: Mapping[str, Any],
) -> None:
    audit.append(
        conn,
        now=now,
        actor=actor,
        action=action,
        subject=f"model:{version}",
        portal_id=portal_id,
        detail=detail,
    )
