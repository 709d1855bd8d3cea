from __future__ import annotations

import base64
import secrets
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from backend.config import EncryptionKey
from backend.errors import Undecipherable
from backend.model import Person
from backend.security.cipher import Cipher
from backend.storage import tables
from backend.storage.access import users
from backend.storage.database import Database
from backend.storage.leads import due_leads, people
from backend.storage.portals import owners
from backend.storage.privacy.resealing import Resealed, reseal_all

KEY = EncryptionKey("k1", secrets.token_bytes(32))
CIPHER = Cipher([KEY])
NOW = datetime(2026, 11, 28, 9, tzinfo=UTC)
PORTAL = 5


def unbound(text: str, portal_id: int, purpose: str) -> str:
    """As rows were sealed before a value named its row."""
    nonce = secrets.token_bytes(12)
    about = f"leadlight:{portal_id}:{purpose}:k1".encode()
    raw = nonce + AESGCM(KEY.key).encrypt(nonce, text.encode(), about)
    return f"v1:k1:{base64.urlsafe_b64encode(raw).decode()}"


def test_rows_that_name_nobody_are_sealed_to_their_row_once(database: Database) -> None:
    with database.write() as conn:
        sealed = {c: unbound(f'["Lead {c}", ""]', PORTAL, people.PURPOSE) for c in ("1", "2")}
        due_leads.set_people(conn, PORTAL, sealed)
        owners.put(conn, PORTAL, {"1": unbound('["Owner", ""]', PORTAL, people.PURPOSE)}, NOW)
        user = users.add(
            conn,
            email_sealed=unbound("a@example.com", 0, users.PURPOSE),
            email_mac="m" * 64,
            password_hash=None,
            must_change_password=False,
            now=NOW,
        )
        users.set_totp(conn, user.user_id, unbound("TOTP", 0, users.TOTP), None)
    assert reseal_all(database, CIPHER, lambda: None) == Resealed(5, 0)
    assert reseal_all(database, CIPHER, lambda: None) == Resealed(0, 0)
    with database.read() as conn:
        kept = due_leads.people(conn, PORTAL, ["1", "2"])
        owner = owners.sealed(conn, PORTAL)["1"]
        user = users.get(conn, user.user_id)
    names = {c: people.unseal(CIPHER, PORTAL, people.of_contact(c), kept[c]).name for c in kept}
    assert names == {"1": "Lead 1", "2": "Lead 2"}
    assert people.unseal(CIPHER, PORTAL, people.of_owner("1"), owner).name == "Owner"
    for text, purpose, subject in (
        (user.email_sealed, users.PURPOSE, user.email_mac),
        (user.totp_sealed, users.TOTP, user.user_id),
    ):
        assert text is not None
        assert CIPHER.open(text, portal_id=0, purpose=purpose, subject=subject)
        with pytest.raises(Undecipherable):
            CIPHER.open(text, portal_id=0, purpose=purpose, subject="another")


def test_two_rows_of_a_portal_that_change_places_are_noticed(database: Database) -> None:
    with database.write() as conn:
        for contact_id in ("1", "2"):
            person = Person(f"Lead {contact_id}", "")
            sealed = people.seal(CIPHER, PORTAL, people.of_contact(contact_id), person)
            due_leads.set_people(conn, PORTAL, {contact_id: sealed})
        before = due_leads.people(conn, PORTAL, ["1", "2"])
        for contact_id, other in (("1", "2"), ("2", "1")):
            conn.execute(
                sa.update(tables.leads.leads)
                .where(tables.leads.leads.c.contact_id == contact_id)
                .values(person_sealed=before[other])
            )
        after = due_leads.people(conn, PORTAL, ["1", "2"])
    for contact_id, sealed in after.items():
        with pytest.raises(Undecipherable):
            people.unseal(CIPHER, PORTAL, people.of_contact(contact_id), sealed)
