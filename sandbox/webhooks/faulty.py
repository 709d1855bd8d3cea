"""One delivery, and what fault rules make of it."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

from sandbox.errors import Json
from sandbox.faults.rules import FaultBoard, Rule
from sandbox.webhooks.signature import webhook_headers


@dataclass(frozen=True, slots=True)
class Delivery:
    """One request to come: its events, which attempt it is, and how it is spoiled."""

    events: tuple[Json, ...]
    attempt: int = 0
    delay_s: float = 0.0
    skew_ms: int = 0
    bad_signature: bool = False

    def next_attempt(self) -> Delivery:
        """The same once more, unspoiled unless a fault still holds."""
        return Delivery(self.events, self.attempt + 1)

    def headers(self, secret: str, url: str, body: bytes, now_ms: int) -> dict[str, str]:
        """Signed with the time HubSpot believes it is."""
        key = f"not {secret}" if self.bad_signature else secret
        signed = webhook_headers(key, url, body, now_ms + self.skew_ms)
        return {"Content-Type": "application/json", "User-Agent": "HubSpot Webhooks", **signed}


def with_faults(delivery: Delivery, faults: FaultBoard, rng: random.Random) -> list[Delivery]:
    """The deliveries that really go out: none, one or several."""
    portals = {event["portalId"] for event in delivery.events}
    portal_id = portals.pop() if len(portals) == 1 else None
    out = [delivery]
    for rule in faults.webhook_hits(portal_id):
        out = [spoiled for one in out for spoiled in _spoil(one, rule, rng)]
    return out


def _spoil(delivery: Delivery, rule: Rule, rng: random.Random) -> list[Delivery]:
    match rule.effect:
        case "webhook_drop":
            return []
        case "webhook_duplicate":
            return [delivery, replace(delivery, delay_s=rule.ms / 1000)]
        case "webhook_delay":
            return [replace(delivery, delay_s=rule.ms / 1000)]
        case "webhook_skew":
            return [replace(delivery, skew_ms=rule.ms)]
        case "webhook_bad_signature":
            return [replace(delivery, bad_signature=True)]
        case "webhook_reorder":
            return [
                replace(delivery, events=tuple(rng.sample(delivery.events, len(delivery.events))))
            ]
    return [delivery]
