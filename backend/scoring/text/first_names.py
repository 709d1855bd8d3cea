"""Strangers' names by their first name: Faker's lists of nine languages, and nothing else of it.

Measured by `bench.redaction` against a small spaCy model (docs/decisions.md): as good on common
names, no word of a harmless text taken, a hundredth of the time and of the memory. A rare first
name without a cue beside it is not found.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

_LOCALES: Final = ("en_US", "en_GB", "de_DE", "fr_FR", "es_ES", "it_IT", "pl_PL", "nl_NL", "pt_BR")
_MIN: Final = 3  # letters
_UP: Final = "A-ZÀ-ÖØ-ÞĀĂĄĆČĎĐĒĖĘĚĞĢĪİĶĽĻŁŃŇŅŐŒŘŚŞŠŤŢŪŮŰŹŻŽ"
# A capitalised word, its possessive, and up to three capitalised words after it.
_NAMED: Final = re.compile(
    rf"(?<![\w’'-])([{_UP}][^\W\d_]{{2,30}})(?:['’]?s)?(?![\w])"
    rf"((?:[ -](?:(?:van|von|de|der|den|del|di|da|dos)[ ]){{0,2}}[{_UP}][\w’'-]{{1,30}}){{0,2}})"
)
_PLACES: Final = re.compile(
    r"(?:\b(?:San|Santa|Saint|St\.?|São|New|North|South|East|West|Fort|Port)\s)\Z"
)
# First names that are more often a word, a place or a product.
_WORDS: Final = frozenset(
    re.findall(
        r"\w+",
        "ada alexa allen alma amor angel april art august aurora austin autumn bill bond "
        "brandy brooklyn candy carolina cash chance charity charlotte chase cherry china "
        "christian clay constance core crystal dallas dawn dean delta destiny diamond diego "
        "dominion don eden ernst eve faith felicity field florence forest francisco frank "
        "frau georgia german gene genesis ginger glory golden gore grace grant green harmony "
        "harper heather heaven herr hope houston hunter indiana iris israel ivory jade "
        "jasmine jersey jordan jose joy june justice kunde lake lance lane laurel liberty "
        "lily linda london lot love madison major marina mark marketing martin mason max maxi "
        "may melody mercy meta miles mina misty miracle montana morgan nevada noble ocean "
        "olive orlando page paris parker pearl penny phoenix pilar precious price prince "
        "princess queen rain ray red reed rich river rob robin rocky roman rose royal ruby "
        "rush rusty sage sales salvador santiago sandy savannah scarlet scout serenity sharp "
        "sierra sky soledad sommer star stern sterling stone storm summer sun sunny sydney "
        "temple teresa trinity trip true valencia victoria violet virginia vittoria vitória "
        "war ward will willow winter wolf york young zen dolores mercedes remedios luz mar "
        "sol paz rosario amparo consuelo esperanza gloria concepción asunción bella dora nova "
        "vera via sole luce pia pro ale era ira una alba costa chiara stella marca libero "
        "primo felice santo salvatore benefit ben can sam mia kai ina udo lia lea isa anka "
        "gracia",
    )
)


def without_first_names(text: str) -> str:
    """`text` with every first name of the lists, and the surname after it, taken out."""
    parts, last = [], 0
    for begin, end in _found(text):
        parts += [text[last:begin], "[name]"]
        last = end
    return "".join([*parts, text[last:]])


def _found(text: str) -> Iterator[tuple[int, int]]:
    known = first_names()
    at = 0
    while match := _NAMED.search(text, at):
        word = match.group(1)
        folded = word.casefold()
        is_name = folded in known or (folded[-1] == "s" and folded[:-1] in known)
        if is_name and not word.isupper() and not _PLACES.search(text[: match.start()][-12:]):
            yield match.span()
            at = match.end()
        else:
            at = match.end(1)


@lru_cache(maxsize=1)
def first_names() -> frozenset[str]:
    """Folded; without what is more often something else."""
    found: set[str] = set()
    for locale in _LOCALES:
        provider = importlib.import_module(f"faker.providers.person.{locale}").Provider
        for listed in (n for n in dir(provider) if n.startswith("first_name")):
            names = getattr(provider, listed)
            if not callable(names):
                found.update(word.casefold() for name in names for word in name.split())
    return frozenset(word for word in found - _WORDS if len(word) >= _MIN)
