"""Numbers and ranges as people write them: `$1M-$10M`, `1,000+`, `11-50 Mitarbeiter`, `<50`.

A text is cut into numbers and the words of `amount_words`; one word that is not there makes the
whole unknown, and so does a number that two countries read differently ("1.250 M€").
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf, isfinite, sqrt
from typing import Final

from backend.model import NOTHING
from backend.scoring.values import amount_words as words
from backend.scoring.values.folding import folded

OPEN_UP: Final = 3.0  # "1,000+" stands for 1,000 to 3,000: most such firms are near the edge
OPEN_DOWN: Final = 0.2  # "<50" stands for 10 to 50
LONGEST: Final = 80  # characters; longer text is prose
PHRASE_MAX: Final = 4  # words
# A currency worth so many dollars counts as the dollar: ranges are wider than the difference, and a
# portal's own plain numbers are in such a currency.
NEAR_DOLLAR: Final = (0.7, 1.5)
_TERM = re.compile(
    r"\d{1,24}(?:[.,]\d{1,24}| \d{3}(?!\d)){0,12}(?:e\+?\d{1,3}(?![\da-z]))?"
    r"|[a-z]{0,3}\$|[<>]=?|(?:[^\W\d_]|[\u0e31-\u0e4e])+|\S"
)
_GROUPS = {
    ",": re.compile(r"[1-9]\d{0,2}(?:,\d{3}){1,8}|[1-9]\d?(?:,\d{2}){1,8},\d{3}"),
    ".": re.compile(r"[1-9]\d{0,2}(?:\.\d{3}){1,8}"),
    " ": re.compile(r"[1-9]\d{0,2}(?: \d{3}){1,8}"),
}
_INTERVAL = re.compile(r"[\[(] ?(\d{1,9}) ?, ?(\d{0,9}) ?[\])]")
_NO_CENTS = re.compile(r"(?<=\d)[.,:]-{1,2}(?!\d)")  # "10.000,-"
# A loss, as accountants write it: "(500)", "($5m)", "(1.234,50 €)".
_LOSS = re.compile(r"[$€£]?\([^\w+<>≤≥]{0,4}\d[\d.,]{0,30}(?: ?(?:[a-z]{1,3}|[^\w+]))?\)")
_THOUSANDS = re.compile(r"'?\b000'?s?\b|x ?(?:€ ?)?1[., ]?000\b")  # of a title: "Revenue ($000)"
_DASHES = str.maketrans("〜～", "--")
_YEAR = re.compile(r"(?:19|20)\d\d")

_PHRASES: Final = frozenset().union(
    words.WITH_POINT,
    words.WITH_COMMA,
    words.BY_CURRENCY,
    words.CURRENCIES,
    words.BETWEEN,
    words.BEFORE_TWO,
    words.OVER,
    words.UNDER,
    words.AFTER_OVER,
    words.AFTER_UNDER,
    words.ABOUT,
    words.MONTHLY,
    words.NOISE,
)
_SILENT: Final = frozenset().union(words.NOISE, words.MONTHLY, words.CURRENCIES)
_MONEY: Final = frozenset().union(
    words.CURRENCIES, words.WITH_POINT, words.WITH_COMMA, words.BY_CURRENCY
)


@dataclass(frozen=True, slots=True)
class Range:
    """From `low` to `high`, both included; `high` may be infinite."""

    low: float
    high: float

    @property
    def middle(self) -> float:
        """The geometric middle, which is where a range on a log scale has its centre. A low end of
        at most one is none: "0-50", "1-50" and "<50" are the same."""
        if self.low == self.high:
            return self.low
        low = self.low if self.low > 1 else self.high * OPEN_DOWN
        high = self.high if isfinite(self.high) else low * OPEN_UP
        return sqrt(low) * sqrt(high)


@dataclass(frozen=True, slots=True)
class Amount:
    """What a text says: a range, the currencies it may be in (none named: none), and whether it is
    per month."""

    range: Range
    currencies: tuple[str, ...] = ()
    monthly: bool = False


@dataclass(frozen=True, slots=True)
class _Number:
    digits: str
    unit: str
    plus: bool


def parse_range(text: str) -> Range | None:
    """The range or number of things that `text` is; None when it is anything else, or money."""
    amount = parse_amount(text)
    return None if amount is None or amount.currencies or amount.monthly else amount.range


def parse_money(text: str, rates: Mapping[str, float] = NOTHING) -> tuple[Range, ...]:
    """The range in dollars for each currency that the text may be in; () when it is no amount, or
    one currency has no rate. An amount without a currency is taken as it is. `rates`: a portal's
    own, dollars for one unit by code, before those of the table."""
    amount = parse_amount(text)
    if amount is None:
        return ()
    if not amount.currencies:
        return (amount.range,)
    worth = [rates.get(code) or _in_dollars(code) for code in amount.currencies]
    if not all(worth):
        return ()
    return tuple(Range(amount.range.low * one, amount.range.high * one) for one in worth)


def parse_amount(text: str) -> Amount | None:
    """Number or range with what stands around it; None when any part of it is not understood."""
    plain = _plain(text)
    interval = _INTERVAL.fullmatch(plain)
    if interval:
        low, high = interval.groups()
        return _ordered(float(low), float(high) if high else inf)
    terms = _terms(plain)
    if terms is None:
        return None
    currencies = _currency(terms)
    if currencies is None:
        return None
    monthly = any(term in words.MONTHLY for term in terms)
    found = _range(terms, currencies)
    return Amount(found, currencies, monthly) if found else None


def unit_of(title: str) -> str:
    """The currency and multiplier that a column's title names: "mio €" in "Umsatz (Mio. €)", "k $"
    in "Revenue ($000)". At the end and without brackets a currency has to be there: "Budget k€"."""
    plain, thousands = _THOUSANDS.subn(" k ", title[:LONGEST])
    plain = folded(plain).replace(".", " ")
    inside = re.search(r"[(\[]([^()\[\]]{1,30})[)\]]", plain)
    before, _, tail = re.sub(r"\b(?:in|en|em)\b", "|", plain).rpartition("|")
    if inside or before:
        return " ".join(part for part in _parts(inside[1] if inside else tail) if part in _MONEY)
    parts = _parts(plain)
    last = next((n for n, part in enumerate(reversed(parts)) if part not in _MONEY), len(parts))
    found = parts[len(parts) - last :]
    return " ".join(found) if thousands or any(map(_is_sign, found)) else ""


def is_unit_word(word: str) -> bool:
    """Whether a folded word of a title is a currency or a multiplier, or both: "teur"."""
    return all(part in _MONEY for part in _parts(word))


def _is_sign(part: str) -> bool:
    """A currency's code or sign; its name may be another word: "Presupuesto real"."""
    return part.upper() in words.CODES or (part in words.CURRENCIES and not part.isalpha())


def with_unit(cell: str, unit: str) -> str:
    """The cell with its column's unit, where it names no currency and no multiplier of its own."""
    own = any(c.isalpha() or c in "$€£¥₹" for c in cell)
    return cell if own or not unit or not _has_digit(cell) else f"{cell} {unit}"


def _in_dollars(code: str) -> float:
    """What one unit is worth in dollars; 0 where that is not known."""
    if code not in words.PER_EURO:
        return 0.0
    worth = words.PER_EURO["USD"] / words.PER_EURO[code]
    return 1.0 if NEAR_DOLLAR[0] <= worth <= NEAR_DOLLAR[1] else worth


def _plain(text: str) -> str:
    """Folded, one kind of dash, brackets gone where they hold no second number."""
    if not text or len(text) > LONGEST:
        return ""
    text = re.sub(r"(?<=\d)['’‘`´](?=\d{1,2}(?!\d))", "?", text)  # 6'2 is no number
    plain = re.sub(r"[‐-―−〜_]|\.{2,3}", "-", folded(text.translate(_DASHES)))
    if _LOSS.fullmatch(plain):
        return ""
    plain = _NO_CENTS.sub("", plain)
    if _INTERVAL.fullmatch(plain):
        return plain
    before, opened, rest = plain.partition("(")
    inside, _, after = rest.partition(")")
    outside = f"{before} {after}"
    if not opened:
        outside, inside = plain, ""
    if not _has_digit(outside):
        # "Small (1-50)", "Revenue: 1-5M"
        limits = words.OVER | words.UNDER
        return inside if _has_digit(inside) and not limits & {*outside.split()} else ""
    if _has_digit(inside) and not _YEAR.fullmatch(inside):
        return ""
    kept = " ".join(word for word in inside.split() if word in words.CURRENCIES)
    label, colon, value = outside.partition(":")
    return f"{value if colon and not _has_digit(label) else outside} {kept}".strip()


def _has_digit(text: str) -> bool:
    return any(c.isdigit() for c in text)


def _terms(plain: str) -> list[str] | None:
    """Numbers and known phrases in order, the longest that fit; None when something is neither."""
    parts = _parts(plain)
    terms: list[str] = []
    place = 0
    while place < len(parts):
        if parts[place][0].isdigit():
            terms.append(parts[place])
            place += 1
            continue
        for length in range(min(PHRASE_MAX, len(parts) - place), 0, -1):
            phrase = " ".join(parts[place : place + length])
            joined = phrase if phrase in _PHRASES else re.sub(r" ?/ ", "/", phrase)
            if joined in _PHRASES:
                terms.append(joined)
                place += length
                break
        else:
            return None
    return terms


def _parts(plain: str) -> list[str]:
    return [part for found in _TERM.findall(plain) for part in _apart(found)]


def _apart(run: str) -> Sequence[str]:
    """A run of letters as known words: "meur" is "m" and "eur", "万円" is "万", "円"."""
    if run in _PHRASES or run[0].isdigit() or len(run) == 1:
        return (run,)
    for cut in range(1, len(run)):
        if {run[:cut], run[cut:]} <= _MONEY and (
            run[:cut] in words.CURRENCIES or run[cut:] in words.CURRENCIES
        ):
            return (run[:cut], run[cut:])
    if run.isascii():
        return (run,)
    parts: list[str] = []
    place = 0
    while place < len(run):
        ends = (end for end in range(len(run), place, -1) if run[place:end] in _PHRASES)
        end = next(ends, len(run))
        parts.append(run[place:end])
        place = end
    return parts


def _currency(terms: Sequence[str]) -> tuple[str, ...] | None:
    """The currencies that all names in the text agree on; None when there is none such."""
    named = [set(words.CURRENCIES[term]) for term in terms if term in words.CURRENCIES]
    if not named:
        return ()
    dollars = [names for names in named if names != {"USD"}]
    agreed = set.intersection(*(dollars if dollars and "$" in terms else named))
    return tuple(sorted(agreed)) or None


def _range(terms: Sequence[str], currencies: tuple[str, ...]) -> Range | None:
    terms = _unit_last(terms)
    at = [place for place, term in enumerate(terms) if term[0].isdigit()]
    if not 1 <= len(at) <= 2:
        return None
    numbers: list[_Number] = []
    around: list[list[str]] = [[]]
    for place, term in enumerate(terms):
        if place in at:
            numbers.append(_Number(term, "", plus=False))
            around.append([])
        elif len(around) > 1 and not around[-1] and _is_unit(term, currencies):
            last = numbers[-1]
            if last.unit:
                return None
            numbers[-1] = _Number(last.digits, term, last.plus)
        elif term == "+" and len(around) > 1 and not around[-1] and not numbers[-1].plus:
            numbers[-1] = _Number(numbers[-1].digits, numbers[-1].unit, plus=True)
        elif term not in _SILENT or _says(term):
            around[-1].append(term)
    trillion = terms[0] in words.CURRENCIES
    values = [_value(number, currencies, trillion) for number in numbers]
    if len(numbers) == 1:
        return _one(values[0], numbers[0], *around)
    return _two(numbers, currencies, trillion, around)


def _unit_last(terms: Sequence[str]) -> Sequence[str]:
    """ "TEUR 250" as "250 TEUR"."""
    lead = next((place for place, term in enumerate(terms) if term[0].isdigit()), 0)
    units = [term for term in terms[:lead] if term in words.BY_CURRENCY or _multiplies(term)]
    money = any(term in words.CURRENCIES or term in words.BY_CURRENCY for term in terms)
    if not money:  # "B. 11-50" is an item of a list
        return terms
    if len(units) != 1 or any(_multiplies(term) for term in terms[lead:]):
        return terms
    last = max(place for place, term in enumerate(terms) if term[0].isdigit()) + 1
    rest = [term for term in terms[:last] if term != units[0]]
    return [*rest, units[0], *terms[last:]]


def _multiplies(term: str) -> bool:
    return term in words.WITH_POINT or term in words.WITH_COMMA


def _is_unit(term: str, currencies: tuple[str, ...]) -> bool:
    if term == "e":  # "and" in Italian and Portuguese
        return "HUF" in currencies
    return _multiplies(term) or term in words.BY_CURRENCY


def _says(term: str) -> bool:
    return term in words.BETWEEN or term in words.OVER or term in words.UNDER


def _one(
    value: float | None, number: _Number, before: Sequence[str], after: Sequence[str]
) -> Range | None:
    if value is None:
        return None
    lead = [t for t in before if t not in words.ABOUT]
    tail = [t for t in after if t not in words.ABOUT]
    if len(lead) > 1 or len(tail) > 1:
        return None
    over = [t in words.OVER for t in lead] + [t in words.AFTER_OVER for t in tail]
    under = [t in words.UNDER for t in lead] + [t in words.AFTER_UNDER for t in tail]
    if number.plus:
        over.append(True)
        under.append(False)
    if not over:
        return Range(value, value)
    if all(over):
        return Range(value, inf)
    return Range(0.0, value) if all(under) else None


def _two(
    numbers: Sequence[_Number],
    currencies: tuple[str, ...],
    trillion: bool,
    around: Sequence[Sequence[str]],
) -> Range | None:
    before, between, after = around
    lead = [t for t in before if t not in words.BEFORE_TWO and t not in words.ABOUT]
    middle = [t for t in between if t in words.BETWEEN or t not in words.ABOUT]
    if lead or len(middle) != 1 or middle[0] not in words.BETWEEN:
        return None
    if any(t not in words.ABOUT for t in after) or any(number.plus for number in numbers):
        return None
    first, last = numbers
    high = _value(last, currencies, trillion)
    low = _value(_Number(first.digits, first.unit or last.unit, plus=False), currencies, trillion)
    if low is not None and high is not None and low > high and not first.unit:
        low = _value(first, currencies, trillion)  # "500-1M": the unit belongs to the second only
    return None if low is None or high is None or low > high else Range(low, high)


def _ordered(low: float, high: float) -> Amount | None:
    return Amount(Range(low, high)) if low <= high else None


def _value(number: _Number, currencies: tuple[str, ...], trillion: bool) -> float | None:
    """The number; None where the unit or the separators can be read in two ways."""
    unit = number.unit
    times = 1.0
    if unit:
        meanings = {_times(unit, code, trillion) for code in currencies or ("",)}
        if len(meanings) != 1:
            return None
        found = meanings.pop()
        if found is None:
            return None
        times = found
    read = decimal(number.digits, _mark(unit, currencies))
    value = None if read is None else read * times
    return value if value is not None and isfinite(value) else None


def _times(unit: str, code: str, trillion: bool) -> float | None:
    if unit in words.BY_CURRENCY:
        if unit == "t" and trillion and code in {"USD", "GBP", "INR"}:
            return 1e12  # "$1.5T"
        return words.BY_CURRENCY[unit].get(code)
    return words.WITH_POINT.get(unit) or words.WITH_COMMA.get(unit)


def _mark(unit: str, currencies: tuple[str, ...]) -> str:
    """The decimal mark of the language that the unit is a word of: "." or ",", "?" for both; ""
    without a unit, where three digits after a separator are thousands."""
    if not unit:
        return ""
    if unit not in words.WITH_POINT:
        return ","
    return "." if all(code in words.POINT_CURRENCIES for code in currencies) else "?"


def decimal(digits: str, mark: str) -> float | None:
    """The number that digits with separators are, when "." or "," is the decimal mark. `mark` ""
    reads "1.250" and "1,250" as thousands, "?" as neither: None."""
    if "e" in digits:
        try:
            return float(digits if "." in digits else digits.replace(",", "."))
        except ValueError:
            return None
    present = [separator for separator in ".," if separator in digits]
    if " " in digits:
        whole, *rest = re.split(r"[.,]", digits)
        if not _GROUPS[" "].fullmatch(whole) or len(rest) > 1:
            return None
        return float(f"{whole.replace(' ', '')}.{rest[0] if rest else 0}")
    if len(present) == 2:
        point = "." if digits.rfind(".") > digits.rfind(",") else ","
        whole, _, part = digits.rpartition(point)
        grouping = "," if point == "." else "."
        if not _GROUPS[grouping].fullmatch(whole):
            return None
        return float(f"{whole.replace(grouping, '')}.{part}")
    if not present:
        return float(digits)
    return _one_separator(digits, present[0], mark)


def _one_separator(digits: str, separator: str, mark: str) -> float | None:
    grouped = bool(_GROUPS[separator].fullmatch(digits))
    plain = digits.replace(separator, "")
    if digits.count(separator) > 1:
        return float(plain) if grouped and mark != separator else None
    if grouped and mark == "?":
        return None
    if grouped and mark != separator:
        return float(plain)
    return float(digits.replace(separator, "."))
