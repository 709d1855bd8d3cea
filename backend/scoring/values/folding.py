"""One spelling for comparison: no capitals, accents, apostrophes or doubled spaces."""

from __future__ import annotations

import unicodedata
from typing import Final

# Letters that Unicode does not take apart, and marks that people type one for another.
_LETTERS: Final = str.maketrans(
    {
        "ł": "l",
        "ø": "o",
        "đ": "d",
        "ð": "d",
        "ı": "i",
        "æ": "ae",
        "œ": "oe",
        "þ": "th",
        "'": "",
        "’": "",
        "‘": "",
        "ʼ": "",
        "ʻ": "",
        "´": "",
        "`": "",
    }
)


def folded(text: str) -> str:
    """ "Côte d’Ivoire" and "COTE D'IVOIRE" are "cote divoire"; other scripts stay as they are."""
    apart = unicodedata.normalize("NFKD", text).casefold()
    plain = "".join(c for c in apart if not unicodedata.combining(c)).translate(_LETTERS)
    return " ".join(unicodedata.normalize("NFKC", plain).split())


def words_of(text: str) -> str:
    """As `folded`, without punctuation: "N/A" is "n a", "Food & Beverages" "food and beverages"."""
    plain = folded(text).replace("&", " and ")
    return " ".join("".join(c if _kept(c) else " " for c in plain).split())


def _kept(c: str) -> bool:
    # vowel signs of Thai, Hindi and the like are marks, and part of the word
    return c.isalnum() or unicodedata.category(c) in {"Mc", "Mn"}
