"""Embeddings by text hash, and the rows behind the embedded vector index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import numpy as np
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.ports import Metadata, Vector, VectorRow
from backend.slices import slices
from backend.storage.database import Database, upsert
from backend.storage.tables.learning import embeddings, vectors

GONE = ""  # the item id of the row that stands for what was removed


def to_bytes(vector: Vector) -> bytes:
    """Float32, little endian."""
    return np.asarray(vector, dtype="<f4").tobytes()


def from_bytes(blob: bytes) -> Vector:
    """The vector of one stored blob."""
    return np.frombuffer(blob, dtype="<f4").astype(np.float32)


def known(
    conn: Connection, portal_id: int, model: str, text_hashes: Sequence[str]
) -> dict[str, Vector]:
    """Stored embeddings by text hash."""
    found = {}
    for part in slices(text_hashes):
        rows = conn.execute(
            sa.select(embeddings.c.text_hash, embeddings.c.vector).where(
                embeddings.c.portal_id == portal_id,
                embeddings.c.model == model,
                embeddings.c.text_hash.in_(part),
            )
        )
        for row in rows:
            found[row.text_hash] = from_bytes(row.vector)
    return found


def remember(
    conn: Connection, portal_id: int, model: str, by_hash: Mapping[str, Vector], now: datetime
) -> None:
    """Store embeddings so that nothing is embedded twice."""
    upsert(
        conn,
        embeddings,
        [
            {
                "portal_id": portal_id,
                "model": model,
                "text_hash": text_hash,
                "vector": to_bytes(vector),
                "created_at": now,
            }
            for text_hash, vector in by_hash.items()
        ],
        update=(),
    )


def forget_other_models(conn: Connection, portal_id: int, model: str, before: datetime) -> int:
    """Embeddings of models that are not in use any more; how many they were."""
    e = embeddings
    return conn.execute(
        sa.delete(e).where(e.c.portal_id == portal_id, e.c.model != model, e.c.created_at < before)
    ).rowcount


def older_hashes(conn: Connection, portal_id: int, model: str, before: datetime) -> set[str]:
    """Hashes of all texts embedded before then."""
    e = embeddings
    rows = conn.execute(
        sa.select(e.c.text_hash).where(
            e.c.portal_id == portal_id, e.c.model == model, e.c.created_at < before
        )
    )
    return {row.text_hash for row in rows}


def forget_texts(conn: Connection, portal_id: int, model: str, text_hashes: Sequence[str]) -> int:
    """Embeddings of these texts; how many there were."""
    e = embeddings
    return conn.execute(
        sa.delete(e).where(
            e.c.portal_id == portal_id, e.c.model == model, e.c.text_hash.in_(text_hashes)
        )
    ).rowcount


def remove(conn: Connection, portal_id: int, item_ids: Sequence[str] | None) -> None:
    """Items of the embedded index, with their ids; None: all of the portal's.

    One row with a newer revision and no id tells other processes, which then find fewer rows than
    they know and read all anew.
    """
    where = [vectors.c.portal_id == portal_id, vectors.c.item_id != GONE]
    if item_ids is not None:
        where.append(vectors.c.item_id.in_(item_ids))
    revision = _next_revision(conn, portal_id)
    if conn.execute(sa.delete(vectors).where(*where)).rowcount:
        upsert(
            conn,
            vectors,
            [
                {
                    "portal_id": portal_id,
                    "item_id": GONE,
                    "vector": b"",
                    "metadata": {},
                    "revision": revision,
                    "deleted": True,
                }
            ],
        )


class StoredVectors:
    """The VectorRows port over the `vectors` table."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def state(self, portal_id: int) -> tuple[int, int]:
        """(highest revision, rows not deleted)."""
        v = vectors
        with self._database.read() as conn:
            row = conn.execute(
                sa.select(
                    sa.func.coalesce(sa.func.max(v.c.revision), 0),
                    sa.func.count().filter(~v.c.deleted),
                ).where(v.c.portal_id == portal_id)
            ).one()
        return int(row[0]), int(row[1])

    def newer(self, portal_id: int, revision: int) -> Sequence[VectorRow]:
        """Rows with a higher revision, in order."""
        v = vectors
        with self._database.read() as conn:
            rows = conn.execute(
                sa.select(v)
                .where(v.c.portal_id == portal_id, v.c.revision > revision)
                .order_by(v.c.revision, v.c.item_id)
            ).all()
        return [VectorRow(r.item_id, r.vector, r.metadata, r.revision, r.deleted) for r in rows]

    def upsert(self, portal_id: int, rows: Sequence[tuple[str, bytes, Metadata]]) -> None:
        """Store or replace; rows that are there already with the same content keep theirs."""
        with self._database.write() as conn:
            known = self._known(conn, portal_id, [row[0] for row in rows])
            new = [row for row in rows if known.get(row[0]) != (row[1], dict(row[2]))]
            if not new:
                return
            revision = _next_revision(conn, portal_id)
            upsert(
                conn,
                vectors,
                [
                    {
                        "portal_id": portal_id,
                        "item_id": item_id,
                        "vector": blob,
                        "metadata": dict(metadata),
                        "revision": revision,
                        "deleted": False,
                    }
                    for item_id, blob, metadata in new
                ],
            )

    def delete(self, portal_id: int, item_ids: Sequence[str] | None) -> None:
        """See `remove`."""
        with self._database.write() as conn:
            remove(conn, portal_id, item_ids)

    @staticmethod
    def _known(
        conn: Connection, portal_id: int, item_ids: Sequence[str]
    ) -> dict[str, tuple[bytes, dict[str, object]]]:
        found: dict[str, tuple[bytes, dict[str, object]]] = {}
        for part in slices(item_ids):
            rows = conn.execute(
                sa.select(vectors.c.item_id, vectors.c.vector, vectors.c.metadata).where(
                    vectors.c.portal_id == portal_id,
                    vectors.c.item_id.in_(part),
                    ~vectors.c.deleted,
                )
            )
            found |= {row.item_id: (row.vector, row.metadata) for row in rows}
        return found


def _next_revision(conn: Connection, portal_id: int) -> int:
    if conn.dialect.name != "sqlite":  # two writers must not share a revision
        conn.execute(sa.select(sa.func.pg_advisory_xact_lock(portal_id)))
    newest = conn.execute(
        sa.select(sa.func.coalesce(sa.func.max(vectors.c.revision), 0)).where(
            vectors.c.portal_id == portal_id
        )
    ).scalar_one()
    return int(newest) + 1
