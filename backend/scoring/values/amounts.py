"""Numbers and ranges as people write them: `$1M-$10M`, `1,000+`, `50 to 200`, `10 Mio`, `<50`.

Currencies are read and dropped: a portal compares its leads in its own currency.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from math import inf, isfinite, sqrt
from typing import Final

OPEN_UP: Final = 3.0  # "1,000+" stands for 1,000 to 3,000: most such firms are near the edge
OPEN_DOWN: Final = 0.2  # "<50" stands for 10 to 50
LONGEST: Final = 80  # characters; longer text is prose

_MULTIPLIERS: Final = {
    "": 1.0,
    **dict.fromkeys(("k", "tsd", "thousand", "tausend", "mille", "mil"), 1e3),
    **dict.fromkeys(("lakh", "lakhs"), 1e5),
    **dict.fromkeys(("m", "mm", "mn", "mio", "mill", "million", "millions", "millionen"), 1e6),
    **dict.fromkeys(("crore", "crores"), 1e7),
    **dict.fromkeys(("b", "bn", "billion", "billions", "mrd", "milliarden", "md"), 1e9),
    **dict.fromkeys(("t", "tn", "trillion"), 1e12),
}
_UNITS = re.compile(
    r"[$€£¥₹]|\b(?:us|ca|au)?\$|\b(?:usd|eur|gbp|chf|cad|aud|sek|nok|dkk|pln|inr|jpy|brl|euros?|"
    r"dollars?|pounds?|employees?|people|persons?|staff|ftes?|headcount|mitarbeiter(?:innen)?|"
    r"salari[ée]s|empleados|revenue|budget|arr|annual(?:ly)?|per (?:year|annum|month)|p\.?a\.?|"
    r"yearly|a year)\b|/ ?(?:yr?|year|mo|month)\b"
)
# `_plain` leaves single spaces only.
_NUMBER = r"(\d{1,24}(?:\.\d{1,24})?e\+?\d{1,2}|\d[\d.,' ]{0,24}\d|\d) ?([a-z]{1,9})?\.?"
_RANGE = re.compile(
    rf"(?:between|from|zwischen|von)? ?{_NUMBER} ?(?:-|to|and|und|bis|a|à) ?{_NUMBER}"
)
_OVER = re.compile(
    rf"(?:>=?|≥|over|more than|above|at least|min|from|ab|über|mehr als|plus de) ?{_NUMBER} ?\+?"
    rf"|{_NUMBER} ?(?:\+|or more|and (?:above|up|more|over)|plus|und mehr)"
)
_UNDER = re.compile(
    rf"(?:<=?|≤|up to|under|less than|below|max|at most|bis zu|bis|unter|fewer than|moins de)"
    rf" ?{_NUMBER}"
)
_EXACT = re.compile(rf"(?:about|around|approx|circa|ca|c|~|≈|rund|etwa)?\.? ?{_NUMBER}")


_GROUPED = {
    ",": re.compile(r"[1-9]\d{0,2}(?:,\d{3}){1,12}"),
    ".": re.compile(r"[1-9]\d{0,2}(?:\.\d{3}){1,12}"),
}


@dataclass(frozen=True, slots=True)
class Range:
    """From `low` to `high`, both included; `high` may be infinite."""

    low: float
    high: float

    @property
    def middle(self) -> float:
        """The geometric middle, which is where a range on a log scale has its centre."""
        if self.low == self.high:
            return self.low
        low = self.low or self.high * OPEN_DOWN
        high = self.high if isfinite(self.high) else low * OPEN_UP
        return sqrt(low) * sqrt(high)


def parse_range(text: str) -> Range | None:
    """The range or number that `text` is, None when it is anything else (or too long)."""
    plain = _plain(text)
    if not plain:
        return None
    for pattern, build in ((_RANGE, _between), (_OVER, _above), (_UNDER, _below), (_EXACT, _at)):
        match = pattern.fullmatch(plain)
        if match:
            return build([group or "" for group in match.groups()])
    return None


def _plain(text: str) -> str:
    if not text or len(text) > LONGEST:
        return ""
    folded = unicodedata.normalize("NFKC", text).casefold()
    folded = re.sub(r"[‐-―−]|\.{2,}|…", "-", folded)
    return re.sub(r"\s+", " ", _UNITS.sub(" ", folded)).strip(" .;()[]")


def _between(groups: list[str]) -> Range | None:
    low_unit, high_unit = groups[1], groups[3]
    low, high = _value(groups[0], low_unit or high_unit), _value(groups[2], high_unit)
    if low is not None and high is not None and low > high and not low_unit:
        low = _value(groups[0], "")  # "500-1M": the unit belongs to the second number only
    if low is None or high is None or low > high:
        return None
    return Range(low, high)


def _above(groups: list[str]) -> Range | None:
    low = _value(groups[0] or groups[2], groups[1] or groups[3])
    return None if low is None else Range(low, inf)


def _below(groups: list[str]) -> Range | None:
    high = _value(groups[0], groups[1])
    return None if high is None else Range(0.0, high)


def _at(groups: list[str]) -> Range | None:
    value = _value(groups[0], groups[1])
    return None if value is None else Range(value, value)


def _value(digits: str, unit: str) -> float | None:
    if unit not in _MULTIPLIERS:
        return None
    try:
        value = float(_decimal(digits, has_unit=bool(unit))) * _MULTIPLIERS[unit]
    except ValueError:
        return None
    return value if isfinite(value) else None


def _decimal(digits: str, *, has_unit: bool) -> str:
    """Digits with thousands separators of any country, as Python reads them."""
    digits = digits.replace("'", "").replace(" ", "")
    comma, dot = digits.rfind(","), digits.rfind(".")
    if comma >= 0 and dot >= 0:  # both: the last one is the decimal point
        thousands, point = (",", ".") if dot > comma else (".", ",")
        return digits.replace(thousands, "").replace(point, ".")
    separator = "," if comma >= 0 else "."
    if _GROUPED[separator].fullmatch(digits) and not (has_unit and digits.count(separator) == 1):
        return digits.replace(separator, "")
    return digits.replace(separator, ".")
