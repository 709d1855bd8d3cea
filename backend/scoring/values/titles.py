"""Seniority and department from a job title, as closed enumerations; the title is not kept."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

TITLE_MAX: Final = 100  # characters; longer text is prose and says nothing reliable


# First match wins: "assistant to the CEO" is no executive.
_SENIORITY: Final = (
    (
        "junior",
        r"intern|internship|trainee|student|werkstudent|praktikant\w*|stagiaire|junior|"
        r"assistant to|assistenz|apprentice|azubi",
    ),
    (
        "executive",
        r"c[efimoprst]o|ciso|cdo|chief|founder|co-?founder|owner|partner|"
        r"(?<!vice )(?<!vice-)president|"
        r"gesch[aä]ftsf[uü]hr\w*|vorstand|inhaber\w*|managing director|"
        r"directeur g[eé]n[eé]ral|pdg|gerente general",
    ),
    (
        "director",
        r"[aers]?vp|vice[ -]?pres(?:ident\w*)?|director|head of|head|direktor\w*|directeur|"
        r"directrice|leiter\w*|bereichsleit\w*",
    ),
    ("manager", r"manager\w*|lead|team lead|supervisor|teamleit\w*|responsable|gerente|jefe"),
    ("senior", r"senior|sr|principal|staff engineer|architect|expert"),
)
_DEPARTMENT: Final = (
    (
        "information technology",
        r"it|information technology|cto|cio|ciso|devops|software|developer|"
        r"engineer\w*|technical|technology|infrastructure|security|data|"
        r"entwickl\w*|informatik\w*",
    ),
    ("sales", r"sales|account executive|business development|cro|vertrieb\w*|commercial|ventes"),
    ("marketing", r"marketing|cmo|growth|brand|content|communications?"),
    (
        "finance",
        r"finance|financial|cfo|accounting|accountant|controller|controlling|treasur\w*|"
        r"finanz\w*|buchhalt\w*",
    ),
    ("human resources", r"hr|human resources|people|talent|recruit\w*|personal\w*|chro"),
    (
        "operations",
        r"operations?|coo|logistics|supply chain|production|procurement|purchasing|"
        r"buyer|einkauf\w*|logistik\w*|betrieb\w*",
    ),
    ("product", r"product|cpo|ux|design\w*"),
    ("legal", r"legal|counsel|lawyer|compliance|attorney"),
    ("support", r"support|customer success|customer service|kundenservice"),
    ("research", r"research\w*|scientist|professor|lecturer|forsch\w*"),
    (
        "general management",
        r"ceo|founder|co-?founder|owner|(?<!vice )(?<!vice-)president|managing director|"
        r"general manager|gesch[aä]ftsf[uü]hr\w*|inhaber\w*",
    ),
)


def _compiled(rules: tuple[tuple[str, str], ...]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((name, re.compile(rf"\b(?:{pattern})\b")) for name, pattern in rules)


_SENIORITY_RULES: Final = _compiled(_SENIORITY)
_DEPARTMENT_RULES: Final = _compiled(_DEPARTMENT)


def seniority(title: str) -> str:
    """executive, director, manager, senior, staff or junior; "staff" for any other readable title,
    "" when there is none."""
    return _first(_SENIORITY_RULES, title, otherwise="staff")


def department(title: str) -> str:
    """A department in lower case, "" when the title names none."""
    return _first(_DEPARTMENT_RULES, title, otherwise="")


def _first(rules: tuple[tuple[str, re.Pattern[str]], ...], title: str, otherwise: str) -> str:
    if not title or len(title) > TITLE_MAX:
        return ""
    plain = unicodedata.normalize("NFKC", title).casefold().replace(".", "")
    folded = " ".join(plain.split())
    if not any(c.isalpha() for c in folded):
        return ""
    return next((name for name, pattern in rules if pattern.search(folded)), otherwise)
