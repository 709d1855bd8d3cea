"""Counts of what went over the wire, for benchmarks and tests."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field

from sandbox.errors import Json


@dataclass(slots=True)
class WebhookCounts:
    """Events, not requests, except `requests`."""

    sent: int = 0
    acknowledged: int = 0
    retried: int = 0
    given_up: int = 0
    requests: int = 0


@dataclass(slots=True)
class Stats:
    """Counted from the start or from the last reset."""

    calls: Counter[tuple[str, str]] = field(default_factory=Counter)  # (portal, endpoint)
    statuses: Counter[int] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)  # 429s per portal
    webhooks: WebhookCounts = field(default_factory=WebhookCounts)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def call(self, portal_id: int | None, endpoint: str, status: int) -> None:
        """Count one answered call to HubSpot's API; portal None is OAuth."""
        portal = "none" if portal_id is None else str(portal_id)
        with self._lock:
            self.calls[portal, endpoint] += 1
            self.statuses[status] += 1
            if status == 429:
                self.refused[portal] += 1

    def count_webhooks(self, **counts: int) -> None:
        """Add to the named webhook counters."""
        with self._lock:
            for name, count in counts.items():
                setattr(self.webhooks, name, getattr(self.webhooks, name) + count)

    def reset(self) -> None:
        """Start counting from zero."""
        with self._lock:
            self.calls.clear()
            self.statuses.clear()
            self.refused.clear()
            self.webhooks = WebhookCounts()

    def as_json(self) -> Json:
        """The answer of `GET /sandbox/stats`."""
        with self._lock:
            portals: dict[str, dict[str, int]] = {}
            totals: Counter[str] = Counter()
            for (portal, endpoint), count in sorted(self.calls.items()):
                portals.setdefault(portal, {})[endpoint] = count
                totals[endpoint] += count
            webhooks = self.webhooks
            return {
                "total_calls": sum(totals.values()),
                "calls": dict(totals),
                "portals": {
                    portal: {
                        "total_calls": sum(calls.values()),
                        "calls": calls,
                        "rate_limited": self.refused[portal],
                    }
                    for portal, calls in portals.items()
                },
                "statuses": {str(code): count for code, count in sorted(self.statuses.items())},
                "rate_limited": sum(self.refused.values()),
                "webhooks": {
                    "sent": webhooks.sent,
                    "acknowledged": webhooks.acknowledged,
                    "retried": webhooks.retried,
                    "given_up": webhooks.given_up,
                    "requests": webhooks.requests,
                },
            }
