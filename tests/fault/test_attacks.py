"""What an outsider or a reader sent stopped the product once; the real processes shrug it off."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest
import requests

from backend.security import session_tokens
from backend.services.accounts import add_account
from backend.storage.access import access_log, sessions
from backend.storage.leads import due_leads, scores
from backend.storage.portals import portals
from bench.stage import Running
from tests.conftest import until


def token_of_a_reader(stage: Running, email: str, *, must_change: bool) -> str:
    product, portal = stage.scenario.product, stage.scenario.portal_id
    now, made = product.stores.clock.now(), session_tokens.make()
    with product.stores.database.write() as conn:
        user = add_account(
            conn,
            product.stores.settings,
            product.stores.cipher,
            email,
            "no password",
            now,
            must_change=must_change,
        )
        portals.add_member(conn, portal, user.subject, "rep", now)
        sessions.start(conn, session_tokens.hash_of(made), user.user_id, now)
    return made


@pytest.mark.parametrize("unit", ["\n", "a-"])
def test_one_form_message_stops_nobody(stage: Running, unit: str) -> None:
    product, portal = stage.scenario.product, stage.scenario.portal_id
    base = f"{stage.stage.sandbox}/sandbox/portals/{portal}/contacts"
    with product.stores.database.read() as conn:
        hostile, *others = [s.contact_id for s in scores.top(conn, portal, 40)]
    began = product.stores.clock.now()
    message = "hello" + unit * (6_000 if unit == "\n" else 24_000) + "!"
    body = {"properties": {"message": message, "jobtitle": "CEO"}}
    requests.post(f"{base}/{hostile}/properties", json=body, timeout=10).raise_for_status()
    stage.scenario.reply_from(others[:10])
    statuses = set()

    def all_scored() -> bool:
        answer = requests.get(f"{stage.stage.web}/health/ready", timeout=10)
        statuses.add(answer.status_code)
        with product.stores.database.write() as conn:  # nobody holds the lock for long
            found = scores.current(conn, portal, [hostile, *others[:10]])
        return all(score.scored_at >= began for score in found.values())

    until(all_scored, 90)
    assert statuses == {200}
    with product.stores.database.read() as conn:
        row = due_leads.row(conn, portal, hostile)
    assert row is not None
    assert (row["attempts"], row["parked_at"]) == (0, None)


@pytest.mark.parametrize("must_change", [False, True])
def test_a_portal_that_no_database_can_hold_leaves_cron_alive(
    stage: Running, must_change: bool
) -> None:
    product, portal = stage.scenario.product, stage.scenario.portal_id
    token = token_of_a_reader(stage, f"reader{must_change}@x.example", must_change=must_change)
    cron = psutil.Process(stage.processes["cron"].pid)
    headers = {"Authorization": f"Bearer {token}"}

    def ask(path: str) -> int:
        address = f"{stage.stage.web}/api/v1/portals/{path}"
        return requests.get(address, headers=headers, timeout=10).status_code

    wild = [10**25, 2**63, -1, "9" * 5_000, "1e25", 2**63 - 1, 0]
    with ThreadPoolExecutor(4) as pool:
        statuses = list(pool.map(ask, [f"{number}/leads" for number in wild]))
    assert set(statuses) <= {403, 404, 414}
    product.stores.redis.rpush("accesses", '["x", 1e400]', f'["{"0" * 32}", {10**25}]')
    marker = f"{int(time.time() * 1000)}"
    ask(f"{portal}/leads/{marker}")

    def carried() -> bool:
        return int(product.stores.redis.llen("accesses")) == 0

    until(carried, 60)
    assert cron.is_running() and cron.status() != psutil.STATUS_ZOMBIE
    with product.stores.database.read() as conn:
        subjects = {a.subject for _, a in access_log.listed(conn, portal)}
    assert (marker in subjects) is not must_change


def test_a_body_without_a_length_over_the_limit_is_413(stage: Running) -> None:
    parts = (b" " * 50_000 for _ in range(21))
    address = f"{stage.stage.web}/webhooks/hubspot"
    assert requests.post(address, data=parts, timeout=20).status_code == 413
