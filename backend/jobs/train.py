"""Train a challenger on the portal's own outcomes, judge it on the newest, store its report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

import numpy as np
import structlog

from backend.errors import BadInput, Transient
from backend.jobs.drift import population_counts
from backend.learning.data.outcomes import OUTCOME_COLUMN
from backend.learning.fit.training import DEFAULT_SEED, Trained
from backend.learning.fit.training import train as train_model
from backend.learning.judge.backtest import Backtest, backtest
from backend.learning.judge.bands import outlook
from backend.learning.judge.compare import Duel, duel
from backend.scoring.scorecard.scorecard import apply
from backend.services.exclusive import Held, running
from backend.services.learning.gather import Gathered, gather, judged_rows
from backend.services.learning.opinions import with_opinions
from backend.services.learning.preview import preview
from backend.services.learning.report import report_of
from backend.services.learning.training import MONTHLY
from backend.services.mirror.definitions import more_to_learn, titles_of
from backend.storage import runs
from backend.storage.access import audit
from backend.storage.database import Connection, Database
from backend.storage.learning import models
from backend.storage.portals.portals import Portal
from backend.storage.runs import Run
from backend.wiring import Product, Stores

STEPS: Final = 5
log = structlog.get_logger()


def train(product: Product, portal_id: int) -> None:
    """Work on the running training; a portal with too few outcomes ends with the reason."""
    with running(product, portal_id, "train", pulled=True) as work:
        if work is None:
            return
        try:
            _train(product, work.portal, work.run, work.held)
        except Transient:
            raise
        except BadInput as error:
            with product.stores.database.write() as conn:
                runs.finish(
                    conn, work.run, product.stores.clock.now(), state="failed", problem=str(error)
                )


def _train(product: Product, portal: Portal, run: Run, held: Held) -> None:
    _step(product.stores, run, held, 0)
    gathered = gather(product, portal, held.renew)
    _step(product.stores, run, held, 1)
    choices = gathered.choices(run.position.get("keep", ()), run.position.get("ignore", ()))
    judged = backtest(
        gathered.table, OUTCOME_COLUMN, choices, thresholds=portal.settings.thresholds
    )
    _step(product.stores, run, held, 2)
    tried = with_opinions(
        product.stores.database, product.stores.clock, portal, gathered, judged, choices
    )
    _step(product.stores, run, held, 3)
    trained = train_model(tried.table, OUTCOME_COLUMN, choices)
    titles = titles_of(portal)
    trained = replace(trained, scorecard=trained.scorecard.titled(titles))
    _step(product.stores, run, held, 4)
    fight = _duel(product.stores.database, portal, gathered, judged)
    report = report_of(product, portal, gathered, judged) | {
        "choices": {"keep": list(choices.keep), "ignore": list(run.position.get("ignore", ()))},
        "feedback": dict(tried.report),
        "duel": None if fight is None else fight.as_dict(),
        "leads": population_counts(
            product.stores.database, product.stores.clock, portal, trained.scorecard
        ),
        "monthly": bool(run.position.get(MONTHLY)),
        "titles": dict(titles),
        "learnable": more_to_learn(portal),
    }
    publish = bool(run.position.get(MONTHLY)) and _safe(product, portal, trained, fight)
    _store(
        product.stores, portal, run, trained, gathered, report | {"published_by_itself": publish}
    )


def _step(stores: Stores, run: Run, held: Held, done: int) -> None:
    """Gathered, judged, tried with opinions, trained, compared: what people see of the way."""
    held.renew()
    with stores.database.write() as conn:
        runs.advance(conn, run, stores.clock.now(), done=done, total=STEPS, position=run.position)


def _duel(database: Database, portal: Portal, gathered: Gathered, judged: Backtest) -> Duel | None:
    """The backtest's model against the published one; None while the formula scores."""
    with database.read() as conn:
        published = models.published(conn, portal.portal_id)
    if published is None:
        return None
    rows, won = judged_rows(gathered, judged)
    test = gathered.table.take(np.array(rows)).row_mappings()
    return duel(won, apply(published[1], test).logits, judged.logits, DEFAULT_SEED)


def _safe(product: Product, portal: Portal, trained: Trained, fight: Duel | None) -> bool:
    """Clearly better, and its High band is neither empty nor inflated."""
    if fight is None or not fight.clearly or trained.warnings:
        return False
    shown = preview(product, portal, trained.scorecard)
    thresholds = portal.settings.thresholds
    return not outlook(shown.after, thresholds, chances=shown.chances).warnings


def _store(
    stores: Stores,
    portal: Portal,
    run: Run,
    trained: Trained,
    gathered: Gathered,
    report: Mapping[str, Any],
) -> None:
    now = stores.clock.now()
    outcomes = len(gathered.outcomes)
    with stores.database.write() as conn:
        if runs.get(conn, run.portal_id, run.run_id).state != "running":
            return  # somebody cancelled it
        version = models.add(
            conn, portal.portal_id, trained.scorecard, report, made_by="training", now=now
        )
        detail = {"won": gathered.won, "lost": gathered.lost}
        _record(conn, now, portal.portal_id, "model.train", version, detail)
        if report["published_by_itself"]:
            models.publish(conn, portal.portal_id, version, now)
            _record(conn, now, portal.portal_id, "model.publish", version, report["duel"])
            runs.restart(conn, portal.portal_id, "population", now)
        runs.advance(conn, run, now, done=outcomes, total=outcomes, position=run.position)
        runs.finish(conn, run, now)
    log.info(
        "model_trained",
        portal_id=portal.portal_id,
        version=version,
        outcomes=outcomes,
        published=report["published_by_itself"],
    )
    if report["published_by_itself"]:
        stores.jobs.enqueue("population", portal_id=portal.portal_id)


def _record(
    conn: Connection,
    now: datetime,
    portal_id: int,
    action: str,
    version: int,
    detail: Mapping[str, Any],
) -> None:
    audit.append(
        conn,
        now=now,
        actor="system:training",
        action=action,
        subject=f"model:{version}",
        portal_id=portal_id,
        detail=detail,
    )
