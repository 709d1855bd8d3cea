"""Local accounts' passwords: Argon2id with argon2-cffi's defaults (RFC 9106, low memory)."""

from __future__ import annotations

import re

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn import zxcvbn

from backend.errors import BadInput

SHORTEST = 12  # characters
LONGEST = 512  # characters: hashing a megabyte is a way to stop a server
JUDGED = 72  # characters that are looked at for what is easy to guess
STRENGTH_MIN = 3  # of zxcvbn's 0 to 4: more than 10^8 guesses

_HASHER = PasswordHasher()
# Compared with when there is no such account, so that answering takes as long.
_NOBODY = (
    "$argon2id$v=19$m=65536,t=3,p=4$bGVhZGxpZ2h0LW5vYm9keQ$"
    "f0BjiL1KkuGYPXFtSZ5TzoCUKiQiTZl2kXYcU5ncZ+E"
)


def hash_password(password: str, email: str = "") -> str:
    """Raises BadInput when it is too short, too long, common, or made of the own address."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise BadInput(f"a password has {SHORTEST} to {LONGEST} characters")
    own = [part for part in (email, *re.split(r"[^A-Za-z0-9]", email), "leadlight") if part]
    if zxcvbn(password[:JUDGED], own)["score"] < STRENGTH_MIN:
        raise BadInput("this password is easy to guess: choose several unrelated words")
    return _HASHER.hash(password)


def matches(password: str, stored: str | None) -> bool:
    """True for the right password. `stored` None: no such account, in the same time."""
    if len(password) > LONGEST:
        return False
    try:
        return _HASHER.verify(stored or _NOBODY, password) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


def needs_rehash(stored: str) -> bool:
    """True when it was hashed with weaker settings than today's."""
    return _HASHER.check_needs_rehash(stored)
