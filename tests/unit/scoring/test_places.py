"""Locations as people write them: the right country or none; a line is a case."""

from __future__ import annotations

import json

import pycountry
import pytest
from babel import Locale

from backend.scoring.facts.contact_facts import profile_facts
from backend.scoring.values.bins import location
from backend.scoring.values.countries import BY_CODE, COUNTRY_REGION
from tools import places

PLACES = [
    ("Atlanta, Georgia", "united states"),
    ("Korea, Democratic People's Republic of", "north korea"),
    ("Korea, Republic of", "south korea"),
    ("Tel Aviv, IL", "israel"),
    ("Bogota, CO", "colombia"),
    ("Bogotá, CO", "colombia"),
    ("Toronto, CA", "canada"),
    ("München, BY", "germany"),
    ("Wilmington, DE", "united states"),
    ("Germany;Austria", ""),
    ("D/A/CH", "dach"),
    ("D-A-CH", "dach"),
    ("Austin, TX", "united states"),
    ("San Francisco, CA", "united states"),
    ("Berlin, DE", "germany"),
    ("Tbilisi, Georgia", "georgia"),
    ("Georgia", "georgia"),
    ("Georgia, USA", "united states"),
    ("Germany, Austria", ""),
    ("Germany / Germany", "germany"),
    ("Remote, US", "united states"),
    ("Berlin (Germany)", "germany"),
    ("Perth, WA", "australia"),
    ("Seattle, WA", "united states"),
    ("Adelaide, SA", "australia"),
    ("Riyadh, SA", "saudi arabia"),
    ("Sydney, NSW", "australia"),
    ("Mumbai, MH", "india"),
    ("Chennai, TN", "india"),
    ("Nashville, TN", "united states"),
    ("Tunis, TN", "tunisia"),
    ("Bangalore, KA", "india"),
    ("Buenos Aires, AR", "argentina"),
    ("Little Rock, AR", "united states"),
    ("Casablanca, MA", "morocco"),
    ("Boston, MA", "united states"),
    ("Indianapolis, IN", "united states"),
    ("Mumbai, IN", "india"),
    ("Chicago, IL", "united states"),
    ("Chicago, IL 60601", "united states"),
    ("Panama City, PA", "panama"),
    ("Philadelphia, PA", "united states"),
    ("Lima, PE", "peru"),
    ("Charlottetown, PE", "canada"),
    ("Amsterdam, NL", "netherlands"),
    ("St. John's, NL", "canada"),
    ("Côte d’Ivoire", "ivory coast"),
    ("Cote d'Ivoire", "ivory coast"),
    ("U.S.A.", "united states"),
    ("U.S.", "united states"),
    ("the Netherlands", "netherlands"),
    ("Hong Kong, China", "china"),
    ("San Juan, Puerto Rico", "puerto rico"),
    ("Europe", "europe"),
    ("Germany, Europe", "germany"),
    ("USA or Canada", ""),
    ("no", ""),
    ("NO", "norway"),
    ("NA", ""),
    ("xx", ""),
    ("Atlantis", ""),
    ("Bavaria, Germany", "germany"),
    ("Ontario, Canada", "canada"),
    ("Ontario", "canada"),
    ("Mexico City, Mexico", "mexico"),
    ("New Mexico, USA", "united states"),
    ("Jordan", "jordan"),
    ("Paris, TX", "united states"),
    ("Paris, France", "france"),
    ("London, UK", "united kingdom"),
    ("London", ""),
    ("Vienna, AT", "austria"),
    ("Zürich, CH", "switzerland"),
    ("Chandigarh, CH", "india"),
    ("US, CA", "united states"),
    ("ES", "spain"),
    ("Köln, NW", "germany"),
    ("Lebanon, PA", "united states"),
    ("Santiago, CL", "chile"),
    ("Cologne, DE", "germany"),
    ("Dover, DE", "united states"),
    ("Frankfurt, DE", "germany"),
    ("Hyderabad, Telangana", "india"),
    ("Lahore, Punjab", "pakistan"),
    ("Ludhiana, Punjab", "india"),
    ("Nordics", "nordics"),
    ("Alemania", "germany"),
    ("ドイツ", "germany"),
    ("독일", "germany"),
    ("Niemcy", "germany"),
    ("Saksa", "germany"),
    ("Vereinigte Staaten von Amerika", "united states"),
    ("New York, NY, USA", "united states"),
    ("Guinea", "guinea"),
    ("Niger", "niger"),
    ("Nigeria", "nigeria"),
    ("Congo", "congo"),
    ("Democratic Republic of the Congo", "dr congo"),
    ("Congo, The Democratic Republic of the", "dr congo"),
    ("Singapore, Singapore", "singapore"),
    ("Dublin, Ireland", "ireland"),
    ("Belfast, Northern Ireland", "united kingdom"),
    ("California", "united states"),
    ("NSW", "australia"),
    ("TX", "united states"),
    ("EMEA", "emea"),
    ("americas-europe", "americas-europe"),
    ("Torino, TO", ""),
    ("Milano, MI", ""),
    ("Detroit, MI", "united states"),
    ("Bologna, BO", ""),
    ("La Paz, BO", "bolivia"),
    ("Genève, GE", ""),
    ("Rio de Janeiro, RJ", ""),
    ("Jaipur, RJ", "india"),
    ("Tijuana, BC", ""),
    ("Rotterdam, NB", ""),
    ("Beijing, BJ", ""),
    ("Granada", ""),
    ("Granada, Spain", "spain"),
    ("St. George's, Grenada", "grenada"),
    ("Norfolk, VA", "united states"),
    ("Salvador, Brazil", "brazil"),
    ("El Salvador", "el salvador"),
    ("França", "france"),
    ("Congo, Dem. Rep.", "dr congo"),
    ("Congo, Rep.", "congo"),
    ("Korea, Dem. People's Rep.", "north korea"),
    ("Korea (the Republic of)", "south korea"),
    ("Sudan, South", "south sudan"),
    ("Samoa, American", "american samoa"),
    ("Timor, East", "timor-leste"),
    ("USA, Canada", ""),
    ("UK, Germany", ""),
    ("US, UK", ""),
    ("Austin, US", "united states"),
    ("CA, USA", "united states"),
    ("TO, Italy", "italy"),
    ("アメリカ", "united states"),
    ("CDMX", "mexico"),
    ("Dehradun, UK", "india"),
    ("Slough, UK", "united kingdom"),
    ("Nowhere, UK", "united kingdom"),
]
INTERFACE = ("en", "de", "fr", "es", "pt_BR", "it", "nl", "sv", "da", "nb", "fi", "pl", "cs", "ja")
INTERFACE += ("ko", "zh", "zh_Hant", "th", "tr", "hr", "hu", "ro", "id", "vi", "bg", "sk")
SHARED = {"Georgia", "Victoria", "Punjab"}  # states by the name of other places


@pytest.mark.parametrize(("text", "expected"), PLACES)
def test_a_location_is_the_right_country_or_none(text: str, expected: str) -> None:
    assert location(text) == expected


@pytest.mark.parametrize(
    "attribute", ["name", "official_name", "common_name", "alpha_2", "alpha_3"]
)
def test_every_country_of_iso_3166_is_known(attribute: str) -> None:
    """But "NA", which more people write for "not available" than for Namibia."""
    wrong = {
        text: found
        for country in pycountry.countries
        if (text := getattr(country, attribute, ""))
        and text != "NA"
        and (found := location(text)) != BY_CODE[country.alpha_2.lower()]
    }
    assert wrong == {}


def test_hubspot_s_own_code_for_namibia_is_namibia() -> None:
    assert profile_facts({"hs_country_code": "NA"}, {})["location"] == "namibia"


@pytest.mark.parametrize("language", INTERFACE)
def test_country_names_of_hubspot_s_languages_are_known_and_never_wrong(language: str) -> None:
    territories = Locale.parse(language).territories
    found = {c.alpha_2: location(territories[c.alpha_2]) for c in pycountry.countries}
    assert [c for c, key in found.items() if key not in {"", BY_CODE[c.lower()]}] == []
    assert sum(1 for key in found.values() if key) >= 247


@pytest.mark.parametrize("country", ["US", "CA", "AU", "DE", "IN"])
def test_states_are_in_their_country(country: str) -> None:
    key = BY_CODE[country.lower()]
    for state in pycountry.subdivisions.get(country_code=country):
        if state.name not in SHARED and location(state.name) not in COUNTRY_REGION.keys() - {key}:
            assert location(state.name) == key
        assert location(f"{state.name}, {country}") in {key, "", location(state.name)}


def test_the_state_of_a_record_is_a_state() -> None:
    assert profile_facts({"state": "Georgia"}, {})["location"] == "united states"
    assert profile_facts({"state": "WA"}, {}) == {}


def test_every_country_has_one_key() -> None:
    assert len(set(BY_CODE.values())) == len(BY_CODE) == len(COUNTRY_REGION)
    assert BY_CODE.keys() == {c.alpha_2.lower() for c in pycountry.countries} | {"xk"}


def test_the_table_of_countries_is_what_its_tool_makes() -> None:
    stored = json.loads((places.TABLES / "countries.json").read_text())
    made = {"names": places.names(), "alpha3": places.alpha3(), "states": dict(places._states())}
    assert stored == made
