"""Countries and regions: the keys, by ISO code, and the regions that they are in.

Codes are ISO 3166-1 alpha-2; regions follow the United Nations' M49 continents, with the
Americas as one region beside its two halves.
"""

from __future__ import annotations

from typing import Final

_BY_REGION: Final = {
    "europe": """ad andorra|al albania|at austria|ax aland islands|ba bosnia and herzegovina|
be belgium|bg bulgaria|
by belarus|ch switzerland|cy cyprus|cz czechia|de germany|dk denmark|ee estonia|es spain|
fi finland|fo faroe islands|fr france|gb united kingdom|gg guernsey|gi gibraltar|gr greece|
hr croatia|hu hungary|ie ireland|im isle of man|is iceland|it italy|je jersey|xk kosovo|
li liechtenstein|lt lithuania|lu luxembourg|lv latvia|mc monaco|md moldova|me montenegro|
mk north macedonia|mt malta|nl netherlands|no norway|pl poland|pt portugal|ro romania|rs serbia|
ru russia|se sweden|sj svalbard and jan mayen|si slovenia|sk slovakia|sm san marino|ua ukraine|
va vatican city""",
    "north america": """us united states|ca canada|bm bermuda|gl greenland|pr puerto rico|
pm saint pierre and miquelon|um us outlying islands""",
    "latin america": """ag antigua and barbuda|ai anguilla|ar argentina|bl saint barthelemy|
bq caribbean netherlands|bv bouvet island|fk falkland islands|gf french guiana|gp guadeloupe|
gs south georgia and south sandwich islands|mf saint martin|mq martinique|ms montserrat|
sx sint maarten|tc turks and caicos islands|vi us virgin islands|aw aruba|bb barbados|bo bolivia|
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
    "africa": """eh western sahara|io british indian ocean territory|re reunion|
sh saint helena|tf french southern territories|yt mayotte|ao angola|bf burkina faso|bi burundi|
bj benin|bw botswana|cd dr congo|
cf central african republic|cg congo|ci ivory coast|cm cameroon|cv cape verde|dj djibouti|
dz algeria|eg egypt|er eritrea|et ethiopia|ga gabon|gh ghana|gm gambia|gn guinea|
gq equatorial guinea|gw guinea-bissau|ke kenya|km comoros|lr liberia|ls lesotho|ly libya|
ma morocco|mg madagascar|ml mali|mr mauritania|mu mauritius|mw malawi|mz mozambique|na namibia|
ne niger|ng nigeria|rw rwanda|sc seychelles|sd sudan|sl sierra leone|sn senegal|so somalia|
ss south sudan|st sao tome and principe|sz eswatini|td chad|tg togo|tn tunisia|tz tanzania|
ug uganda|za south africa|zm zambia|zw zimbabwe""",
    "oceania": """au australia|fj fiji|fm micronesia|ki kiribati|mh marshall islands|
nc new caledonia|nr nauru|nz new zealand|pf french polynesia|pg papua new guinea|pw palau|
as american samoa|cc cocos islands|ck cook islands|cx christmas island|gu guam|
hm heard and mcdonald islands|mp northern mariana islands|nf norfolk island|nu niue|
pn pitcairn islands|tk tokelau|wf wallis and futuna|sb solomon islands|to tonga|tv tuvalu|
vu vanuatu|ws samoa""",
    "antarctic": "aq antarctica",
}

COUNTRY_REGION: Final = {
    entry.strip()[3:]: region for region, line in _BY_REGION.items() for entry in line.split("|")
}
BY_CODE: Final = {
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


def countries_of(region: str) -> frozenset[str]:
    """The countries that a region key spans; empty for a country or an unknown key."""
    named = REGION_COUNTRIES.get(region, ())
    parts = REGION_PARTS.get(region, ())
    return frozenset(named) | {c for c, r in COUNTRY_REGION.items() if r in parts}
