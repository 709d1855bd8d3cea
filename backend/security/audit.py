"""The audit trail's chain: each row carries a keyed hash over itself and the hash before it.

The key is derived from SESSION_SECRET and is not in the database: whoever can only write there
cannot make a row that verifies. Rows cut off at the end, or a database put back to an older state,
show against an anchor kept elsewhere: the (seq, hash) of a row that must be there.

Rows written before there was a key are accepted only in front of the one row `audit.seal`, whose
keyed hash covers them from then on.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

GENESIS: Final = "0" * 64
SEAL: Final = "audit.seal"  # the action of the first row with a keyed hash, where others precede
FIRST_IDS: Final = 3  # of a long list, in a row: the rest stands in its digest


@dataclass(frozen=True, slots=True)
class ChainedRow:
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


def chain_key(secret: str) -> bytes:
    """The key of the chain, derived from SESSION_SECRET for this purpose alone."""
    return hmac.new(secret.encode(), b"leadlight audit chain", hashlib.sha256).digest()


def row_hash(row: ChainedRow, key: bytes) -> str:
    """HMAC-SHA256 (hex) over the row as canonical JSON, the previous hash included."""
    return hmac.new(key, _canonical(row), hashlib.sha256).hexdigest()


def unkeyed_hash(row: ChainedRow) -> str:
    """SHA-256 (hex) over the same: how rows were chained before there was a key."""
    return hashlib.sha256(_canonical(row)).hexdigest()


def _canonical(row: ChainedRow) -> bytes:
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
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def listed_short(ids: Sequence[str]) -> dict[str, Any]:
    """Many ids as a row's detail: how many, the first few, and the SHA-256 (hex) over all of them,
    one a line in sorted order, so that a list kept elsewhere can be proved."""
    digest = hashlib.sha256("\n".join(sorted(ids)).encode()).hexdigest()
    return {"count": len(ids), "first": list(ids[:FIRST_IDS]), "digest": digest}


def verify(
    rows: Iterable[tuple[ChainedRow, str]], key: bytes, anchors: Collection[tuple[int, str]] = ()
) -> list[Break]:
    """Breaks of a chain of (row, stored hash) in the order of `seq`; [] when it holds.

    `anchors`: every (seq, hash) known from elsewhere that the chain must contain.
    """
    breaks: list[Break] = []
    previous, expected_seq, sealed = GENESIS, 1, False
    missing = set(anchors)
    for row, stored in rows:
        keyed = hmac.compare_digest(row_hash(row, key), stored)
        breaks += _breaks_of(row, previous, expected_seq)
        if keyed and not sealed and row.seq > 1 and row.action != SEAL:
            breaks.append(Break(row.seq, "the rows before it carry no keyed hash and no seal"))
        if not keyed and (sealed or unkeyed_hash(row) != stored):
            breaks.append(Break(row.seq, "its content was altered"))
        sealed = sealed or keyed
        missing.discard((row.seq, stored))
        previous, expected_seq = stored, row.seq + 1
    if expected_seq > 1 and not sealed:
        breaks.append(Break(expected_seq - 1, "no row carries a hash of this installation's key"))
    return breaks + [
        Break(seq, "the row of the anchor is missing or another one") for seq, _ in sorted(missing)
    ]


def _breaks_of(row: ChainedRow, previous: str, expected_seq: int) -> list[Break]:
    found = []
    if row.seq != expected_seq:
        found.append(Break(row.seq, f"row {expected_seq} was expected: removed or reordered"))
    if row.previous_hash != previous:
        found.append(Break(row.seq, "does not follow the row before it"))
    return found
