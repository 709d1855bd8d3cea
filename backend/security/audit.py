"""The audit trail's chain: each row carries the hash of the one before.

Altered, removed and reordered rows show in `verify`. Rows cut off at the end show only against
an anchor kept elsewhere: the last (seq, hash) that was exported.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

GENESIS: Final = "0" * 64
FIRST_IDS: Final = 3  # of a long list, in a row: the rest stands in its digest


@dataclass(frozen=True, slots=True)
class AuditRow:
    """Who did what to what. `detail` is JSON and holds ids, never lead text or secrets."""

    seq: int
    at: datetime
    portal_id: int | None
    actor: str
    action: str
    subject: str
    detail: Mapping[str, Any]
    previous_hash: str


@dataclass(frozen=True, slots=True)
class Break:
    """Where the chain does not hold, and how."""

    seq: int
    problem: str


def row_hash(row: AuditRow) -> str:
    """SHA-256 (hex) over the row as canonical JSON, the previous hash included."""
    content = {
        "seq": row.seq,
        "at": row.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "portal_id": row.portal_id,
        "actor": row.actor,
        "action": row.action,
        "subject": row.subject,
        "detail": row.detail,
        "previous_hash": row.previous_hash,
    }
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(canonical.encode()).hexdigest()


def listed_briefly(ids: Sequence[str]) -> dict[str, Any]:
    """Many ids as a row's detail: how many, the first few, and the SHA-256 (hex) over all of them,
    one a line in sorted order, so that a list kept elsewhere can be proved."""
    digest = hashlib.sha256("\n".join(sorted(ids)).encode()).hexdigest()
    return {"count": len(ids), "first": list(ids[:FIRST_IDS]), "digest": digest}


def verify(
    rows: Iterable[tuple[AuditRow, str]], anchor: tuple[int, str] | None = None
) -> list[Break]:
    """Breaks of a chain of (row, stored hash) in the order of `seq`; [] when it holds.

    `anchor`: a (seq, hash) known from elsewhere that the chain must contain.
    """
    breaks: list[Break] = []
    previous, expected_seq = GENESIS, 1
    anchored = anchor is None
    for row, stored in rows:
        breaks += _breaks_of(row, stored, previous, expected_seq)
        if anchor is not None and (row.seq, stored) == anchor:
            anchored = True
        previous, expected_seq = stored, row.seq + 1
    if anchor is not None and not anchored:
        breaks.append(Break(anchor[0], "the row of the anchor is missing or another one"))
    return breaks


def _breaks_of(row: AuditRow, stored: str, previous: str, expected_seq: int) -> list[Break]:
    found = []
    if row.seq != expected_seq:
        found.append(Break(row.seq, f"row {expected_seq} was expected: removed or reordered"))
    if row.previous_hash != previous:
        found.append(Break(row.seq, "does not follow the row before it"))
    if row_hash(row) != stored:
        found.append(Break(row.seq, "its content was altered"))
    return found
