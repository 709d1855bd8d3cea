"""Text without disguise (for readers) and without effects (for people)."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

# Invisible letters that Unicode does not class as format characters, and variation selectors.
_INVISIBLE: Final = re.compile(
    "[\u115f\u1160\u17b4\u17b5\u3164\uffa0\u034f\u2800\ufe00-\ufe0f\U000e0100-\U000e01ef]"
)
_TAG: Final = re.compile(r"</?[a-zA-Z!][^<>]{0,500}>")
_LINK: Final = re.compile(
    r"\(?\b(?:[a-z][a-z0-9+.-]{1,15}://|www\.|(?:javascript|data|mailto|tel|vbscript):)\S*",
    re.IGNORECASE,
)
_MARKDOWN: Final = re.compile(r"[*`#<>\[\]|~\\{}]|(?<!\w)_+|(?<!_)_++(?!\w)")


def visible(text: str) -> str:
    """NFKC without control, format and invisible characters; line breaks stay."""
    folded = unicodedata.normalize("NFKC", text)
    kept = (c if c in "\n\t" or unicodedata.category(c) not in _UNSEEN else _gap(c) for c in folded)
    return _INVISIBLE.sub("", "".join(kept))


def plain(text: str, most: int) -> str:
    """One line of at most `most` characters without links, markup or control characters."""
    line = _LINK.sub("", _TAG.sub("", visible(text)))
    line = re.sub(r"\s+", " ", _MARKDOWN.sub("", line)).strip()
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


def _gap(character: str) -> str:
    """Control characters separate; zero-width ones join what they split."""
    return " " if unicodedata.category(character) == "Cc" else ""
