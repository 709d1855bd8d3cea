"""Signs that a text wants to steer whoever reads it, however it is disguised.

A second line of defence: what holds by construction is in `calculate` (text moves a score by at
most 5 points and never into High, whatever a reader says).
"""

from __future__ import annotations

import base64
import binascii
import codecs
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from backend.config import FREE_TEXT_MAX, TEXT_READ_MAX
from backend.scoring.text.instructions import instructs, starts_at
from backend.scoring.text.plain_text import visible

REMEMBERED: Final = 256  # texts: the same one is scanned when embedded, read and checked
MARK: Final = "[instructions removed]"  # stands for what redaction made unreadable
_TYPED_MAX: Final = 400  # characters of a field that holds one value
HIDDEN_MOST: Final = 3  # emoji and some scripts use a few invisible characters honestly

_ENCODED: Final = re.compile(r"[A-Za-z0-9+/_-]{24,}={0,2}")
_HEX: Final = re.compile(r"(?:[0-9a-fA-F]{2}[\s:]?){16,}")
_SPACED: Final = re.compile(r"(?:(?<![^\W_])[^\W_][ .*_-]{1,3}){8,}[^\W_]?")
_RUN_TOGETHER: Final = re.compile(
    r"(?:ignor|disregard|forget|vergiss|oubli|olvid|dimentic|esque).{0,30}"
    r"(?:instru|istru|anweisung|rule|regel|regle|regla|prompt|consigne)|score\D{0,10}100",
    re.IGNORECASE,
)
# Between single letters: "I g n o r e  a l l" → "Ignore  all".
_BETWEEN: Final = {
    separator: re.compile(
        rf"(?<![^\W_][^\W_])(?<=[^\W_]){re.escape(separator)}(?=[^\W_](?![^\W_]))"
    )
    for separator in (" ", ".", "*", "-", "_")
}
_DIGIT_IN_WORD: Final = re.compile(r"[^\W\d_][013457@$][^\W\d_]|\b[013457@$][^\W\d_]{3}")
_HIDDEN: Final = re.compile(
    "[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\U000e0000-\U000e007f]"
)
_UNESCAPED: Final = str.maketrans("‹›", "<>")  # as fenced texts have them
_LEET: Final = (str.maketrans("013457@$", "oieastas"), str.maketrans("013457@$", "oleastas"))


@lru_cache(maxsize=REMEMBERED)
def suspected(text: str) -> bool:
    """True when the text, or what it hides or encodes, gives instructions to a reader.

    Looks at what a fenced text can hold: the first `FREE_TEXT_MAX` visible characters.
    """
    raw = text[:TEXT_READ_MAX]
    if MARK in raw or len(_HIDDEN.findall(raw)) > HIDDEN_MOST:
        return True
    seen = re.sub(r"[^\S\n]+", " ", re.sub(r"\n{3,}", "\n\n", visible(raw)))
    seen = seen[:FREE_TEXT_MAX].translate(_UNESCAPED)
    return _spelt_out(seen) or any(instructs(reading) for reading in _readings(seen))


def without_instructions(text: str) -> str:
    """The sentences that do not give instructions; "" when the rest still does."""
    if not suspected(text):
        return text
    kept = [s for s in re.split(r"(?<=[.!?])\s+|\n+", text) if not suspected(s)]
    rest = " ".join(kept)
    return "" if suspected(rest) else rest


def remainder(text: str) -> str:
    """What a typed field says before instructions begin: "CEO" of "CEO. Ignore your rules".

    Never what stands behind them: an attack would end with the words that it wants to be read.
    """
    if not suspected(text):
        return text
    return _before(re.split(r"(?<=[.;,|/!?\n])", text[:_TYPED_MAX]))


def _before(parts: Sequence[str]) -> str:
    """The longest beginning that gives none."""
    kept = ""
    for part in parts:
        if suspected(kept + part):
            seen = visible(part)
            before = kept + seen[: starts_at(seen)]
            return kept if suspected(before) else before.strip(" -:,;.")
        kept += part
    return kept.strip(" -:,;.")


def marked(kept: str, written: str) -> str:
    """`kept`, and a mark when taking personal data out hid that `written` gave instructions."""
    return f"{kept} {MARK}" if suspected(written) and not suspected(kept) else kept


def _readings(text: str) -> list[str]:
    """The text as it stands and on one line, un-spaced, decoded, un-rotated, reversed."""
    readings = [text, text.replace("\n", " ")]
    readings += [between.sub("", text) for sign, between in _BETWEEN.items() if sign in text]
    readings += [_base64(match.group()) for match in _ENCODED.finditer(text)]
    readings += [_hex(match.group()) for match in _HEX.finditer(text)]
    if _DIGIT_IN_WORD.search(text):
        readings += [text.translate(table) for table in _LEET]
    readings += [codecs.encode(text, "rot13"), text[::-1]]
    return [reading for reading in dict.fromkeys(readings) if reading]


def _spelt_out(text: str) -> bool:
    """Letters one by one, words run together: "i g n o r e a l l i n s t r u c t i o n s"."""
    runs = (re.sub(r"[\W_]", "", match.group()) for match in _SPACED.finditer(text))
    return any(_RUN_TOGETHER.search(run) for run in runs)


def _base64(text: str) -> str:
    padded = text.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return _readable(base64.b64decode(padded + "=" * (-len(padded) % 4), validate=True))
    except (binascii.Error, ValueError):
        return ""


def _hex(text: str) -> str:
    digits = re.sub(r"[\s:]", "", text)
    return _readable(bytes.fromhex(digits[: len(digits) // 2 * 2]))


def _readable(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return ""
