"""Settings, the preview before going live, confirmed tasks and capacity, as an operator sees it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from backend.config import EncryptionKey
from backend.model import Mode, Thresholds, Urgency
from backend.security.cipher import Cipher
from backend.storage.portals import portals
from backend.storage.portals.portals import NOTIFICATION_URL
from backend.storage.privacy.resealing import reseal_all
from tests.integration.conftest import PORTAL, Connected
from tests.integration.routes import change_settings, flush, open_tasks, score_as
from tests.support.commands import commands

P = ("--portal", str(PORTAL))
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@ON_SQLITE
def test_settings_are_checked_named_and_the_address_is_kept_sealed(connected: Connected) -> None:
    run = commands(connected)
    bad = run(
        "portals",
        "settings",
        *P,
        "fallback-owner=me",
        "digest-above=0",
        "working-days=some",
        "notification-url=http://169.254.169.254/latest",
        "owner-capacity=5",
        "colour=red",
    )
    assert bad.exit_code == 2
    for part in (
        "fallback-owner: 'me'",
        "digest-above: '0'",
        "working-days: 'some'",
        "notification-url: ",
        "owner-capacity: '5'",
        "'colour=red': write NAME=VALUE",
        "nothing was saved",
    ):
        assert part in bad.stderr
    secret = "https://hooks.example.com/services/T0/B0/xyzzy"
    good = run(
        "portals",
        "settings",
        *P,
        "fallback-owner=77",
        "working-days=sun,mon,tue",
        f"notification-url={secret}",
        "owner-capacity=8:30",
        "weekly-capacity=20",
        "task-cap=3",
    )
    assert good.exit_code == 0, good.stderr
    assert "xyzzy" not in good.output
    with connected.product.stores.database.read() as conn:
        stored = conn.exec_driver_sql("SELECT settings FROM portals").scalar_one()
        audit = conn.exec_driver_sql("SELECT detail FROM audit").all()
        routing = portals.get(conn, PORTAL).settings.routing
    assert "xyzzy" not in str(stored) + str(audit)
    assert routing.fallback_owner_id == "77"
    assert routing.working_days == (0, 1, 6)
    assert routing.owner_capacity == {"8": 30}
    product = connected.product
    newer = Cipher(
        [EncryptionKey("k2", bytes(range(32, 64))), *product.stores.settings.encryption_keys]
    )
    assert reseal_all(product.stores.database, newer, lambda: None).unreadable == 0
    with product.stores.database.read() as conn:
        sealed = portals.get(conn, PORTAL).settings.routing.notification_url_sealed
    assert not newer.needs_rewrite(sealed)
    assert newer.open(sealed, portal_id=PORTAL, purpose=NOTIFICATION_URL) == secret
    emptied = run("portals", "settings", *P, "notification-url=")
    assert emptied.exit_code == 0
    with connected.product.stores.database.read() as conn:
        assert portals.get(conn, PORTAL).settings.routing.notification_url_sealed == ""


@ON_SQLITE
def test_going_live_shows_what_it_would_write_and_asks(connected: Connected) -> None:
    run = commands(connected)
    asked = run("portals", "mode", *P, "live")
    assert f"6 properties of {len(connected.scores())} contacts" in asked.output
    assert "AI lead scoring: priority" in asked.output
    assert asked.exit_code == 1  # nobody said yes
    with connected.product.stores.database.read() as conn:
        assert portals.get(conn, PORTAL).settings.mode is Mode.SHADOW
    assert "No fallback owner" in run("portals", "routes", *P).stderr
    assert "lists are not there" in run("portals", "workflows", *P).stdout


@ON_SQLITE
def test_what_changes_after_the_look_is_refused_unless_nobody_looks(
    connected: Connected, monkeypatch: pytest.MonkeyPatch
) -> None:
    def preview(*_: object) -> None:  # meanwhile somebody makes other leads High
        with connected.product.stores.database.read() as conn:
            high = portals.get(conn, PORTAL).settings.thresholds.high
        change_settings(connected, lambda s: replace(s, thresholds=Thresholds(high - 1, 40)))

    monkeypatch.setattr("backend.cli.portals.portals.print_preview", preview)
    monkeypatch.setattr("backend.cli.portals.portals.follow", lambda *_: None)
    monkeypatch.setattr("click.confirm", lambda *_, **__: True)
    run = commands(connected)
    refused = run("portals", "mode", *P, "live")
    assert refused.exit_code != 0
    assert "look at it again" in refused.stderr
    assert run("portals", "mode", *P, "live", "--yes").exit_code == 0
    connected.run()
    with connected.product.stores.database.read() as conn:
        assert portals.get(conn, PORTAL).settings.mode is Mode.LIVE


@ON_SQLITE
def test_tasks_of_a_run_are_made_when_confirmed_and_capped_per_owner(live: Connected) -> None:
    run = commands(live)
    owners = [str(owner.owner_id) for owner in live.sandbox.portal.owners]
    some = sorted(live.scores())[:9]
    score_as(live, dict.fromkeys(some, 30))
    score_as(live, {c: 90 + n for n, c in enumerate(some)}, Urgency.BACKFILL, "backfill")
    change_settings(live, lambda s: replace(s, routing=replace(s.routing, tasks_per_owner=2)))
    declined = run("portals", "tasks", *P)
    assert declined.exit_code == 1  # nobody said yes
    flush(live)
    assert open_tasks(live) == []
    assert run("portals", "tasks", *P, "--yes").exit_code == 0
    flush(live)
    made = [task.properties.get("hubspot_owner_id", "") for task in open_tasks(live)]
    assert made
    assert max(made.count(owner) for owner in {*owners, ""}) <= 2
    contact = next(
        c
        for c in reversed(some)
        if live.sandbox.portal.associations.of("contacts", int(c), "tasks")
    )
    why = json.loads(run("leads", "why", *P, contact, "--json").stdout)
    assert [r["cause"] for r in why["routes"] if r["kind"] == "task"] == ["confirmed_run"]
    assert "task at" in run("leads", "why", *P, contact).stdout
    steps = run("portals", "workflows", *P).stdout
    assert "List membership > is member of > AI lead scoring: nurture" in steps


@ON_SQLITE
def test_capacity_says_who_has_too_much_and_what_is_best_this_week(live: Connected) -> None:
    run = commands(live)
    first, second, third = sorted(live.scores())[:3]
    score_as(live, {first: 10, second: 10, third: 10})
    score_as(live, {first: 97, second: 88, third: 60})
    owner = {
        c: live.sandbox.portal.record("contacts", int(c)).properties.get("hubspot_owner_id", "")
        for c in (first, second, third)
    }
    change_settings(live, lambda s: replace(s, routing=replace(s.routing, weekly_capacity=1)))
    found = json.loads(run("portals", "capacity", *P, "--json", "--top", "2").stdout)
    assert found["top"] == [first, second]
    by_owner = {one["owner_id"]: one for one in found["owners"]}
    mine = by_owner[owner[first]]
    new = mine["new_high"] + mine["new_medium"]
    assert mine["capacity"] == 1
    assert mine["over"] == new - 1
    drawn = run("portals", "capacity", *P)
    assert drawn.exit_code == 0, drawn.output
