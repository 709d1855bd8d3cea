"""Counters of all processes in one hash of Redis: right under gunicorn, RQ's forks, and machines.

Workers fork a process per job, many thousands a day, and run on several machines; files per
process would have to be collected and merged. Each process adds up in memory and sends the sums
after its job or request. Redis away or emptied: the counters begin again, which every reader of
Prometheus counters expects.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import Lock
from time import monotonic, perf_counter
from typing import Final

from prometheus_client.core import (
    CounterMetricFamily,
    HistogramMetricFamily,
    SummaryMetricFamily,
)
from prometheus_client.registry import Collector
from redis import Redis
from redis.exceptions import RedisError

from backend.clients.redis.metric_names import METRICS, PREFIX, Metric
from backend.ports import Clock

KEY: Final = "metrics"
RATE_SLICE_S: Final = 300  # error rates are kept in slices of so long …
RATE_SLICES: Final = 3  # … and read over so many
_RATE_KEPT_S: Final = 3_600
SILENCE_S: Final = 10.0  # a Redis that does not answer must not slow every request

Family = CounterMetricFamily | HistogramMetricFamily | SummaryMetricFamily


class RedisMeter:
    """The Meter port. `send` is called at the end of a job or a request."""

    def __init__(self, redis: Redis, clock: Clock) -> None:
        self._redis = redis
        self._clock = clock
        self._lock = Lock()
        self._sums: defaultdict[str, float] = defaultdict(float)
        self._rates: defaultdict[str, int] = defaultdict(int)
        self._silent_until = 0.0

    def count(self, name: str, value: float = 1.0, **labels: str) -> None:
        """Add to a counter. Raises KeyError for a metric or label that is not in the list."""
        metric = METRICS[name]
        with self._lock:
            self._sums[_field(metric, labels, "total")] += value
            if "outcome" in labels:
                subject = labels.get("provider", "")
                self._rates[f"{name}|{subject}|{labels['outcome']}"] += int(value)

    def observe(self, name: str, seconds: float, times: int = 1, **labels: str) -> None:
        """Add `times` measurements of `seconds` each to a histogram or a summary."""
        metric = METRICS[name]
        with self._lock:
            self._sums[_field(metric, labels, "sum")] += seconds * times
            self._sums[_field(metric, labels, "count")] += times
            if metric.kind == "histogram":
                place = bisect_left(metric.buckets, seconds)
                self._sums[_field(metric, labels, str(place))] += times

    def called(self, provider: str, endpoint: str, seconds: float, *, ok: bool) -> None:
        """One call to a vendor: its time, and whether it was answered as it should be."""
        outcome = "ok" if ok else "failed"
        self.count("provider_requests", provider=provider, endpoint=endpoint, outcome=outcome)
        self.observe("provider_request_seconds", seconds, provider=provider, endpoint=endpoint)

    @contextmanager
    def step(self, name: str, leads: int) -> Iterator[None]:
        """Time one step of a batch; counted per lead."""
        began = perf_counter()
        try:
            yield
        finally:
            if leads:
                self.observe("step_seconds", (perf_counter() - began) / leads, leads, step=name)

    def send(self) -> None:
        """Give what was added up to Redis; lost while Redis is away."""
        with self._lock:
            sums, self._sums = self._sums, defaultdict(float)
            rates, self._rates = self._rates, defaultdict(int)
        if not sums or monotonic() < self._silent_until:
            return
        try:
            with self._redis.pipeline(transaction=False) as pipe:
                for field, value in sums.items():
                    pipe.hincrbyfloat(KEY, field, value)
                for field, times in rates.items():
                    pipe.hincrby(self._slice(0), field, times)
                if rates:
                    pipe.expire(self._slice(0), _RATE_KEPT_S)
                pipe.execute()
        except RedisError:
            self._silent_until = monotonic() + SILENCE_S

    def after_fork(self) -> None:
        """A child neither repeats its parent's sums nor inherits a lock in use."""
        self._lock = Lock()
        self._sums.clear()
        self._rates.clear()

    def recent(self) -> dict[tuple[str, str], tuple[int, int]]:
        """(ok, failed) of the last 10 to 15 minutes by (metric, provider). Raises RedisError."""
        with self._redis.pipeline(transaction=False) as pipe:
            for back in range(RATE_SLICES):
                pipe.hgetall(self._slice(back))
            slices = pipe.execute()
        found: dict[tuple[str, str], tuple[int, int]] = {}
        for one in slices:
            for field, times in one.items():
                name, subject, outcome = _text(field).split("|")
                ok, failed = found.get((name, subject), (0, 0))
                added = (int(times), 0) if outcome == "ok" else (0, int(times))
                found[name, subject] = (ok + added[0], failed + added[1])
        return found

    def sums(self) -> dict[str, float]:
        """Everything counted, as stored. Raises RedisError."""
        return {_text(f): float(v) for f, v in self._redis.hgetall(KEY).items()}

    def total(self, name: str, **labels: str) -> float:
        """One counter's sum over all processes. Raises RedisError."""
        stored = self._redis.hget(KEY, _field(METRICS[name], labels, "total"))
        return 0.0 if stored is None else float(stored)

    def _slice(self, back: int) -> str:
        return f"rates:{int(self._clock.now().timestamp()) // RATE_SLICE_S - back}"


class StoredMetrics(Collector):
    """What `prometheus_client` writes out: the families of stored sums."""

    def __init__(self, sums: Mapping[str, float]) -> None:
        self._sums = sums

    def collect(self) -> Iterator[Family]:
        """One family per metric that was counted at least once."""
        found: dict[str, dict[tuple[str, ...], dict[str, float]]] = defaultdict(dict)
        for field, value in self._sums.items():
            name, labels, part = json.loads(field)
            if name in METRICS and len(labels) == len(METRICS[name].labels):
                found[name].setdefault(tuple(labels), {})[part] = value
        for name, series in sorted(found.items()):
            yield _family(METRICS[name], series)


def _text(stored: bytes | str) -> str:
    return stored if isinstance(stored, str) else stored.decode()


def _field(metric: Metric, labels: Mapping[str, str], part: str) -> str:
    values = [labels[name] for name in metric.labels]
    if len(labels) != len(values):
        raise KeyError(f"{metric.name} has no label {set(labels) - set(metric.labels)}")
    return json.dumps([metric.name, values, part], separators=(",", ":"))


def _family(metric: Metric, series: Mapping[tuple[str, ...], Mapping[str, float]]) -> Family:
    name = PREFIX + metric.name
    if metric.kind == "counter":
        counter = CounterMetricFamily(name, metric.help, labels=metric.labels)
        for labels, parts in sorted(series.items()):
            counter.add_metric(labels, parts.get("total", 0.0))
        return counter
    if metric.kind == "summary":
        summary = SummaryMetricFamily(name, metric.help, labels=metric.labels)
        for labels, parts in sorted(series.items()):
            summary.add_metric(labels, int(parts.get("count", 0)), parts.get("sum", 0.0))
        return summary
    histogram = HistogramMetricFamily(name, metric.help, labels=metric.labels)
    for labels, parts in sorted(series.items()):
        histogram.add_metric(labels, _cumulative(metric, parts), parts.get("sum", 0.0))
    return histogram


def _cumulative(metric: Metric, parts: Mapping[str, float]) -> list[tuple[str, float]]:
    """Prometheus counts everything up to each edge."""
    total, found = 0.0, []
    for place, edge in enumerate((*metric.buckets, float("inf"))):
        total += parts.get(str(place), 0.0)
        found.append(("+Inf" if edge == float("inf") else str(edge), total))
    return found
