"""`/metrics`: what was counted, and what can be read off the report, as Prometheus text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from redis.exceptions import RedisError

from backend.clients.redis.meter import StoredMetrics
from backend.clients.redis.metric_names import METRICS, PREFIX
from backend.config import Settings
from backend.errors import Transient
from backend.ports import Clock
from backend.storage.operations import backup, overview
from backend.wiring import Stores

Series = Iterable[tuple[tuple[str, ...], float]]  # label values, value


def exposition(stores: Stores, found: Mapping[str, Any]) -> bytes:
    """Text format 0.0.4. What cannot be read now is left out; `leadlight_up` says so."""
    stores.meter.send()
    registry = CollectorRegistry()
    registry.register(_Gauges({**_of_report(found), **_read(stores)}))
    with suppress(RedisError):
        registry.register(StoredMetrics(stores.meter.sums()))
    return generate_latest(registry)


class _Gauges(Collector):
    def __init__(self, gauges: Mapping[str, Series]) -> None:
        self._gauges = gauges

    def collect(self) -> Iterator[GaugeMetricFamily]:
        for name, series in self._gauges.items():
            metric = METRICS[name]
            family = GaugeMetricFamily(PREFIX + name, metric.help, labels=metric.labels)
            for labels, value in series:
                family.add_metric(labels, value)
            yield family


def _of_report(found: Mapping[str, Any]) -> dict[str, Series]:
    database, queue = found["database"], found["queue"]
    urgencies = database.get("due_by_urgency", {})
    hooks = [portal["webhooks"]["missed_share"] for portal in database.get("portals", [])]
    return {
        "up": [(("database",), float(database["ok"])), (("queue",), float(queue["ok"]))],
        "provider_up": [((n,), float(a["ok"])) for n, a in found["connectivity"].items()],
        "scores_without": [
            ((part,), float(failure["leads"]))
            for part, failure in found["provider_failures"].items()
        ],
        "model_problem": [
            ((name, model), 1.0)
            for name, answer in found["connectivity"].items()
            for model in answer.get("problems", {})
        ],
        "breaker_open": [((v,), float(s != "closed")) for v, s in found["breakers"].items()],
        "queue_jobs": _labelled(queue.get("waiting", {})),
        "queue_oldest_seconds": _labelled(queue.get("oldest_s", {})),
        "due_leads": [((urgency,), waits["leads"]) for urgency, waits in urgencies.items()],
        "oldest_due_seconds": [((u,), waits["oldest_s"]) for u, waits in urgencies.items()],
        "pending_writes": _one(database.get("pending_writes")),
        "failed": [
            ((what,), database[f"failed_{what}"])
            for what in ("leads", "writes")
            if f"failed_{what}" in database
        ],
        "portals": _labelled(database.get("portals_by_state", {})),
        "webhook_missed_share": _one(max(hooks, default=0.0)),
        "clock_skew_seconds": _labelled(found["clock_skew_s"]),
        "alerts_firing": _one(len(database["alerts"]) if database["ok"] else None),
    }


def _read(stores: Stores) -> dict[str, Series]:
    found: dict[str, Series] = {
        "backup_age_seconds": _one(_backup_age_s(stores.clock, stores.settings))
    }
    with suppress(Transient), stores.database.read() as conn:
        found["leads_by_band"] = _labelled(overview.bands(conn))
    return found


def _backup_age_s(clock: Clock, settings: Settings) -> float | None:
    folder = settings.backup_folder
    newest = backup.newest(Path(folder)) if folder else None
    if newest is None:
        return None
    made_at = datetime.fromtimestamp(newest.stat().st_mtime, UTC)
    return (clock.now() - made_at).total_seconds()


def _labelled(values: Mapping[str, float]) -> Series:
    return [((name,), value) for name, value in sorted(values.items())]


def _one(value: float | None) -> Series:
    return [] if value is None else [((), value)]
