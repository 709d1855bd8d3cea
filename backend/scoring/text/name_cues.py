"""Names that a text itself gives away: greetings, signatures, titles, "my name is".

In the languages leads write in. Cues are words in front of a name; a name is one to four
capitalised words. Where no cue stands, a stranger's name is not found.
"""

from __future__ import annotations

import re
from typing import Final

_UP: Final = "A-ZÀ-ÖØ-ÞĀĂĄĆČĎĐĒĖĘĚĞĢĪİĶĽĻŁŃŇŅŐŒŘŚŞŠŤŢŪŮŰŹŻŽ"
_NAME_WORD: Final = rf"[{_UP}][\w'’.-]{{1,30}}"
_PARTICLE: Final = r"(?:van|von|de|der|den|del|della|di|da|dos|du|la|le|el|al|bin|ter|zu)"
_FULL: Final = rf"{_NAME_WORD}(?:[ -](?:{_PARTICLE} ){{0,2}}{_NAME_WORD}){{0,3}}"
_TITLES: Final = (
    r"Mrs?|Ms|Miss|Mx|Dr|Prof|Sir|Madam|Herrn?|Frau|Fr|Hr|M|Mme|Mlle|Monsieur|Madame|"
    r"Mademoiselle|Sra?|"
    r"Srta|Señora?|Don|Doña|Sig|Sig\.ra|Signora?|Dott|Dott\.ssa|Senhora?|Dona|Dhr|Mevr|Mevrouw|"
    r"Meneer|"
    r"Pan(?:i|a|ą|ią|u|em|owie)?|Ing|Dipl|"
    # as they are written inside a sentence
    r"monsieur|madame|mademoiselle|señora?|sra?|srta|signora?|sig|sig\.ra|dott|dott\.ssa|senhora?|"
    r"dhr|mevr|mevrouw|meneer|pan(?:i|a|ą|ią|u|em)"
)
_TITLED: Final = re.compile(rf"\b(?:{_TITLES})\.?\s(?:(?:{_TITLES})\.?\s){{0,2}}({_FULL})")
# Case counts: in front of a name that is a capitalised word.
_BEFORE: Final = (
    r"[Mm]y name is|[Tt]his is|I am|I'm|I’m|[Ii]ch bin|[Ii]ch heiße|[Mm]ein Name ist|[Hh]ier ist|"
    r"[Hh]ier spricht|[Jj]e m['’]appelle|[Jj]e suis|[Mm]on nom est|[Ii]ci|[Mm]e llamo|[Ss]oy|"
    r"[Mm]i nombre es|"
    r"[Mm]i chiamo|[Ss]ono|[Ii]l mio nome è|[Mm]e chamo|[Cc]hamo-me|[Ss]ou [oa]|[Mm]eu nome é|"
    r"[Ii]k ben|[Mm]ijn naam is|[Ii]k heet|[Nn]azywam się|[Jj]estem|[Mm]am na imię|"
    r"[Aa]sk for|[Ss]peak (?:to|with)|[Tt]alk(?:ed)? (?:to|with)|[Ss]poke (?:to|with)|[Cc]ontact|"
    r"[Ww]rite to|"
    r"[Rr]each|[Cc]all|[Mm]et(?: with)?|[Cc]c|[Aa]ttn\.?:?|[Aa]ttention:?|c/o|z\.\s?Hd\.|"
    r"[Cc]ontact (?:person|name)|[Aa]nsprechpartner(?:in)?|[Pp]ersonne à contacter|[Rr]esponsable:|"
    r"[Pp]ersona de contacto|[Rr]eferente:|[Pp]ersona di contatto|[Pp]essoa de contato|"
    r"[Cc]ontactpersoon|[Oo]soba (?:kontaktowa|do kontaktu)|Name:|From:|Von:|De la part de|"
    r"[Mm]y (?:boss|manager|colleague|assistant|husband|wife|partner|team lead|director)|"
    r"[Oo]ur (?:CEO|CTO|CFO|COO|CIO|founder|owner|director|manager|colleague|head of \w{2,20})|"
    r"(?:CEO|CTO|CFO|COO|CIO|[Ff]ounder|[Oo]wner|[Dd]irector|[Mm]anager|[Ii]nhaber(?:in)?|"
    r"Geschäftsführer(?:in)?|Leiter(?:in)?|[Dd]irecteur|[Dd]irectrice|[Gg]érante?|[Dd]irectora?|"
    r"[Dd]irettore|[Dd]irettrice|[Tt]itolare|[Gg]erente|[Pp]rezes|[Dd]yrektor)|"
    r"[Mm]ein(?:e)? (?:Chef(?:in)?|Kollege|Kollegin|Mann|Frau)|[Mm]einem Kollegen|"
    r"[Mm]einer Kollegin|"
    r"[Uu]nser(?:e|en)? (?:Chef(?:in)?|Kollege|Kollegin|Geschäftsführer(?:in)?)|[Ff]ragen Sie nach|"
    r"[Mm]on (?:patron|chef|collègue)|[Mm]a (?:collègue|cheffe)|[Nn]otre (?:directeur|directrice|"
    r"collègue)|"
    r"[Dd]emandez|[Mm]i (?:jefe|jefa|compañer[oa]|colega)|[Nn]uestr[oa] (?:director|directora|"
    r"compañer[oa])|"
    r"[Pp]regunte por|[Ii]l mio (?:capo|collega)|[Ll]a mia (?:collega)|[Cc]hied(?:a|i|ere|ete) di|"
    r"[Mm]eu (?:chefe|colega)|[Mm]inha (?:chefe|colega)|[Mm]ijn (?:baas|collega)|[Vv]raag naar|"
    r"[Mm]ój (?:szef|kolega)|[Mm]oja (?:szefowa|koleżanka)|[Rr]ecommended by|[Rr]eferred by|"
    r"[Ee]mpfohlen von|"
    r"[Ff]ounded by|[Ll]ed by|[Rr]un by|[Oo]wned by|gegründet von|geführt von|fondée? par|"
    r"dirigée? par|"
    r"fundad[ao] por|dirigid[ao] por|fondat[ao] da|guidat[ao] da|opgericht door|założon[aey] przez"
)
_CUED: Final = re.compile(rf"(?<!\w)((?:{_BEFORE})[,:]?\s{{1,2}})({_FULL})")
_GREETING: Final = (
    r"hi|hello|hey|dear|good (?:morning|afternoon|day|evening)|hallo|guten (?:tag|morgen|abend)|"
    r"liebe[rs]?|"
    r"sehr geehrte[r]?|moin|servus|grüezi|bonjour|bonsoir|salut|ch[eè]re?|hola|buen(?:os|"
    r"as) (?:días|tardes)|"
    r"estimad[oa]|querid[oa]|ciao|salve|buongiorno|buonasera|gentile|car[oa]|egregio|olá|oi|"
    r"bom dia|boa tarde|prezad[oa]|beste|geachte|goedemorgen|goedemiddag|dag|cześć|dzień dobry|"
    r"szanown[ya]|witam|drog[ia]"
)
_GREETED: Final = re.compile(
    rf"(?im)(?:^|"
    rf"(?<=[.!?\]]\s))([ \t]{{0,4}}(?:{_GREETING}),?[ "
    rf"\t]{{1,2}})(?-i:((?:(?:{_TITLES}|and|und|et|y|e|en|i|&)\.?\s)?"
    rf"{_FULL}(?:\s(?:and|und|et|y|e|en|i|&)\s{_FULL})?))(?=[ \t]{{0,2}}(?:[,!.:;–-]|$))"
)
_CLOSING: Final = (
    r"best|best regards|kind regards|warm regards|regards|many thanks|thanks|thank you|cheers|"
    r"sincerely|"
    r"yours (?:sincerely|faithfully|truly)|all the best|best wishes|mit (?:freundlichen|besten|"
    r"herzlichen) grüßen|"
    r"freundliche grüße|viele grüße|beste grüße|liebe grüße|herzliche grüße|mfg|vg|lg|gruß|grüße|"
    r"danke|"
    r"cordialement|bien cordialement|bien à vous|cdt|merci|salutations|sincères salutations|"
    r"saludos|un saludo|saludos cordiales|atentamente|un cordial saludo|gracias|"
    r"cordiali saluti|distinti saluti|saluti|un saluto|grazie|"
    r"atenciosamente|cumprimentos|com os melhores cumprimentos|abraços|um abraço|obrigad[oa]|"
    r"met vriendelijke groet(?:en)?|vriendelijke groet(?:en)?|groet(?:en|jes)?|mvg|bedankt|"
    r"pozdrawiam|z poważaniem|z wyrazami szacunku|dziękuję|(?:z|serdeczne) pozdrowieni(?:ami|a)|"
    r"rgds|brgds|br|thx|signed|herzlichst?|amicalement|bien à toi|un abrazo|cordialmente|att|--"
).replace("grüß", "gr(?:ü|ue)(?:ß|ss)")
# A closing on its own line and the short lines after it.
_SIGNATURE: Final = re.compile(
    rf"(?im)^([ \t]{{0,4}}(?:{_CLOSING})[ \t]{{0,2}}[,.!]?[ \t]{{0,2}})\n(?:[^\n]{{0,60}}(?:\n|"
    rf"\Z)){{1,8}}"
)
# … or in the line: "Best regards, Bruno Keller"
_SIGNED: Final = re.compile(
    rf"(?i)((?:^|(?<=[.!?]\s)|(?<=[.!?\n]))[ \t]{{0,4}}(?:{_CLOSING})(?:,|\s?[-–—])?[ \t]{{1,2}})"
    rf"(?-i:({_FULL}))(?=[ \t]{{0,2}}(?:[,.|(\n–-]|$))"
)
# "- Bruno", "~ Bruno Keller" as the last line
_LAST_LINE: Final = re.compile(
    rf"(?:\n[ \t]{{0,4}}|[.!?][ \t]{{1,4}})(?:[-–—~*]{{1,2}}[ \t]?)({_FULL})[ \t.]{{0,4}}\Z"
)
_BARE_LAST_LINE: Final = re.compile(
    rf"\n[ \t]{{0,4}}{_NAME_WORD}(?: {_NAME_WORD}){{0,2}}[ \t.]{{0,4}}\Z"
)
_NOT_NAMES: Final = frozenset(
    re.findall(
        r"\w+",
        "All Team Sales Support There Everyone Sir Madam Folks Marketing Together Zusammen Damen "
        "Herren "
        "Tous Todos Tutti Allen Allemaal Interested Looking Writing Happy Glad Sorry Sure Not "
        "Very The "
        "Our We You They It This That HubSpot Service Kundenservice Customer Hilfe Please Bitte "
        "I In On At As An Und Oder Wir Ich Sie Die Der Das Les Nous Vous Very CEO CTO CFO COO CIO "
        "Head Director Manager Owner Founder Leiter Inhaber Geschäftsführer Einkäufer "
        "Einkaufsleiter",
    )
)


def without_cued_names(text: str) -> str:
    """`text` without signature blocks and without the names that its own cues point to."""
    text = _SIGNATURE.sub(r"\1\n[signature]", text)
    text = _BARE_LAST_LINE.sub("\n[name]", _LAST_LINE.sub("\n[name]", text))
    for pattern in (_GREETED, _SIGNED, _CUED):
        text = pattern.sub(_only_the_cue, text)
    return _TITLED.sub(_without_title, text)


def _only_the_cue(match: re.Match[str]) -> str:
    """A capitalised word that is no name stays."""
    cue, name = match.group(1), match.group(2)
    return match.group() if name.split()[0] in _NOT_NAMES else f"{cue}[name]"


def _without_title(match: re.Match[str]) -> str:
    return match.group() if match.group(1).split()[0] in _NOT_NAMES else "[name]"
