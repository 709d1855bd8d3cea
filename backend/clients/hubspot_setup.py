"""What Leadlight makes in a portal: a property group, its properties, three lists. Idempotent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from backend.clients.hubspot_api import HubSpotApi
from backend.errors import Conflict, LeadlightError, Permanent, Transient, UnknownPath
from backend.scoring.write_back import LISTS, PROPERTIES, PROPERTY_GROUP


class HubSpotSetup:
    """Run on going live and after each reconnect; a second run changes nothing."""

    def __init__(self, api: HubSpotApi) -> None:
        self._api = api

    def account(self) -> Mapping[str, Any]:
        """Name-free facts of the account: time zone, currency, type, UI domain."""
        body = self._api.call("GET", f"/account-info/{self._api.version}/details")
        wanted = ("timeZone", "companyCurrency", "accountType", "uiDomain")
        return {name: body[name] for name in wanted if name in body}

    def ensure_properties(self) -> list[str]:
        """Create what is missing; the names created."""
        base = f"/crm/properties/{self._api.version}/contacts"
        body = self._api.call("GET", base)
        have = {item["name"] for item in _results(body)}
        missing = [definition for definition in PROPERTIES if definition["name"] not in have]
        if missing:
            self._quietly("POST", f"{base}/groups", dict(PROPERTY_GROUP))
            for definition in missing:
                self._quietly("POST", base, dict(definition))
        return [str(definition["name"]) for definition in missing]

    def ensure_lists(self) -> dict[str, str]:
        """List ids by route name ("priority", "follow_up", "nurture")."""
        return {route: self._ensure_list(name) for route, name in LISTS.items()}

    def archive(self, list_ids: Sequence[str]) -> list[str]:
        """Take our properties and lists out of the portal; what is gone already is fine, and what
        is refused stops nothing else: each is named with HubSpot's reason."""
        base = f"/crm/properties/{self._api.version}/contacts"
        paths = [f"{base}/{definition['name']}" for definition in PROPERTIES]
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
        return [*left, *self._still_there({one.split(" ")[0] for one in left})]

    def _still_there(self, named: set[str]) -> list[str]:
        """Properties of ours that HubSpot shows although it took the call that archives them (or
        something in between answered 404); `named` ones have their reason already."""
        path = f"/crm/properties/{self._api.version}/contacts"
        try:
            there = {item["name"] for item in _results(self._api.call("GET", path))}
        except LeadlightError as error:
            return [f"our properties could not be looked for afterwards ({error})"]
        ours = [str(definition["name"]) for definition in PROPERTIES]
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

    def _quietly(self, method: str, path: str, body: dict[str, Any]) -> None:
        try:
            self._api.call(method, path, json=body)
        except Conflict:
            return  # somebody made it in between: that is what we wanted


def _results(body: Any) -> list[dict[str, Any]]:
    results = body.get("results") if isinstance(body, dict) else None
    if not isinstance(results, list):
        raise Transient("HubSpot's list of properties has an unexpected shape")
    return results
