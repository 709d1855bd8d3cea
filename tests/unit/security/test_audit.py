from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from backend.security.audit import GENESIS, AuditRow, listed_briefly, row_hash, verify

AT = datetime(2026, 11, 23, 12, 0, 0, 123456, tzinfo=UTC)


def chain(length: int = 6) -> list[tuple[AuditRow, str]]:
    rows, previous = [], GENESIS
    for seq in range(1, length + 1):
        row = AuditRow(seq, AT + timedelta(minutes=seq), 7, "cli:operator", "replay", f"lead:{seq}",
                       {"count": seq, "why": "é"}, previous)  # fmt: skip
        previous = row_hash(row)
        rows.append((row, previous))
    return rows


def test_an_untouched_chain_holds() -> None:
    assert verify(chain()) == []
    assert verify([]) == []


@pytest.mark.parametrize(
    "change",
    [{"actor": "x"}, {"action": "x"}, {"subject": "x"}, {"detail": {}}, {"portal_id": None},
     {"at": AT}],
)  # fmt: skip
def test_an_altered_row_is_found(change) -> None:
    rows = chain()
    rows[2] = (replace(rows[2][0], **change), rows[2][1])
    assert [b.seq for b in verify(rows)] == [3]


def test_an_alteration_with_a_fresh_hash_breaks_the_next_row() -> None:
    rows = chain()
    forged = replace(rows[2][0], actor="x")
    rows[2] = (forged, row_hash(forged))
    assert [b.seq for b in verify(rows)] == [4]


def test_removed_and_reordered_rows_are_found() -> None:
    rows = chain()
    assert verify(rows[:2] + rows[3:])[0].seq == 4
    assert verify(rows[1:])[0].seq == 2
    assert verify([rows[0], rows[2], rows[1], *rows[3:]])


def test_a_cut_at_the_end_shows_against_an_anchor() -> None:
    rows = chain()
    anchor = (6, rows[-1][1])
    assert verify(rows, anchor) == []
    assert [b.seq for b in verify(rows[:-1], anchor)] == [6]


def test_the_hash_does_not_depend_on_key_order_or_time_zone() -> None:
    row = chain()[0][0]
    turned = replace(row, detail=dict(reversed(row.detail.items())),
                     at=row.at.astimezone(timezone(timedelta(hours=5))))  # fmt: skip
    assert row_hash(turned) == row_hash(row)


def test_many_ids_are_stored_as_a_few_that_prove_the_rest() -> None:
    ids = [f"{n:016x}" for n in range(5_000)]
    brief = listed_briefly(ids)
    assert brief["count"] == 5_000
    assert brief["first"] == ids[:3]
    assert brief["digest"] == listed_briefly(ids[::-1])["digest"]
    assert brief["digest"] != listed_briefly(ids[1:])["digest"]
    assert len(repr(brief)) < 200
