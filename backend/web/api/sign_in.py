"""From email and password to a session: throttled, in the same time whether or not one exists."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy.engine import Connection

from backend.accounts import account_key, email_mac
from backend.config import SIGN_IN_FREE, SIGN_IN_FREE_ADDRESS
from backend.errors import NotSignedIn, TooMany
from backend.ports import SignIn
from backend.security import passwords, session_tokens
from backend.security.lookup import lookup_mac
from backend.storage import audit, sessions, sign_in_attempts, users
from backend.storage.users import User
from backend.wiring import Product

WRONG = "email or password are not right"
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A fresh session; `token` is given to the browser's side and never stored."""

    token: str
    user: User
    expires_at: datetime


def sign_in(product: Product, email: str, password: str, address: str) -> SignedIn:
    """Raises NotSignedIn, or TooMany with the seconds to wait."""
    account, place = keys_of(product, email_mac(product, email), address)
    count_try(product, account, place)
    service = product.sign_in
    user = (
        _local(product, email, password)
        if service is None
        else _external(product, service, email, password)
    )
    if user is None or user.disabled_at is not None:
        log.warning("sign_in_refused", account=account[:20])
        raise NotSignedIn(WRONG)
    with product.database.write() as conn:
        sign_in_attempts.succeeded(conn, account, place)
        return begin(conn, product, user)


def keys_of(product: Product, mac: str, address: str) -> tuple[str, str]:
    """By which wrong passwords are counted: of this account, from this address."""
    place = lookup_mac(product.settings.session_secret, "address", address)
    return account_key(mac), f"address:{place}"


def count_try(product: Product, account: str, place: str) -> None:
    """Count a try before the password is looked at. Raises TooMany."""
    now = product.clock.now()
    with product.database.write() as conn:
        waits = [
            sign_in_attempts.begin(conn, account, now, free=SIGN_IN_FREE),
            sign_in_attempts.begin(conn, place, now, free=SIGN_IN_FREE_ADDRESS),
        ]
    if max(waits) > 0:
        raise TooMany("too many tries: wait before the next one", retry_after_s=max(waits))


def _local(product: Product, email: str, password: str) -> User | None:
    with product.database.read() as conn:
        user = users.by_email(conn, email_mac(product, email))
    stored = None if user is None else user.password_hash
    if not passwords.matches(password, stored):
        return None
    if user is not None and stored is not None and passwords.needs_rehash(stored):
        with product.database.write() as conn:
            must = user.must_change_password
            fresh = passwords.hash_password(password)
            users.set_password(conn, user.user_id, fresh, must_change=must)
    return user


def _external(product: Product, service: SignIn, email: str, password: str) -> User | None:
    """An admin has to have made the account here; the first sign-in binds the two for good."""
    identity = service.sign_in(email, password)
    if identity is None:
        return None
    with product.database.write() as conn:
        bound = users.by_external_id(conn, identity.external_id)
        if bound is not None:
            return bound
        user = users.by_email(conn, email_mac(product, identity.email))
        if user is None or user.external_id is not None:
            return None
        users.link(conn, user.user_id, identity.external_id)
        return user


def begin(conn: Connection, product: Product, user: User) -> SignedIn:
    """A fresh session, on the audit trail."""
    now = product.clock.now()
    token = session_tokens.make()
    expires_at = sessions.start(conn, session_tokens.hash_of(token), user.user_id, now)
    users.signed_in(conn, user.user_id, now)
    audit.append(conn, now=now, actor=user.subject, action="session.start", subject=user.subject)
    return SignedIn(token, user, expires_at)
