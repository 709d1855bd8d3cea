"""Every provider failure that a score does without: logged once a batch with its cause and cure,
counted by cause, and kept for the health page until the provider answers again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

import structlog

from backend.clients.redis.provider_failures import ProviderFailures
from backend.errors import PROVIDER_CAUSES, LeadlightError
from backend.wiring import Stores

OWN_CAP: Final = "portal_cap"  # a portal's own budget is no failure of a provider
log = structlog.get_logger()


def note_failures(
    stores: Stores,
    portal_id: int,
    errors: Sequence[Mapping[str, LeadlightError | None]],
    answered: Mapping[str, bool],
) -> None:
    """`errors` are one lead's each, by what it did without; `answered` says of each provider
    whether it has answered anything just now."""
    found = Counter(
        (part, error.cause, str(error))
        for one in errors
        for part, error in one.items()
        if error is not None
    )
    kept = ProviderFailures(stores.redis, stores.clock)
    for part, has in answered.items():
        if has:
            kept.answered(part)
    for (part, cause, problem), leads in found.items():
        told = cause if cause in PROVIDER_CAUSES else "other"
        stores.meter.count("provider_failures", leads, part=part, cause=told)
        log.warning(
            "provider_failed",
            portal_id=portal_id,
            part=part,
            cause=cause,
            problem=problem,
            leads=leads,
        )
        if cause != OWN_CAP and not answered.get(part):
            kept.failed(part, cause, problem, leads)
