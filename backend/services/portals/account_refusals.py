"""A refusal that concerns the account is one refusal: its work waits, and one record probes.

The outboxes of writes, tasks and lists ask here how much may be tried, and tell here what HubSpot
refused. Nothing that waits for the account fails for good, and none of its attempts is counted.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Final

import structlog

from backend.config import BATCH_LEADS, PROBE_S
from backend.errors import DailyLimit, LeadlightError, Permanent, RecordGone
from backend.services.outbox import enqueue_at
from backend.storage.database import Connection
from backend.storage.portals import portal_problems, portals
from backend.storage.portals.portal_problems import DAILY, PortalProblem
from backend.storage.portals.portals import Portal
from backend.wiring import Product, Stores

_OPTION: Final = "INVALID_OPTION"
_ALWAYS: Final = "MISSING_REQUIRED_PROPERTY"  # an unconditional rule, made for the whole account
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class AnsweredRecord:
    """One record as it was sent, by its row's key, and what HubSpot said of it."""

    key: str
    properties: Mapping[str, str]
    error: LeadlightError | None


@dataclass(frozen=True, slots=True)
class Refusal:
    """What the account refuses, and the keys of those it concerns."""

    code: str
    property_name: str
    sentence: str
    everything: bool
    keys: tuple[str, ...]


def may_try(conn: Connection, portal_id: int, area: str, now: datetime) -> int:
    """How many records may be sent: a batch, one as a probe, or none while a problem lasts."""
    problem = portal_problems.get(conn, portal_id, area)
    if problem is None or not problem.everything:
        return BATCH_LEADS
    return 1 if problem.probe_at <= now else 0


def judged(
    answers: Sequence[AnsweredRecord], ours: Collection[str], known: PortalProblem | None = None
) -> Refusal | None:
    """The refusal that is the account's, None when every refusal is its record's own.

    `ours` are properties whose values we choose: one that is refused while no record got through
    with the same value is a fault of its definition. A cause that records share while none got
    through is the account's, as is one that the account is `known` to have.
    """
    passed = [one for one in answers if one.error is None]
    refused: dict[tuple[str, str], list[AnsweredRecord]] = {}
    for one in answers:
        if isinstance(one.error, Permanent) and not isinstance(one.error, RecordGone):
            for cause in one.error.causes:
                refused.setdefault(cause, []).append(one)
    found = [c for c, some in refused.items() if _is_accounts(c, some, passed, ours, known)]
    if not found:
        return None
    code, name = max(found, key=lambda cause: (len(refused[cause]), cause))
    keys = dict.fromkeys(one.key for cause in found for one in refused[cause])
    first = refused[code, name][0].error
    sentence = first.sentence if isinstance(first, Permanent) else ""
    everything = not passed and _stops_all(code, name, refused[code, name], known)
    return Refusal(code, name, sentence or f"{code} {name}".strip(), everything, tuple(keys))


def _stops_all(
    code: str, name: str, refused: Sequence[AnsweredRecord], known: PortalProblem | None
) -> bool:
    """Whether no other record would get through; one option alone says nothing of the others."""
    if known is not None and known.everything:
        return True
    if code == _OPTION:
        return len({one.properties.get(name) for one in refused}) > 1
    return len(refused) > 1


def _is_accounts(
    cause: tuple[str, str],
    refused: Sequence[AnsweredRecord],
    passed: Sequence[AnsweredRecord],
    ours: Collection[str],
    known: PortalProblem | None,
) -> bool:
    code, name = cause
    if name in ours:
        got_through = {one.properties.get(name) for one in passed}
        return any(one.properties.get(name) not in got_through for one in refused)
    if passed:
        return False
    before = known is not None and (known.code, known.property_name) == cause
    return before or code == _ALWAYS or len(refused) > 1


def of_call(error: Permanent, keys: Sequence[str]) -> Refusal:
    """A call that was refused as such, whatever it carried."""
    code, name = min(error.causes, default=(error.code, ""))
    return Refusal(code, name, error.sentence or str(error), True, tuple(keys))


def of_today(error: DailyLimit, keys: Sequence[str]) -> Refusal:
    """The account has no calls left today."""
    return Refusal(DAILY, "", str(error), True, tuple(keys))


def wait(stores: Stores, portal_id: int, area: str, refusal: Refusal) -> None:
    """Keep the problem; what it concerns waits for the next probe, which is rung for."""
    now = stores.clock.now()
    with stores.database.write() as conn:
        before = portal_problems.get(conn, portal_id, area)
        until = (
            midnight(portals.get(conn, portal_id), now)
            if refusal.code == DAILY
            else now + timedelta(seconds=PROBE_S)
        )
        problem = PortalProblem(
            area,
            refusal.code[:64],
            refusal.property_name[:64],
            refusal.sentence,
            refusal.everything,
            before.since if before else now,
            until,
        )
        portal_problems.keep(conn, portal_id, problem, refusal.keys)
    log.warning(
        "account_refuses",
        portal_id=portal_id,
        area=area,
        code=refusal.code,
        property_name=refusal.property_name,
        waiting=len(refusal.keys),
    )
    enqueue_at(stores, portal_problems.OUTBOX[area], portal_id, [until])


def got_through(product: Product, portal_id: int, area: str) -> None:
    """Something was accepted and nothing refused for the account: a problem may be over."""
    with product.stores.database.write() as conn:
        problem = portal_problems.get(conn, portal_id, area)
        if problem is None:
            return
        if problem.everything or not portal_problems.waits(conn, portal_id, area):
            portal_problems.solved(conn, portal_id, area, product.stores.clock.now())
            log.info("account_accepts", portal_id=portal_id, area=area, code=problem.code)


def midnight(portal: Portal, now: datetime) -> datetime:
    """When HubSpot begins to count the account's calls anew: its next midnight, as UTC."""
    zone = portals.zone(portal)
    tomorrow = now.astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(0), zone).astimezone(UTC)
