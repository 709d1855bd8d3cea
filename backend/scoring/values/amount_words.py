"""The words around a number, in the languages of HubSpot's interface; and currencies.

Every spelling is as `folded` leaves it: lower case, no accents, no points. To teach a word, add it
to its line. A word that means two numbers (Spanish "mil" is a thousand, Czech "mil" a million) is
in `BY_CURRENCY` or nowhere: unknown is better than wrong by a thousand.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final


def _table(lines: Mapping[float, str]) -> dict[str, float]:
    return {word: value for value, line in lines.items() for word in line.split("|")}


# Words of languages that write a decimal point, and those of languages that write a comma.
WITH_POINT: Final = _table(
    {
        1e3: "k|thousand|thousands|ths|千|천|พัน",
        1e4: "万|萬|만|หมื่น",
        1e5: "lakh|lakhs|lac|lacs|แสน",
        1e6: "m|mm|million|millions|百万|백만|ล้าน",
        1e7: "cr|crs|crore|crores|千万",
        1e8: "億|亿|억",
        1e9: "b|bn|billion|billions|thousand million",
        1e12: "tn|trillion|trillions|兆|조",
    }
)
WITH_COMMA: Final = _table(
    {
        1e3: "tsd|tausend|mille|milliers|milliers de|mila|migliaia|miles|miles de|milhares|"
        "milhares de|duizend|dzd|tusen|tusind|tuhat|tuhatta|tys|tysiac|tysiace|tysiecy|tis|tisic|"
        "tisice|ezer|mii|tisuca|tisuce|ribu|rb|nghin|ngan|тыс|тысяч|тысячи|тис|хил|хиляди|bin",
        1e6: "mio|mill|mn|millionen|mln|mi|mlj|millon|millones|millones de|milhao|milhoes|"
        "milhoes de|milione|milioni|miljoen|miljon|miljoner|millioner|miljoona|miljoonaa|milion|"
        "miliony|milionow|milionu|millio|milioane|milijun|milijuna|milyon|juta|jt|trieu|млн|"
        "миллион|"
        "миллиона|миллионов|мільйонів|милион|милиона|εκατ|εκατομμυρια|millions deuros",
        1e9: "mrd|mia|milliarden|milliarde|md|mds|mld|mlrd|milliard|milliards|miliardo|miliardi|"
        "miljard|miljarder|milliarder|miljardi|miljardia|miliard|miliardy|miliardow|mil millones|"
        "mil millones de|mil milhoes|bilhao|bilhoes|bi|miliarde|milijarda|milijardi|milyar|miliar|"
        "ty|млрд|миллиард|миллиарда|миллиардов|мільярдів|милиард|милиарда|δισ",
        1e12: "billionen|billon|billones|трлн",
    }
)
# Currency → what the word means beside an amount in it.
BY_CURRENCY: Final[Mapping[str, Mapping[str, float]]] = {
    "t": dict.fromkeys(("EUR", "CHF", "DKK", "SEK", "NOK", "PLN", "CZK", "HUF"), 1e3),
    "mil": {"BRL": 1e3, "MXN": 1e3, "CZK": 1e6, "RON": 1e6},
    "l": {"INR": 1e5},
    "e": {"HUF": 1e3},
}

# Spelling → the currencies that it may be. "$" is taken for a US dollar: others of that name are
# written "C$" and the like by people who mean to tell them apart.
CURRENCIES: Final[Mapping[str, tuple[str, ...]]] = {
    spelling: tuple(codes.split())
    for codes, line in {
        "USD": "$|us$|usd|dollar|dollars|us dollar|us dollars|dolares|dolar",
        "EUR": "€|eur|euro|euros|euroa|evro|евро|ευρω|ยูโร|ユーロ|유로|欧元|歐元",
        "GBP": "£|gbp|pound|pounds|sterling|pfund|livres|libras",
        "CHF": "chf|sfr|franken|francs suisses",
        "CAD": "c$|ca$|cad",
        "AUD": "a$|au$|aud",
        "NZD": "nz$|nzd",
        "SGD": "s$|sg$|sgd",
        "HKD": "hk$|hkd|港元|港幣",
        "JPY": "jpy|yen|円|日本円|엔",
        "CNY": "cny|rmb|yuan|人民币|人民幣",
        "JPY CNY": "¥",
        "CNY TWD": "元",
        "TWD": "nt$|twd|ntd|新台幣|新臺幣",
        "KRW": "₩|krw|won|원",
        "INR": "₹|inr|rs|rupee|rupees",
        "BRL": "r$|brl|real|reais",
        "MXN": "mx$|mxn|pesos mexicanos",
        "SEK": "sek|svenska kronor",
        "NOK": "nok",
        "DKK": "dkk|danske kroner",
        "SEK NOK DKK": "kr|kronor|kroner|krona|krone",
        "PLN": "pln|zl|zloty|zlotych",
        "CZK": "czk|kc|korun|koruny",
        "HUF": "huf|ft|forint",
        "RON": "ron|lei|leu",
        "TRY": "₺|try|tl|lira",
        "ILS": "₪|ils|nis|shekel|shekels",
        "ZAR": "zar|rand",
        "THB": "฿|thb|baht|บาท",
        "IDR": "idr|rp|rupiah",
        "MYR": "myr|rm|ringgit",
        "PHP": "₱|php",
        "ISK": "isk",
        # without a rate in our table: read as money, and unknown
        "RUB": "₽|rub|rur|руб|рублеи|рубля",
        "UAH": "₴|uah|грн",
        "BGN": "bgn|лв|лева",
        "VND": "₫|vnd|dong",
        "AED": "aed|dirham|dirhams",
        "SAR": "sar",
        "ARS": "ars",
        "CLP": "clp",
        "COP": "cop",
        "PEN": "pen",
        "NGN": "₦|ngn",
        "EGP": "egp",
        "KES": "kes|ksh",
        "PKR": "pkr",
    }.items()
    for spelling in line.split("|")
}
CODES: Final = frozenset(code for codes in CURRENCIES.values() for code in codes)
# Where a point is read as a decimal point beside "k" and "m".
POINT_CURRENCIES: Final = frozenset(
    {"USD", "GBP", "CAD", "AUD", "NZD", "SGD", "HKD", "JPY", "CNY", "TWD", "KRW", "INR", "MXN"}
    | {"ILS", "THB", "MYR", "PHP"}
)

RATES_OF: Final = "2026-10-30"
# Units of each currency for a euro. Source: euro foreign exchange reference rates of the European
# Central Bank, of the day above; New Taiwan dollar and others that the ECB leaves out are unknown.
PER_EURO: Final[Mapping[str, float]] = {
    "EUR": 1.0,
    "USD": 1.1172,
    "JPY": 175.68,
    "CZK": 24.353,
    "DKK": 7.4735,
    "GBP": 0.8338,
    "HUF": 366.33,
    "PLN": 4.4038,
    "RON": 5.3447,
    "SEK": 10.978,
    "CHF": 0.9194,
    "ISK": 136.0,
    "NOK": 10.312,
    "TRY": 55.8015,
    "AUD": 1.5904,
    "BRL": 6.0692,
    "CAD": 1.5606,
    "CNY": 7.4326,
    "HKD": 8.7652,
    "IDR": 20275.17,
    "ILS": 3.495,
    "INR": 106.084,
    "KRW": 1491.76,
    "MXN": 21.1237,
    "MYR": 4.5325,
    "NZD": 1.9823,
    "PHP": 71.143,
    "SGD": 1.4282,
    "THB": 37.683,
    "ZAR": 18.6455,
}


def _words(*lines: str) -> frozenset[str]:
    return frozenset(word for line in lines for word in line.split("|"))


# Between two numbers.
BETWEEN: Final = _words(
    "-|to|thru|through|and|up to|und|bis|bis zu|a|et|"
    "y|hasta|e|ate|fino a|en|tot|tot en met|t/m|og|til",
    "och|till|ja|do|i|az|ile|ila|la|pana la|es|sampai|hingga|den|до|и|та|έως|から|到|至|에서|부터",
    "ถึง|~",
)
# Before two numbers; they say nothing about one.
BEFORE_TWO: Final = _words(
    "between|from|zwischen|von|entre|de|da|dal|tra|fra|tussen|van|mellem|mellom|mellan|fran|od",
    "miedzy|mezi|izmedu|antara|dari|tu|от|с|между|від|между|between about",
)
OVER: Final = _words(
    ">|>=|≥|over|more than|greater than|above|at least|not less than|min|minimum|minimum of|from",
    "starting at|starting from|exceeding|in excess of|ab|uber|ueber|mehr als|mindestens",
    "grosser als",
    "plus de|plus que|au moins|superieur a|a partir de|au dessus de|minimum de|mas de|al menos",
    "por lo menos|superior a|desde|minimo|mais de|pelo menos|acima de|piu di|oltre|almeno|meer dan",
    "minstens|minimaal|vanaf|boven|mere end|mindst|mer enn|minst|mer an|fler an|flere enn",
    "flere end|yli|vahintaan|enemman kuin|powyzej|ponad|wiecej niz|co najmniej|vice nez|nad",
    "alespon|minimalne|en az|lebih dari|minimal|hon|tren|более|больше|свыше|от|понад|над|більше",
    "約以上",
)
UNDER: Final = _words(
    "<|<=|≤|up to|under|less than|fewer than|below|max|maximum|maximum of|at most|no more than",
    "not more than|smaller than|bis zu|bis|unter|weniger als|hochstens|kleiner als|maximal",
    "moins de",
    "jusqua|jusqu a|au plus|inferieur a|moins que|menos de|hasta|como maximo|inferior a|maximo",
    "por debajo de|ate|no maximo|abaixo de|meno di|fino a|sotto|al massimo|inferiore a|minder dan",
    "tot|hoogstens|onder|max|mindre end|faerre end|op til|hojst|mindre enn|faerre enn|opptil",
    "inntil",
    "mindre an|farre an|upp till|hogst|alle|enintaan|vahemman kuin|do|ponizej|mniej niz|maks",
    "mene nez|az|en fazla|sampai|kurang dari|до|менее|меньше|не более|под|менше|duoi",
)
AFTER_OVER: Final = _words(
    "+|plus|or more|and more|or over|and over|or above|and above|and up|or greater|oder mehr",
    "und mehr|und daruber|oder daruber|ou plus|et plus|y mas|o mas|ou mais|e mais|o piu|e piu",
    "e oltre|ed oltre|of meer|en meer|eller mere|eller flere|og derover|og over|eller mer",
    "eller fler|och uppat|tai enemman|i wiecej|lub wiecej|a vice|nebo vice|ve uzeri|ve ustu",
    "atau lebih|tro len|и более|и больше|以上|超|超え|이상|초과|ขึ้นไป",
)
AFTER_UNDER: Final = _words(
    "or less|or fewer|or under|or below|and below|and under|and fewer|and less|or smaller|max",
    "oder weniger|und weniger|ou moins|et moins|o menos|y menos|ou menos|o meno|e meno|of minder",
    "en minder|eller mindre|eller faerre|og derunder|och nedat|eller farre|tai vahemman|lub mniej",
    "i mniej|nebo mene|a mene|ve alti|atau kurang|и менее|или менее|以下|未満|以内|이하|미만",
    "หรือน้อยกว่า",
)
ABOUT: Final = _words(
    "about|around|approx|approximately|appr|circa|ca|c|~|≈|roughly|nearly|almost|est|estimated",
    "some",
    "rund|etwa|ungefahr|ungef|zirka|knapp|geschatzt|environ|env|pres de|a peu pres|aproximadamente",
    "aprox|cerca de|alrededor de|unos|unas|cca|por volta de|circa|quasi|intorno a|ongeveer|rond",
    "omkring|omtrent|cirka|ungefar|noin|n|okolo|ok|priblizne|asi|yaklasik|sekitar|khoang|około",
    "около|примерно|ок|約|约|大约|约为|약|대략|ประมาณ|およそ",
)
MONTHLY: Final = _words(
    "per month|a month|monthly|/month|/mo|/ month|pro monat|monatlich|im monat|/monat|par mois",
    "/mois|mensuel|al mes|por mes|mensual|/mes|al mese|/mese|per maand|mrr",
)
# Units and kinds of numbers, which change nothing.
NOISE: Final = _words(
    "employee|employees|people|person|persons|staff|fte|ftes|headcount|team members|workers",
    "members",
    "full time employees|full time|employee count|size|company size|in total|total|of",
    "mitarbeiter|mitarbeiterinnen|mitarbeitende|mitarbeitenden|beschaftigte|beschaftigten|ma",
    "angestellte|personen|leute|arbeitnehmer|employes|employe|salarie|salaries|personnes|effectif",
    "collaborateurs|empleados|empleado|trabajadores|personas|colaboradores|funcionarios",
    "funcionario",
    "pessoas|empregados|trabalhadores|dipendenti|dipendente|addetti|persone|collaboratori",
    "medewerkers|medewerker|werknemers|personen|mensen|medarbejdere|ansatte|ansatt|personer",
    "anstallda",
    "anstalld|medarbetare|medarbeidere|tyontekijaa|tyontekija|tyontekijat|henkiloa|henkilostoa",
    "pracownikow|pracownik|pracownicy|osob|osoby|zamestnancu|zamestnanci|zamestnancov|lidi|calisan",
    "kisi|personel|karyawan|orang|pegawai|nhan vien|nguoi|angajati|salariati|alkalmazott|fo",
    "munkatars",
    "zaposlenih|zaposlenika|сотрудников|сотрудника|сотрудники|человек|чел|працівників|служители",
    "従業員|社員|従業員数|社員数|人|名|人規模|人员|员工|員工|名员工|名員工|個員工|个员工|人以內|"
    "명|직원|임직원|"
    "명의 직원|人の従業員|名の従業員|คน|พนักงาน|规模|規模",
    "revenue|revenues|sales|turnover|budget|arr|annual|annually|annual revenue|per year|per annum",
    "pa|p a|yearly|a year|/year|/yr|/y|/ year|per yr|yr|usd equivalent|in revenue|in sales|umsatz",
    "jahresumsatz|pro jahr|jahrlich|im jahr|/jahr|ca|chiffre daffaires|par an|annuel|annuels|/an",
    "de|ingresos|al ano|por ano|anual|anuales|facturacion|faturamento|receita|anuais|fatturato",
    "ricavi|allanno|annui|di|omzet|per jaar|omsaetning|omsetning|omsattning|per ar|om aret",
    "liikevaihto",
    "przychodu|obrotu|rocznie|obrat|rocne|года|в год|年商|売上|売上高|年間|매출|연매출|รายได้",
    "ต่อปี|est|estimated",
    "approx|in|d|value|:|.|;|=|,|?",
)
