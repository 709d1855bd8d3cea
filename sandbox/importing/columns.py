"""Decides which property each CSV column fills, and makes custom ones for the rest."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sandbox.errors import Json
from sandbox.state.properties import Catalog, Definition
from sandbox.state.values import ValueProblem, normal_value

GROUP = "imported"
_COMPANY_ALIASES = {
    "company": "name",
    "company_name": "name",
    "url": "website",
    "website_url": "website",
    "homepage": "website",
    "company_domain_name": "domain",
    "employees": "numberofemployees",
    "number_of_employees": "numberofemployees",
    "company_size": "numberofemployees",
    "revenue": "annualrevenue",
    "annual_revenue": "annualrevenue",
    "blurb": "description",
    "about": "description",
    "technology_stack": "technologies",
    "tech_stack": "technologies",
    "technology": "technologies",
    "state_region": "state",
    "country_region": "country",
}
_CONTACT_ALIASES = {
    "e_mail": "email",
    "email_address": "email",
    "first_name": "firstname",
    "last_name": "lastname",
    "surname": "lastname",
    "job_title": "jobtitle",
    "title": "jobtitle",
    "company_name": "company",
    "phone_number": "phone",
    "state_region": "state",
    "country_region": "country",
}
ALIASES = {"companies": _COMPANY_ALIASES, "contacts": _CONTACT_ALIASES}


@dataclass(frozen=True, slots=True)
class Column:
    """One CSV column: the property it fills and how its cells are read."""

    header: str
    definition: Definition
    new: bool
    read: Callable[[str], str]


def plan_columns(
    kind_name: str, catalog: Catalog, headers: Sequence[str], rows: Sequence[Sequence[str]]
) -> list[Column]:
    """One plan per column, in order."""
    taken: set[str] = set()
    plans = []
    for index, header in enumerate(headers):
        cells = [row[index].strip() for row in rows if row[index].strip()]
        plan = _known(kind_name, catalog, header, cells, taken) or _custom(catalog, header, taken)
        taken.add(plan.definition.name)
        plans.append(plan)
    return plans


def _known(
    kind_name: str, catalog: Catalog, header: str, cells: Sequence[str], taken: set[str]
) -> Column | None:
    slug = _slug(header)
    definition = catalog.get(ALIASES[kind_name].get(slug, slug)) or _by_label(catalog, header)
    if definition is None or definition.read_only or definition.name in taken:
        return None
    read = _reader(definition)
    # A column of sizes like "50-200" or "small" is no number: it keeps its words in a custom one.
    strict = definition.type in ("number", "enumeration", "date", "datetime", "bool")
    fits = not strict or all(_fits(definition, read(cell)) for cell in cells)
    return Column(header, definition, False, read) if fits else None


def _by_label(catalog: Catalog, header: str) -> Definition | None:
    matches = (d for d in catalog.all() if d.label.lower() == header.lower() and not d.read_only)
    return next(matches, None)


def _fits(definition: Definition, text: str) -> bool:
    try:
        normal_value(definition, text)
    except ValueProblem:
        return False
    return True


def _reader(definition: Definition) -> Callable[[str], str]:
    if definition.type == "number":
        return lambda cell: re.sub(r"[,\s$€£]", "", cell)
    if definition.type != "enumeration":
        return lambda cell: cell
    by_label = {option.label.lower(): option.value for option in definition.options}
    by_slug = {_slug(option.value): option.value for option in definition.options}
    return lambda cell: by_label.get(cell.lower()) or by_slug.get(_slug(cell), cell)


def _custom(catalog: Catalog, header: str, taken: set[str]) -> Column:
    name = _slug(header)
    name = name if name[:1].isalpha() else f"column_{name}"
    clash = catalog.get(name)
    if name in taken or (clash is not None and clash.hubspot_defined):
        name = f"{name}_text"
        clash = catalog.get(name)
    if clash is not None and clash.type == "string":
        return Column(header, clash, False, lambda cell: cell)
    definition = Definition(name[:100], header, "string", "textarea", GROUP)
    return Column(header, definition, True, lambda cell: cell)


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", text.strip().lower()).strip("_")


def plan_json(plans: Sequence[Column]) -> list[Json]:
    """What fills what, for people."""
    return [
        {"column": plan.header, "property": plan.definition.name, "new": plan.new} for plan in plans
    ]
