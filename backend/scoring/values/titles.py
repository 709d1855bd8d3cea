"""Seniority and department from a job title, as closed enumerations; the title is not kept.

A title's rank is in its head: what follows "of", "to", "for" and the like says only of what.
"Director of Student Affairs" is a director, "Assistant to the CEO" an assistant.
"""

from __future__ import annotations

import re
from typing import Final

from backend.scoring.values.folding import folded
from backend.scoring.values.no_answer import is_no_answer

TITLE_MAX: Final = 100  # characters; longer text is prose and says nothing reliable


# After "student" and the like: what somebody does for students.
_NOT_ONE: Final = (
    "success|services?|affairs|life|programs?|programmes?|"
    "coordinator|manager|management|recruit\\w*|"
    "relations|experience|engagement|support|development|housing|advis\\w*|director|admissions?|"
    "outreach|union|loans?|financ\\w*|records|accounts|activities|placement|enrol\\w*|counsel\\w*|"
    "health|travel|accommodation|supervisor|lead|marketing|sales"
)
# First match wins: "assistant to the CEO" is no executive. Folded: no accents, no points.
_SENIORITY: Final = (
    (
        "junior",
        rf"(?:intern|internship|trainee|student|apprentice)(?! (?:{_NOT_ONE})\b)|"
        rf"werkstudent\w*|praktikant\w*|stagiaire|junior|jr|"
        r"stagista|becari[oa]|estagiari[oa]|azubi|auszubildende\w*|apprenti|alternant|"
        r"(?:executive |personal |administrative |office )?assistant(?= to\b)|assistenz|"
        r"(?:\w{0,30})assistent(?:in)?(?= (?:der|des|von)\b)|ea(?= to\b)|pa(?= to\b)|"
        r"executive assistant|personal assistant|assistant(?:e)? de direction|"
        r"direktionsassisten\w*|"
        r"vorstandsassisten\w*|chefsekret\w*|secretar[iy]\w*(?! general)(?<!general secretary)|"
        r"sekretar\w*|secretaire\w*",
    ),
    (
        "director",
        r"(?:s|e|a|r|g)?vp|(?:senior |executive |assistant |area |regional |group |first )?"
        r"vice[ -]?(?:president\w*|pres)|vice presidente|vizeprasident\w*|wiceprezes|"
        r"deputy (?:ceo|managing director)|"
        r"副总裁|副總裁|副总经理|副總經理|副社長|부사장",
    ),
    (
        "executive",
        r"c[acefghikilmoprstxd]o|ciso|chro|cpto|cdao|chief|(?:co ?)?founders?|"
        r"(?:co ?)?fondat(?:eur|rice)|gr[uü]nder(?:in)?|fundador[ae]?|fondatore|fondatrice|"
        r"president[ea]?|prasident(?:in)?|managing (?:director|partner|member)|"
        r"(?:general|founding|equity|senior|named) partner|gesellschafter(?:in)?|"
        r"geschaf?e?ftsf(?:u|ue)hr\w*|geschaeftsf(?:u|ue)hr\w*|geschaftsleiter\w*|vorstand\w*|"
        r"vorsitzende\w*|inhaber\w*|directeur general|directrice generale|pdg|gerant\w*|"
        r"gerente general|director(?:a)? general|director(?:a)? ejecutiv[oa]|"
        r"diretor(?:a)? (?:executiv[oa]|geral)|amministrat(?:ore|rice) delegat[oa]|"
        r"direttore generale|titolare|propietari[oa]|proprietari[oa]|proprietaire|proprietor|"
        r"algemeen directeur|bestuurder|eigenaar|toimitusjohtaja|verkstallande direktor|"
        r"administrerende direktor|prezes\w*|wlasciciel\w*|jednatel\w*|majitel\w*|genel mudur|"
        r"direktur utama|chair(?:man|woman|person)?|ceo/\w{1,20}|board member|member of the board|"
        r"duen[oa]|dono|zaakvoerder|socio[ -](?:dire(?:c)?tor|"
        r"fundador|fondatore|administrador|gerente)|"
        r"vd|kurucu|czlonek zarzadu|генеральныи директор|总裁|總裁|创始人|創始人|"
        r"代表取締役\w*|取締役|社長|대표이사|대표|总经理|總經理|首席执行官|董事长",
    ),
    (
        "director",
        r"directors?|dir|head(?! (?:chef|cook|coach|nurse|teacher|waiter|waitress)\b)|"
        r"\w{0,30}direktor\w*|\w{0,30}directeur|directrice|drh|dsi|daf|директор|"
        r"(?:vertriebs|verkaufs|marketing|personal|abteilungs|bereichs|betriebs|werks|einkaufs|"
        r"finanz|produktions|entwicklungs|it[ -])leitung|"
        r"directora?|diretora?|direttore|"
        r"direttrice|direktor|dyrektor\w*|reditel\w*|\w{0,30}johtaja|mudur\w{0,3}|director[ae]s?|"
        r"\w{0,30}leiter(?:in)?|bereichsleit\w*|leitung|leitend\w*|hoofd|jefe|jefa|chef de service|"
        r"responsabile|leder|\w{0,9}部長|이사|\w{0,9}总监|\w{0,9}總監",
    ),
    (
        "manager",
        r"\w{0,30}managers?|mgr|lead(?! (?:gen\w*|qualif\w*|nurtur\w*|management)\b)|"
        r"leader|supervisor|teamleit\w*|responsable|gerente|kierownik|vedouci|"
        r"\w{0,30}paallikko|\w{0,30}chef|\w{0,30}sjef|\w{0,9}課長|"
        r"\w{0,20}マネージャー|매니저|\w{0,9}经理|\w{0,9}經理",
    ),
    ("senior", r"senior|sr|principal|staff engineer|architect|architekt\w*|expert|experte"),
)
# Leaders of small groups, whose words end like those of directors.
_SMALL_GROUP: Final = re.compile(
    r"\b(?:team|gruppen|schicht|filial|projekt|produkt|markt|ausbildungs|bau)leit(?:er|erin|ung)\b"
)
# "Owner" and "partner" are ranks of a firm's only by themselves or with these before them.
_OWNER: Final = re.compile(
    r"(?:^|[,/&|;()-] ?|\b(?:business|company|shop|store|salon|restaurant|franchise|co|agency|firm|"
    r"sole|joint|current|proud|practice|studio|small business|and|und|founder|ceo) )"
    r"-?(?:owner|eigner|eigentumer)(?:in)?(?=$| ?[,/&|;()–-]| (?:and|of|at|operator|manager)\b)"
)
_PARTNER: Final = re.compile(r"(?:^|[,/&|] ?)partner(?=$|[,/&|]| at\b)")
_FOUNDER: Final = re.compile(r"\bfounders?\b")
# Who works for an executive, beside the word for one: "CEO assistant", "Vorstandssekretärin".
_AIDE: Final = re.compile(
    r"\bassistants?\b|assistent|assistenz|asistent|"
    r"asystent|sekret|secretar|segretari|비서|秘書|秘书|助理"
)
# No longer, or not really.
_GERMAN_PAST: Final = re.compile(
    r"\ba\. ?D\.|\bi\. ?R\."
)  # in this case only: "IR" is a department
_NOT_NOW: Final = re.compile(
    r"\b(?:retired|former|formerly|ex|past|previous|previously|outgoing|emeritus|ehemalige\w*|"
    r"pensioniert\w*|im ruhestand|a d|ancien|anciene|ancienne|retraite|ex-\w{1,20}|jubilad[oa]|"
    r"aposentad[oa]|pensionat[oa]|aspiring|future|wannabe)\b"
)
_MEMBER: Final = re.compile(
    r"\b(?:mitglied (?:der|des)|membre d[ue]|miembro de|member of(?: the)?) "
    r"(?:geschaftsfuhrung|geschaftsleitung|vorstand\w{0,2}|board|comite executif|directoire|"
    r"executive (?:board|committee))\b"
)
# What follows is what somebody is head of, or works for.
_OF: Final = re.compile(
    r" (?:of|to|for|der|des|von|fur|fuer|de|du|del|della|di|da|do|dei|delle|van|av|af|a) "
)
_DEPARTMENT: Final = (
    (
        "information technology",
        r"it|ti|dsi|information (?:technology|systems|security)|cto|cio|ciso|devops|devsecops|sre|"
        r"software|"
        r"developers?|programmer|sysadmin|technical|technology|tech|infrastructure|"
        r"(?:^|(?:vp|head|director|manager|president|of|chief|senior|software|platform|data|web|"
        r"-|,) )"
        r"engineering|"
        r"(?:cyber|network|cloud|application|data|it|product) ?security|cybersecurity|"
        r"security (?:engineer|analyst|architect|operations|consultant)|data(?! entry)|"
        r"(?:software|devops|data|cloud|network|systems?|platform|backend|back-end|frontend|"
        r"front-end|full[ -]?stack|web|mobile|machine learning|ml|ai|qa|reliability|security|"
        r"embedded|staff|principal|lead|solutions?|integration|database) engineer\w*|"
        r"\w{0,30}entwickl(?:er|erin|ung)|informatik\w*|informatique|informatica|informatico|"
        r"desarrollador\w*|desenvolvedor\w*|sviluppat\w*|tecnologia|sistemas|edv",
    ),
    (
        "sales",
        r"sales|account executive|business development|cro|vertrieb\w*|"
        r"verkauf\w*|com(?:m)?ercial\w*|obchod\w*|satis|"
        r"ventes?|ventas|vendas|vendite|verkoop\w*|salg\w*|forsaljning\w*|myynti\w*|sprzedaz\w*|"
        r"kommerziell\w*|handlow\w*|営業\w*|영업\w*|销售\w*",
    ),
    (
        "marketing",
        r"marketing\w*|cmo|growth|brand|content|communications?|kommunikation\w*|comunicacion|"
        r"comunicacao|mercadeo|mercadotecnia|seo",
    ),
    (
        "finance",
        r"finance|financial|cfo|daf|accounting|accountant|"
        r"controller|controlling|treasur\w*|finanz\w*|"
        r"buchhalt\w*|financier|financiere|finanzas|financeiro|finanza|finanziari[oa]|comptab\w*|"
        r"contab\w*|bookkeeper|auditor|ekonomi\w*|okonomi\w*|talous\w*|ksiegow\w*",
    ),
    (
        "human resources",
        r"hr|human resources|people|talent|recruit\w*|personal(?:leit|referent|abteilung|wesen|"
        r"entwickl|chef|sachbearbeit|berat|verantwort|manag)\w*|personaler(?:in)?|chro|rh|rrhh|drh|"
        r"ressources humaines|recursos humanos|risorse umane|(?:leit\w{1,4}|bereich|"
        r"head of) personal",
    ),
    (
        "operations",
        r"operations?|coo|logistics|supply chain|production|procurement|purchasing|"
        r"buyer|einkauf\w*|einkaeuf\w*|logistik\w*|betrieb\w*|operaciones|operacoes|logistica|"
        r"achats|compras|acquisti|inkoop\w*|produktion\w*|(?:manufacturing|plant|process) engineer",
    ),
    ("product", r"product|cpo|ux|ui|design(?:er|erin|s)?|produkt\w*|producto|produto|prodotto"),
    (
        "legal",
        r"legal|counsel|lawyer|compliance|attorney|jurist\w*|rechtsanw\w*|juridique|avvocat\w*",
    ),
    ("support", r"support|customer (?:success|service|care|support)|kundenservice|kundendienst"),
    ("research", r"research\w*|scientist|professor|lecturer|forsch\w*|investigador\w*"),
    (
        "general management",
        r"ceo|(?:co ?)?founder|(?<!vice )(?<!vice-)president|managing director|general manager|"
        r"gesch(?:a|ae)ftsf(?:u|ue)hr\w*|inhaber\w*|pdg|directeur general|gerente general|"
        r"director general|amministratore delegato|toimitusjohtaja|代表取締役",
    ),
)


def _compiled(rules: tuple[tuple[str, str], ...]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((name, re.compile(rf"(?<!\w)(?:{pattern})(?!\w)")) for name, pattern in rules)


_SENIORITY_RULES: Final = _compiled(_SENIORITY)
_DEPARTMENT_RULES: Final = _compiled(_DEPARTMENT)


def seniority(title: str) -> str:
    """executive, director, manager, senior, staff or junior; "staff" for any other readable title,
    "" when there is none, or it is of the past."""
    plain = _plain(title)
    if not plain or _NOT_NOW.search(plain) or _GERMAN_PAST.search(title):
        return ""
    if _MEMBER.search(plain):
        return "executive"
    head = _OF.split(plain, maxsplit=1)[0]
    junior = _SENIORITY_RULES[0][1].search(plain)  # in "EA to CEO" the "to" says so
    if junior and junior.end() <= len(head):
        return "junior"
    if _first(_SENIORITY_RULES[1:2], head):
        return "executive" if _FOUNDER.search(head) else "director"
    if _OWNER.search(plain) or _PARTNER.search(plain):
        return "executive"
    if _SMALL_GROUP.search(head):
        return "manager"
    rank = _first(_SENIORITY_RULES[2:], head) or "staff"
    return "junior" if rank == "executive" and _is_aide(head) else rank


def _is_aide(head: str) -> bool:
    """Whether every executive that the head names is one that somebody works for."""
    named = [one for one in re.split(r"[,&/|;]", head) if _SENIORITY_RULES[2][1].search(one)]
    return all(_AIDE.search(one) for one in named)


def department(title: str) -> str:
    """A department in lower case, "" when the title names none."""
    plain = _plain(title)
    found = _first(_DEPARTMENT_RULES, plain)
    return found or ("general management" if plain and _OWNER.search(plain) else "")


def _plain(title: str) -> str:
    """Folded, abbreviations without their points: "C.E.O." and "Sr." are "ceo" and "sr"."""
    if len(title) > TITLE_MAX or is_no_answer(title):
        return ""
    plain = re.sub(r"(?<=\b\w)\.(?:(?=\w\b)| (?=\w\.))|(?<=\w)\.", "", folded(title))
    return plain if any(c.isalpha() for c in plain) else ""


def _first(rules: tuple[tuple[str, re.Pattern[str]], ...], plain: str) -> str:
    return next((name for name, pattern in rules if pattern.search(plain)), "")
