"""Console sessions: `lls_<256 random bits>`; held by the browser's side, stored as a hash."""

from __future__ import annotations

import re
import secrets

from backend.security.hashes import token_hash

_INVITATION = re.compile(r"lli_[A-Za-z0-9_-]{43}")
_FORM = re.compile(r"lls_[A-Za-z0-9_-]{43}")


def make() -> str:
    """A fresh token, given out once."""
    return f"lls_{secrets.token_urlsafe(32)}"


def hash_of(text: str) -> str:
    """What is stored and looked up; "" when it is no token of ours."""
    return token_hash(text) if _FORM.fullmatch(text) else ""


def make_invitation() -> str:
    """The secret of an invitation."""
    return f"lli_{secrets.token_urlsafe(32)}"


def hash_of_invitation(text: str) -> str:
    """What is stored and looked up; "" when it is no secret of ours."""
    return token_hash(text) if _INVITATION.fullmatch(text) else ""


def one_time_password() -> str:
    """Four groups of five letters and digits, 100 random bits; to be changed after signing in."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"  # none that looks like another
    groups = ("".join(secrets.choice(letters) for _ in range(5)) for _ in range(4))
    return "-".join(groups)
