"""A profile is stored, put to use, taken back: the same for the command line and the console."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from backend.model import NOTHING, IdealClient
from backend.ports import Clock
from backend.scoring.points.profile_csv import read_profile, spelled_titles
from backend.scoring.points.profile_points import client_values
from backend.storage import runs
from backend.storage.access import audit
from backend.storage.database import Database
from backend.storage.learning import profiles
from backend.storage.portals import portals
from backend.wiring import Stores

ENOUGH_CLIENTS: Final = 10
ALIKE_SHARE: Final = 0.5  # of the rows
COLUMNS: Final = "profile_columns"  # in the portal's installation: titles by field


@dataclass(frozen=True, slots=True)
class Imported:
    """`version` is 0 while nothing is stored: `problems` says why, one line each."""

    version: int
    accepted: int
    refused: int
    problems: tuple[str, ...]
    warnings: tuple[str, ...]


def import_file(
    database: Database,
    clock: Clock,
    portal_id: int,
    content: bytes,
    *,
    source: str,
    actor: str,
    skip_invalid: bool,
    columns: Mapping[str, str] = NOTHING,
) -> Imported:
    """Check a CSV file or a workbook row by row and store it as a new version that is not in use
    yet. With `skip_invalid` the good rows of a bad file are stored. `columns`: by field the title
    of its column, as a person chose; remembered for the portal's next file.

    Raises UnmatchedColumns where that has to be said, BadInput for a file that is no table.
    """
    with database.read() as conn:
        portal = portals.get(conn, portal_id)
    remembered: dict[str, str] = portal.installation.get(COLUMNS, {})
    chosen = remembered | spelled_titles(columns)
    found = read_profile(content, chosen, portal.settings.currency_rates)
    if chosen != remembered:
        with database.write() as conn:
            portals.set_installation(conn, portal_id, {COLUMNS: chosen})
    accepted, refused = len(found.clients), found.rows - len(found.clients)
    version = 0
    if not found.problems or (skip_invalid and found.clients):
        version = store(
            database,
            clock,
            portal_id,
            found.clients,
            source=source,
            actor=actor,
            skipped=len(found.problems),
        )
    return Imported(version, accepted, refused, found.problems, doubts(found.clients))


def doubts(clients: Sequence[IdealClient]) -> tuple[str, ...]:
    """Why a profile may say little although every row is right."""
    if not clients:
        return ()
    told = []
    if len(clients) < ENOUGH_CLIENTS:
        told.append(
            f"Only {len(clients)} ideal clients: a score rests on what they have in common, so "
            f"give {ENOUGH_CLIENTS} or more where you can."
        )
    kinds = Counter(tuple(sorted(client_values(client).items())) for client in clients)
    alike = sum(number for number in kinds.values() if number > 1)
    if alike > len(clients) * ALIKE_SHARE:
        told.append(
            f"{alike} of {len(clients)} rows are the same as another one in all six fields: only "
            "leads just like them will score high. Are rows missing, or copied?"
        )
    return tuple(told)


def store(
    database: Database,
    clock: Clock,
    portal_id: int,
    clients: tuple[IdealClient, ...],
    *,
    source: str,
    actor: str,
    skipped: int = 0,
) -> int:
    """A new version that is not in use yet; its number."""
    now = clock.now()
    with database.write() as conn:
        version = profiles.add(
            conn, portal_id, clients, source=source, made_by=actor, now=now, activate_it=False
        )
        audit.append(
            conn,
            now=now,
            actor=actor,
            action="profile.import",
            subject=f"profile:{version}",
            portal_id=portal_id,
            detail={"rows": len(clients), "skipped": skipped},
        )
    return version


def activate(stores: Stores, portal_id: int, version: int, *, actor: str) -> bool:
    """Compare leads with this version from now on, and score every lead again.

    False when the portal is not pulled yet: its leads are scored when that has ended. Raises
    NotFound.
    """
    now = stores.clock.now()
    with stores.database.write() as conn:
        before = profiles.active(conn, portal_id).version
        profiles.activate(conn, portal_id, version)
        audit.append(
            conn,
            now=now,
            actor=actor,
            action="profile.activate",
            subject=f"profile:{version}",
            portal_id=portal_id,
            detail={"before": before},
        )
        pulled = portals.get(conn, portal_id).pulled_at is not None
        if pulled:
            runs.restart(conn, portal_id, "population", now)
    if pulled:
        stores.jobs.enqueue("population", portal_id=portal_id)
    return pulled
