"""Questions that take a while: a run answers each, and keeps the answer as its report.

A backtest, ideal clients suggested by wins, and what another model or profile would change. None
of them changes anything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime
from functools import partial
from typing import Any, Final

import structlog

from backend.errors import LeadlightError, Transient
from backend.learning.judge.band_moves import migrate
from backend.learning.judge.bands import outlook
from backend.ports import Clock
from backend.scoring.values.words import label, shown
from backend.services.exclusive import running
from backend.services.learning.impact import count_impact
from backend.services.learning.labels import labelled
from backend.services.learning.portal_backtest import portal_backtest
from backend.services.learning.preview import Preview, preview, preview_profile
from backend.services.learning.suggest import suggest
from backend.services.scoring.forecast import forecast
from backend.storage import runs
from backend.storage.database import Connection, Database
from backend.storage.learning import models, profiles
from backend.storage.portals.portals import Portal
from backend.storage.runs import REPORT, Run
from backend.wiring import Product

Ask = Mapping[str, Any]
ASK: Final = "ask"  # in a run's position: what was asked
log = structlog.get_logger()


def begin(conn: Connection, portal_id: int, kind: str, now: datetime, ask: Ask) -> Run:
    """Start answering, or join the run that answers the same already."""
    run = runs.latest(conn, portal_id, kind)
    if run is not None and run.state == "running" and run.position.get(ASK) == dict(ask):
        return run
    run = runs.restart(conn, portal_id, kind, now)
    runs.advance(conn, run, now, done=0, position={ASK: dict(ask)})
    return runs.get(conn, portal_id, run.run_id)


def answer(kind: str, product: Product, portal_id: int) -> None:
    """Work on the running question; what cannot be answered ends with the reason."""
    with running(product, portal_id, kind) as work:
        if work is None:
            return
        run = work.run
        try:
            found = QUESTIONS[kind](product, work.portal, run.position.get(ASK, {}))
        except Transient:
            raise
        except LeadlightError as error:
            _end(product.stores.database, product.stores.clock, run, problem=str(error))
            return
        if work.held.renew():
            _end(product.stores.database, product.stores.clock, run, report=found)
    log.info("question_answered", portal_id=portal_id, kind=kind)


def _end(
    database: Database, clock: Clock, run: Run, *, report: Ask | None = None, problem: str = ""
) -> None:
    """Unless it was cancelled or replaced meanwhile."""
    now = clock.now()
    with database.write() as conn:
        if runs.get(conn, run.portal_id, run.run_id).state != "running":
            return
        if report is not None:
            position = {**run.position, REPORT: dict(report)}
            runs.advance(conn, run, now, done=1, total=1, position=position)
        runs.finish(conn, run, now, state="failed" if problem else "done", problem=problem)


def _backtest(product: Product, portal: Portal, ask: Ask) -> Ask:
    keep, ignore = tuple(ask.get("keep", ())), tuple(ask.get("ignore", ()))
    return portal_backtest(product, portal, keep=keep, ignore=ignore)


def _outcomes(product: Product, portal: Portal, ask: Ask) -> Ask:
    return labelled(product.stores, portal).report(portal)


def _impact(product: Product, portal: Portal, ask: Ask) -> Ask:
    return count_impact(product.stores, portal)


def _suggestions(product: Product, portal: Portal, ask: Ask) -> Ask:
    found = suggest(product, portal)
    return {
        "won": found.won,
        "lost": found.lost,
        "criteria": [
            asdict(one) | {"field": label(one.field), "value": shown(one.field, one.value)}
            for one in found.criteria
        ],
        "clients": [
            {
                **asdict(client),
                "technologies": list(client.technologies),
                "tags": [],
                "alike": mined.alike,
                "lift": mined.lift,
            }
            for client, mined in zip(found.clients, found.mined, strict=True)
        ],
    }


def _under_model(product: Product, portal: Portal, ask: Ask) -> Ask:
    with product.stores.database.read() as conn:
        card = models.scorecard(conn, portal.portal_id, int(ask["version"]))
    return {"version": ask["version"]} | _change(portal, preview(product, portal, card))


def _under_profile(product: Product, portal: Portal, ask: Ask) -> Ask:
    with product.stores.database.read() as conn:
        profile = profiles.version(conn, portal.portal_id, int(ask["version"]))
    shown = preview_profile(product, portal, profile)
    cost = asdict(forecast(product, portal, profile))
    return {"version": ask["version"], "cost": cost} | _change(portal, shown)


def _change(portal: Portal, shown: Preview) -> dict[str, Any]:
    """Bands then, and from which band to which leads would move."""
    edges = portal.settings.thresholds
    then = outlook(shown.after, edges, chances=shown.chances, weekly_leads=shown.weekly_leads)
    scored = shown.before >= 0
    leads = [lead for lead, known in zip(shown.leads, scored.tolist(), strict=True) if known]
    moved = migrate(leads, shown.before[scored], shown.after[scored], edges)
    return {
        "leads": len(shown.leads),
        "bands": [asdict(band) | {"band": band.band.value} for band in then.bands],
        "warnings": list(then.warnings),
        "proposed": asdict(then.proposed),
        "migration": asdict(moved),
        "distribution_before": _counts(shown.before[scored].tolist()),
        "distribution_after": _counts(shown.after.tolist()),
    }


def _counts(scores: list[int]) -> list[int]:
    found = [0] * 101
    for score in scores:
        found[score] += 1
    return found


QUESTIONS: Final[Mapping[str, Callable[[Product, Portal, Ask], Ask]]] = {
    "outcomes": _outcomes,
    "impact": _impact,
    "backtest": _backtest,
    "suggest": _suggestions,
    "model_preview": _under_model,
    "profile_preview": _under_profile,
}
ANSWERS: Final[Mapping[str, Callable[..., None]]] = {
    kind: partial(answer, kind) for kind in QUESTIONS
}
