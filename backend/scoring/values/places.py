"""A location as people write it → the key of one country or region, "" where it may be another.

Names of countries in forty languages, codes, states and cities are in `tables/`, made by
`tools/places.py`. A code after a city ("Toronto, CA") and a name of two places ("Georgia") are
settled by the city, or not at all.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from backend.scoring.values.countries import (
    BY_CODE,
    COUNTRY_REGION,
    REGION_PARTS,
    countries_of,
)
from backend.scoring.values.folding import words_of

_TABLES: Final = Path(__file__).parent / "tables"
LONGEST: Final = 300  # characters
_LISTED = re.compile(r"[;|/\n]")
_PARTS = re.compile(r"[,()\[\]]| [-–—] ")
_ZIP = re.compile(r"([A-Za-z]{2}) \d{5}(?:-\d{4})?")

# What people say beside the names in the tables, by key; as `words_of` leaves it.
_SAID: Final[Mapping[str, str]] = {
    "united states": "us|usa|america|アメリカ|forenta staterna|the united states|"
    "the united states of america|the us|the usa|united states america|"
    "u s|us of a|eeuu|ee uu|eua|new york city|nyc|amerika|states",
    "united kingdom": "uk|great britain|britain|england|scotland|wales|northern ireland|gb|"
    "grossbritannien|grande bretagne|gran bretana|gran bretagna|gra bretanha|angleterre|inglaterra|"
    "inghilterra|engeland|anglia|anglie|wielka brytania|storbritannia|uk and ni|英国|英國|영국",
    "germany": "ger|brd|german|bundesrepublik deutschland|federal republic of germany",
    "netherlands": "the netherlands|holland|nederland|hollande|holanda|olanda|paises bajos",
    "czechia": "czech republic|czech|ceska republika|tschechische republik|republique tcheque",
    "mexico": "cdmx",
    "south korea": "korea|republic of korea|korea south|s korea|rok|corea|coree|한국|대한민국|"
    "南韓|韩国",
    "north korea": "dprk|korea north|democratic peoples republic of korea|korea dprk|korea d p r|"
    "korea d p r k|korea dem peoples rep|korea dem rep|korea dem peoples rep of|"
    "korea the democratic peoples republic of|korea democratic peoples rep of",
    "russia": "russian federation|russland|rusland",
    "turkey": "turkiye|turkei|turquie|turquia|turchia|republic of turkey",
    "united arab emirates": "uae|dubai|abu dhabi|emirates|vae|eau|emirats arabes unis",
    "vietnam": "viet nam|viet nam socialist republic of",
    "ivory coast": "cote divoire",
    "ireland": "eire|republic of ireland|ireland republic of",
    "japan": "nippon|nihon",
    "india": "bharat",
    "greece": "hellas",
    "hong kong": "hong kong sar|hongkong|hk sar|香港",
    "macao": "macau|澳門|澳门",
    "taiwan": "taiwan roc|republic of china|taiwan province of china|台灣|台湾",
    "china": "prc|peoples republic of china|mainland china|p r china|pr china",
    "south sudan": "sudan south",
    "american samoa": "samoa american",
    "papua new guinea": "guinea papua new",
    "timor-leste": "timor east",
    "north macedonia": "macedonia|fyrom|mazedonien",
    "myanmar": "burma|birma",
    "eswatini": "swaziland|swasiland",
    "dr congo": "drc|congo democratic republic|congo dem rep|congo dem rep of|congo drc|congo dr|"
    "congo the drc|congo democratic rep|d r congo|congo the democratic republic of|"
    "congo kinshasa|democratic republic of congo|rdc|democratic republic of the congo",
    "congo": "republic of the congo|congo brazzaville|congo republic|republic of congo",
    "cape verde": "cabo verde",
    "palestine": "state of palestine|palestinian territories",
    "vatican city": "vatican|holy see",
    "kosovo": "republic of kosovo",
    "moldova": "republic of moldova",
    "bosnia and herzegovina": "bosnia|bosnia herzegovina|bosnien",
    "saudi arabia": "ksa|kingdom of saudi arabia|saudi",
    "south africa": "rsa|republic of south africa|sudafrika|africa south",
    "new zealand": "aotearoa|nouvelle zelande",
    "saint martin": "st martin",
    "us virgin islands": "virgin islands us|usvi",
    "brunei": "brunei darussalam",
    "europe": "eu|european union|europa|ue|欧州|ヨーロッパ|欧洲|歐洲|유럽|union europeenne",
    "americas": "the americas",
    "latin america": "latam|south america|central america|lateinamerika|sudamerika|sudamerica|"
    "america latina|amerique latine|amerique du sud",
    "north america": "nordamerika|northam|na region|norteamerica|amerique du nord|noram",
    "apac": "asia pacific|asien pazifik|apj|アジア太平洋",
    "worldwide": "global|globally|anywhere|world|international|remote|weltweit|all countries|"
    "mondial|mundial|mondo|monde|welt|mundo|everywhere",
    "nordics": "scandinavia|nordic|nordic countries|skandinavien|norden|the nordics",
    "dach": "d a ch|dach region|dach raum|deutschland osterreich schweiz|"
    "germany austria switzerland|germany austria and switzerland",
    "benelux": "bene lux|benelux countries",
    "middle east": "mena|naher osten|moyen orient|oriente medio",
    "oceania": "anz|australasia",
    "africa": "afrika|afrique",
    "asia": "asien|asie|アジア|亚洲|亞洲|아시아",
    "emea": "europe middle east and africa|europe middle east africa",
}
# States by other names, and names that more than one country has a state or city of.
_STATE_NAMES: Final = {
    "de": "bavaria|lower saxony|saxony|saxony anhalt|north rhine westphalia|nrw|hesse|thuringia|"
    "rhineland palatinate|baden wurttemberg|bayern|nordrhein westfalen|bade wurtemberg|baviere",
    "ca": "quebec|newfoundland|pei",
    "us": "washington dc|washington d c|d c|california state|new york state|georgia state",
    "in": "orissa|pondicherry|uttaranchal|tamilnadu",
}
_SHARED: Final = {
    "georgia": ("ge", "us-ga"),
    "punjab": ("in-pb", "pk"),
    "victoria": ("au-vic", "ca-bc", "us-tx"),
}
# Names of countries in some languages that more people mean a city by.
_CITIES_FIRST: Final = frozenset({"granada", "guadalupe", "salvador", "norfolk", "columbia"})
# Codes that are words, too: only in capitals are they codes.
_WORDS: Final = frozenset(
    {"am", "as", "at", "be", "by", "do", "go", "hi", "id", "in", "is", "it", "la", "me", "my", "no"}
    | {"or", "ok", "pa", "so", "ta", "to", "and", "arm", "can", "lie", "nor", "pan", "ton", "vat"}
)
# Parts of a country that have a code of their own; after their name the country's says no other.
_PART_OF: Final = {
    "hong kong": "china",
    "macao": "china",
    "puerto rico": "united states",
    "guam": "united states",
    "us virgin islands": "united states",
    "greenland": "denmark",
    "faroe islands": "denmark",
    "aland islands": "finland",
    "reunion": "france",
    "guadeloupe": "france",
    "martinique": "france",
    "mayotte": "france",
    "french guiana": "france",
    "aruba": "netherlands",
    "curacao": "netherlands",
}


@dataclass(frozen=True, slots=True)
class _Tables:
    """`names`: words → key; `codes`: two and three letters → key; `states`: a state's code →
    "us-ca" and the like; `state_names`: a state's name → country codes."""

    names: Mapping[str, str]
    codes: Mapping[str, str]
    states: Mapping[str, tuple[str, ...]]
    state_names: Mapping[str, frozenset[str]]


def location_key(text: str) -> str:
    """The one country or region that the text names; "" when none, or several."""
    text = text[:LONGEST].strip()
    whole = _named(text)
    if whole:
        return whole
    listed = [part for part in _LISTED.split(text) if part.strip()]
    if len(listed) > 1:
        return _one_of(_named(part) or _address(part) for part in listed)
    return _address(text) or _regions(text)


def state_key(text: str) -> str:
    """The country of a state by its name; codes of two letters are of several countries."""
    words = words_of(text)
    if words == "georgia":
        return "united states"
    return location_key(text) if len(words) > 3 and words not in _SHARED else ""


@cache
def _tables() -> _Tables:
    read = _read("countries.json")
    names = {name: BY_CODE[code] for name, code in read["names"].items()}
    names |= {words_of(name): name for name in (*COUNTRY_REGION, *REGION_PARTS)}
    names |= {words_of(said): key for key, line in _SAID.items() for said in line.split("|")}
    names = {name: key for name, key in names.items() if name not in _CITIES_FIRST}
    codes = {**BY_CODE, **{three: BY_CODE[two] for three, two in read["alpha3"].items()}}
    states: dict[str, tuple[str, ...]] = {}
    state_names: dict[str, frozenset[str]] = {}
    for country, found in read["states"].items():
        for code, spellings in found.items():
            states[code] = (*states.get(code, ()), f"{country}-{code}")
            for name in spellings:
                state_names[name] = state_names.get(name, frozenset()) | {country}
    for country, line in _STATE_NAMES.items():
        state_names |= {words_of(name): frozenset({country}) for name in line.split("|")}
    return _Tables(names, codes, states, state_names)


@cache
def _cities() -> Mapping[str, str]:
    found: dict[str, str] = _read("cities.json")
    return found


def _read(name: str) -> Any:
    return json.loads((_TABLES / name).read_text(encoding="utf-8"))


def _named(text: str) -> str:
    """The place that the whole text is the name or code of."""
    tables = _tables()
    text = text.strip()
    words = words_of(text)
    bare = words.removeprefix("the ")
    found = tables.names.get(words) or tables.names.get(bare)
    code = tables.codes.get(words, "")
    if found and code and found != code and text.isascii():
        return code if text.isupper() else ""  # "MY" is Malaysia, "Mỹ" the United States
    if found:
        return found
    letters = words.replace(" ", "")
    if len(letters) <= 3 and (letters == words or len(words) == 2 * len(letters) - 1):
        state = _country_of(tables.states.get(letters, ())) if text.isupper() else ""
        if state or letters not in _WORDS or text.isupper():
            code = tables.codes.get(letters) or state
            if code:
                return code
    if bare in _SHARED:
        return ""
    return _country_of(tables.state_names.get(bare, ()))


def _country_of(places: Iterable[str]) -> str:
    """The key of the one country that all of "us-ca" and the like are in."""
    countries = {place[:2] for place in places}
    return BY_CODE[countries.pop()] if len(countries) == 1 else ""


def _address(text: str) -> str:
    """The place that the last part of a comma-separated address names."""
    parts = [part.strip(" .") for part in _PARTS.split(text) if part.strip(" .")]
    for start in range(len(parts)):
        before = parts[:start]
        found = _ending(", ".join(parts[start:]), before)
        if found is not None:
            return _agreeing(found, before)
    for place in range(len(parts) - 1, -1, -1):
        found = _named(parts[place]) if len(parts[place]) > 3 or place == 0 else ""
        if found:
            return _agreeing(found, parts[:place])
    return ""


def _ending(text: str, before: Sequence[str]) -> str | None:
    """What the end of an address means after what stands before; "" where that is open, None when
    it is no place."""
    code = _ZIP.fullmatch(text)
    if code and code[1].lower() in _tables().states:
        return "united states"
    words = words_of(text)
    candidates = _SHARED.get(words, ())
    if not candidates and before and len(words) <= 3 and words not in _tables().names:
        country = (words,) if words in BY_CODE else ()
        candidates = (*country, *_tables().states.get(words, ()))
    if candidates and before:
        if words not in _SHARED and _is_elsewhere(before[-1], candidates):
            return ""
        return _country_of(candidates) or _settled(candidates, before)
    uttarakhand = _settled(("gb", "in-uk"), before) if words == "uk" else ""
    return uttarakhand or _named(text) or None


def _is_elsewhere(city: str, candidates: Sequence[str]) -> bool:
    """Whether the city is known, but in no country of a code's: "Torino, TO" is not in Tonga."""
    have = {BY_CODE[place[:2]] for place in _cities().get(words_of(city), "").split()}
    countries = {BY_CODE[place[:2]] for place in candidates}
    return bool(have) and not (have | {_PART_OF.get(country) for country in have}) & countries


def _settled(candidates: Sequence[str], before: Sequence[str]) -> str:
    """The one candidate that has the city or is in the country named before."""
    for part in reversed(before):
        named = _named(part)
        have = _cities().get(words_of(part), "").split()
        fits = {
            one
            for one in candidates
            if any(place == one or place.startswith(f"{one}-") for place in have)
            or named == BY_CODE[one[:2]]
        }
        if fits:
            return _country_of(fits)
    return ""


def _agreeing(found: str, before: Sequence[str]) -> str:
    """`found`, a country before it where it is a region of that, "" where one before is another."""
    for part in before:
        other = _tables().names.get(words_of(part), "")
        if other in COUNTRY_REGION and found in REGION_PARTS:
            return other if found == "worldwide" or other in countries_of(found) else ""
        state_of = _tables().state_names.get(words_of(part), frozenset())
        within = {BY_CODE[code] for code in state_of} | {_PART_OF.get(other, "")}
        city = {place[:2] for place in _cities().get(words_of(part), "").split()}
        within |= {BY_CODE[code] for code in city if code in BY_CODE}
        if other in COUNTRY_REGION and found not in {other, *within}:
            return ""
    return found


def _one_of(found: Iterable[str]) -> str:
    """The only place of a list; "worldwide" beside a place says that work is remote."""
    places = {place for place in found if place}
    if len(places) > 1:
        places.discard("worldwide")
    return places.pop() if len(places) == 1 else ""


def _regions(text: str) -> str:
    """ "americas-europe" and the like: several known regions joined by hyphens."""
    parts = [_named(part) for part in text.split("-")]
    if len(parts) > 1 and all(part in REGION_PARTS for part in parts):
        return "-".join(sorted(set(parts)))
    return ""
