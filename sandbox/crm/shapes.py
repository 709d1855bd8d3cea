"""How records, batches and pages look in answers (ref 5.1 and 5.2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sandbox.errors import ApiError, Json
from sandbox.numbers import ASSOCIATION_PAGE
from sandbox.state.association_types import ASSOCIATION_TYPES
from sandbox.state.object_types import ObjectType, object_type
from sandbox.state.portal import Portal
from sandbox.state.records import Record, Version
from sandbox.times import iso


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a caller asked to see of each record."""

    properties: Sequence[str] = ()
    history: Sequence[str] = ()
    associations: Sequence[str] = ()


def record_json(
    portal: Portal,
    kind: ObjectType,
    record: Record,
    wanted: Wanted,
    values: Mapping[str, str] | None = None,
) -> Json:
    """One record; `values` replace its own (search shows an older state)."""
    shown = record.properties if values is None else values
    answer: Json = {
        "id": str(record.record_id),
        "properties": _properties(portal, kind, shown, (*wanted.properties, *wanted.history)),
        "createdAt": iso(record.created_ms),
        "updatedAt": iso(record.updated_ms),
        "archived": record.archived_ms is not None,
    }
    if record.archived_ms is not None:
        answer["archivedAt"] = iso(record.archived_ms)
    if wanted.history:
        answer["propertiesWithHistory"] = {
            name: [version_json(version) for version in record.versions(name)]
            for name in wanted.history
            if portal.catalogs[kind.name].get(name) is not None
        }
    if wanted.associations:
        answer |= associations_json(portal, kind, record, wanted.associations)
    return answer


def _properties(
    portal: Portal, kind: ObjectType, values: Mapping[str, str], names: Sequence[str]
) -> dict[str, str | None]:
    if not names:
        return {name: values.get(name) for name in sorted(kind.shown)}
    catalog = portal.catalogs[kind.name]
    known = [name for name in dict.fromkeys(names) if catalog.get(name) is not None]
    always = (kind.created_property, kind.modified_property, "hs_object_id")
    return {name: values.get(name) for name in dict.fromkeys((*known, *always))}


def version_json(version: Version) -> Json:
    """One entry of `propertiesWithHistory`."""
    entry: Json = {
        "value": version.value,
        "timestamp": iso(version.timestamp_ms),
        "sourceType": version.source.kind,
        "sourceId": version.source.source_id,
    }
    if version.source.label:
        entry["sourceLabel"] = version.source.label
    if version.source.user_id is not None:
        entry["updatedByUserId"] = version.source.user_id
    return entry


def associations_json(
    portal: Portal, kind: ObjectType, record: Record, names: Iterable[str]
) -> Json:
    """The `associations` of a record: one entry per id and type, so an id can stand twice."""
    found: Json = {}
    for name in names:
        other = object_type(name)
        ties = portal.associations.of(kind.name, record.record_id, other.name)
        if not ties:
            continue
        shown = list(ties.items())[:ASSOCIATION_PAGE]
        page: Json = {
            "results": [
                {"id": str(other_id), "type": ASSOCIATION_TYPES[type_id].name}
                for other_id, type_ids in shown
                for type_id in reversed(type_ids)
            ]
        }
        if len(ties) > len(shown):
            after = len(shown)
            link = f"/crm/v4/objects/{kind.name}/{record.record_id}/associations/{other.name}"
            page["paging"] = {"next": {"after": str(after), "link": f"{link}?after={after}"}}
        found[other.name] = page
    return {"associations": found} if found else {}


def page_json(results: Sequence[Json], after: int | str | None, **more: int) -> Json:
    """One page of a list."""
    answer: Json = {**more, "results": list(results)}
    if after is not None:
        answer["paging"] = {"next": {"after": str(after), "link": f"?after={after}"}}
    return answer


def batch_json(
    results: Sequence[Json],
    errors: Sequence[ApiError],
    now_ms: int,
    done: int = 200,
    mixed: int = 207,
) -> tuple[Json, int]:
    """A batch answer: `done` when all went well, `mixed` when some did not."""
    answer: Json = {
        "status": "COMPLETE",
        "results": list(results),
        "startedAt": iso(now_ms),
        "completedAt": iso(now_ms),
    }
    if not errors:
        return answer, done
    answer["numErrors"] = len(errors)
    answer["errors"] = [error.in_batch() for error in errors]
    return answer, mixed
