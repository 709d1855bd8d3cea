"""Profiles and populations, versioned per portal."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.errors import NotFound
from backend.model import IdealClient, Population, Profile
from backend.scoring.similarity_vectors import VERSION
from backend.storage.tables.learning import populations, profiles


@dataclass(frozen=True, slots=True)
class ProfileVersion:
    """One line of the list of profiles."""

    version: int
    state: str
    rows: int
    source: str
    made_by: str
    created_at: datetime


def add(
    conn: Connection,
    portal_id: int,
    clients: tuple[IdealClient, ...],
    *,
    source: str,
    made_by: str,
    now: datetime,
    activate_it: bool = True,
) -> int:
    """Store a new version and return its number; activating retires the active one."""
    newest = conn.execute(
        sa.select(sa.func.coalesce(sa.func.max(profiles.c.version), 0)).where(
            profiles.c.portal_id == portal_id
        )
    ).scalar_one()
    version = int(newest) + 1
    conn.execute(
        sa.insert(profiles).values(
            portal_id=portal_id,
            version=version,
            state="draft",
            clients=[asdict(client) for client in clients],
            rows=len(clients),
            source=source,
            made_by=made_by,
            created_at=now,
        )
    )
    if activate_it:
        activate(conn, portal_id, version)
    return version


def activate(conn: Connection, portal_id: int, version: int) -> None:
    """Make this the one active version. Raises NotFound."""
    mine = profiles.c.portal_id == portal_id
    conn.execute(
        sa.update(profiles).where(mine, profiles.c.state == "active").values(state="retired")
    )
    changed = conn.execute(
        sa.update(profiles).where(mine, profiles.c.version == version).values(state="active")
    ).rowcount
    if not changed:
        raise NotFound(f"portal {portal_id} has no profile version {version}")


def active(conn: Connection, portal_id: int) -> Profile:
    """The active profile; version 0 without clients when there is none yet."""
    row = conn.execute(
        sa.select(profiles).where(profiles.c.portal_id == portal_id, profiles.c.state == "active")
    ).first()
    if row is None:
        return Profile(portal_id, 0, ())
    return Profile(portal_id, row.version, tuple(_client(c) for c in row.clients))


def version(conn: Connection, portal_id: int, number: int) -> Profile:
    """Any version, active or not. Raises NotFound."""
    row = conn.execute(
        sa.select(profiles).where(profiles.c.portal_id == portal_id, profiles.c.version == number)
    ).first()
    if row is None:
        raise NotFound(f"portal {portal_id} has no profile version {number}")
    return Profile(portal_id, row.version, tuple(_client(c) for c in row.clients))


def listed(conn: Connection, portal_id: int) -> list[ProfileVersion]:
    """Newest first."""
    rows = conn.execute(
        sa.select(profiles)
        .where(profiles.c.portal_id == portal_id)
        .order_by(profiles.c.version.desc())
    )
    return [
        ProfileVersion(r.version, r.state, r.rows, r.source, r.made_by, r.created_at) for r in rows
    ]


def _client(stored: dict[str, Any]) -> IdealClient:
    values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in stored.items()}
    return IdealClient(**values)


def add_population(
    conn: Connection, portal_id: int, population: Population, profile_version: int, now: datetime
) -> None:
    """Store a version made by the caller."""
    conn.execute(
        sa.insert(populations).values(
            portal_id=portal_id,
            version=population.version,
            profile_version=profile_version,
            body={
                "leads": population.leads,
                "counts": {field: dict(values) for field, values in population.counts.items()},
                "offset_points": population.offset_points,
                "centroid": population.centroid,
                "points_sorted": population.points_sorted,
                "embedder": population.embedder,
                "vectors": VERSION,
            },
            created_at=now,
        )
    )


def population(conn: Connection, portal_id: int) -> tuple[Population, int]:
    """The newest population and the profile version it was made with; an empty one at first."""
    row = conn.execute(
        sa.select(populations)
        .where(populations.c.portal_id == portal_id)
        .order_by(populations.c.version.desc())
        .limit(1)
    ).first()
    if row is None:
        return Population(0, 0, {}), 0
    body = row.body
    found = Population(
        version=row.version,
        leads=body["leads"],
        counts=body["counts"],
        offset_points=body["offset_points"],
        centroid=None if body["centroid"] is None else tuple(body["centroid"]),
        points_sorted=tuple(body["points_sorted"]),
        embedder=_embedder(body),
    )
    return found, row.profile_version


def _embedder(body: dict[str, Any]) -> str:
    """What made a population's vectors; another name than any embedder's where they were made in
    another way, so that they are made anew."""
    name: str = body.get("embedder", "")
    return name if not name or body.get("vectors") == VERSION else f"{name}, vectors of before"


def client_ids_of_others(conn: Connection, portal_id: int, active_profile: Profile) -> list[str]:
    """Clients of other versions that the active one does not have: stale in the vector index."""
    rows = conn.execute(
        sa.select(profiles.c.clients).where(
            profiles.c.portal_id == portal_id, profiles.c.version != active_profile.version
        )
    )
    known = {client.client_id for client in active_profile.clients}
    return sorted({client["client_id"] for row in rows for client in row.clients} - known)
