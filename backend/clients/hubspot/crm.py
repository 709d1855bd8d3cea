"""The Crm port over HubSpot's dated REST API (`/crm/objects/2026-09/…`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from backend.clients.hubspot.api import HubSpotApi
from backend.clients.hubspot.errors import gone_ids, refused_by_id
from backend.config import ASSOCIATION_BATCH, BATCH_LEADS, HISTORY_BATCH, PAGE_RECORDS, SEARCH_PAGE
from backend.errors import (
    LeadlightError,
    OutcomeUnknown,
    Permanent,
    RecordGone,
    Transient,
    UnknownPath,
)
from backend.model import CrmRecord
from backend.ports import Look, Page, Update, Updated
from backend.slices import slices

MERGED_IDS: Final = "hs_merged_object_ids"  # ids that became this record, ";" between them
ALONE_MAX: Final = 20  # missing objects asked for one by one; the others wait for the next look


class _Link(BaseModel):
    id: str


class _Links(BaseModel):
    results: list[_Link] = []


class _Object(BaseModel):
    model_config = ConfigDict(extra="ignore")
    id: str
    properties: dict[str, str | None] = {}
    updated_at: datetime = Field(alias="updatedAt")
    archived: bool = False
    associations: dict[str, _Links] = {}


class _Next(BaseModel):
    after: str


class _Paging(BaseModel):
    next: _Next | None = None


class _Objects(BaseModel):
    results: list[_Object] = []
    paging: _Paging | None = None
    errors: list[dict[str, Any]] = []


class _Version(BaseModel):
    value: str | None = None
    timestamp: datetime


class _History(BaseModel):
    id: str
    histories: dict[str, list[_Version]] = Field(alias="propertiesWithHistory", default={})


class _Histories(BaseModel):
    results: list[_History] = []


class _Target(BaseModel):
    to_id: str | int = Field(alias="toObjectId")


class _Association(BaseModel):
    source: _Link = Field(alias="from")
    to: list[_Target] = []


class _Associations(BaseModel):
    results: list[_Association] = []


class HubSpotCrm:
    """One portal's objects."""

    def __init__(self, api: HubSpotApi) -> None:
        self._api = api

    def page(
        self,
        object_type: str,
        properties: Sequence[str],
        associations: Sequence[str] = (),
        after: str | None = None,
    ) -> Page:
        """100 objects with their associated ids."""
        params = {"limit": str(PAGE_RECORDS), "properties": ",".join(properties)}
        if associations:
            params["associations"] = ",".join(associations)
        if after:
            params["after"] = after
        found = _parse(_Objects, self._api.call("GET", self._path(object_type), params=params))
        following = found.paging.next if found.paging else None
        return Page(
            tuple(_record(object_type, item) for item in found.results),
            following.after if following else None,
        )

    def get(
        self,
        object_type: str,
        object_id: str,
        properties: Sequence[str],
        associations: Sequence[str] = (),
    ) -> CrmRecord | None:
        """One object with its associated ids, or None when HubSpot shows none: that alone is no
        proof that it is gone. The id of a merged object answers with the one that survives."""
        params = {"properties": ",".join(properties)}
        if associations:
            params["associations"] = ",".join(associations)
        try:
            body = self._api.call("GET", f"{self._path(object_type)}/{object_id}", params=params)
        except (UnknownPath, RecordGone):
            return None
        record = _record(object_type, _parse(_Object, body))
        return None if record.archived else record

    def read(
        self, object_type: str, object_ids: Sequence[str], properties: Sequence[str]
    ) -> list[CrmRecord]:
        """Any number of objects, 100 a call; what HubSpot does not answer under its id (left out,
        named as gone, archived or merged) is left out."""
        found: list[CrmRecord] = []
        for part in slices(object_ids, BATCH_LEADS):
            records, _ = self._batch(object_type, part, properties)
            found += [r for r in records if r.object_id in part and not r.archived]
        return found

    def look(self, object_type: str, object_ids: Sequence[str], properties: Sequence[str]) -> Look:
        """What HubSpot says of objects that seem to be missing: one batch read per 100, then each
        that is not alive on its own, ALONE_MAX at most. Raises UnknownPath and Transient."""
        alive: dict[str, CrmRecord] = {}
        merged: dict[str, str] = {}
        named: set[str] = set()
        for part in slices(object_ids, BATCH_LEADS):
            records, gone = self._batch(object_type, part, [*properties, MERGED_IDS])
            named |= gone | {r.object_id for r in records if r.archived}
            for record in records:
                if not record.archived:
                    alive |= {record.object_id: record} if record.object_id in part else {}
                    former = (record.properties.get(MERGED_IDS) or "").split(";")
                    merged |= {old: record.object_id for old in former if old in part}
        gone_for_sure = set()
        left = [i for i in object_ids if i not in alive and i not in merged]
        for object_id in left[:ALONE_MAX]:
            one = self.get(object_type, object_id, properties)
            if one is None:
                gone_for_sure |= {object_id} & named
            elif one.object_id == object_id:
                alive[object_id] = one
            else:
                merged[object_id] = one.object_id
        return Look(tuple(alive.values()), merged, frozenset(gone_for_sure))

    def _batch(
        self, object_type: str, part: Sequence[str], properties: Sequence[str]
    ) -> tuple[list[CrmRecord], frozenset[str]]:
        """The records of up to 100 ids, and the ids that HubSpot names as gone."""
        try:
            body = self._api.call(
                "POST",
                f"{self._path(object_type)}/batch/read",
                json={
                    "properties": list(properties),
                    "propertiesWithHistory": [],
                    "inputs": [{"id": object_id} for object_id in part],
                },
            )
        except RecordGone as error:  # none of them is there: 404 with the ids
            return [], error.ids
        found = [_record(object_type, item) for item in _parse(_Objects, body).results]
        return found, gone_ids(body)

    def associated(
        self, from_type: str, to_type: str, object_ids: Sequence[str]
    ) -> Mapping[str, tuple[str, ...]]:
        """Ids associated with each object, 1,000 a call; objects without any are left out."""
        found: dict[str, tuple[str, ...]] = {}
        for part in slices(object_ids, ASSOCIATION_BATCH):
            body = self._api.call(
                "POST",
                f"/crm/associations/{self._api.version}/{from_type}/{to_type}/batch/read",
                json={"inputs": [{"id": object_id} for object_id in part]},
            )
            for row in _parse(_Associations, body).results:
                ids = [str(target.to_id) for target in row.to]
                found[row.source.id] = tuple(dict.fromkeys([*found.get(row.source.id, ()), *ids]))
        return found

    def history(
        self, object_type: str, object_ids: Sequence[str], properties: Sequence[str]
    ) -> Mapping[str, Mapping[str, Sequence[tuple[datetime, str | None]]]]:
        """Changes of each property, oldest first; 50 objects a call, HubSpot's cap with history."""
        found: dict[str, dict[str, list[tuple[datetime, str | None]]]] = {}
        for part in slices(object_ids, HISTORY_BATCH):
            body = self._api.call(
                "POST",
                f"{self._path(object_type)}/batch/read",
                json={
                    "properties": [],
                    "propertiesWithHistory": list(properties),
                    "inputs": [{"id": object_id} for object_id in part],
                },
            )
            for item in _parse(_Histories, body).results:
                found[item.id] = {
                    name: sorted(((v.timestamp, v.value) for v in versions), key=lambda v: v[0])
                    for name, versions in item.histories.items()
                }
        return found

    def changed_since(
        self, object_type: str, since: datetime, after_id: str = "0"
    ) -> Sequence[CrmRecord]:
        """Up to 200 objects modified after `since` with a larger id, smallest id first.

        Filtering by id instead of paging goes beyond search's limit of 10,000 results.
        """
        modified = "lastmodifieddate" if object_type == "contacts" else "hs_lastmodifieddate"
        body = self._api.call(
            "POST",
            f"{self._path(object_type)}/search",
            json={
                "filterGroups": [
                    {
                        "filters": [
                            {
                                "propertyName": modified,
                                "operator": "GT",
                                "value": str(int(since.timestamp() * 1000)),
                            },
                            {
                                "propertyName": "hs_object_id",
                                "operator": "GT",
                                "value": after_id,
                            },
                        ]
                    }
                ],
                "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
                "properties": ["hs_object_id"],
                "limit": SEARCH_PAGE,
            },
            search=True,
        )
        return [_record(object_type, item) for item in _parse(_Objects, body).results]

    def update(self, object_type: str, updates: Sequence[Update]) -> list[Updated]:
        """Write up to 100 objects; one answer per update, in order.

        HubSpot is asked for partial results. A batch that it refuses whole all the same is halved
        while the halves differ: halves that are refused for the same causes are refused as they
        are, in three calls. Raises Transient when nothing was decided, OutcomeUnknown when some
        may have been written, and what names the call itself (UnknownPath, MissingScopes, …).
        """
        if not updates:
            return []
        refused = self._tried(object_type, updates)
        if not isinstance(refused, Permanent):
            return refused
        return self._halved(object_type, updates, refused)

    def _halved(
        self, object_type: str, updates: Sequence[Update], refused: Permanent, *, whole: bool = True
    ) -> list[Updated]:
        if len(updates) == 1:
            return [Updated(updates[0].object_id, None, refused)]
        middle = len(updates) // 2
        halves = updates[:middle], updates[middle:]
        answers = [self._tried(object_type, half) for half in halves]
        errors = [answer for answer in answers if isinstance(answer, Permanent)]
        whole = whole and len(errors) == len(halves)
        whole = whole and not any(isinstance(error, RecordGone) for error in errors)
        if whole and errors[0].causes == errors[1].causes:
            return [Updated(update.object_id, None, errors[0]) for update in updates]
        found: list[Updated] = []
        for half, answer in zip(halves, answers, strict=True):
            if isinstance(answer, Permanent):
                answer = self._halved(object_type, half, answer, whole=whole)
            found += answer
        return found

    def _tried(self, object_type: str, updates: Sequence[Update]) -> list[Updated] | Permanent:
        """The answers, or why the batch was refused as a whole."""
        try:
            return self._update(object_type, updates)
        except Permanent as error:
            if type(error) not in (RecordGone, Permanent):
                raise
            return error

    def _update(self, object_type: str, updates: Sequence[Update]) -> list[Updated]:
        body = self._api.call(
            "POST",
            f"{self._path(object_type)}/batch/update",
            json={
                "inputs": [
                    {
                        "id": u.object_id,
                        "properties": dict(u.properties),
                        "objectWriteTraceId": u.object_id,
                    }
                    for u in updates
                ]
            },
            repeatable=False,
        )
        found = _parse(_Objects, body)
        written = {item.id: item.updated_at for item in found.results}
        failed = refused_by_id(found.errors)
        return [
            Updated(u.object_id, written[u.object_id])
            if u.object_id in written
            else Updated(u.object_id, None, failed.get(u.object_id, _unmentioned(u.object_id)))
            for u in updates
        ]

    def _path(self, object_type: str) -> str:
        return f"/crm/objects/{self._api.version}/{object_type}"


def _unmentioned(object_id: str) -> LeadlightError:
    return OutcomeUnknown(f"HubSpot's batch answer does not mention object {object_id}")


def _record(object_type: str, item: _Object) -> CrmRecord:
    return CrmRecord(
        object_type=object_type,
        object_id=item.id,
        properties=item.properties,
        updated_at=item.updated_at,
        archived=item.archived,
        associations={
            name: tuple(dict.fromkeys(link.id for link in links.results))
            for name, links in item.associations.items()
        },
    )


M = TypeVar("M", bound=BaseModel)


def _parse(model: type[M], body: Any) -> M:
    try:
        return model.model_validate(body)
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise Transient(f"HubSpot's answer has an unexpected shape at {where!r}") from None
