"""Backup and restore by one command each; what was forgotten since stays forgotten."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from backend.errors import BadInput
from backend.model import Mode
from backend.security.audit import chain_key, verify
from backend.services.privacy.erase import erase
from backend.storage import runs
from backend.storage.access import audit
from backend.storage.operations import backup
from backend.storage.portals import portals
from backend.storage.privacy import erased_ledger, personal_data
from backend.storage.tables.base import metadata
from tests.integration.conftest import ENVIRON, PORTAL, Connected
from tests.support.commands import ON_SQLITE, commands
from tests.support.missing import forward
from tests.support.pipeline import settle
from tests.support.product import changed


def contents(connected: Connected) -> dict[str, int]:
    with connected.product.stores.database.read() as conn:
        return {
            t.name: conn.execute(sa.select(sa.func.count()).select_from(t)).scalar_one()
            for t in metadata.sorted_tables
        }


def test_a_restore_into_an_empty_redis_goes_on_and_reapplies_deletions(
    live: Connected, tmp_path: Path
) -> None:
    """Fault test 111: last night's database, today's Redis."""
    run = commands(live)
    made = run("db", "backup", "--to", str(tmp_path / "backups"))
    assert made.exit_code == 0, made.stderr
    file = Path(made.stdout.strip())
    assert file.stat().st_mode & 0o777 == 0o600
    before, scored = contents(live), live.scores()
    here, there = sorted(scored)[3], sorted(scored)[7]
    erase(live.product, PORTAL, [here])  # asked for by a person
    live.ui("DELETE", f"/contacts/{there}")  # deleted in HubSpot, whose webhook the backup misses
    live.sandbox.control("POST", "/webhooks/flush", {})
    time.sleep(1.1)  # the second backup's name
    restored = run("db", "restore", str(file), "--yes")
    live.product.stores.database.engine.dispose()  # as processes that are started afterwards
    assert restored.exit_code == 0, restored.stderr
    assert "Erased again: 1" in restored.stderr
    after = contents(live)
    assert after["portals"] == before["portals"]
    assert after["leads"] == before["leads"] - 1
    live.redis.flushall()
    settle(live)
    for _ in range(2):  # HubSpot names it as not found, and does so again ten minutes later
        forward(live, 700)
        live.run()
    with live.product.stores.database.read() as conn:
        assert personal_data.counts(conn, PORTAL, [here, there]) == {}
        assert verify(audit.chain(conn), chain_key(ENVIRON["SESSION_SECRET"])) == []
    assert set(live.scores()) == set(scored) - {here, there}
    live.set_mode(Mode.LIVE)
    with live.product.stores.database.write() as conn:  # numbered tables go on counting
        runs.start(conn, PORTAL, "backfill", live.product.stores.clock.now())
    live.product.stores.jobs.enqueue("backfill", portal_id=PORTAL)
    settle(live)


@ON_SQLITE
def test_the_ledger_beside_the_backups_knows_what_a_lost_database_does_not(
    live: Connected, tmp_path: Path
) -> None:
    folder = tmp_path / "backups"
    settings = replace(live.product.stores.settings, backup_folder=str(folder))
    product = changed(live.product, settings=settings)
    file = backup.backup(settings.database_url, folder, product.stores.clock.now())
    gone = sorted(live.scores())[0]
    erase(product, PORTAL, [gone])
    mac = product.stores.tombstone_mac(PORTAL, gone)
    assert gone not in (folder / erased_ledger.NAME).read_text()
    live.product.stores.database.engine.dispose()
    Path(settings.database_url.removeprefix("sqlite:///")).unlink()  # the disk is lost
    restored = commands(live)("db", "restore", str(file), "--yes")
    assert restored.exit_code == 0, restored.stderr
    assert erased_ledger.read(folder) == {PORTAL: {mac}}
    with live.product.stores.database.read() as conn:
        assert personal_data.counts(conn, PORTAL, [gone]) == {}


@ON_SQLITE
def test_a_portal_disconnected_since_the_backup_stays_disconnected(
    live: Connected, tmp_path: Path
) -> None:
    run = commands(live)
    file = run("db", "backup", "--to", str(tmp_path)).stdout.strip()
    assert run("portals", "disconnect", "--portal", str(PORTAL), "--yes").exit_code == 0
    restored = run("db", "restore", file, "--yes")
    assert "disconnected again: 1" in restored.stderr
    with live.product.stores.database.read() as conn:
        portal = portals.get(conn, PORTAL)
        sealed = conn.exec_driver_sql("SELECT refresh_token_sealed FROM portals").scalar_one()
    assert portal.state == "disconnected"
    assert portals.disconnected_at(portal) is not None
    assert sealed is None


def test_a_damaged_backup_changes_nothing(connected: Connected, tmp_path: Path) -> None:
    url = connected.product.stores.settings.database_url
    good = backup.backup(url, tmp_path, connected.product.stores.clock.now())
    before = contents(connected)
    for number, content in enumerate((b"nonsense", good.read_bytes()[:-200])):
        bad = tmp_path / f"bad{number}" / good.name
        bad.parent.mkdir()
        bad.write_bytes(content)
        with pytest.raises(BadInput, match="damaged"):
            backup.restore(url, bad)
        assert contents(connected) == before
    other = tmp_path / ("x.copy.zip" if good.name.endswith(".db.gz") else "x.db.gz")
    other.write_bytes(b"")
    with pytest.raises(BadInput, match="no backup of a"):
        backup.restore(url, other)


@ON_SQLITE
def test_only_the_newest_backups_are_kept(connected: Connected, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    for number in range(backup.KEPT + 2):
        (folder / f"leadlight-2020010{number:02}T000000Z.db.gz").touch()
    made = backup.backup(
        connected.product.stores.settings.database_url, folder, connected.product.stores.clock.now()
    )
    kept = sorted(os.listdir(folder))
    assert len(kept) == backup.KEPT
    assert made.name == kept[-1]
    assert backup.newest(folder) == made
