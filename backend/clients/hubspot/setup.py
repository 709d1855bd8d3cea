"""What Leadlight makes in a portal: a property group, its properties, three lists. Idempotent.

What is in the way of a property is found before anything is written. Paths and answers: HubSpot's
2026-09 specifications of properties, lists, limits and search.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic import BaseModel, Field, ValidationError

from backend.clients.hubspot.api import HubSpotApi
from backend.errors import Conflict, LeadlightError, Permanent, Transient, UnknownPath
from backend.scoring.write_back import LISTS, PROPERTY_GROUP

CONTACTS: Final = "0-1"  # HubSpot's id of the object type
_FIELD_TYPES: Final = {  # by our type: how HubSpot may show it without changing what it stores
    "enumeration": ("select", "radio"),
    "number": ("number",),
    "datetime": ("date",),
    "string": ("textarea", "text", "html"),
}


class _Limit(BaseModel):
    limit: int
    usage: int
    object_type: str = Field(alias="objectTypeId")


class _Limits(BaseModel):
    by_type: list[_Limit] = Field(alias="byObjectType")
    overall: int = Field(alias="overallLimit")
    overall_used: int = Field(alias="overallUsage")


@dataclass(frozen=True, slots=True)
class InTheWay:
    """A property that has the name of one of ours and was there before; `usable` if its values
    can be ours once an admin says so."""

    name: str
    differs: tuple[str, ...]
    usable: bool

    def __str__(self) -> str:
        how = (
            f"use it (--use {self.name}; what stands in it is overwritten) or choose another "
            "prefix for ours (--prefix)"
            if self.usable
            else "choose another prefix for ours (--prefix), or change it in HubSpot"
        )
        return f"Property {self.name} is there already: {'; '.join(self.differs)}. Do: {how}."


@dataclass(frozen=True, slots=True)
class Plan:
    """What set-up would do with the portal's properties; `there`: those of ours that stand there,
    wanted or not."""

    missing: tuple[str, ...]
    in_the_way: tuple[InTheWay, ...]
    there: tuple[str, ...]


class HubSpotSetup:
    """Run on going live and after each reconnect; a second run changes nothing.

    `definitions` are our properties of an object type as this portal is to have them.
    """

    def __init__(
        self,
        api: HubSpotApi,
        definitions: Sequence[Mapping[str, Any]],
        object_type: str = "contacts",
    ) -> None:
        self._api = api
        self._definitions = definitions
        self._object_type = object_type
        self._base = f"/crm/properties/{api.version}/{object_type}"

    def account(self) -> Mapping[str, Any]:
        """Name-free facts of the account: time zone, currency, type, UI domain."""
        body = self._api.call("GET", f"/account-info/{self._api.version}/details")
        wanted = ("timeZone", "companyCurrency", "accountType", "uiDomain")
        return {name: body[name] for name in wanted if name in body}

    def plan(self, ours: Collection[str]) -> Plan:
        """What is missing, and what is in the way; writes nothing. `ours` are the names of
        properties that we made or that the portal's admin gave to us."""
        have = self._have()
        there = [(one, have[one["name"]]) for one in self._definitions if one["name"] in have]
        found = [self._compared(one, theirs, ours) for one, theirs in there]
        return Plan(
            tuple(one["name"] for one in self._definitions if one["name"] not in have),
            tuple(one for one in found if one is not None),
            tuple(name for name in ours if name in have),
        )

    def room(self) -> int | None:
        """How many custom properties of contacts the account may still make; None when HubSpot
        does not say."""
        try:
            body = self._api.call("GET", f"/crm/limits/{self._api.version}/custom-properties")
            limits = _Limits.model_validate(body)
        except (Permanent, ValidationError):
            return None
        rooms = [limits.overall - limits.overall_used]
        rooms += [one.limit - one.usage for one in limits.by_type if one.object_type == CONTACTS]
        return max(0, min(rooms))

    def ensure_properties(self) -> list[str]:
        """Create what is missing; the names created."""
        base = self._base
        have = self._have()
        missing = [one for one in self._definitions if one["name"] not in have]
        if not missing:
            return []
        self._quietly("POST", f"{base}/groups", dict(PROPERTY_GROUP))
        taken = [self._quietly("POST", base, dict(definition)) for definition in missing]
        refused = next((error for error in taken if error is not None), None)
        if refused is not None:
            have = self._have()
            lacking = [one["name"] for one in missing if one["name"] not in have]
            if lacking:
                raise Permanent(
                    f"HubSpot says that {', '.join(lacking)} is there and does not show it: "
                    f"restore the archived property or choose another prefix ({refused})",
                    causes=refused.causes,
                    sentence=refused.sentence,
                )
        return [str(definition["name"]) for definition in missing]

    def _have(self) -> dict[str, Mapping[str, Any]]:
        body = self._api.call("GET", self._base)
        return {str(item["name"]): item for item in _results(body)}

    def _compared(
        self, wanted: Mapping[str, Any], theirs: Mapping[str, Any], ours: Collection[str]
    ) -> InTheWay | None:
        name = str(wanted["name"])
        unfit = _unfit(wanted, theirs)
        if unfit:
            return InTheWay(name, tuple(unfit), usable=False)
        if name in ours or _made_by_us(wanted, theirs):
            return None
        differs = [
            f"its {what} is {theirs.get(key)}, ours is {wanted[key]}"
            for key, what in (("groupName", "group"), ("fieldType", "field type"))
            if theirs.get(key) != wanted[key]
        ]
        if self._has_values(name):
            differs.append(f"{self._object_type} have values in it that are not ours")
        return InTheWay(name, tuple(differs), usable=True) if differs else None

    def _has_values(self, name: str) -> bool:
        body = self._api.call(
            "POST",
            f"/crm/objects/{self._api.version}/{self._object_type}/search",
            json={
                "filterGroups": [{"filters": [{"propertyName": name, "operator": "HAS_PROPERTY"}]}],
                "properties": ["hs_object_id"],
                "limit": 1,
            },
            search=True,
        )
        return bool(_results(body))

    def ensure_lists(self) -> dict[str, str]:
        """List ids by route name ("priority", "follow_up", "nurture")."""
        return {route: self._ensure_list(name) for route, name in LISTS.items()}

    def archive(
        self,
        list_ids: Sequence[str],
        theirs: Collection[str] = (),
        more: Collection[str] = (),
    ) -> list[str]:
        """Take our properties and lists out of the portal; what is gone already is fine, and what
        is refused stops nothing else: each is named with HubSpot's reason. `theirs` were there
        before us and stay; `more` are ours that the portal does without by now."""
        base = self._base
        ours = [d["name"] for d in self._definitions if d["name"] not in theirs]
        ours += sorted(set(more) - set(ours))
        paths = [f"{base}/{name}" for name in ours]
        paths += [f"{base}/groups/{PROPERTY_GROUP['name']}"]
        paths += [f"/crm/lists/{self._api.version}/{list_id}" for list_id in list_ids]
        left = []
        for path in paths:
            try:
                self._api.call("DELETE", path)
            except UnknownPath:
                continue
            except LeadlightError as error:
                left.append(f"{path.removeprefix('/crm/')} ({error})")
        return [*left, *self._still_there(ours, {one.split(" ")[0] for one in left})]

    def _still_there(self, ours: Sequence[str], named: set[str]) -> list[str]:
        """Properties of ours that HubSpot shows although it took the call that archives them (or
        something in between answered 404); `named` ones have their reason already."""
        path = self._base
        try:
            there = {item["name"] for item in _results(self._api.call("GET", path))}
        except LeadlightError as error:
            return [f"our properties could not be looked for afterwards ({error})"]
        shown = [f"{path.removeprefix('/crm/')}/{name}" for name in ours if name in there]
        return [f"{one} (HubSpot still shows it)" for one in shown if one not in named]

    def _ensure_list(self, name: str) -> str:
        found = self._find_list(name)
        if found is None:
            try:
                body = self._api.call(
                    "POST",
                    f"/crm/lists/{self._api.version}",
                    json={"name": name, "objectTypeId": "0-1", "processingType": "MANUAL"},
                    repeatable=False,
                )
                found = str(body["list"]["listId"])
            except Permanent:
                # A name that is taken is refused with 400: somebody made the list in between.
                found = self._find_list(name)
                if found is None:
                    raise
        if found is None:
            raise Transient(f"HubSpot has a list {name!r} but does not show it yet")
        return found

    def _find_list(self, name: str) -> str | None:
        path = f"/crm/lists/{self._api.version}/object-type-id/0-1/name/{name.replace(' ', '%20')}"
        try:
            return str(self._api.call("GET", path)["list"]["listId"])
        except UnknownPath:
            return None

    def _quietly(self, method: str, path: str, body: dict[str, Any]) -> Conflict | None:
        """Why HubSpot did not do it, when it says that it is there already."""
        try:
            self._api.call(method, path, json=body)
        except Conflict as error:
            return error  # somebody made it in between: that is what we wanted
        return None


def _unfit(wanted: Mapping[str, Any], theirs: Mapping[str, Any]) -> list[str]:
    """Why the property cannot take our values."""
    if theirs.get("type") != wanted["type"]:
        return [f"its type is {theirs.get('type')}, ours is {wanted['type']}"]
    found = []
    if theirs.get("fieldType") not in _FIELD_TYPES[str(wanted["type"])]:
        found.append(f"its field type is {theirs.get('fieldType')}, ours is {wanted['fieldType']}")
    rights = theirs.get("modificationMetadata")
    read_only = isinstance(rights, dict) and rights.get("readOnlyValue")
    if theirs.get("calculated") or read_only or theirs.get("hubspotDefined"):
        found.append("nobody but HubSpot sets its values")
    options = {str(one.get("value")) for one in theirs.get("options") or []}
    lacking = [o["value"] for o in wanted.get("options", ()) if o["value"] not in options]
    if lacking:
        found.append(f"it has no option with the internal value {', '.join(lacking)}")
    return found


def _made_by_us(wanted: Mapping[str, Any], theirs: Mapping[str, Any]) -> bool:
    """An earlier installation of ours made it: nobody else describes a property in these words."""
    return all(theirs.get(key) == wanted[key] for key in ("groupName", "description"))


def _results(body: Any) -> list[dict[str, Any]]:
    results = body.get("results") if isinstance(body, dict) else None
    if not isinstance(results, list):
        raise Transient("HubSpot's list of properties has an unexpected shape")
    return results
