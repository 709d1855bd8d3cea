"""An ideal client profile from a CSV file or an Excel workbook, whatever program wrote it.

Every wrong row and column is named; nothing is guessed. How a file is cut into rows is in
`profile_rows`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from backend.errors import BadInput, UnmatchedColumns
from backend.model import NOTHING, PROFILE_FIELDS, IdealClient
from backend.scoring.points.profile_points import OPEN_FIELDS
from backend.scoring.points.profile_rows import Row, read_rows
from backend.scoring.text import redact
from backend.scoring.text.manipulation import suspected, without_instructions
from backend.scoring.values.amounts import is_unit_word, unit_of, with_unit
from backend.scoring.values.bins import strict
from backend.scoring.values.folding import folded, words_of

ROWS_MAX: Final = 20_000
OPTIONAL: Final = frozenset({"name", "description", "tags", "client_id"})
CELL_MAX: Final = 2_000  # characters
SHOWN_PROBLEMS: Final = 200
PREVIEW_ROWS: Final = 20  # below the titles, of which a person sees the first values
EXAMPLES: Final = 3
EXAMPLE_MAX: Final = 60  # characters
COLUMNS_MAX: Final = 100
TITLE_MAX: Final = 200  # characters


def _spelled(title: str) -> str:
    """A title without what stands in brackets, "in EUR", "USD", spaces, accents, punctuation."""
    plain = re.sub(r"[(\[][^()\[\]]{0,60}[)\]]", " ", title[:200])
    plain = re.sub(r"(?<=\w) (?:in|en|em) [^ ]{1,12}(?: [^ ]{1,8})?$", "", plain.strip())
    words = words_of(plain).split()
    while len(words) > 1 and is_unit_word(words[-1]) and unit_of(title):
        words.pop()
    return "".join(words)


# Common titles in HubSpot's languages, without spaces, accents and punctuation. To add one, add it
# to its field's line.
_TITLES: Final[Mapping[str, str]] = {
    "industry": "industry|"
    "industries|primaryindustry|sector|vertical|industrysector|branche|branchen|industrie|"
    "wirtschaftszweig|secteur|secteurdactivite|industria|sectorindustrial|setor|segmento|ramo|"
    "settore|"
    "bransch|bransje|toimiala|branza|odvetvi|sektor|業種|業界|行业|行業|업종|산업|อุตสาหกรรม|"
    "отрасль",
    "company_size": "companysize|size|employees|numberofemployees|employeecount|headcount|"
    "noofemployees|ofemployees|nodeempleados|nodefuncionarios|ndipendenti|ndempleados|"
    "anzahlmitarbeitende|mitarbeitende|nbdesalaries|nbdemployes|employeesize|"
    "numemployees|employeerange|companysizeemployees|staff|teamsize|"
    "mitarbeiter|mitarbeiterzahl|mitarbeiteranzahl|anzahlmitarbeiter|anzahldermitarbeiter|"
    "unternehmensgrosse|firmengrosse|beschaftigte|effectif|effectifs|nombredemployes|"
    "nombredesalaries|"
    "tailledelentreprise|taille|empleados|numerodeempleados|tamanodelaempresa|tamano|funcionarios|"
    "numerodefuncionarios|tamanhodaempresa|colaboradores|dipendenti|numerodidipendenti|"
    "dimensioneaziendale|dimensionedellazienda|medewerkers|aantalmedewerkers|bedrijfsgrootte|"
    "anstallda|antalanstallda|foretagsstorlek|ansatte|antallansatte|antalansatte|medarbejdere|"
    "antalmedarbejdere|virksomhedsstorrelse|bedriftsstorrelse|tyontekijat|henkilosto|"
    "henkilostomaara|"
    "pracownicy|liczbapracownikow|pocetzamestnancu|calisansayisi|従業員数|社員数|员工人数|員工人數|"
    "公司规模|직원수|จำนวนพนักงาน|числосотрудников",
    "revenue_range": "revenuerange|revenue|annualrevenue|turnover|yearlyrevenue|annualturnover|"
    "sales|"
    "annualsales|revenues|umsatz|jahresumsatz|umsatzspanne|umsatzklasse|chiffredaffaires|ca|"
    "caannuel|ingresos|ingresosanuales|facturacion|facturacionanual|receita|receitaanual|"
    "faturamento|"
    "fatturato|fatturatoannuo|ricavi|omzet|jaaromzet|omsattning|arsomsattning|omsetning|omsaetning|"
    "liikevaihto|przychody|przychod|obrot|rocniobrat|obrat|ciro|yillikciro|売上|売上高|年商|"
    "年间收入|"
    "年收入|营业额|營業額|年營收|매출|연매출|รายได้|выручка",
    "location": "geographiclocation|location|country|region|geography|countryregion|geo|hqcountry|"
    "headquarters|hq|hqlocation|land|standort|staat|landregion|pays|paysregion|localisation|"
    "emplacement|pais|paisregion|ubicacion|localizacao|localidade|paese|posizione|sede|locatie|"
    "plats|"
    "placering|sted|maa|sijainti|kraj|lokalizacja|zeme|ulke|konum|国|国名|所在地|国家|國家|地区|"
    "地區|국가|"
    "위치|ประเทศ|страна",
    "technologies": "technologystack|technologies|techstack|technology|tech|stack|webtechnologies|"
    "technologiesused|technologie|technologien|techniken|technologiestack|tecnologias|tecnologia|"
    "pilatecnologica|tecnologie|technologieen|teknologier|teknologi|teknik|teknologiat|tehnologije|"
    "technologiest|teknolojiler|技術|技術スタック|技术|技术栈|技術堆疊|기술|기술스택|เทคโนโลยี|"
    "технологии",
    "budget_range": "budgetrange|budget|dealsize|spend|annualbudget|budgetspanne|jahresbudget|"
    "budgetannuel|presupuesto|rangodepresupuesto|orcamento|faixadeorcamento|bilancio|budgetbereich|"
    "budjetti|budsjett|budzet|rozpocet|butce|予算|预算|預算|예산|งบประมาณ|бюджет",
    "name": "name|company|companyname|client|clientname|account|accountname|customer|firma|"
    "unternehmen|"
    "firmenname|kunde|kundenname|nom|entreprise|societe|nomdelentreprise|nombre|empresa|"
    "nombredelaempresa|nome|nomedaempresa|azienda|nomeazienda|bedrijf|bedrijfsnaam|naam|foretag|"
    "foretagsnamn|namn|firmanavn|virksomhed|bedrift|navn|yritys|nimi|nazwa|nazwafirmy|nazev|sirket|"
    "会社名|企業名|公司名称|公司|公司名稱|회사명|회사|ชื่อบริษัท|компания",
    "description": "description|about|blurb|notes|beschreibung|notizen|descripcion|notas|descricao|"
    "descrizione|note|omschrijving|beskrivning|beskrivelse|kuvaus|opis|popis|aciklama|説明|描述|"
    "설명",
    "tags": "tags|tag|segment|segments|label|labels|schlagworte|etiquettes|etiquetas|etichette|"
    "タグ|标签",
    "client_id": "clientid|id|externalid|kundennummer|recordid|companyid|kundenid|idclient|"
    "idcliente",
}
HEADERS: Final[Mapping[str, str]] = {
    _spelled(title): field for field, line in _TITLES.items() for title in line.split("|")
}
MONEY: Final = frozenset({"revenue_range", "budget_range"})
RANGES: Final = MONEY | {"company_size"}
_FORMULA: Final = re.compile(r"=\"([^\"]*)\"|'(?=\d)")
_DATE: Final = re.compile(r"(?:(\d{1,2})[- /])?([^\W\d_]{3,9})(?:[- /](\d{1,4}))?(?: 0:00:00)?")
# "2026-10-02", "02.10.2026", "10/2/26", "10月2日"
_NUMERIC_DATE: Final = re.compile(
    r"(?P<y>\d{4})-(?P<a>\d\d?)-(?P<b>\d\d?)(?:[t ]0?0:00(?::00)?)?"
    r"|(?P<c>\d\d?)(?P<s>[./])(?P<d>\d\d?)(?P=s)(?P<z>\d{2}|\d{4})"
    r"|(?P<m>\d\d?)月(?P<n>\d\d?)日"
)
# January first; folded, without points.
_MONTHS: Final = (
    "jan|january|januar|janv|janvier|ene|enero|gen|gennaio|styczen|sty|led",
    "feb|february|februar|fev|fevr|fevrier|febrero|febbraio|lut|helmi|uno",
    "mar|march|marz|mars|maart|mrt|marzo|marco|brz|maalis|bre",
    "apr|april|avr|avril|abr|abril|aprile|kwi|huhti|dub",
    "may|mai|mayo|maio|mag|maggio|maj|mei|touko|kve",
    "jun|june|juni|juin|junio|junho|giu|giugno|cze|kesa|cvn|czerwiec",
    "jul|july|juli|juil|juillet|julio|julho|lug|luglio|lip|heina|cvc",
    "aug|august|aout|ago|agosto|augustus|augusti|sie|elo|srp",
    "sep|sept|september|septembre|septiembre|set|setembro|settembre|wrz|syys|zar",
    "oct|october|okt|oktober|octobre|octubre|out|outubro|ott|ottobre|paz|loka|rij",
    "nov|november|novembre|noviembre|novembro|lis|marras",
    "dec|december|dez|dezember|decembre|dic|diciembre|dezembro|dicembre|gru|joulu|pro|des|desember",
)
REACHES: Final = "holds somebody's email address, handle or number"
_REACHES: Final = re.compile(r"\[(?:email|handle|number)\]")
ORDERS: Final = "reads like instructions to whoever scores leads, not like a value"
TITLES: Final[Mapping[str, str]] = {
    "industry": "Industry",
    "company_size": "Company size",
    "revenue_range": "Revenue range",
    "location": "Geographic location",
    "technologies": "Technology stack",
    "budget_range": "Budget range",
}


@dataclass(frozen=True, slots=True)
class ProfileFile:
    """What a file holds: its good rows, and one line per problem in the others."""

    clients: tuple[IdealClient, ...]
    problems: tuple[str, ...]
    rows: int


def read_profile(
    content: bytes,
    chosen: Mapping[str, str] = NOTHING,
    rates: Mapping[str, float] = NOTHING,
) -> ProfileFile:
    """Parse a whole file. `chosen`: by field the title of its column, as a person said where ours
    are not known, "" for a field that the file does not have. `rates`: the portal's own, of
    currencies.

    Raises UnmatchedColumns for a table without one of the six columns, BadInput for no table.
    """
    rows = read_rows(content, partial(_known_titles, chosen=chosen))
    if not rows:
        raise BadInput("the file is empty")
    header = rows[0].cells
    columns = _columns(header, chosen, rows[1 : PREVIEW_ROWS + 1])
    units = {place: unit_of(header[place]) for field, place in columns.items() if field in MONEY}
    clients: list[IdealClient] = []
    problems: list[str] = []
    body = rows[1:]
    if len(body) > ROWS_MAX:
        raise BadInput(f"the file has {len(body):,} rows; at most {ROWS_MAX:,} are read")
    seen: dict[str, int] = {}
    for row in body:
        if not row.problem and not any(cell.strip() for cell in row.cells):
            continue
        cells = _padded(row.cells, len(header))
        wrong = _row_problems(row, cells, header)
        client = None if wrong else _client(cells, columns, header, row.number, units, rates, wrong)
        if client is not None and seen.setdefault(client.client_id, row.number) != row.number:
            first = seen[client.client_id]
            wrong.append(f"row {row.number}: has the id {client.client_id!r} of row {first}")
        elif client is not None:
            clients.append(client)
        problems += wrong
    if not clients and not problems:
        raise BadInput("the file has a header but no row")
    return ProfileFile(tuple(clients), tuple(problems), len(clients) + _bad_rows(problems))


def refuse(problems: Sequence[str]) -> BadInput:
    """The error that names every wrong row and column."""
    shown = list(problems[:SHOWN_PROBLEMS])
    if len(problems) > SHOWN_PROBLEMS:
        shown.append(f"… and {len(problems) - SHOWN_PROBLEMS} more")
    return BadInput(
        "nothing was imported:\n  "
        + "\n  ".join(shown)
        + "\nMend these rows, or import the others with --skip-invalid.",
        problems=tuple(problems),
    )


def spelled_titles(chosen: Mapping[str, str]) -> dict[str, str]:
    """The same choice with titles as they are compared and kept; fields that are none left out."""
    return {f: _spelled(title) for f, title in chosen.items() if f in {*PROFILE_FIELDS, *OPTIONAL}}


def _field_of(title: str, by_title: Mapping[str, str]) -> str | None:
    spelled = _spelled(title)
    return by_title.get(spelled) or HEADERS.get(spelled) if spelled else None


def _known_titles(cells: Sequence[str], chosen: Mapping[str, str]) -> int:
    """How many of the six columns a row has titles of."""
    by_title = {title: field for field, title in spelled_titles(chosen).items() if title}
    return len({_field_of(cell, by_title) for cell in cells} & {*PROFILE_FIELDS})


def _columns(
    header: Sequence[str], chosen: Mapping[str, str], first: Sequence[Row]
) -> dict[str, int]:
    titles = spelled_titles(chosen)
    by_title = {title: field for field, title in titles.items() if title}
    named = {by_title[spelled] for title in header if (spelled := _spelled(title)) in by_title}
    found: dict[str, int] = {}
    for place, title in enumerate(header):
        field = _field_of(title, by_title)
        if field in named and _spelled(title) != titles[field]:
            continue  # a person has named another column for it
        if field is None or (field in found and field in OPTIONAL):
            continue
        if field in found:
            raise BadInput(
                f"columns {header[found[field]]!r} and {title!r} both mean {field}: keep one"
            )
        found[field] = place
    fields = tuple(f for f in PROFILE_FIELDS if f not in found and titles.get(f) != "")
    if fields:
        missing = [TITLES[field] for field in fields]
        raise UnmatchedColumns(
            f"the file lacks the column{'s' if len(missing) > 1 else ''} {', '.join(missing)}; "
            f"it has {', '.join(repr(t.strip()[:40]) for t in header[:20])}",
            missing=fields,
            columns={
                title.strip()[:TITLE_MAX]: _examples(first, place)
                for place, title in enumerate(header[:COLUMNS_MAX])
                if title.strip() and place not in found.values()
            },
        )
    return found


def _examples(rows: Sequence[Row], place: int) -> tuple[str, ...]:
    cells = [row.cells[place].strip()[:EXAMPLE_MAX] for row in rows if place < len(row.cells)]
    return tuple(dict.fromkeys(cell for cell in cells if cell))[:EXAMPLES]


def _padded(cells: Sequence[str], width: int) -> list[str]:
    """As many cells as there are titles: empty ones at the end are left out or added by programs.
    A formula that stands for text (`="51-200"`) is the text."""
    kept = [_FORMULA.sub(r"\1", cell.strip()) for cell in cells]
    while len(kept) > width and not kept[-1]:
        kept.pop()
    return kept + [""] * (width - len(kept))


def _row_problems(row: Row, cells: Sequence[str], header: Sequence[str]) -> list[str]:
    if row.problem:
        return [f"row {row.number}: {row.problem}"]
    if len(cells) != len(header):
        return [f"row {row.number}: has {len(cells)} cells, the header has {len(header)}"]
    return [
        f"row {row.number}, column {title!r}: longer than {CELL_MAX} characters"
        for title, cell in zip(header, cells, strict=True)
        if len(cell) > CELL_MAX
    ]


def _as_date(text: str) -> str:
    """What is wrong with a cell that a spreadsheet took for a date, "" when it is none."""
    numeric = _NUMERIC_DATE.fullmatch(text[:40].strip().casefold())
    if numeric is not None:
        small, large, *years = _day_and_month(numeric)
        month_of_year = small == 1 and years
        return _made_of(large, years[0] % 100) if month_of_year else _made_of(small, large)
    found = _DATE.fullmatch(folded(text[:40]).replace(".", ""))
    if found is None:
        return ""
    day, word, year = found.groups()
    month = next((n for n, names in enumerate(_MONTHS, 1) if word in names.split("|")), 0)
    if not month:
        return ""
    first = day in (None, "1", "01")  # of a month and a year only
    low, high = (str(month), (year or "")[-2:]) if first else (day or "", str(month))
    return _made_of(int(low), int(high or 0))


def _day_and_month(found: re.Match[str]) -> list[int]:
    """The two in order of size, and the year where there is one."""
    parts = found.groupdict()
    pair = sorted(int(parts[name]) for name in "abcdmn" if parts[name])
    return [*pair, *(int(parts[name]) for name in "yz" if parts[name])]


def _made_of(low: int, high: int) -> str:
    likely = f"{low}-{high}" if low < high else "11-50"
    return (
        "is a date that a spreadsheet made of a range: format the column as text and write "
        f"the range again, e.g. {likely}"
    )


def _client(
    cells: Sequence[str],
    columns: Mapping[str, int],
    header: Sequence[str],
    number: int,
    units: Mapping[int, str],
    rates: Mapping[str, float],
    wrong: list[str],
) -> IdealClient | None:
    values: dict[str, Any] = {}
    for field in columns.keys() & {*PROFILE_FIELDS}:
        place = columns[field]
        if suspected(cells[place]):
            wrong.append(f"row {number}, column {header[place]!r}: {ORDERS}")
            continue
        if field in OPEN_FIELDS and _REACHES.search(redact.personal(cells[place])):
            wrong.append(f"row {number}, column {header[place]!r}: {REACHES}")
            continue
        dated = _as_date(cells[place]) if field in RANGES else ""
        if dated:
            shown = cells[place].strip()[:40]
            wrong.append(f"row {number}, column {header[place]!r}: {shown!r} {dated}")
            continue
        try:
            text = with_unit(cells[place], units.get(place, ""))
            values[field] = strict(field, text, row=number, column=header[place], rates=rates)
        except ValueError as error:
            wrong.append(str(error))
    if wrong:
        return None
    if not any(values.values()):
        wrong.append(f"row {number}: all six fields are empty")
        return None
    for field in ("name", "description"):
        text = cells[columns[field]].strip() if field in columns else ""
        values[field] = without_instructions(text)
    given_id = cells[columns["client_id"]].strip() if "client_id" in columns else ""
    tags = cells[columns["tags"]] if "tags" in columns else ""
    split = [tag.strip() for tag in re.split(r"[;,|]", tags)] if not suspected(tags) else []
    values["tags"] = tuple(tag for tag in split if tag)
    return IdealClient(client_id=given_id[:64] or f"row-{number}", **values)


def _bad_rows(problems: Sequence[str]) -> int:
    return len({problem.split(",")[0].split(":")[0] for problem in problems})
