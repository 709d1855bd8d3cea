"""From email and password to a session: throttled, in the same time whether or not one exists."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import structlog

from backend.config import SIGN_IN_FREE, SIGN_IN_FREE_ACCOUNT, SIGN_IN_FREE_ADDRESS, Settings
from backend.errors import NeedsCode, NotSignedIn, TooMany
from backend.ports import Clock, SignIn
from backend.security import passwords, session_tokens, totp
from backend.security.cipher import Cipher
from backend.security.lookup import lookup_mac
from backend.services.accounts import account_key, email_mac
from backend.storage.access import audit, sessions, sign_in_attempts, users
from backend.storage.access.users import User
from backend.storage.database import Connection, Database
from backend.wiring import Product, Stores

WRONG = "email or password are not right"
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A fresh session; `token` and `device` are given to the browser's side and never stored."""

    token: str
    user: User
    expires_at: datetime
    device: str


@dataclass(frozen=True, slots=True)
class Tries:
    """By which keys wrong passwords are counted, and how many are free. The right password forgets
    those of the account; those of the place get this one back."""

    of_account: dict[str, int]
    of_place: dict[str, int]


def sign_in(
    product: Product, email: str, password: str, address: str, device: str, code: str = ""
) -> SignedIn:
    """Raises NotSignedIn, NeedsCode after a right password, or TooMany with the seconds to wait."""
    tries = tries_of(
        product.stores.settings, email_mac(product.stores.settings, email), address, device
    )
    count_try(product.stores.database, product.stores.clock, tries)
    service = product.sign_in
    user = (
        _local(product.stores.database, product.stores.settings, email, password)
        if service is None
        else _external(product.stores.database, product.stores.settings, service, email, password)
    )
    if user is None or user.disabled_at is not None:
        log.warning("sign_in_refused")
        raise NotSignedIn(WRONG)
    if user.totp_sealed is not None and not uses_code(product.stores, user, code):
        raise NeedsCode("enter the code that your authenticator app shows now")
    with product.stores.database.write() as conn:
        forget_tries(conn, tries)
        return begin(conn, product.stores.clock, product.stores.settings, user)


def uses_code(stores: Stores, user: User, code: str) -> bool:
    """Whether `code` is right for the person's second factor; it is used up by that."""
    if user.totp_sealed is None:
        return False
    secret = stores.cipher.open(
        user.totp_sealed, portal_id=users.NO_PORTAL, purpose=users.TOTP, subject=user.user_id
    )
    step = totp.step_of(secret, code, stores.clock.now(), user.totp_step)
    if step is None:
        return False
    with stores.database.write() as conn:
        return users.use_step(conn, user.user_id, step)


def seal_secret(cipher: Cipher, user_id: str, secret: str) -> str:
    """A second factor's secret as it is stored."""
    return cipher.seal(secret, portal_id=users.NO_PORTAL, purpose=users.TOTP, subject=user_id)


def tries_of(settings: Settings, mac: str, address: str, device: str) -> Tries:
    """A browser that has signed in to the account before has tries of its own, so that nobody else
    can use them up (device cookies, OWASP); all others share those of account and place."""
    secret = settings.session_secret
    known = session_tokens.device_of(secret, mac, device)
    if known:
        return Tries({f"device:{known}": SIGN_IN_FREE}, {})
    pair = lookup_mac(secret, "pair", f"{mac} {address}")
    return Tries(
        {f"pair:{pair}": SIGN_IN_FREE, account_key(mac): SIGN_IN_FREE_ACCOUNT},
        {f"address:{lookup_mac(secret, 'address', address)}": SIGN_IN_FREE_ADDRESS},
    )


def count_try(database: Database, clock: Clock, tries: Tries) -> None:
    """Count a try before the password is looked at. Raises TooMany."""
    now = clock.now()
    with database.write() as conn:
        waits = [
            sign_in_attempts.begin(conn, key, now, free=free)
            for key, free in (tries.of_account | tries.of_place).items()
        ]
    if max(waits) > 0:
        raise TooMany("too many tries: wait before the next one", retry_after_s=max(waits))


def forget_tries(conn: Connection, tries: Tries) -> None:
    """The password was right."""
    for key in tries.of_account:
        sign_in_attempts.forget(conn, key)
    for key in tries.of_place:
        sign_in_attempts.give_back(conn, key)


def _local(database: Database, settings: Settings, email: str, password: str) -> User | None:
    with database.read() as conn:
        user = users.by_email(conn, email_mac(settings, email))
    stored = None if user is None else user.password_hash
    if not passwords.matches(password, stored):
        return None
    if user is not None and stored is not None and passwords.needs_rehash(stored):
        with database.write() as conn:
            must = user.must_change_password
            fresh = passwords.hash_password(password)
            users.set_password(conn, user.user_id, fresh, must_change=must)
    return user


def _external(
    database: Database, settings: Settings, service: SignIn, email: str, password: str
) -> User | None:
    """An admin has to have made the account here; the first sign-in binds the two for good."""
    identity = service.sign_in(email, password)
    if identity is None:
        return None
    with database.write() as conn:
        bound = users.by_external_id(conn, identity.external_id)
        if bound is not None:
            return bound
        user = users.by_email(conn, email_mac(settings, identity.email))
        if user is None or user.external_id is not None:
            return None
        users.link(conn, user.user_id, identity.external_id)
        return user


def begin(conn: Connection, clock: Clock, settings: Settings, user: User) -> SignedIn:
    """A fresh session, on the audit trail."""
    now = clock.now()
    token = session_tokens.make()
    expires_at = sessions.start(conn, session_tokens.hash_of(token), user.user_id, now)
    users.signed_in(conn, user.user_id, now)
    audit.append(conn, now=now, actor=user.subject, action="session.start", subject=user.subject)
    device = session_tokens.make_device(settings.session_secret, user.email_mac)
    return SignedIn(token, user, expires_at, device)
