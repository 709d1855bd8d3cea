from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from backend.security.audit import (
    GENESIS,
    SEAL,
    ChainedRow,
    chain_key,
    listed_short,
    row_hash,
    unkeyed_hash,
    verify,
)

KEY = chain_key("s" * 40)
AT = datetime(2026, 11, 23, 12, 0, 0, 123456, tzinfo=UTC)


def chain(length: int = 6, unkeyed: int = 0) -> list[tuple[ChainedRow, str]]:
    rows, previous = [], GENESIS
    for seq in range(1, length + 1):
        action = SEAL if unkeyed and seq == unkeyed + 1 else "replay"
        row = ChainedRow(
            seq,
            AT + timedelta(minutes=seq),
            7,
            "cli:operator",
            action,
            f"lead:{seq}",
            {"count": seq, "why": "é"},
            previous,
        )
        previous = row_hash(row, KEY) if seq > unkeyed else unkeyed_hash(row)
        rows.append((row, previous))
    return rows


def test_an_untouched_chain_holds() -> None:
    assert verify(chain(), KEY) == []
    assert verify([], KEY) == []


@pytest.mark.parametrize(
    "change",
    [
        {"actor": "x"},
        {"action": "x"},
        {"subject": "x"},
        {"detail": {}},
        {"portal_id": None},
        {"at": AT},
    ],
)
def test_an_altered_row_is_found(change) -> None:
    rows = chain()
    rows[2] = (replace(rows[2][0], **change), rows[2][1])
    assert [b.seq for b in verify(rows, KEY)] == [3]


def test_an_alteration_with_a_fresh_hash_breaks_the_next_row() -> None:
    rows = chain()
    forged = replace(rows[2][0], actor="x")
    rows[2] = (forged, row_hash(forged, KEY))
    assert [b.seq for b in verify(rows, KEY)] == [4]


def test_removed_and_reordered_rows_are_found() -> None:
    rows = chain()
    assert verify(rows[:2] + rows[3:], KEY)[0].seq == 4
    assert verify(rows[1:], KEY)[0].seq == 2
    assert verify([rows[0], rows[2], rows[1], *rows[3:]], KEY)


def test_a_cut_at_the_end_shows_against_an_anchor() -> None:
    rows = chain()
    anchor = (6, rows[-1][1])
    assert verify(rows, KEY, {anchor}) == []
    assert [b.seq for b in verify(rows[:-1], KEY, {anchor})] == [6]


def test_a_trail_written_whole_by_somebody_without_the_key_is_found() -> None:
    assert [b.seq for b in verify(chain(unkeyed=6), KEY)] == [6]
    assert verify(chain(), chain_key("t" * 40))
    forged = chain(unkeyed=5)
    last = replace(forged[5][0], action="replay")  # a later honest row does not cover a forgery
    assert verify([*forged[:5], (last, row_hash(last, KEY))], KEY)


def test_rows_from_before_the_key_hold_until_one_is_altered() -> None:
    rows = chain(unkeyed=3)
    assert verify(rows, KEY) == []
    forged = replace(rows[1][0], actor="x")
    assert [b.seq for b in verify([rows[0], (forged, unkeyed_hash(forged)), *rows[2:]], KEY)] == [3]
    late = replace(rows[5][0], actor="x")
    assert verify([*rows[:5], (late, unkeyed_hash(late))], KEY)


def test_the_hash_does_not_depend_on_key_order_or_time_zone() -> None:
    row = chain()[0][0]
    turned = replace(
        row,
        detail=dict(reversed(row.detail.items())),
        at=row.at.astimezone(timezone(timedelta(hours=5))),
    )
    assert row_hash(turned, KEY) == row_hash(row, KEY)


def test_many_ids_are_stored_as_a_few_that_prove_the_rest() -> None:
    ids = [f"{n:016x}" for n in range(5_000)]
    brief = listed_short(ids)
    assert brief["count"] == 5_000
    assert brief["first"] == ids[:3]
    assert brief["digest"] == listed_short(ids[::-1])["digest"]
    assert brief["digest"] != listed_short(ids[1:])["digest"]
    assert len(repr(brief)) < 200
