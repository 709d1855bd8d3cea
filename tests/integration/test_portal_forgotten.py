"""Thirty days after a disconnect nothing of a portal is left, and it comes back like a new one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import sqlalchemy as sa

from backend.jobs.forget_portal import forget_portal
from backend.model import EligibilityRules, Mode, PortalSettings, RoutingSettings
from backend.security.roles import Role
from backend.services import accounts
from backend.services.privacy.erase import erase
from backend.storage.access import api_keys, sessions, sign_in_attempts, users
from backend.storage.access.api_keys import ApiKey
from backend.storage.access.users import User
from backend.storage.leads import due_leads
from backend.storage.portals import portals
from backend.storage.privacy import tombstones
from backend.storage.tables.access import sessions as sessions_table
from backend.storage.tables.access import user_invitations
from backend.storage.tables.base import metadata
from backend.storage.tables.portals import portals as portals_table
from tests.integration.conftest import PORTAL, Connected, install

ELSEWHERE = PORTAL + 1
KEPT = {"audit", "portals"}


def person(connected: Connected, email: str, *portal_ids: int) -> User:
    product = connected.product
    now = product.stores.clock.now()
    with product.stores.database.write() as conn:
        user = accounts.add_account(
            conn, product.stores.settings, product.stores.cipher, email, "hash", now
        )
        for portal_id in portal_ids:
            portals.add_member(conn, portal_id, user.subject, "admin", now)
        sessions.start(conn, f"t-{email}", user.user_id, now)
        sign_in_attempts.begin(conn, accounts.account_key(user.email_mac), now, free=5)
    return user


def left_of(connected: Connected, portal_id: int) -> set[str]:
    with connected.product.stores.database.read() as conn:
        return {
            table.name
            for table in metadata.sorted_tables
            if "portal_id" in table.c
            and conn.execute(sa.select(table).where(table.c.portal_id == portal_id)).first()
        }


def uninstalled(connected: Connected, days: int) -> None:
    product = connected.product
    past = product.stores.clock.now() - timedelta(days=days)
    with product.stores.database.write() as conn:
        product.hubspot.tokens.forget(conn, PORTAL)
        portals.set_installation(conn, PORTAL, {"disconnected_at": past.isoformat()})


def test_a_portal_ends_as_if_it_had_never_been(live: Connected) -> None:
    product = live.product
    now = product.stores.clock.now()
    alone = person(live, "alone@a.example", PORTAL)
    both = person(live, "both@a.example", PORTAL, ELSEWHERE)
    stranger = person(live, "stranger@b.example", ELSEWHERE)
    with product.stores.database.write() as conn:
        portals.install(conn, ELSEWHERE, client_id="c", name="n", now=now)
        accounts.invite(
            conn,
            product.stores.settings,
            product.stores.cipher,
            PORTAL,
            "late@a.example",
            Role.MANAGER,
            made_by="t",
            now=now,
        )
        api_keys.add(
            conn, ApiKey("p", "h", PORTAL, "admin", "", now, None, None, None, both.subject)
        )
        settings = PortalSettings(
            mode=Mode.LIVE,
            eligibility=EligibilityRules(excluded_contact_ids=("101",)),
            routing=replace(RoutingSettings(), notification_url_sealed="sealed"),
        )
        portals.set_settings(conn, PORTAL, settings)
    product.stores.last_seen.note(PORTAL, "card")
    product.stores.jobs.enqueue("score_due", portal_id=PORTAL, urgency="event")
    product.stores.jobs.enqueue("score_due", delay_s=60, portal_id=PORTAL, urgency="event")
    uninstalled(live, days=31)
    forget_portal(product, PORTAL)
    assert left_of(live, PORTAL) == KEPT
    with product.stores.database.read() as conn:
        row = conn.execute(
            sa.select(portals_table).where(portals_table.c.portal_id == PORTAL)
        ).one()
        found = portals.get(conn, PORTAL)
        assert users.by_email(conn, alone.email_mac) is None
        assert users.roles(conn, both.subject) == {ELSEWHERE: "admin"}
        assert users.by_email(conn, stranger.email_mac) is not None
        open_sessions = set(conn.execute(sa.select(sessions_table.c.user_id)).scalars())
        assert conn.execute(sa.select(user_invitations)).all() == []
    assert (found.state, found.settings, found.name, found.scopes) == (
        "erased",
        PortalSettings(),
        "",
        (),
    )
    assert set(found.installation) == {"disconnected_at"}
    assert (row.access_token_sealed, row.refresh_token_sealed, row.pulled_at) == (None, None, None)
    assert open_sessions == {both.user_id, stranger.user_id}
    keys = [key.decode() for key in live.redis.scan_iter()]
    assert [key for key in keys if str(PORTAL) in key] == []
    assert sum(product.stores.jobs.depth().values()) == 0


def test_who_asked_to_be_forgotten_stays_so_in_a_later_installation(live: Connected) -> None:
    product = live.product
    person_asked, hubspot_told, *_ = sorted(live.scores())
    erase(product, PORTAL, [person_asked], tombstones.PERSON)
    erase(product, PORTAL, [hubspot_told], tombstones.BELIEF)
    uninstalled(live, days=31)
    forget_portal(product, PORTAL)
    install(live, "again")
    live.run()
    with product.stores.database.read() as conn:
        known = set(due_leads.contact_ids(conn, PORTAL, after="", limit=1_000))
    assert hubspot_told in known
    assert person_asked not in known


def test_a_later_installation_begins_in_shadow_mode(live: Connected) -> None:
    uninstalled(live, days=31)
    forget_portal(live.product, PORTAL)
    written = live.sandbox.control("GET", "/stats")["total_calls"]
    install(live, "again")
    with live.product.stores.database.read() as conn:
        portal = portals.get(conn, PORTAL)
    assert (portal.state, portal.settings.mode) == ("connected", Mode.SHADOW)
    live.run()
    assert live.sandbox.control("GET", "/stats")["total_calls"] > written
    with live.product.stores.database.read() as conn:
        assert not {"pending_writes", "written", "route_tasks"} & left_of(live, PORTAL)


def test_before_thirty_days_and_while_it_is_installed_nothing_goes(live: Connected) -> None:
    before = left_of(live, PORTAL)
    forget_portal(live.product, PORTAL)
    uninstalled(live, days=29)
    forget_portal(live.product, PORTAL)
    assert left_of(live, PORTAL) == before


def test_an_app_that_was_uninstalled_in_hubspot_is_forgotten_after_30_days_too(
    live: Connected,
) -> None:
    product = live.product
    product.hubspot.tokens.mark_needs_reconnect(PORTAL)
    with product.stores.database.read() as conn:
        since = portals.disconnected_at(portals.get(conn, PORTAL))
    assert since is not None
    forget_portal(product, PORTAL)
    assert len(left_of(live, PORTAL)) > len(KEPT)  # its admin may connect it again
    past = since - timedelta(days=31)
    with product.stores.database.write() as conn:
        portals.set_installation(conn, PORTAL, {"disconnected_at": past.isoformat()})
    forget_portal(product, PORTAL)
    assert left_of(live, PORTAL) == KEPT


def test_a_portal_that_was_connected_again_has_all_its_days(live: Connected) -> None:
    product = live.product
    tokens = product.hubspot.tokens.load(PORTAL)
    product.hubspot.tokens.mark_needs_reconnect(PORTAL)
    past = product.stores.clock.now() - timedelta(days=31)
    with product.stores.database.write() as conn:
        portals.set_installation(conn, PORTAL, {"disconnected_at": past.isoformat()})
        product.hubspot.tokens.save_in(conn, PORTAL, tokens, product.stores.clock.now())
    forget_portal(product, PORTAL)
    assert len(left_of(live, PORTAL)) > len(KEPT)
    product.hubspot.tokens.mark_needs_reconnect(PORTAL)  # its days begin anew
    forget_portal(product, PORTAL)
    assert len(left_of(live, PORTAL)) > len(KEPT)
