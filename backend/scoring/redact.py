"""Takes personal data and secrets out of free text before it is kept or sent.

By pattern, so it is a second line of defence: the first is that names, emails, phones and
addresses are not among the mirrored facts at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

_EMAIL: Final = re.compile(
    r"[\w.+%'-]{1,64}\s?(?:@|\(at\)|\[at\]|＠)\s?[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}", re.IGNORECASE
)
_LINK: Final = re.compile(
    r"(?:https?|ftp|javascript|data|mailto|tel):\S{1,2000}|\bwww\.\S{1,2000}", re.IGNORECASE
)
_IBAN: Final = re.compile(r"\b[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]{4}){2,7}(?:[ ]?[A-Z0-9]{1,4})?\b")
# Phone, card and account numbers: at least 7 digits with the usual separators.
_LONG_NUMBER: Final = re.compile(r"\+?\(?\d(?:[\s()./–-]{0,3}\d){6,24}")
_SECRET: Final = re.compile(r"\b(?=[\w.~+/=-]*\d)(?=[\w.~+/=-]*[A-Za-z])[\w.~+/=-]{20,}")
# A key with a run of digits in it: once they are gone nobody would know the rest for a key.
_KEY: Final = re.compile(r"\b(?=[\w-]*[A-Za-z])(?=[\w-]*\d{7})[\w-]{20,}")
_ADDRESS: Final = re.compile(
    r"\b\d{1,5}[a-z]?\s+(?:[A-Z][\w'.-]*\s+){1,4}(?:Street|St|Avenue|Ave|Road|Rd|Lane|Ln|Drive|Dr|"
    r"Boulevard|Blvd|Way|Court|Ct|Square|Sq)\b\.?"
    r"|\b[A-ZÄÖÜ][\w.-]*(?:straße|strasse|str\.|weg|gasse|allee|platz)\s+\d{1,4}[a-z]?\b"
)


def personal(text: str, names: Iterable[str] = ()) -> str:
    """`text` without emails, phone and account numbers, street addresses and the given names."""
    for pattern, label in ((_EMAIL, "[email]"), (_IBAN, "[number]"), (_KEY, "[code]"),
                           (_LONG_NUMBER, "[number]"), (_ADDRESS, "[address]")):  # fmt: skip
        text = pattern.sub(label, text)
    return _without(text, names)


def outgoing(text: str, names: Iterable[str] = ()) -> str:
    """`personal`, and without links and anything that looks like a token or key."""
    text = _LINK.sub("[link]", text)
    return _SECRET.sub("[code]", personal(text, names))


def _without(text: str, names: Iterable[str]) -> str:
    parts = {part for name in names for part in name.split() if len(part) > 1}
    if not parts:
        return text
    longest_first = sorted(parts, key=lambda part: (-len(part), part))
    pattern = "|".join(re.escape(part) for part in longest_first)
    return re.sub(rf"(?<!\w)(?:{pattern})(?!\w)", "[name]", text, flags=re.IGNORECASE)
