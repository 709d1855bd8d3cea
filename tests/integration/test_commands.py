"""The operator's commands: plain messages, exit codes, JSON on stdout only."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from backend.storage import runs
from backend.storage.leads import mirror
from backend.storage.learning import profiles
from backend.storage.portals import portals
from tests.integration.conftest import ENVIRON, PORTAL, Connected
from tests.support.commands import ON_SQLITE, commands

HEADER = "Industry,Company size,Revenue range,Geographic location,Technology stack,Budget range"
OVERVIEW = f"/api/v1/portals/{PORTAL}/overview"


@ON_SQLITE
def test_a_bad_profile_names_every_row_and_imports_nothing(
    connected: Connected, tmp_path: Path
) -> None:
    run = commands(connected)
    file = tmp_path / "clients.csv"
    file.write_text(f"{HEADER}\nBanking,abc,$1M,Germany,AWS,$1k\nBanking,5,x,Germany,AWS,$1k\n")
    bad = run("profiles", "import", str(file), "--portal", str(PORTAL))
    assert bad.exit_code == 2
    assert "row 2, column 'Company size'" in bad.stderr
    assert "row 3, column 'Revenue range'" in bad.stderr
    with connected.product.stores.database.read() as conn:
        assert profiles.active(conn, PORTAL).version == 1
    file.write_text(f"{HEADER}\nBanking,abc,$1M,Germany,AWS,$1k\nBanking,5,$1M,Germany,AWS,$1k\n")
    good = run("profiles", "import", str(file), "--portal", str(PORTAL), "--skip-invalid")
    assert good.exit_code == 0, good.stderr
    assert "skipped: row 2" in good.stderr
    with connected.product.stores.database.read() as conn:
        assert len(profiles.active(conn, PORTAL).clients) == 1


@ON_SQLITE
def test_an_unknown_portal_and_a_missing_worker_are_said_plainly(connected: Connected) -> None:
    run = commands(connected)
    unknown = run("profiles", "list", "--portal", "5")
    assert unknown.exit_code == 1
    assert "portal 5 is not connected" in unknown.stderr
    alone = run("score", "--portal", str(PORTAL), "--json")
    assert alone.exit_code == 1
    assert "no worker is running" in alone.stderr
    assert alone.stdout == ""


@ON_SQLITE
def test_portals_are_listed_as_json(connected: Connected) -> None:
    listed = commands(connected)("portals", "list", "--json")
    (portal,) = [json.loads(line) for line in listed.stdout.splitlines()]
    assert portal["portal_id"] == PORTAL
    assert portal["client_id"] == ENVIRON["HUBSPOT_CLIENT_ID"]
    assert "token" not in listed.stdout


@ON_SQLITE
def test_check_finds_nothing_wrong_and_then_a_deleted_property(live: Connected) -> None:
    run = commands(live)
    found = run("portals", "check", "--portal", str(PORTAL), "--json")
    answers = {a["question"]: a for a in map(json.loads, found.stdout.splitlines())}
    assert [a for a in answers.values() if a["verdict"] == "wrong"] == []
    kinds = ("contacts", "companies", "deals", "leads")
    assert {answers[f"properties of {kind}"]["verdict"] for kind in kinds} == {"ok"}
    assert answers["read leads"]["verdict"] == "ok"
    assert answers["token introspection"]["verdict"] == "ok"
    assert answers["card"]["verdict"] == "open"
    assert found.exit_code == 0
    token = live.product.hubspot.keeper.access_token(PORTAL)
    live.sandbox.api(
        "DELETE", "/crm/properties/2026-09/contacts/ai_lead_chance", token=token
    ).raise_for_status()
    found = run("portals", "check", "--portal", str(PORTAL))
    assert found.exit_code == 1
    assert "ai_lead_chance" in found.stdout
    live.sandbox.api(
        "DELETE", "/crm/properties/2026-09/companies/ai_account_fit", token=token
    ).raise_for_status()
    found = run("portals", "check", "--portal", str(PORTAL))
    assert "ai_account_fit" in found.stdout


@ON_SQLITE
def test_check_makes_a_contact_hears_of_it_and_deletes_it(live: Connected) -> None:
    run = commands(live)
    before = contacts_in(live)
    found = run("portals", "check", "--portal", str(PORTAL), "--test-contact", "--json")
    answers = {a["question"]: a for a in map(json.loads, found.stdout.splitlines())}
    assert answers["test contact"]["verdict"] == "ok"
    (shape,) = [
        a["answer"] for q, a in answers.items() if q.startswith("event ") and "creation" in q
    ]
    assert {"objectId", "portalId", "occurredAt"} <= set(shape.split())
    assert not any("@" in a["answer"] for a in answers.values())  # shapes, never values
    assert contacts_in(live) == before


def check_with_a_contact(connected: Connected) -> dict[str, str]:
    """What the check says of its test contact; its exit code is 1 when that is wrong."""
    found = commands(connected)(
        "portals", "check", "--portal", str(PORTAL), "--test-contact", "--json"
    )
    answers = {a["question"]: a for a in map(json.loads, found.stdout.splitlines())}
    told: dict[str, str] = answers["test contact"]
    assert found.exit_code == (told["verdict"] == "wrong")
    return told


def refuse_deleting(connected: Connected, **rule: Any) -> None:
    path = "/crm/objects/*/contacts/*"
    rules = [{"effect": "error", "method": "DELETE", "path": path, **rule}]
    connected.sandbox.control("PUT", "/faults", rules)


@ON_SQLITE
@pytest.mark.parametrize("status", [403, 500])
def test_a_test_contact_that_stays_is_named_with_the_cure(live: Connected, status: int) -> None:
    before = contacts_in(live)
    refuse_deleting(live, status=status)
    told = check_with_a_contact(live)
    (left,) = re.findall(r"contact (\d+) could not be deleted, delete it by hand", told["answer"])
    assert contacts_in(live) == before + 1
    live.ui("DELETE", f"/contacts/{left}")  # which the operator can
    assert contacts_in(live) == before
    assert "@" not in told["answer"]


@ON_SQLITE
def test_a_deletion_whose_answer_was_lost_leaves_nothing_to_do(live: Connected) -> None:
    before = contacts_in(live)
    refuse_deleting(live, status=500, after=True, times=1)
    assert check_with_a_contact(live)["verdict"] == "ok"
    assert contacts_in(live) == before


def contacts_in(connected: Connected) -> int:
    token = connected.product.hubspot.keeper.access_token(PORTAL)
    path = "/crm/v3/objects/contacts/search"
    found = connected.sandbox.api("POST", path, {"limit": 1}, token=token)
    return int(found.json()["total"])


@ON_SQLITE
def test_a_mapped_property_is_read_by_the_labels_of_its_options(live: Connected) -> None:
    run = commands(live)
    refused = run("portals", "setup", "--portal", str(PORTAL), "--map", "budget_range=nowhere")
    assert refused.exit_code == 2
    assert "'nowhere' is no contact or company property" in refused.stderr
    product, token = live.product, live.product.hubspot.keeper.access_token(PORTAL)
    options = [
        {"label": label, "value": value, "displayOrder": i, "hidden": False}
        for i, (value, label) in enumerate({"tier_1": "$1k-$10k", "tier_2": "$50k-$100k"}.items())
    ]
    definition = {
        "name": "planned_spend",
        "label": "Planned spend",
        "groupName": "contactinformation",
        "type": "enumeration",
        "fieldType": "select",
        "options": options,
    }
    base = "/crm/properties/2026-09/contacts"
    live.sandbox.api("POST", base, definition, token=token).raise_for_status()
    contact_id = sorted(live.scores())[0]
    live.sandbox.api(
        "PATCH",
        f"/crm/objects/2026-09/contacts/{contact_id}",
        {"properties": {"planned_spend": "tier_2"}},
        token=token,
    ).raise_for_status()
    with product.stores.database.write() as conn:
        portal = portals.get(conn, PORTAL)
        mapped = replace(portal.settings, property_map={"budget_range": "planned_spend"})
        portals.set_settings(conn, PORTAL, mapped)
        runs.start(conn, PORTAL, "pull", product.stores.clock.now())
    product.stores.jobs.enqueue("pull", portal_id=PORTAL)
    live.run()
    with product.stores.database.read() as conn:
        facts = mirror.records(conn, PORTAL, "contacts", [contact_id])[contact_id].facts
    assert facts["budget_range"] == "50k-100k"


@ON_SQLITE
def test_an_api_key_opens_its_own_portal_until_it_is_revoked(connected: Connected) -> None:
    run = commands(connected)
    made = run("api-keys", "create", "--portal", str(PORTAL), "--role", "manager")
    key = made.stdout.strip()
    web = connected.app.test_client()
    headers = {"Authorization": f"Bearer {key}"}
    answer = web.get(OVERVIEW, headers=headers)
    assert answer.status_code == 200
    assert sum(answer.get_json()["distribution"]) == len(connected.scores())
    assert web.get(OVERVIEW).status_code == 401
    assert web.get(OVERVIEW, headers={"Authorization": "Bearer x"}).status_code == 401
    assert web.get("/api/v1/portals/555/overview", headers=headers).status_code == 404
    prefix = key.rsplit("_", 1)[0]
    listed = run("api-keys", "list", "--portal", str(PORTAL))
    assert key not in listed.stdout
    with connected.product.stores.database.read() as conn:
        stored = conn.exec_driver_sql("SELECT prefix, key_hash FROM api_keys").one()
    assert key not in repr(stored)
    assert run("api-keys", "revoke", stored.prefix, "--portal", str(PORTAL)).exit_code == 0
    assert web.get(OVERVIEW, headers=headers).status_code == 401
    assert prefix


@ON_SQLITE
def test_a_wrong_key_at_start_is_named(connected: Connected) -> None:
    from dataclasses import replace

    from backend.config import EncryptionKey
    from backend.errors import BadSettings
    from backend.wiring import build

    connected.product.stores.check_start()
    other = (EncryptionKey("k1", bytes(range(1, 33))),)
    wrong = build(replace(connected.product.stores.settings, encryption_keys=other))
    with pytest.raises(BadSettings, match="k1"):
        wrong.stores.check_start()
    wrong.stores.database.engine.dispose()
    wrong.stores.redis.close()
    wrong.hubspot.http.close()
