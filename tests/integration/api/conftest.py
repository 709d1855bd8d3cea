"""The API without a CRM: two portals, one person per role in the first, one admin in the second."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from backend.security import session_tokens
from backend.security.passwords import hash_password
from backend.security.roles import Role
from backend.services.accounts import add_account, email_mac
from backend.storage.access import sessions, users
from backend.storage.portals import portals
from backend.web.app import create
from backend.wiring import Product, build
from tests.conftest import FakeClock, close_when_idle
from tests.integration.conftest import settings_for

OWN, OTHER = 4242001, 4242002
PASSWORD = "correct horse battery staple"


@dataclass
class Desk:
    """A product behind its API, and people who ask it things."""

    product: Product
    app: Flask
    clock: FakeClock

    def person(self, role: str, portal_id: int = OWN, *, email: str = "") -> str:
        """The subject of a fresh account with this role; it has no usable password."""
        now = self.clock.now()
        with self.product.stores.database.write() as conn:
            address = email or f"{role}@{portal_id}.example"
            known = users.by_email(conn, email_mac(self.product.stores.settings, address))
            user = known or add_account(
                conn, self.product.stores.settings, self.product.stores.cipher, address, HASHED, now
            )
            portals.add_member(conn, portal_id, user.subject, role, now)
        return user.subject

    def token(self, subject: str) -> str:
        """A session of its own, as signing in would start it."""
        made = session_tokens.make()
        with self.product.stores.database.write() as conn:
            user_id = subject.removeprefix("user:")
            sessions.start(conn, session_tokens.hash_of(made), user_id, self.clock.now())
        return made

    def ask(self, method: str, path: str, token: str = "", body: Any = None) -> TestResponse:
        """One request below /api/v1."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return self.app.test_client().open(
            f"/api/v1{path}", method=method, headers=headers, json=body
        )


HASHED = hash_password(PASSWORD)


@pytest.fixture
def desk(database_url: str, valkey_url: str) -> Iterator[Desk]:
    clock = FakeClock()
    settings = settings_for(database_url, valkey_url, "http://localhost:1", "http://localhost:2")
    product = build(replace(settings), clock=clock)
    product.stores.redis.flushall()
    with product.stores.database.write() as conn:
        for portal_id in (OWN, OTHER):
            portals.install(conn, portal_id, client_id="c", name="", now=clock.now())
    found = Desk(product, create(product), clock)
    for role in Role:
        found.person(role.value)
    found.person("admin", OTHER)
    clock.forward(timedelta(seconds=1).total_seconds())
    yield found
    product.hubspot.http.close()
    product.stores.redis.close()
    close_when_idle(product.stores.database)


ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
