"""Writes the rows of an import: all of them, or none and a list of what is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from sandbox.errors import ApiError, Json, PropertyInvalid
from sandbox.importing.columns import GROUP, Column, plan_columns, plan_json
from sandbox.importing.reading import Table
from sandbox.state.editor import Editor, Tie
from sandbox.state.object_types import CONTACTS, OBJECT_TYPES, ObjectType
from sandbox.state.properties import Group
from sandbox.state.records import Record
from sandbox.state.values import normalise

Row = tuple[int, dict[str, str]]  # row number, property values


def import_table(editor: Editor, kind_name: str, table: Table, with_contacts: bool) -> Json:
    """Counts and the plan; ApiError 400 lists every wrong cell and nothing was imported."""
    kind = OBJECT_TYPES[kind_name]
    catalog = editor.portal.catalogs[kind_name]
    plans = plan_columns(kind_name, catalog, table.headers, table.rows)
    _add_definitions(editor, kind_name, plans)
    rows = [
        (number, _values(kind, plans, cells))
        for number, cells in zip(table.numbers, table.rows, strict=True)
    ]
    _check(editor, kind, plans, rows)
    key = "email" if kind is CONTACTS else "domain"
    known = {r.properties[key]: r for r in editor.portal.stores[kind_name] if key in r.properties}
    counts = {"created": 0, "updated": 0, "contacts_created": 0}
    for _, values in rows:
        record = known.get(values.get(key, "").lower())
        new = record is None
        if record is None:
            record = editor.create(kind, values)
            if values.get(key):
                known[values[key].lower()] = record
        else:
            editor.update(kind, record, values)
        counts["created" if new else "updated"] += 1
        if with_contacts and new and kind is not CONTACTS:
            counts["contacts_created"] += _add_contact(editor, record)
    return {**counts, "columns": plan_json(plans)}


def _add_definitions(editor: Editor, kind_name: str, plans: Sequence[Column]) -> None:
    catalog = editor.portal.catalogs[kind_name]
    if any(plan.new for plan in plans) and all(g.name != GROUP for g in catalog.groups()):
        catalog.add_group(Group(GROUP, "Imported"))
    for plan in plans:
        if plan.new:
            now = editor.now_ms
            catalog.add(replace(plan.definition, created_ms=now, updated_ms=now))


def _values(kind: ObjectType, plans: Sequence[Column], cells: Sequence[str]) -> dict[str, str]:
    pairs = zip(plans, cells, strict=True)
    values = {p.definition.name: p.read(cell.strip()) for p, cell in pairs if cell.strip()}
    if kind is CONTACTS and "email" in values:
        values["email"] = values["email"].lower()
    if kind.name == "companies" and "domain" not in values and "website" in values:
        values["domain"] = _domain(values["website"])
    return {name: value for name, value in values.items() if value}


def _domain(website: str) -> str:
    host = urlsplit(website if "//" in website else f"//{website}").hostname or ""
    return host.removeprefix("www.").lower()


def _check(editor: Editor, kind: ObjectType, plans: Sequence[Column], rows: Sequence[Row]) -> None:
    headers = {plan.definition.name: plan.header for plan in plans}
    wrong: list[Json] = []
    for number, values in rows:
        try:
            normalise(editor.portal.catalogs[kind.name], values, {}, False)
        except PropertyInvalid as refused:
            wrong += [_cell_error(number, headers, p) for p in refused.problems]
        if not values.get("name") and kind.name == "companies":
            wrong.append(_error(number, headers.get("name", "name"), "a company needs a name"))
        if kind is CONTACTS and not any(values.get(n) for n in ("email", "firstname", "lastname")):
            wrong.append(_error(number, "email", "a contact needs an email or a name"))
    if wrong:
        raise ApiError(
            400, "VALIDATION_ERROR", f"{len(wrong)} wrong cells; nothing imported", errors=wrong
        )


def _cell_error(number: int, headers: Mapping[str, str], entry: Json) -> Json:
    name = entry["context"]["propertyName"][0]
    return _error(number, headers.get(name, name), entry["message"])


def _error(number: int, column: str, message: str) -> Json:
    return {"row": number, "column": column, "message": message}


def _add_contact(editor: Editor, company: Record) -> int:
    """One lead per company. Nobody real: the address exists in no company's directory."""
    domain = company.properties.get("domain") or f"company-{company.record_id}.example"
    email = f"lead@{domain}"
    if editor.portal.stores["contacts"].find("email", email) is not None:
        return 0
    values = {"email": email, "firstname": "Lead", "lastname": company.properties["name"]}
    editor.create(CONTACTS, values, (Tie("companies", company.record_id),))
    return 1
