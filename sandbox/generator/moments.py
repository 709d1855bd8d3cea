"""When things happen to a person: most while a deal ripens, the others as interest has it."""

from __future__ import annotations

import random

from sandbox.generator.sketches import Person

WHILE_A_DEAL_RIPENS = 0.7  # of what happens to people who have a deal
_HOUR_MS = 3_600_000


def moment(rng: random.Random, person: Person, first_ms: int, now_ms: int, freshness: float) -> int:
    """From `first_ms` to an hour ago. People with a deal are mostly heard from until it closes;
    of the others, `freshness` tells how lately."""
    last_ms = now_ms - _HOUR_MS
    closed_ms = min(person.deals[0].closed_ms, last_ms) if person.deals else first_ms
    if closed_ms > first_ms and rng.random() < WHILE_A_DEAL_RIPENS:
        return first_ms + int((closed_ms - first_ms) * rng.betavariate(1.6, 1.6))
    return first_ms + int(max(0, last_ms - first_ms) * rng.betavariate(freshness, 1.6))
