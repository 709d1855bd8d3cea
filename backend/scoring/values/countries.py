"""Countries and regions: names, ISO codes and US states → one lower-case key.

Codes are ISO 3166-1 alpha-2; regions follow the United Nations' M49 continents, with the
Americas as one region beside its two halves.
"""

from __future__ import annotations

from typing import Final

_BY_REGION: Final = {
    "europe": """ad andorra|al albania|at austria|ba bosnia and herzegovina|be belgium|bg bulgaria|
by belarus|ch switzerland|cy cyprus|cz czechia|de germany|dk denmark|ee estonia|es spain|
fi finland|fo faroe islands|fr france|gb united kingdom|gg guernsey|gi gibraltar|gr greece|
hr croatia|hu hungary|ie ireland|im isle of man|is iceland|it italy|je jersey|xk kosovo|
li liechtenstein|lt lithuania|lu luxembourg|lv latvia|mc monaco|md moldova|me montenegro|
mk north macedonia|mt malta|nl netherlands|no norway|pl poland|pt portugal|ro romania|rs serbia|
ru russia|se sweden|si slovenia|sk slovakia|sm san marino|ua ukraine|va vatican city""",
    "north america": """us united states|ca canada|bm bermuda|gl greenland|pr puerto rico""",
    "latin america": """ag antigua and barbuda|ar argentina|aw aruba|bb barbados|bo bolivia|
br brazil|bs bahamas|bz belize|cl chile|co colombia|cr costa rica|cu cuba|cw curacao|dm dominica|
do dominican republic|ec ecuador|gd grenada|gt guatemala|gy guyana|hn honduras|ht haiti|
jm jamaica|kn saint kitts and nevis|ky cayman islands|lc saint lucia|mx mexico|ni nicaragua|
pa panama|pe peru|py paraguay|sr suriname|sv el salvador|tt trinidad and tobago|uy uruguay|
vc saint vincent and the grenadines|ve venezuela|vg british virgin islands""",
    "asia": """af afghanistan|am armenia|az azerbaijan|bd bangladesh|bn brunei|bt bhutan|cn china|
ge georgia|hk hong kong|id indonesia|in india|jp japan|kg kyrgyzstan|kh cambodia|kp north korea|
kr south korea|kz kazakhstan|la laos|lk sri lanka|mm myanmar|mn mongolia|mo macao|mv maldives|
my malaysia|np nepal|ph philippines|pk pakistan|sg singapore|th thailand|tj tajikistan|
tl timor-leste|tm turkmenistan|tw taiwan|uz uzbekistan|vn vietnam""",
    "middle east": """ae united arab emirates|bh bahrain|il israel|iq iraq|ir iran|jo jordan|
kw kuwait|lb lebanon|om oman|ps palestine|qa qatar|sa saudi arabia|sy syria|tr turkey|ye yemen""",
    "africa": """ao angola|bf burkina faso|bi burundi|bj benin|bw botswana|cd dr congo|
cf central african republic|cg congo|ci ivory coast|cm cameroon|cv cape verde|dj djibouti|
dz algeria|eg egypt|er eritrea|et ethiopia|ga gabon|gh ghana|gm gambia|gn guinea|
gq equatorial guinea|gw guinea-bissau|ke kenya|km comoros|lr liberia|ls lesotho|ly libya|
ma morocco|mg madagascar|ml mali|mr mauritania|mu mauritius|mw malawi|mz mozambique|na namibia|
ne niger|ng nigeria|rw rwanda|sc seychelles|sd sudan|sl sierra leone|sn senegal|so somalia|
ss south sudan|st sao tome and principe|sz eswatini|td chad|tg togo|tn tunisia|tz tanzania|
ug uganda|za south africa|zm zambia|zw zimbabwe""",
    "oceania": """au australia|fj fiji|fm micronesia|ki kiribati|mh marshall islands|
nc new caledonia|nr nauru|nz new zealand|pf french polynesia|pg papua new guinea|pw palau|
sb solomon islands|to tonga|tv tuvalu|vu vanuatu|ws samoa""",
}

COUNTRY_REGION: Final = {
    entry.strip()[3:]: region for region, line in _BY_REGION.items() for entry in line.split("|")
}
_ISO: Final = {
    entry.strip()[:2]: entry.strip()[3:]
    for line in _BY_REGION.values()
    for entry in line.split("|")
}

# region → the regions it spans, itself included
REGION_PARTS: Final = {
    **{region: (region,) for region in _BY_REGION},
    "americas": ("north america", "latin america"),
    "emea": ("europe", "middle east", "africa"),
    "apac": ("asia", "oceania"),
    "dach": (),  # named countries, see REGION_COUNTRIES
    "nordics": (),
    "benelux": (),
    "worldwide": tuple(_BY_REGION),
}
REGION_COUNTRIES: Final = {
    "dach": ("germany", "austria", "switzerland"),
    "nordics": ("denmark", "finland", "iceland", "norway", "sweden"),
    "benelux": ("belgium", "netherlands", "luxembourg"),
}

_NAMES: Final = {
    "united states": "usa|united states of america|america|the united states|"
    "vereinigte staaten|états-unis|estados unidos",
    "united kingdom": "uk|great britain|britain|england|scotland|wales|northern ireland|"
    "vereinigtes königreich|royaume-uni",
    "germany": "deutschland|allemagne|alemania|germania|alemanha|deu|ger",
    "france": "frankreich|francia|fra",
    "spain": "españa|espana|spanien|espagne",
    "italy": "italia|italien|italie",
    "netherlands": "the netherlands|holland|nederland|niederlande|pays-bas",
    "switzerland": "schweiz|suisse|svizzera",
    "austria": "österreich|osterreich|autriche",
    "belgium": "belgique|belgië|belgien",
    "sweden": "sverige|schweden",
    "denmark": "danmark|dänemark",
    "norway": "norge|norwegen",
    "finland": "suomi|finnland",
    "poland": "polska|polen",
    "czechia": "czech republic|tschechien",
    "portugal": "prt",
    "brazil": "brasil|brasilien",
    "mexico": "méxico|mexiko",
    "canada": "kanada|can",
    "south korea": "korea|republic of korea",
    "russia": "russian federation",
    "turkey": "türkiye|turkiye",
    "united arab emirates": "uae|dubai",
    "vietnam": "viet nam",
    "ivory coast": "côte d'ivoire",
    "ireland": "éire|republic of ireland|irland",
    "japan": "nippon",
    "india": "bharat",
    "greece": "griechenland|hellas",
    "europe": "eu|european union|europa",
    "americas": "the americas",
    "latin america": "latam|south america|central america|lateinamerika",
    "north america": "nordamerika|northam|na region",
    "apac": "asia pacific|asia-pacific",
    "worldwide": "global|anywhere|world|international|remote|weltweit",
    "nordics": "scandinavia|nordic",
    "middle east": "mena",
    "oceania": "anz|australasia",
    "africa": "afrika",
    "asia": "asien",
}
_STATES: Final = """al alabama|ak alaska|az arizona|ar arkansas|
ca california|co colorado|ct connecticut|
de delaware|fl florida|ga georgia state|hi hawaii|id idaho|il illinois|in indiana|ia iowa|
ks kansas|ky kentucky|la louisiana|me maine|md maryland|ma massachusetts|mi michigan|
mn minnesota|ms mississippi|mo missouri|mt montana|ne nebraska|nv nevada|nh new hampshire|
nj new jersey|nm new mexico|ny new york|nc north carolina|nd north dakota|oh ohio|
ok oklahoma|or oregon|pa pennsylvania|ri rhode island|sc south carolina|sd south dakota|
tn tennessee|tx texas|ut utah|vt vermont|va virginia|wa washington|wv west virginia|
wi wisconsin|wy wyoming|dc district of columbia"""
STATES: Final = {entry.strip()[:2]: entry.strip()[3:] for entry in _STATES.split("|")}
# Bare or after a city these two-letter codes mean the country, not Delaware or Indiana.
_COUNTRY_FIRST: Final = frozenset({"de", "in"})

_BY_NAME: Final = {
    **{name: name for name in (*COUNTRY_REGION, *REGION_PARTS)},
    **{spelling: name for name, line in _NAMES.items() for spelling in line.split("|")},
    **{state: "united states" for state in STATES.values()},
    "new york city": "united states",
    "san francisco": "united states",
}


def place(text: str, *, after_city: bool) -> str:
    """The key of one comma-separated part of a location, "" when it names no known place.

    `after_city`: it follows another part, where "CA" is rather California than Canada.
    """
    if len(text) == 2:
        if after_city and text in STATES and text not in _COUNTRY_FIRST:
            return "united states"
        return _ISO.get(text) or _BY_NAME.get(text, "")
    return _BY_NAME.get(text, "")


def countries_of(region: str) -> frozenset[str]:
    """The countries that a region key spans; empty for a country or an unknown key."""
    named = REGION_COUNTRIES.get(region, ())
    parts = REGION_PARTS.get(region, ())
    return frozenset(named) | {c for c, r in COUNTRY_REGION.items() if r in parts}
