"""A portal whose scores are old, so that something has become of its leads since."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from backend.jobs.reports import answer, begin
from backend.security import session_tokens
from backend.services.accounts import add_account
from backend.services.learning.labels import labelled
from backend.storage.access import sessions
from backend.storage.portals import portals
from backend.storage.portals.portals import Portal
from backend.storage.tables.leads import score_history
from tests.integration.conftest import PORTAL, Connected


def portal_of(connected: Connected) -> Portal:
    with connected.product.stores.database.read() as conn:
        return portals.get(conn, PORTAL)


def scored_long_ago(connected: Connected) -> None:
    """As if every contact, customers of today too, had been scored on the day after it was made:
    a third each into High, Medium and Low."""
    product = connected.product
    pasts = [past for past, _ in labelled(product.stores, portal_of(connected)).decided]
    with product.stores.database.write() as conn:
        conn.execute(sa.delete(score_history))
        conn.execute(
            sa.insert(score_history),
            [
                {
                    "portal_id": PORTAL,
                    "contact_id": past.snapshot.contact_id,
                    "score": 50,
                    "band": ("High", "Medium", "Low")[place % 3],
                    "cause": "event",
                    "model_version": 0,
                    "profile_version": 1,
                    "input_hash": "h",
                    "scored_at": past.became_lead_at + timedelta(days=1, minutes=37 * place % 1440),
                }
                for place, past in enumerate(pasts)
            ],
        )


def count(connected: Connected) -> None:
    """As the daily run does."""
    product = connected.product
    with product.stores.database.write() as conn:
        begin(conn, PORTAL, "impact", product.stores.clock.now(), {})
    answer("impact", product, PORTAL)


def asked(connected: Connected, path: str) -> Any:
    """What the API answers a manager."""
    stores = connected.product.stores
    made = session_tokens.make()
    with stores.database.write() as conn:
        now = stores.clock.now()
        user = add_account(conn, stores.settings, stores.cipher, f"{made[:9]}@x.example", "", now)
        portals.add_member(conn, PORTAL, user.subject, "manager", now)
        sessions.start(conn, session_tokens.hash_of(made), user.user_id, now)
    found = connected.app.test_client().get(
        f"/api/v1/portals/{PORTAL}/impact/{path}", headers={"Authorization": f"Bearer {made}"}
    )
    assert found.status_code == 200, found.get_data()
    return found.get_json()
