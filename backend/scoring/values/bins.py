"""Canonical values of the six profile fields, from messy text and numbers.

The CSV import of ideal clients and the facts read from HubSpot go through the same parsers, so
that "50-200" in a file and 120 employees in a portal meet in one bin. Unknown is "" (or the empty
tuple), never a guess; `strict` says what is wrong for the import of a file.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from backend.model import NOTHING
from backend.scoring.values.amounts import Range, parse_amount, parse_money, parse_range
from backend.scoring.values.folding import folded
from backend.scoring.values.industries import industry_key
from backend.scoring.values.no_answer import is_no_answer
from backend.scoring.values.places import location_key
from backend.scoring.values.technologies import technology, technology_names

# Upper edges, included, and names in order. Sizes are those HubSpot and LinkedIn show.
COMPANY_SIZES: Final = (
    (10, "1-10"),
    (50, "11-50"),
    (200, "51-200"),
    (500, "201-500"),
    (1_000, "501-1000"),
    (5_000, "1001-5000"),
    (10_000, "5001-10000"),
    (float("inf"), "10000+"),
)
REVENUE_RANGES: Final = (
    (1e6, "under 1M"),
    (1e7, "1M-10M"),
    (5e7, "10M-50M"),
    (1e8, "50M-100M"),
    (5e8, "100M-500M"),
    (1e9, "500M-1B"),
    (float("inf"), "1B+"),
)
BUDGET_RANGES: Final = (
    (1e3, "under 1k"),
    (5e3, "1k-5k"),
    (1e4, "5k-10k"),
    (5e4, "10k-50k"),
    (1e5, "50k-100k"),
    (5e5, "100k-500k"),
    (1e6, "500k-1M"),
    (float("inf"), "1M+"),
)

_SIZE_WORDS: Final = {
    word: size
    for size, line in {
        "1-10": "tiny|micro|solo|freelancer|freelance|self-employed|self employed|selfemployed|"
        "startup|start-up|sole trader|sole proprietor|sole proprietorship|solopreneur|just me|"
        "only me|myself only|one person|selbststandig|selbstandig|einzelunternehmer|"
        "einzelunternehmen|freiberufler|freiberuflich|independant|auto-entrepreneur|autonomo|"
        "autonomo/a|por cuenta propia|autonoma|libero professionista|lavoratore autonomo|zzp|zzper|"
        "zelfstandige|egenforetagare|enkeltmandsvirksomhed|selvstendig|selvstaendig|yrittaja|"
        "samozatrudniony|osvc|個人事業主|フリーランス|自営業|个体户|自由职业|自雇|자영업|프리랜서",
        "11-50": "small|klein|kleinunternehmen|petite entreprise|pequena|pequena empresa|piccola|"
        "piccola impresa|kleinbetrieb",
        "51-200": "smb|sme|kmu|pme|pyme|pmi|mkb|medium|mid|midsize|mid-size|mid-sized|midsized|"
        "mittel|mittelstand|mittelstandisch|medium-sized|mediana|mediana empresa",
        "501-1000": "mid-market|mid market|midmarket",
        "1001-5000": "large|big|gross|grossunternehmen|grande|grande entreprise|gran empresa",
        "10000+": "enterprise|corporate|konzern",
    }.items()
    for word in line.split("|")
}
LABEL_MAX: Final = 60  # characters of a word for a size
LEAST: Final = 0.5  # a range that ends below says nothing: zero employees, no revenue
TOKENS_MAX: Final = 40  # technologies of one company
TOKEN_LENGTH_MAX: Final = 40  # characters


def industry(text: str) -> str:
    """`COMPUTER_SOFTWARE`, "Computer Software" and "SaaS" are "computer software"."""
    return "" if is_no_answer(text) else industry_key(text)


def company_size(text: str) -> str:
    """`50-200`, `1,000+`, `11–50 employees`, `120` or "medium" → one of `COMPANY_SIZES`."""
    if is_no_answer(text):
        return ""
    word = folded(text[:LABEL_MAX]).removesuffix(" company").removesuffix(" business")
    found = parse_range(text)
    return _SIZE_WORDS.get(word) or _bin((found,) if found else (), COMPANY_SIZES)


def revenue_range(text: str, rates: Mapping[str, float] = NOTHING) -> str:
    """`$1M-$10M`, `10000000`, `>€50M` → one of `REVENUE_RANGES`, by the geometric middle. Revenue a
    month counts twelve times."""
    if is_no_answer(text):
        return ""
    amount = parse_amount(text)
    times = 12.0 if amount and amount.monthly else 1.0
    found = [Range(r.low * times, r.high * times) for r in parse_money(text, rates)]
    return _bin(found, REVENUE_RANGES)


def budget_range(text: str, rates: Mapping[str, float] = NOTHING) -> str:
    """`€5k-€10k`, `20000`, `500k+` → one of `BUDGET_RANGES`, by the geometric middle."""
    return "" if is_no_answer(text) else _bin(parse_money(text, rates), BUDGET_RANGES)


def location(text: str) -> str:
    """A country ("germany") or a region ("europe", "americas-europe"); "" when neither.

    "Austin, TX" and "Austin, Texas, USA" are "united states"; two countries are none.
    """
    return "" if is_no_answer(text) else location_key(text)


def technologies(text: str) -> tuple[str, ...]:
    """Lower-case tokens, split at `;`, `,`, `|` and `/`, sorted, each once."""
    if is_no_answer(text):
        return ()
    plain = unicodedata.normalize("NFKC", text[:20_000])
    tokens = {_token(part) for part in technology_names(plain)} - {""}
    return tuple(sorted(tokens)[:TOKENS_MAX])


_PARSERS: Final[Mapping[str, Callable[[str], str | tuple[str, ...]]]] = {
    "industry": industry,
    "company_size": company_size,
    "location": location,
    "technologies": technologies,
}
_MONEY: Final = {"revenue_range": revenue_range, "budget_range": budget_range}
_WRONG: Final = {
    "industry": "is not an industry; write a name, e.g. Computer Software",
    "company_size": "is not a number of employees; write e.g. 50-200, 1,000+ or medium",
    "revenue_range": "is not a range; write e.g. $1M-$10M",
    "location": "is not a country or region; write e.g. Germany, DE or Europe",
    "technologies": "holds no technology; write e.g. Python;AWS;React",
    "budget_range": "is not a range; write e.g. $10k-$50k",
}


def parse(field: str, text: str, rates: Mapping[str, float] = NOTHING) -> str | tuple[str, ...]:
    """The canonical value of one of `PROFILE_FIELDS`; "" or () when unknown. `rates` as in
    `amounts.parse_money`."""
    return _MONEY[field](text, rates) if field in _MONEY else _PARSERS[field](text)


def strict(
    field: str, text: str, *, row: int, column: str, rates: Mapping[str, float] = NOTHING
) -> str | tuple[str, ...]:
    """As `parse`, for a file: an empty cell is unknown, an unreadable one raises ValueError.

    The message names row, column, value and cure:
    "row 7, column 'Revenue range': 'abc' is not a range; write e.g. $1M-$10M".
    """
    value = parse(field, text, rates)
    if value or is_no_answer(text):
        return value
    shown = text.strip() if len(text) <= 40 else text.strip()[:39] + "…"
    raise ValueError(f"row {row}, column {column!r}: {shown!r} {_WRONG[field]}")


def _bin(ranges: Sequence[Range], edges: tuple[tuple[float, str], ...]) -> str:
    """The bin that all readings of a text fall in; "" where they differ, or are nothing."""
    middles = [found.middle for found in ranges if found.high >= LEAST]
    names = {next(name for edge, name in edges if m <= edge) for m in middles if m > 0}
    return names.pop() if len(names) == 1 else ""


def _token(part: str) -> str:
    token = technology(part)
    if len(token) > TOKEN_LENGTH_MAX or not any(c.isalnum() for c in token):
        return ""
    return "" if is_no_answer(token) else token
