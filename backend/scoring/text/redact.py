"""Takes personal data and secrets out of free text before it is kept or sent.

By pattern, so it is a second line of defence: the first is that names, emails, phones and
addresses are not among the mirrored facts at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

_NAMES_MAX: Final = 16  # parts of names looked for: a text costs its length times their number …
_NAME_MAX: Final = 40  # … and characters of each
_EMAIL: Final = re.compile(
    r"[\w.+%'-]{1,64}\s?(?:@|\(at\)|\[at\]|＠)\s?[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}", re.IGNORECASE
)
_LINK: Final = re.compile(
    r"(?:https?|ftp|javascript|data|mailto|tel):\S{1,2000}|\bwww\.\S{1,2000}", re.IGNORECASE
)
_IBAN: Final = re.compile(r"\b[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]{4}){2,7}(?:[ ]?[A-Z0-9]{1,4})?\b")
# Phone, card and account numbers: at least 7 digits with the usual separators.
_LONG_NUMBER: Final = re.compile(r"\+?\(?\d(?:[\s()./–-]{0,3}\d){6,24}")
# Runs that may be a secret or key; whether they are is said by what is in them.
_SECRET_RUN: Final = re.compile(r"(?<![\w.~+/=-])[\w.~+/=-]{20,}")
_KEY_RUN: Final = re.compile(r"(?<![\w-])[\w-]{20,}")
_LETTER: Final = re.compile(r"[A-Za-z]")
_DIGIT: Final = re.compile(r"\d")
_SEVEN_DIGITS: Final = re.compile(r"\d{7}")
_ADDRESS: Final = re.compile(
    r"\b\d{1,5}[a-z]?\s{1,8}(?:[A-Z][\w'.-]{0,40}\s{1,8}){1,4}(?:Street|St|Avenue|Ave|Road|Rd|Lane|Ln|Drive|Dr|"
    r"Boulevard|Blvd|Way|Court|Ct|Square|Sq)\b\.?"
    r"|\b[A-ZÄÖÜ][\w.-]{0,40}(?:straße|strasse|str\.|weg|gasse|allee|platz)\s{1,8}\d{1,4}[a-z]?\b"
)


def personal(text: str, names: Iterable[str] = ()) -> str:
    """`text` without emails, phone and account numbers, street addresses and the given names."""
    text = _IBAN.sub("[number]", _EMAIL.sub("[email]", text))
    text = _KEY_RUN.sub(_without_key, text)  # before its digits are gone: nobody would know it then
    text = _ADDRESS.sub("[address]", _LONG_NUMBER.sub("[number]", text))
    return _without(text, names)


def outgoing(text: str, names: Iterable[str] = ()) -> str:
    """`personal`, and without links and anything that looks like a token or key."""
    text = _LINK.sub("[link]", text)
    return _SECRET_RUN.sub(_without_secret, personal(text, names))


def _without_key(run: re.Match[str]) -> str:
    is_key = _LETTER.search(run.group()) and _SEVEN_DIGITS.search(run.group())
    return "[code]" if is_key else run.group()


def _without_secret(run: re.Match[str]) -> str:
    is_secret = _LETTER.search(run.group()) and _DIGIT.search(run.group())
    return "[code]" if is_secret else run.group()


def _without(text: str, names: Iterable[str]) -> str:
    parts = {part[:_NAME_MAX] for name in names for part in name.split() if len(part) > 1}
    if not parts:
        return text
    longest_first = sorted(parts, key=lambda part: (-len(part), part))[:_NAMES_MAX]
    pattern = "|".join(re.escape(part) for part in longest_first)
    return re.sub(rf"(?<!\w)(?:{pattern})(?!\w)", "[name]", text, flags=re.IGNORECASE)
