"""Tokens: one refresh for twenty workers, and a portal that lost its authorisation waits."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from backend.config import EncryptionKey
from backend.errors import NeedsReconnect, NotConnected
from backend.model import Urgency
from backend.security.cipher import Cipher
from backend.storage.leads import due_leads
from backend.storage.portals import portals
from backend.storage.portals.tokens import SealedTokens
from tests.integration.conftest import PORTAL, Connected, install


def expire(connected: Connected) -> None:
    product = connected.product
    tokens = product.hubspot.tokens.load(PORTAL)
    soon = product.stores.clock.now() + timedelta(seconds=10)
    product.hubspot.tokens.save(PORTAL, replace(tokens, expires_at=soon))


def refreshes(connected: Connected) -> int:
    calls = connected.sandbox.control("GET", "/stats")["calls"]
    return sum(count for name, count in calls.items() if name.endswith("/token"))


def test_twenty_workers_at_expiry_make_exactly_one_refresh(unconnected: Connected) -> None:
    install(unconnected)
    expire(unconnected)
    before = refreshes(unconnected)
    with ThreadPoolExecutor(20) as pool:
        tokens = set(
            pool.map(lambda _: unconnected.product.hubspot.keeper.access_token(PORTAL), range(20))
        )
    assert refreshes(unconnected) - before == 1
    assert len(tokens) == 1


def test_a_refused_refresh_token_makes_the_portal_wait_for_a_person(
    connected: Connected,
) -> None:
    ids = sorted(connected.scores())[:3]
    product = connected.product
    tokens = product.hubspot.tokens.load(PORTAL)
    product.hubspot.tokens.save(PORTAL, replace(tokens, refresh_token="revoked"))
    expire(connected)
    with product.stores.database.write() as conn:
        due_leads.mark_due(
            conn,
            PORTAL,
            ids,
            Urgency.PERSON,
            product.stores.clock.now(),
            cause="person",
            refresh=True,
        )
    product.stores.jobs.enqueue("score_due", portal_id=PORTAL, urgency="person")
    connected.run()
    with pytest.raises(NeedsReconnect):
        product.hubspot.keeper.access_token(PORTAL)
    with product.stores.database.read() as conn:
        rows = [due_leads.row(conn, PORTAL, contact_id) for contact_id in ids]
    assert all(row and row["attempts"] == 0 and row["parked_at"] is None for row in rows)
    assert connected.unfinished() == 3
    product.hubspot.tokens.save(PORTAL, tokens)  # the admin came back
    connected.run()
    assert connected.unfinished() == 0


def test_a_row_copied_to_another_portal_does_not_open(unconnected: Connected) -> None:
    install(unconnected)
    with unconnected.product.stores.database.write() as conn:
        conn.exec_driver_sql(f"UPDATE portals SET portal_id = 99 WHERE portal_id = {PORTAL}")  # noqa: S608
    with pytest.raises(NeedsReconnect, match="altered, moved"):
        unconnected.product.hubspot.tokens.load(99)


@pytest.mark.parametrize("part", ["access_token_sealed", "refresh_token_sealed"])
def test_altered_tokens_make_the_portal_wait_for_a_person(connected: Connected, part: str) -> None:
    product = connected.product
    kept = product.hubspot.tokens.load(PORTAL)
    with product.stores.database.write() as conn:
        conn.exec_driver_sql(
            f"UPDATE portals SET {part} = {part} || 'AAAA' WHERE portal_id = {PORTAL}"  # noqa: S608
        )
        due_leads.mark_due(
            conn,
            PORTAL,
            ids := sorted(connected.scores())[:2],
            Urgency.PERSON,
            product.stores.clock.now(),
            cause="person",
            refresh=True,
        )
    calls = connected.sandbox.control("GET", "/stats")["calls"]
    connected.run()
    with product.stores.database.read() as conn:
        assert portals.get(conn, PORTAL).state == "needs_reconnect"
        assert {due_leads.row(conn, PORTAL, one)["attempts"] for one in ids} == {0}
    assert connected.sandbox.control("GET", "/stats")["calls"] == calls
    product.hubspot.tokens.save(PORTAL, kept)  # the admin connected it again
    connected.run()
    assert connected.unfinished() == 0


def test_tokens_of_a_missing_key_come_back_with_the_key(unconnected: Connected) -> None:
    install(unconnected)
    product = unconnected.product
    other = Cipher([EncryptionKey("k9", bytes(32))])
    with pytest.raises(NeedsReconnect, match="no key 'k1' in ENCRYPTION_KEYS"):
        SealedTokens(product.stores.database, other, product.stores.clock).load(PORTAL)
    assert product.hubspot.tokens.load(PORTAL).access_token


def test_a_refresh_in_flight_does_not_bring_a_disconnected_portal_back(
    unconnected: Connected,
) -> None:
    install(unconnected)
    product = unconnected.product
    expire(unconnected)
    used = product.hubspot.tokens.load(PORTAL)
    with product.stores.database.write() as conn:
        product.hubspot.tokens.forget(conn, PORTAL)
    fresh = replace(used, access_token="late", refresh_token="late")
    assert not product.hubspot.tokens.replace(PORTAL, used, fresh)
    with product.stores.database.read() as conn:
        assert portals.get(conn, PORTAL).state == "disconnected"
    with pytest.raises(NotConnected):
        product.hubspot.keeper.access_token(PORTAL)


def test_what_was_got_for_a_token_that_no_longer_stands_is_not_stored(
    unconnected: Connected,
) -> None:
    install(unconnected)
    product = unconnected.product
    used = product.hubspot.tokens.load(PORTAL)
    anew = replace(used, access_token="new", refresh_token="anew")
    product.hubspot.tokens.save(PORTAL, anew)
    late = replace(used, access_token="late", refresh_token="late")
    assert not product.hubspot.tokens.replace(PORTAL, used, late)
    assert product.hubspot.tokens.load(PORTAL) == anew
    assert product.hubspot.tokens.replace(PORTAL, anew, late)


def test_a_revoked_refresh_token_is_worthless(unconnected: Connected) -> None:
    install(unconnected)
    product = unconnected.product
    refresh_token = product.hubspot.tokens.load(PORTAL).refresh_token
    product.hubspot.oauth.revoke(refresh_token)
    with pytest.raises(NeedsReconnect):
        product.hubspot.oauth.refresh(refresh_token)
