"""Takes personal data and secrets out of free text before it is kept or sent.

A second line of defence: the first is that names, emails, phones and addresses are not among the
mirrored facts at all. Names that the portal knows are taken out by name; of others what gives them
away: greetings, signatures, "my name is", titles. docs/security.md says what is not caught, as
measured by `bench/redaction`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import Final

from backend.scoring.text.first_names import without_first_names
from backend.scoring.text.name_cues import without_cued_names
from backend.scoring.values.folding import folded

NAME: Final = "[name]"
_NAMES_MAX: Final = 16  # parts of names looked for: a text costs its length times their number …
_NAME_MAX: Final = 40  # … and characters of each
KNOWN_MIN: Final = 3  # letters of a name that is looked for among all of a portal's
CANDIDATES_MAX: Final = 400  # words of a text that are asked about

_AT_WORD: Final = "at|ät|arroba|arobase|chiocciola|małpa|apenstaartje|klammeraffe"
_DOT_WORD: Final = "dot|punkt|point|punto|ponto|punt|kropka"
_AT: Final = (
    rf"(?:\s{{0,2}}(?:@|＠|%40|&#64;|[(\[{{<]\s?(?i:@|a|{_AT_WORD})\s?[)\]}}>])\s{{0,2}}|"
    rf"\s{{1,2}}-?(?i:{_AT_WORD})-?\s{{1,2}})"
)
_DOT: Final = (
    rf"(?:\s{{0,2}}(?:[.．]|[(\[{{<]\s?(?i:\.|{_DOT_WORD})\s?[)\]}}>])\s{{0,2}}|"
    rf"\s{{1,2}}-?(?i:{_DOT_WORD})-?\s{{1,2}})"
)
_EMAIL: Final = re.compile(
    rf"(?<![\w.+%'-])[\w.+%'-]{{1,200}}(?:\s(?:dot|DOT)\s[\w-]{{1,30}}){{0,2}}{_AT}[\w-]{{1,63}}"
    rf"(?:{_DOT}[\w-]{{1,63}}){{0,4}}{_DOT}[A-Za-z]{{2,12}}\b"
)
_HANDLE: Final = re.compile(r"(?<![\w@＠./])[@＠]\w[\w.-]{1,39}")
_LINK: Final = re.compile(
    r"(?:https?|ftp|javascript|data|mailto|tel):\S{1,2000}|\bwww\.\S{1,2000}|"
    r"(?<![\w.-])[\w-]{1,63}(?:\.[\w-]{1,63}){0,3}\.(?:com|org|net|io|me|de|fr|es|it|pl|eu|uk|"
    r"ch|at|nl|be|pt|us|co|app|dev|ai|biz|info|xyz|gg|ly)/\S{1,2000}",
    re.IGNORECASE,
)
_IBAN: Final = re.compile(r"\b[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]{4}){2,7}(?:[ ]?[A-Z0-9]{1,4})?\b")
# Phone, card and account numbers: at least 7 digits with the usual separators.
_LONG_NUMBER: Final = re.compile(r"\+?\(?\d(?:[\s()./–-]{0,3}\d){6,24}")
# Numbers of documents, cars and customers: said to be one, or written as such ones are.
_DOCUMENT: Final = (
    r"passport|reisepass|ausweis\w{0,10}|personalausweis|id[ -]?card|id number|dni|nie|nif|cpf|"
    r"codice fiscale|bsn|pesel|ssn|social security|steuer-?id\w{0,8}|tax id|vat|ust-?id\w{0,4}|"
    r"licen[cs]e plate|number plate|plate|kennzeichen|matr[íi]cula|targa|plaque|immatriculation|"
    r"kenteken|rejestracja|customer (?:no|number|id)|kundennummer|passeport|pasaporte|passaporto|"
    r"passaporte|paspoort|paszport\w{0,3}|driver'?s licen[cs]e|führerschein\w{0,8}"
)
_SAID_NUMBER: Final = re.compile(
    rf"\b((?:{_DOCUMENT})\b[^\w\n]{{0,3}}(?:(?:no|nr|number|nummer|numéro|número|numero|is|ist|"
    rf"es|est|è|é)\b"
    r"[^\w\n]{0,3}){0,2})((?=[A-Z\d -]{0,20}\d)[A-Z\d][A-Z\d -]{3,20}[A-Z\d])",
    re.IGNORECASE,
)
_CODE_RUN: Final = re.compile(r"\b(?=[A-Z]{0,11}\d)(?=\d{0,11}[A-Z])[A-Z\d]{7,12}\b")
_PLATE: Final = re.compile(
    r"\b(?:[A-ZÄÖÜ]{1,3}-[A-Z]{1,2} ?\d{1,4}[EH]?|[A-Z]{2}[- ]\d{3}[- ][A-Z]{2}|"
    r"[A-Z]{2}-\d{2}-[A-Z]{2}|\d{2}-[A-Z]{2,3}-\d{1,2}|[A-Z]{2}\d{2} [A-Z]{3})\b"
)
# Runs that may be a secret or key; whether they are is said by what is in them.
_SECRET_RUN: Final = re.compile(r"(?<![\w.~+/=-])[\w.~+/=-]{20,}")
_KEY_RUN: Final = re.compile(r"(?<![\w-])[\w-]{20,}")
_LETTER: Final = re.compile(r"[A-Za-z]")
_DIGIT: Final = re.compile(r"\d")
_SEVEN_DIGITS: Final = re.compile(r"\d{7}")
_CAP: Final = r"[A-ZÀ-ÖØ-ÞŁŚŻŹĆ][\w'’.-]{0,40}"
_WORDS: Final = (
    r"(?:(?:de|du|des|la|le|les|l'|del|della|di|da|do|dos|van|den|der)\s{1,2}|"
    rf"{_CAP}\s{{1,2}}){{1,6}}"
)
_HOUSE: Final = r"\d{1,5}\s?[a-zA-Z]?\b"
_ADDRESS: Final = re.compile(
    # 221b Baker Hill Street; Baker Hill Street 221
    rf"\b\d{{1,5}}[a-z]?\s{{1,8}}(?:{_CAP}\s{{1,8}}){{1,4}}(?:Street|St|Avenue|Ave|Road|Rd|Lane|Ln|"
    r"Drive|Dr|Boulevard|Blvd|Way|Court|Ct|Square|Sq|Close|Terrace|Crescent|Parkway|Pkwy)\b\.?"
    rf"|\b(?:{_CAP}\s{{1,2}}){{1,3}}(?:Street|Avenue|Road|Lane|Drive|Boulevard|"
    rf"Square)\s{{1,2}}{_HOUSE}"
    # Hauptstraße 12, Berliner Straße 12, Am Markt 5
    r"|\b[A-ZÄÖÜ][\w.-]{0,40}(?:straße|strasse|str\.|weg|gasse|allee|platz|ring|damm|ufer|straat|"
    r"laan|"
    rf"gracht|plein|kade|dijk|singel)\s{{1,8}}{_HOUSE}"
    rf"|\b(?:{_CAP}\s)?(?:Straße|Strasse|Str\.|Allee|Platz|Weg|Ring)\s{{1,2}}{_HOUSE}"
    rf"|\b(?:Am|An der|Im|Zum|Zur|Unter den|Auf der)\s{_CAP}\s{_HOUSE}"
    # 12 bis, rue de Rivoli; Via Roma 5; Calle Mayor, 3; ul. Długa 10
    r"|\b\d{1,5}(?: bis| ter)?,?\s{1,2}(?:rue|avenue|av\.|boulevard|bd|place|allée|chemin|impasse|"
    rf"quai|cours)\s{{1,2}}(?:[\w'’-]{{1,30}}\s?){{1,5}}?(?=[,.\n]|\s\d|$)"
    r"|\b(?:[Cc]alle|[Cc]/|[Aa]venida|[Aa]vda?\.|[Pp]aseo|[Pp]laza|[Rr]ua|[Tt]ravessa|[Vv]ia|"
    r"[Vv]iale|"
    rf"[Pp]iazza|[Cc]orso|[Rr]ue|ul\.|al\.|pl\.|"
    rf"os\.)\s{{1,2}}{_WORDS}?,?\s{{0,2}}(?:n[º°.]{{0,2}}\s?)?{_HOUSE}"
    r"|\b(?:P\.?\s?O\.?\s?Box|Postfach|Apartado|Postbus|skr\. poczt\.)\s{1,2}\d{1,8}\b"
)
_UNITS: Final = (
    r"(?!(?:EUR|USD|GBP|CHF|Euros?|Dollars?|Pounds|Mitarbeiter\w{0,5}|Nutzer\w{0,2}|Kunden|Stück|"
    r"Lizenzen|Users?|Seats?|Leads?|Contacts|Employees|People|Licen[cs]es|Units|Artikel|Personen|"
    r"January|February|March|April|May|June|July|August|September|October|November|December)\b)"
)
_CITY: Final = (
    rf"{_UNITS}[A-ZÀ-ÖØ-ÞŁŚŻŹĆ][\w'’-]{{2,30}}"
    r"(?:[ -](?:am|an der|im|sur|upon|de|[A-Z][\w-]{2,20})){0,3}"
)
_POSTAL: Final = re.compile(
    rf"\b(?:(?:D|A|CH|B|L|NL|DK|F|I|E|PL)[- ])?\d{{5}}\s{{1,2}}{_CITY}"
    rf"|\b(?:A|CH|B|L|NL|DK)-\d{{4}}\s{{1,2}}{_CITY}"
    rf"|\b\d{{4}}\s?[A-Z]{{2}}\s{{1,2}}{_CITY}"  # 1012 AB Amsterdam
    rf"|(?:(?<=\[address\])|(?<=\[address\],)|(?<=\[address\], ))\s{{0,2}}\d{{4}}\s{{1,2}}{_CITY}"
    rf"|\b\d{{2}}-\d{{3}}\s{{1,2}}{_CITY}|\b\d{{4}}-\d{{3}}\s{{1,2}}{_CITY}"  # Warszawa, Lisboa
    rf"|"
    rf"\b(?:{_CAP}\s){{0,2}}{_CAP},\s{{1,2}}[A-Z]{{2}},?\s{{1,2}}\d{{5}}(?:-\d{{4}})?\b"
    r"|\b[A-Z]{1,2}\d[A-Z\d]?\s\d[A-Z]{2}\b|\b[A-Z]\d[A-Z]\s\d[A-Z]\d\b"  # SW1A 1AA, K1A 0B1
    rf"|\b\d{{3}}\s\d{{2}}\s{{1,2}}{_CITY}"  # 111 22 Stockholm
    r"|\bC\.?P\.?\s\d{4,5}\b|\b(?i:zip(?: code)?|post(?:al )?code|plz|postleitzahl|code postal|"
    r"código postal|kod pocztowy):?\s(?:\d{2}-\d{3}|\d{4,5})\b|\bCAP:?\s\d{5}\b"
)
_TWO_LETTERS: Final = {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "oe", "å": "aa"}
_WORD: Final = re.compile(r"[^\W\d_]+")
# "J. [name]", "[name] K.", "[name] [name]"
_TOGETHER: Final = re.compile(
    r"(?:\b[^\W\d_]\.\s?){0,2}\[name\](?:[ '’-]{1,2}\[name\]|\s[A-Z]\.(?!\w)){0,4}"
)
_INFLECTED: Final = (
    r"(?:['’]s|s['’]?|es|n|en|a|u|y|i|ie|em|om|ą|ę|owi|iem|in|ov[ái]|ow[aiej]{1,2})?"
)
_ENDINGS: Final = re.findall(r"\w+", "s es a u em owi ą ę y ie iem iej ami n en i")
# Names that are words first: alone they are left, beside another name they go.
COMMON: Final = frozenset(
    re.findall(
        r"\w+",
        "der die das den dem des van von zum zur und ist ein eine les des une aux del las los une "
        "dos das ter ten the and for not you our your all any can will may june april august mark "
        "bill grant price sales long best rich young page hope king sun art max pro white black "
        "green brown small short day week info hello contact office admin support team mail "
        "marketing service kontakt hallo bonjour hola ciao preis angebot kosten bestellen kaufen "
        "trial demo pilot budget quote order buy wir uns sie ich mein bitte danke please thanks "
        "dear company client customer question urgent today now test user data web shop store",
    )
)


def personal(text: str, names: Iterable[str] = (), known: Collection[str] = ()) -> str:
    """`text` without emails, handles, phone and account numbers, identifiers, addresses, what
    gives a person's name away, and the given names.

    `names`: of the lead itself, in any spelling and inflection, initials included. `known`: words
    of other people's names, folded, as `known_names` finds them for `candidates`.
    """
    text = _IBAN.sub("[number]", _HANDLE.sub("[handle]", _EMAIL.sub("[email]", text)))
    text = _KEY_RUN.sub(_without_key, text)  # before its digits are gone: nobody would know it then
    text = _SAID_NUMBER.sub(r"\1[number]", _PLATE.sub("[number]", text))
    # a house number and a postal code are short, so a phone number beside them goes first
    text = _ADDRESS.sub("[address]", _LONG_NUMBER.sub("[number]", text))
    text = _CODE_RUN.sub("[number]", _POSTAL.sub("[address]", text))
    text = _without_known(_without(text, names), known)
    return _TOGETHER.sub(NAME, without_first_names(without_cued_names(text)))


def outgoing(text: str, names: Iterable[str] = (), known: Collection[str] = ()) -> str:
    """`personal`, and without links and anything that looks like a token or key."""
    text = _LINK.sub("[link]", text)
    return _SECRET_RUN.sub(_without_secret, personal(text, names, known))


def candidates(text: str) -> set[str]:
    """Folded words of a text that could be a name, and what they could be inflected from."""
    found: set[str] = set()
    for word in _WORD.findall(text):
        if word[0].isupper() and len(found) < CANDIDATES_MAX:
            found.update(_bases(word.casefold()))
    return found


def _bases(word: str) -> set[str]:
    """A word and what is left of it without an ending; none shorter than a name."""
    cut = {word.removesuffix(ending) for ending in _ENDINGS}
    return {base for one in cut for base in (one, f"{one}a") if len(base) >= KNOWN_MIN} | (
        {word} if len(word) >= KNOWN_MIN else set()
    )


def _without_known(text: str, known: Collection[str]) -> str:
    if not known:
        return text
    spans = [m.span() for m in _WORD.finditer(text) if m.group()[0].isupper()]
    named = {s for s in spans if not _bases(text[slice(*s)].casefold()).isdisjoint(known)}
    sure = {s for s in named if text[slice(*s)].casefold() not in COMMON}
    beside = {
        s
        for s in named - sure
        if any(0 < s[0] - end <= 2 or 0 < begin - s[1] <= 2 for begin, end in named)
    }
    parts, last = [], 0
    for begin, end in sorted(sure | beside):
        parts += [text[last:begin], NAME]
        last = end
    return "".join([*parts, text[last:]])


def _without_key(run: re.Match[str]) -> str:
    is_key = _LETTER.search(run.group()) and _SEVEN_DIGITS.search(run.group())
    return "[code]" if is_key else run.group()


def _without_secret(run: re.Match[str]) -> str:
    is_secret = _LETTER.search(run.group()) and _DIGIT.search(run.group())
    return "[code]" if is_secret else run.group()


def _without(text: str, names: Iterable[str]) -> str:
    names = [name for name in names if name.strip()]
    parts = {part[:_NAME_MAX] for name in names for part in name.split() if len(part) > 1}
    if not parts:
        return text
    longest_first = sorted(parts, key=lambda part: (-len(part), part))[:_NAMES_MAX]
    forms = [_form(part) for part in longest_first] + [
        initials for name in names if (initials := _initials(name.split()))
    ]
    return re.sub(rf"(?<!\w)(?:{'|'.join(forms)})(?!\w)", NAME, text, flags=re.IGNORECASE)


def _form(part: str) -> str:
    """A part of a name and its inflections; of a short one only itself."""
    if len(part) <= KNOWN_MIN:
        return _spelled(part)
    form = rf"{_spelled(part)}{_INFLECTED}"
    if part[-1] in "aeo":
        form += rf"|{_spelled(part[:-1])}(?:y|ie|iej|ę|ą|i|u|em|om|in|n)"
    if part.endswith("ka"):
        form += rf"|{_spelled(part[:-2])}ce"
    return form


def _spelled(part: str) -> str:
    """A part of a name also without its accents ("Muller", "Mueller") and apostrophes."""
    return "".join(_letter(letter) for letter in part)


def _letter(letter: str) -> str:
    if letter in "'’":
        return "['’]?"
    plain = folded(letter)
    ways = dict.fromkeys((letter, _TWO_LETTERS.get(letter.casefold(), letter), plain or letter))
    return re.escape(letter) if len(ways) == 1 else f"(?:{'|'.join(map(re.escape, ways))})"


def _initials(parts: list[str]) -> str:
    """ "B.K." and "B. K." of Bruno Keller; never "BK", which may be anything."""
    if len(parts) < 2:
        return ""
    first, last = (re.escape(part[0]) for part in (parts[0], parts[-1]))
    return rf"{first}\.\s?{last}\.?"
