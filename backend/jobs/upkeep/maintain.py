"""Daily, weekly and monthly maintenance: a run per portal, and one for the installation.

Safe when two start it: the run is joined, a lease decides who works. Every finished task is stored
at once, so a crash costs one task; a task that fails does not keep the others from being done.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import structlog
from rq.timeouts import JobTimeoutException

from backend.errors import LeadlightError
from backend.jobs.upkeep import installation, portal_daily, portal_monthly, portal_weekly
from backend.jobs.upkeep.decay import decay
from backend.services.exclusive import Held, exclusive
from backend.storage import runs
from backend.storage.operations import maintenance
from backend.storage.operations.maintenance import INSTALLATION, REPORT
from backend.storage.portals import portals
from backend.storage.portals.portals import Portal
from backend.storage.runs import Run
from backend.wiring import Product

Still = Callable[[], Any]
OfPortal = Callable[[Product, Portal, Still], dict[str, Any]]
OfInstallation = Callable[[Product, Still], dict[str, Any]]
log = structlog.get_logger()

PORTAL_TASKS: Mapping[str, Mapping[str, OfPortal]] = {
    "daily": {
        "tokens": portal_daily.tokens,
        "erasures": portal_daily.erasures,
        "decay": decay,
        "webhooks": portal_daily.webhooks,
        "errors": portal_daily.errors,
        "impact": portal_daily.impact,
    },
    "weekly": {
        "patterns": portal_weekly.patterns,
        "drift": portal_weekly.drift,
        "suggestions": portal_weekly.suggestions,
        "embeddings": portal_weekly.embeddings,
        "recall": portal_weekly.recall,
        "population": portal_weekly.population,
    },
    "monthly": {
        "performance": portal_monthly.performance,
        "training": portal_monthly.training,
    },
}
INSTALLATION_TASKS: Mapping[str, Mapping[str, OfInstallation]] = {
    "daily": {
        "audit": installation.audit_chain,
        "keys": installation.keys,
        "retention": installation.retention,
        "backup": installation.make_backup,
    },
    "weekly": {},
    "monthly": {"sizes": installation.sizes, "vacuum": installation.vacuum},
}


def daily(product: Product, portal_id: int) -> None:
    """Work on the running daily maintenance of a portal, or with 0 of the installation."""
    _maintain(product, portal_id, "daily")


def weekly(product: Product, portal_id: int) -> None:
    """The same, weekly."""
    _maintain(product, portal_id, "weekly")


def monthly(product: Product, portal_id: int) -> None:
    """The same, monthly."""
    _maintain(product, portal_id, "monthly")


def _maintain(product: Product, portal_id: int, kind: str) -> None:
    with exclusive(product, f"{kind}:{portal_id}") as held:
        if held is None:
            return
        with product.stores.database.read() as conn:
            run = runs.latest(conn, portal_id, kind)
            portal = None if portal_id == INSTALLATION else portals.get(conn, portal_id)
        if run is not None and run.state == "running":
            _work(product, portal, run, held)


def _work(product: Product, portal: Portal | None, run: Run, held: Held) -> None:
    report = dict(run.position.get(REPORT, {}))
    tasks = _tasks(product, portal, run.kind, held)
    for name, task in tasks.items():
        if name in report:
            continue
        if not held.renew():
            return
        report[name] = _done(name, task)
        with product.stores.database.write() as conn:
            runs.advance(
                conn,
                run,
                product.stores.clock.now(),
                done=len(report),
                total=len(tasks),
                position={REPORT: report},
            )
    with product.stores.database.write() as conn:
        runs.finish(conn, run, product.stores.clock.now())
    failed = [name for name, found in report.items() if not found["ok"]]
    log.info("maintained", kind=run.kind, portal_id=run.portal_id, failed=failed)


def _tasks(
    product: Product, portal: Portal | None, kind: str, held: Held
) -> dict[str, Callable[[], dict[str, Any]]]:
    if portal is None:
        return {n: _bound(t, product, held.renew) for n, t in INSTALLATION_TASKS[kind].items()}
    return {n: _bound(t, product, portal, held.renew) for n, t in PORTAL_TASKS[kind].items()}


def _bound(task: Callable[..., dict[str, Any]], *given: Any) -> Callable[[], dict[str, Any]]:
    return lambda: task(*given)


def _done(name: str, task: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(json.dumps(task()))  # what cannot be stored fails here
        return found
    except LeadlightError as error:
        log.warning("maintenance_failed", task=name, error=error)
        return {"ok": False, "problem": str(error)}
    except JobTimeoutException:
        raise
    except Exception as error:
        log.error("unexpected", task=name, exc_info=error)
        return {"ok": False, "problem": f"unexpected {type(error).__name__}"}


def kinds_of(portal_id: int) -> tuple[str, ...]:
    """Which maintenances there are for a portal or for the installation."""
    known = INSTALLATION_TASKS if portal_id == INSTALLATION else PORTAL_TASKS
    return tuple(kind for kind in maintenance.KINDS if known[kind])
