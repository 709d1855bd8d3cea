"""Accounts of the console: made, given a password, found by email. For the web and commands."""

from __future__ import annotations

import re
from datetime import datetime

from sqlalchemy.engine import Connection

from backend.errors import BadInput
from backend.security.lookup import lookup_mac, normal_email
from backend.security.passwords import hash_password
from backend.security.session_tokens import one_time_password
from backend.storage import sessions, users
from backend.storage.users import NO_PORTAL, PURPOSE, User
from backend.wiring import Product

EMAIL_MAX = 254  # characters, RFC 5321
EMAIL = r"^[!-?A-~]+@[!-?A-~]+$"  # ASCII without spaces and one @: mail servers know the rest
_EMAIL_FORM = re.compile(EMAIL)


def email_mac(product: Product, email: str) -> str:
    """By which an account is found."""
    return lookup_mac(product.settings.session_secret, "email", normal_email(email))


def email_of(product: Product, user: User) -> str:
    """Opened only to show it to somebody who may see it. Raises Undecipherable."""
    return product.cipher.open(user.email_sealed, portal_id=NO_PORTAL, purpose=PURPOSE)


def find_or_make(conn: Connection, product: Product, email: str, now: datetime) -> tuple[User, str]:
    """The account and, when it is new and local, its one-time password. Raises BadInput."""
    known = users.by_email(conn, email_mac(product, _checked(email)))
    if known is not None:
        return known, ""
    password = "" if product.sign_in else one_time_password()
    made = users.add(
        conn,
        email_sealed=product.cipher.seal(email.strip(), portal_id=NO_PORTAL, purpose=PURPOSE),
        email_mac=email_mac(product, email),
        password_hash=hash_password(password) if password else None,
        now=now,
    )
    return made, password


def new_password(conn: Connection, user: User) -> str:
    """A one-time password for somebody who forgot theirs; signs them out everywhere."""
    password = one_time_password()
    users.set_password(conn, user.user_id, hash_password(password), must_change=True)
    sessions.end_all(conn, user.user_id)
    return password


def _checked(email: str) -> str:
    if len(email) > EMAIL_MAX or not _EMAIL_FORM.match(email.strip()):
        raise BadInput("that is not an email address")
    return email
