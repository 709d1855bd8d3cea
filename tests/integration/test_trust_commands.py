"""`audit`, `keys`, `privacy`, `leads failed|replay`: what an auditor and an operator type."""

from __future__ import annotations

import base64
import json
import os
import threading
from dataclasses import replace
from datetime import datetime

import pytest
import sqlalchemy as sa

from backend.config import EncryptionKey
from backend.errors import NeedsReconnect
from backend.security.audit import ChainedRow, chain_key, row_hash
from backend.services.health.report import report
from backend.services.privacy.erase import erase
from backend.storage.leads import due_leads
from backend.storage.leads.people import of_contact, unseal
from backend.storage.operations import parked
from backend.storage.privacy.resealing import COLUMNS
from backend.storage.tables.access import audit as audit_table
from backend.storage.tables.base import metadata
from backend.storage.tables.leads import leads as leads_table
from backend.wiring import build
from tests.integration import conftest
from tests.integration.conftest import ENVIRON, PORTAL, Connected
from tests.support.commands import ON_SQLITE, commands
from tests.support.pipeline import settle, some_lead

NEW_KEY = bytes(range(100, 132))


@ON_SQLITE
def test_the_audit_trail_holds_until_somebody_touches_it(connected: Connected) -> None:
    run = commands(connected)
    for mode in ("paused", "shadow", "paused", "shadow"):
        run("portals", "mode", "--portal", str(PORTAL), mode)
    verified = run("audit", "verify")
    assert verified.exit_code == 0, verified.stderr
    anchor = verified.stdout.strip()
    exported = [json.loads(line) for line in run("audit", "export").stdout.splitlines()]
    for row in exported:
        stored = row.pop("hash")
        again = ChainedRow(**{**row, "at": datetime.fromisoformat(row["at"])})
        assert row_hash(again, chain_key(ENVIRON["SESSION_SECRET"])) == stored
    with connected.product.stores.database.write() as conn:
        conn.exec_driver_sql("UPDATE audit SET actor = 'nobody' WHERE seq = 3")
    broken = run("audit", "verify")
    assert broken.exit_code == 1
    assert "row 3: its content was altered" in broken.stderr
    with connected.product.stores.database.write() as conn:
        conn.execute(sa.delete(audit_table).where(audit_table.c.seq >= int(anchor.split(":")[0])))
        conn.exec_driver_sql("UPDATE audit SET actor = 'cli:operator' WHERE seq = 3")
    cut = run("audit", "verify", "--anchor", anchor)
    assert cut.exit_code == 1
    assert "the row of the anchor is missing" in cut.stderr


def test_keys_are_rotated_while_both_are_readable(
    connected: Connected, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fault test 83: old rows are read and sealed anew; then the old key is not needed."""
    contact_id = some_lead(connected)
    old = connected.product.stores.settings.encryption_keys
    new = EncryptionKey("k2", NEW_KEY)
    encoded = base64.b64encode(NEW_KEY).decode()
    both = f"k2:{encoded},{conftest.ENVIRON['ENCRYPTION_KEYS']}"
    monkeypatch.setitem(conftest.ENVIRON, "ENCRYPTION_KEYS", both)
    rotated = commands(connected)("keys", "rotate")
    assert rotated.exit_code == 0, rotated.stderr
    again = commands(connected)("keys", "rotate")
    assert "0 values sealed anew" in again.stderr
    with connected.product.stores.database.read() as conn:
        row = due_leads.row(conn, PORTAL, contact_id)
    assert row is not None
    settings = connected.product.stores.settings
    only_new = build(replace(settings, encryption_keys=(new,)))
    only_old = build(replace(settings, encryption_keys=old))
    assert only_new.hubspot.tokens.load(PORTAL).access_token
    assert unseal(
        only_new.stores.cipher, PORTAL, of_contact(contact_id), row["person_sealed"]
    ).email
    with pytest.raises(NeedsReconnect, match="k2"):
        only_old.hubspot.tokens.load(PORTAL)
    for product in (only_new, only_old):
        product.stores.database.engine.dispose()
        product.stores.redis.close()
        product.hubspot.http.close()


def test_keys_are_not_rotated_while_a_process_could_not_read_them(
    connected: Connected, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = connected.product.stores.settings
    worker = build(settings, process="worker")
    worker.stores.redis.ping()
    both = f"k2:{base64.b64encode(NEW_KEY).decode()},{conftest.ENVIRON['ENCRYPTION_KEYS']}"
    monkeypatch.setitem(conftest.ENVIRON, "ENCRYPTION_KEYS", both)
    refused = commands(connected)("keys", "rotate")
    assert refused.exit_code == 1
    assert f"worker (process {os.getpid()} on " in refused.stderr
    assert "without the key 'k2'" in refused.stderr
    assert connected.product.hubspot.tokens.load(PORTAL).access_token  # as it was
    worker.stores.redis.close()
    assert commands(connected)("keys", "rotate").exit_code == 0
    found = report(connected.product)
    assert found["database"]["unknown_keys"] == ["k2"]
    worker.stores.database.engine.dispose()
    worker.hubspot.http.close()


def test_every_sealed_column_is_one_that_rotation_knows() -> None:
    sealed = {(t.name, c) for t in metadata.sorted_tables for c in t.c.keys() if "_sealed" in c}  # noqa: SIM118
    assert sealed == {(one.table.name, one.column) for one in COLUMNS}


@ON_SQLITE
def test_a_lead_is_exported_whole_and_only_of_its_own_portal(connected: Connected) -> None:
    run = commands(connected)
    contact_id = some_lead(connected)
    exported = json.loads(run("privacy", "export", contact_id, "--portal", str(PORTAL)).stdout)
    assert "@" in exported["email"]
    assert {"leads", "scores", "score_history", "mirror_objects"} <= set(exported["held"])
    assert "person_sealed" not in json.dumps(exported)
    assert run("privacy", "export", "1", "--portal", str(PORTAL)).exit_code == 1
    assert run("privacy", "export", contact_id, "--portal", str(PORTAL + 1)).exit_code == 1


@ON_SQLITE
def test_a_receipt_is_found_by_the_erased_contacts_id(connected: Connected) -> None:
    contact_id = some_lead(connected)
    run = commands(connected)
    alone = run("privacy", "erase", contact_id, "--portal", str(PORTAL), "--yes")
    assert alone.exit_code == 1
    assert "no worker is running" in alone.stderr
    erase(connected.product, PORTAL, [contact_id])
    found = json.loads(run("privacy", "receipt", contact_id, "--portal", str(PORTAL)).stdout)
    assert found["erased"]["scores"] == 1
    assert contact_id not in json.dumps(found)
    by_number = run("privacy", "receipt", found["receipt_id"], "--portal", str(PORTAL))
    assert json.loads(by_number.stdout) == found


def park(connected: Connected, contact_ids: list[str], problem: str) -> None:
    with connected.product.stores.database.write() as conn:
        conn.execute(
            sa.update(leads_table)
            .where(leads_table.c.contact_id.in_(contact_ids))
            .values(parked_at=connected.product.stores.clock.now(), problem=problem, attempts=7)
        )


def test_replay_by_cause_by_name_and_twice_at_once(connected: Connected) -> None:
    """Fault test 40: two replays at once are one."""
    run = commands(connected)
    ids = sorted(connected.scores())[:6]
    park(connected, ids[:4], "HubSpot says no")
    park(connected, ids[4:], "something else")
    listed = run("leads", "failed", "--portal", str(PORTAL), "--json").stdout.splitlines()
    assert {json.loads(line)["object_id"] for line in listed} == set(ids)
    assert json.loads(listed[0])["attempts"] == 7
    one = run("leads", "replay", ids[5], "--portal", str(PORTAL))
    assert "1 leads taken up again" in one.stderr
    found: list[int] = []

    def replay() -> None:
        with connected.product.stores.database.write() as conn:
            now = connected.product.stores.clock.now()
            found.append(due_leads.replay(conn, PORTAL, now, cause="HubSpot says no"))

    threads = [threading.Thread(target=replay) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [0, 4]
    with connected.product.stores.database.read() as conn:
        assert parked.leads_by_cause(conn, PORTAL) == {"something else": 1}
        assert due_leads.row(conn, PORTAL, ids[0])["due_version"] == 2  # type: ignore[index]
    settle(connected)
