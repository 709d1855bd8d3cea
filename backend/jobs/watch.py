"""Once a minute: ask the vendors how they are, and tell the operator what changed.

An alert is told once when its threshold is crossed and once when it is over: well in
`WELL_CHECKS` rounds in a row, so that a value around its threshold does not alarm and recover again
and again. `cron` does this itself: a queue that is away cannot carry the news of its own absence.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

import structlog
from redis.exceptions import RedisError

from backend.errors import LeadlightError, Transient
from backend.jobs.population import refill_empty
from backend.ports import STORED
from backend.services.health import connectivity
from backend.services.health.report import report
from backend.services.health.rules import firing
from backend.storage.operations import alerts
from backend.storage.operations.alerts import Alert
from backend.storage.portals import webhook_days
from backend.wiring import Product

WATCH_INTERVAL_S = 60.0
WELL_CHECKS = 5  # minutes without the alert, then it is over
RUNBOOK = "docs/operations.md"
log = structlog.get_logger()


class Watch:
    """What one `cron` remembers between its rounds, in case the database cannot."""

    def __init__(self, product: Product, *, interval_s: float = WATCH_INTERVAL_S) -> None:
        self._product = product
        self._interval_s = interval_s
        self._remembered: dict[str, Alert] = {}
        self._next_at: datetime | None = None
        self._refused: float | None = None  # signatures refused so far, as last seen

    def when_due(self) -> None:
        """One round, when the last one is long enough ago and no other `cron` has done it."""
        now = self._product.stores.clock.now()
        if self._next_at is not None and now < self._next_at:
            return
        self._next_at = now + timedelta(seconds=self._interval_s)
        if self._is_mine():
            self.round()

    def _is_mine(self) -> bool:
        """False while another `cron` does it; with the database away each of them tells."""
        try:
            return self._product.stores.leases.take("watch", self._interval_s * 0.9) is not None
        except Transient:
            return True

    def round(self) -> None:
        """Ask, compare, tell."""
        found = connectivity.check(self._product)
        for answer in found.values():
            if STORED in answer:
                self._refill(answer[STORED])
        self._count_refused()
        self._tell_changes(firing(report(self._product), self._product.stores.clock.now()))

    def _refill(self, stored: Mapping[int, int]) -> None:
        """An index that has lost a portal's vectors is filled again."""
        with suppress(Transient):
            refill_empty(self._product, stored)

    def _tell_changes(self, now_firing: Mapping[str, str]) -> None:
        known = self._known()
        for name, message in now_firing.items():
            self._fires(name, message, known.get(name))
        for name, alert in known.items():
            if name not in now_firing:
                self._is_well(alert)

    def _fires(self, name: str, message: str, standing: Alert | None) -> None:
        if standing is None or not standing.firing:
            self._tell(Alert(name, True, message, self._product.stores.clock.now(), None))
        elif standing.told_at is None:
            self._tell(replace(standing, message=message, well_checks=0))
        elif standing.well_checks:
            self._keep(replace(standing, well_checks=0))

    def _is_well(self, alert: Alert) -> None:
        if alert.firing and alert.well_checks + 1 < WELL_CHECKS:
            self._keep(replace(alert, well_checks=alert.well_checks + 1))
        elif alert.firing:
            self._tell(replace(alert, firing=False, told_at=None, well_checks=0))
        elif alert.told_at is None:
            self._tell(alert)

    def _known(self) -> dict[str, Alert]:
        try:
            with self._product.stores.database.read() as conn:
                return {**alerts.all_of_them(conn), **self._remembered}
        except Transient:
            return dict(self._remembered)

    def _tell(self, alert: Alert) -> None:
        state = "firing" if alert.firing else "recovered"
        log.warning("alert", name=alert.name, state=state)
        if self._posted(alert, state):
            alert = replace(alert, told_at=self._product.stores.clock.now())
        self._keep(alert)

    def _keep(self, alert: Alert) -> None:
        self._remembered[alert.name] = alert
        try:
            with self._product.stores.database.write() as conn:
                alerts.put(conn, alert)
            del self._remembered[alert.name]
        except Transient:
            return

    def _posted(self, alert: Alert, state: str) -> bool:
        """True when somebody took it, or nobody is to be told."""
        url = self._product.stores.settings.alert_webhook_url
        if not url:
            return True
        body = {
            "text": f"[{state}] {alert.message}",
            "alert": alert.name,
            "state": state,
            "since": alert.since.isoformat(timespec="seconds"),
            "runbook": f"{RUNBOOK}#{alert.name.split(':')[0]}",
        }
        try:
            ok = self._product.hubspot.http.send("POST", url, json=body).status < 300
        except LeadlightError:
            ok = False
        self._product.stores.meter.count("alerts_told", outcome="ok" if ok else "failed")
        return ok

    def _count_refused(self) -> None:
        """Add what was refused since the last round to the day's count."""
        try:
            refused = self._product.stores.meter.total("signatures", outcome="failed")
            before, self._refused = self._refused, refused
            if before is None or refused <= before:
                return
            with self._product.stores.database.write() as conn:
                webhook_days.add(
                    conn,
                    webhook_days.EVERY_PORTAL,
                    self._product.stores.clock.now().date(),
                    bad_signatures=int(refused - before),
                )
        except (RedisError, Transient):
            return
