"""Somebody with the database alone cannot change what the audit trail says unnoticed."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.jobs.upkeep.installation import audit_chain
from backend.security.audit import GENESIS, SEAL, ChainedRow, unkeyed_hash
from backend.storage.access import audit
from backend.storage.tables.access import audit as table
from tests.integration.api.conftest import OWN, Desk


def write_rows(desk: Desk, number: int) -> None:
    with desk.product.stores.database.write() as conn:
        for count in range(number):
            audit.append(
                conn,
                now=desk.clock.now(),
                actor="user:1",
                action="portal.settings",
                subject=f"portal:{count}",
                portal_id=OWN,
            )


def holds(desk: Desk) -> bool:
    return bool(audit_chain(desk.product, lambda: None)["ok"])


def rewrite(conn: Connection, actor: str) -> None:
    """The whole trail again, as somebody who knows the code but not the key would write it."""
    previous = GENESIS
    for row, _ in list(audit.chain(conn)):
        forged = ChainedRow(
            row.seq, row.at, row.portal_id, actor, row.action, row.subject, row.detail, previous
        )
        previous = unkeyed_hash(forged)
        values = {"actor": actor, "previous_hash": forged.previous_hash, "hash": previous}
        conn.execute(sa.update(table).where(table.c.seq == row.seq).values(**values))


def test_a_trail_cut_at_its_end_is_noticed_by_the_daily_check(desk: Desk) -> None:
    write_rows(desk, 5)
    assert holds(desk)
    with desk.product.stores.database.write() as conn:
        conn.execute(sa.delete(table).where(table.c.seq > 3))
    assert not holds(desk)
    write_rows(desk, 5)  # longer again than it was
    assert not holds(desk)


def test_an_emptied_trail_is_noticed(desk: Desk) -> None:
    write_rows(desk, 5)
    assert holds(desk)
    with desk.product.stores.database.write() as conn:
        conn.execute(sa.delete(table))
    assert not holds(desk)


def test_a_trail_written_again_whole_is_noticed_without_any_anchor(desk: Desk) -> None:
    write_rows(desk, 5)
    with desk.product.stores.database.write() as conn:
        rewrite(conn, "user:2")
    assert not holds(desk)
    write_rows(desk, 1)  # nor does an honest row on top cover it
    assert not holds(desk)


def test_a_trail_from_before_the_key_is_sealed_once(desk: Desk) -> None:
    write_rows(desk, 3)
    with desk.product.stores.database.write() as conn:
        rewrite(conn, "user:1")
        assert audit.seal(conn, desk.clock.now())
        assert not audit.seal(conn, desk.clock.now())
        assert [row.action for row, _ in audit.chain(conn)][-1] == SEAL
    write_rows(desk, 2)
    assert holds(desk)
