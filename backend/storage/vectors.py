"""Embeddings by text hash, and the rows behind the embedded vector index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import numpy as np
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.ports import Vector
from backend.storage.database import upsert
from backend.storage.tables import embeddings


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
    for start in range(0, len(text_hashes), 400):
        rows = conn.execute(
            sa.select(embeddings.c.text_hash, embeddings.c.vector).where(
                embeddings.c.portal_id == portal_id,
                embeddings.c.model == model,
                embeddings.c.text_hash.in_(text_hashes[start : start + 400]),
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
