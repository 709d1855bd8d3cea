"""Rows of the embedded index in memory: for tests and benchmarks without a database."""

from __future__ import annotations

from collections.abc import Sequence

from backend.ports import Metadata, VectorRow


class MemoryRows:
    """VectorRows without a database; what one index writes every other sees."""

    def __init__(self) -> None:
        self._rows: dict[int, dict[str, VectorRow]] = {}
        self._revision: dict[int, int] = {}

    def state(self, portal_id: int) -> tuple[int, int]:
        """(highest revision, rows not deleted)."""
        alive = sum(not row.deleted for row in self._rows.get(portal_id, {}).values())
        return self._revision.get(portal_id, 0), alive

    def newer(self, portal_id: int, revision: int) -> Sequence[VectorRow]:
        """Rows with a higher revision, in order."""
        rows = [r for r in self._rows.get(portal_id, {}).values() if r.revision > revision]
        return sorted(rows, key=lambda row: (row.revision, row.item_id))

    def upsert(self, portal_id: int, rows: Sequence[tuple[str, bytes, Metadata]]) -> None:
        """Store or replace under the next revision."""
        revision = self._next(portal_id)
        for item_id, blob, metadata in rows:
            self._put(portal_id, VectorRow(item_id, blob, metadata, revision))

    def delete(self, portal_id: int, item_ids: Sequence[str] | None) -> None:
        """Mark as deleted."""
        known = self._rows.get(portal_id, {})
        revision = self._next(portal_id)
        for item_id in list(known) if item_ids is None else item_ids:
            if item_id in known:
                self._put(portal_id, VectorRow(item_id, b"", {}, revision, deleted=True))

    def _put(self, portal_id: int, row: VectorRow) -> None:
        self._rows.setdefault(portal_id, {})[row.item_id] = row

    def _next(self, portal_id: int) -> int:
        self._revision[portal_id] = self._revision.get(portal_id, 0) + 1
        return self._revision[portal_id]
