"""Spellings of technologies → one lower-case token."""

from __future__ import annotations

import re
from typing import Final

_SPELLINGS: Final = {
    "aws": "amazon aws|amazon web services|amazon cloud|aws cloud",
    "google cloud": "gcp|google cloud platform|googlecloud",
    "azure": "microsoft azure|ms azure|azure cloud",
    "ci/cd": "cicd|ci cd|ci-cd|continuous integration",
    "ui/ux": "ux/ui|ui ux|ux ui",
    "kubernetes": "k8s|kube",
    "javascript": "js|ecmascript",
    "typescript": "ts",
    "python": "python3|python 3|py",
    "node.js": "node|nodejs|node js",
    "react": "reactjs|react.js|react js",
    "vue": "vuejs|vue.js|vue js",
    "angular": "angularjs|angular.js|angular js",
    "next.js": "nextjs|next js",
    "ruby on rails": "rails|ror|rubyonrails",
    "postgresql": "postgres|postgre sql|pgsql",
    "mysql": "my sql",
    "sql server": "mssql|ms sql|ms sql server|microsoft sql server",
    "mongodb": "mongo|mongo db",
    "elasticsearch": "elastic search|elastic",
    "go": "golang",
    "c#": "c sharp|csharp",
    "c++": "cpp",
    ".net": "dotnet|dot net|asp.net",
    "salesforce": "sfdc|salesforce crm|salesforce.com",
    "hubspot": "hubspot crm|hub spot",
    "dynamics 365": "microsoft dynamics|ms dynamics|dynamics|microsoft dynamics 365",
    "sap": "sap erp|sap s4hana|sap s/4hana|s/4hana|s/4 hana|sap s/4 hana|"
    "s4hana|sap hana|sap r/3|sap ecc|"
    "sap business one",
    "oracle": "oracle db|oracle database|oracle erp",
    "netsuite": "oracle netsuite|net suite",
    "microsoft 365": "office 365|o365|office365|microsoft office 365|m365|ms365",
    "google workspace": "g suite|gsuite|google apps",
    "wordpress": "word press|wp",
    "shopify": "shopify plus",
    "terraform": "hashicorp terraform",
    "github": "git hub",
    "gitlab": "git lab",
    "power bi": "powerbi|microsoft power bi",
    "tensorflow": "tensor flow",
    "machine learning": "ml",
    "artificial intelligence": "ai",
}
_CANONICAL: Final = {
    spelling: name for name, line in _SPELLINGS.items() for spelling in line.split("|")
}


# Names with a stroke; any other stroke is between two technologies.
_STROKES: Final = re.compile(
    r"\b(?:s/4 ?hana|r/3|ci/cd|tcp/ip|pl/sql|t/sql|ui/ux|ux/ui|z/os|os/\d{3}|as/400|a/b|i/o|n/a|"
    r"gnu/linux|ai/ml|hl7/fhir|b2b/b2c)(?!\w)"
)
_KEPT: Final = "\x1f"  # stands for a stroke that is kept while a text is split
_VERSION: Final = re.compile(r" v?\d{1,4}(?:\.\d{1,4}){0,3}")
_BESIDE: Final = re.compile(r"([^()]{1,60})\(([^()]{1,60})\)")


def technology_names(text: str) -> list[str]:
    """The technologies that a text lists: split at `;`, `,`, `|`, `/`, bullets and new lines; also
    a JSON list."""
    kept = _STROKES.sub(lambda found: found[0].replace("/", _KEPT), text.casefold())
    return [part.replace(_KEPT, "/") for part in re.split(r"[;,|/\n、•·]", kept)]


def technology(text: str) -> str:
    """The token of one technology; its own spelling when it is not listed.

    >>> technology("Google_Cloud"), technology("K8s"), technology("COBOL")
    ('google cloud', 'kubernetes', 'cobol')
    >>> technology("Amazon Web Services (AWS)"), technology('["Python"')
    ('aws', 'python')
    """
    token = re.sub(r"[\s_]+", " ", text.casefold()).strip(" \t\"'[]{}").rstrip(".")
    beside = _BESIDE.fullmatch(token)
    if beside and token not in _CANONICAL:
        outside, inside = (part.strip() for part in beside.groups())
        known = outside in _CANONICAL or outside in _SPELLINGS
        token = outside if known or inside not in _CANONICAL | _SPELLINGS else inside
    bare = _VERSION.sub("", token)  # "Python 3.11"
    if token not in _CANONICAL and (bare in _CANONICAL or bare in _SPELLINGS):
        token = bare if token not in _SPELLINGS else token
    return _CANONICAL.get(token, token)
