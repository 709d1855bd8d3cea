"""Six digits of an authenticator app as a second factor (RFC 6238; pyotp does the arithmetic)."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

import pyotp

STEP_S: Final = 30
DRIFT_STEPS: Final = 1  # a phone's clock may be half a minute off
ISSUER: Final = "Leadlight"
_SECRET = re.compile(r"[A-Z2-7]{32}")


def make_secret() -> str:
    """160 random bits in base32."""
    return str(pyotp.random_base32())


def is_secret(text: str) -> bool:
    """Whether it has the form of `make_secret`."""
    return bool(_SECRET.fullmatch(text))


def address(secret: str, email: str) -> str:
    """What an authenticator app reads from a QR code (`otpauth://`)."""
    return str(pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER))


def step_of(secret: str, code: str, now: datetime, used: int | None) -> int | None:
    """The time step that `code` belongs to; None when it is wrong, or not newer than `used`."""
    present = int(now.timestamp()) // STEP_S
    digits = code.replace(" ", "")
    for step in range(present - DRIFT_STEPS, present + DRIFT_STEPS + 1):
        right = pyotp.utils.strings_equal(digits, pyotp.TOTP(secret).at(step * STEP_S))
        if right and (used is None or step > used):
            return step
    return None
