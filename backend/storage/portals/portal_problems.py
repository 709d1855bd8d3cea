"""What an account refuses: one row per portal and area, and the work that waits for its end."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.storage.database import upsert
from backend.storage.outbox import due_rows
from backend.storage.tables.portals import portal_problems

WRITES, TASKS, LISTS = "writes", "tasks", "lists"
OUTBOX: Final = {box.name: box for box in (*due_rows.SCORES, due_rows.TASKS, due_rows.LISTS)}
DAILY: Final = "DAILY_LIMIT"
_AGAIN: Final = "; then run the set-up again, or wait for the next try"
_ANY_CURE: Final = "Change what HubSpot's sentence names, in HubSpot" + _AGAIN
_CURES: Final = {
    "INVALID_OPTION": "Give {name} the option again under the same internal value, or choose "
    "another prefix for our properties" + _AGAIN,
    "PROPERTY_DOESNT_EXIST": "Restore {name}, or allow one more custom property" + _AGAIN,
    "READ_ONLY_VALUE": "Let apps edit {name}, or choose another prefix for our properties" + _AGAIN,
    "MISSING_REQUIRED_PROPERTY": "Fill in {name}, or no longer require it when apps write" + _AGAIN,
    "MISSING_CONDITIONAL_REQUIRED_PROPERTY": "Fill in {name}, or change the rule that requires it"
    + _AGAIN,
    "MISSING_SCOPES": "Connect the account again through an invitation and grant what is missing",
    DAILY: "Nothing to do: HubSpot counts anew at the account's midnight, then it goes on",
}
_WAITS: Final = "the account refuses: "  # how the problem of a row begins that waits for one


@dataclass(frozen=True, slots=True)
class PortalProblem:
    """`everything`: nothing of the area gets through, else only what was refused waits.

    `probe_at` is when it is tried again.
    """

    area: str
    code: str
    property_name: str
    sentence: str
    everything: bool
    since: datetime
    probe_at: datetime

    @property
    def cure(self) -> str:
        """What an administrator can do, in one sentence."""
        return _CURES.get(self.code, _ANY_CURE).format(name=self.property_name or "the property")


def get(conn: Connection, portal_id: int, area: str) -> PortalProblem | None:
    """The area's problem, None while there is none."""
    return next((one for one in of_portal(conn, portal_id) if one.area == area), None)


def of_portal(conn: Connection, portal_id: int) -> list[PortalProblem]:
    """A portal's problems by area."""
    return _by_portal(conn, [portal_id]).get(portal_id, [])


def every(conn: Connection) -> dict[int, list[PortalProblem]]:
    """All problems by portal."""
    return _by_portal(conn, None)


def _by_portal(
    conn: Connection, portal_ids: Collection[int] | None
) -> dict[int, list[PortalProblem]]:
    query = sa.select(portal_problems).order_by("portal_id", "area")
    if portal_ids is not None:
        query = query.where(portal_problems.c.portal_id.in_(portal_ids))
    found: dict[int, list[PortalProblem]] = {}
    for row in conn.execute(query):
        values = {name: getattr(row, name) for name in PortalProblem.__dataclass_fields__}
        found.setdefault(row.portal_id, []).append(PortalProblem(**values))
    return found


def keep(conn: Connection, portal_id: int, problem: PortalProblem, keys: Iterable[str]) -> None:
    """Note the problem, and let these rows of its area wait for the next probe: no attempt of
    theirs is counted."""
    upsert(conn, portal_problems, [{"portal_id": portal_id, **asdict(problem)}])
    reason = _WAITS + problem.sentence
    due_rows.wait(conn, OUTBOX[problem.area], portal_id, keys, problem.probe_at, reason)


def waits(conn: Connection, portal_id: int, area: str) -> bool:
    """Whether any row of the area waits for the end of a problem."""
    query = sa.select(sa.exists().where(*_held(OUTBOX[area].table, portal_id)))
    return bool(conn.execute(query).scalar_one())


def solved(conn: Connection, portal_id: int, area: str, now: datetime) -> None:
    """The problem is over: what waited for it is due."""
    conn.execute(
        sa.delete(portal_problems).where(
            portal_problems.c.portal_id == portal_id, portal_problems.c.area == area
        )
    )
    _release(conn, portal_id, area, now)


def probe_now(conn: Connection, portal_id: int, now: datetime) -> None:
    """Somebody may have fixed it: every area is tried at its next flush."""
    conn.execute(
        sa.update(portal_problems)
        .where(portal_problems.c.portal_id == portal_id)
        .values(probe_at=now)
    )
    for area in OUTBOX:
        _release(conn, portal_id, area, now)


def _release(conn: Connection, portal_id: int, area: str, now: datetime) -> None:
    table = OUTBOX[area].table
    conn.execute(
        sa.update(table).where(*_held(table, portal_id), table.c.due_at > now).values(due_at=now)
    )


def _held(table: sa.Table, portal_id: int) -> tuple[sa.ColumnElement[bool], ...]:
    return (*due_rows.unparked(table, portal_id), table.c.problem.startswith(_WAITS))
