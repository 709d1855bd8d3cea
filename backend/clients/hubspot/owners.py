"""The CRM's users that own records: https://developers.hubspot.com/docs/api-reference/crm-owners"""

from __future__ import annotations

from backend.clients.hubspot.api import HubSpotApi
from backend.model import Person

PAGE = 500  # HubSpot's largest
PAGES_MAX = 40  # 20,000 owners


class HubSpotOwners:
    """Who they are, by owner id."""

    def __init__(self, api: HubSpotApi) -> None:
        self._api = api

    def listed(self) -> dict[str, Person]:
        """Active owners. Raises MissingScopes, Transient, NeedsReconnect."""
        found: dict[str, Person] = {}
        after = ""
        for _ in range(PAGES_MAX):
            params = {"limit": str(PAGE)} | ({"after": after} if after else {})
            body = self._api.call("GET", f"/crm/owners/{self._api.version}", params=params)
            for item in body.get("results") or ():
                found[str(item.get("id", ""))] = _person(item)
            after = str(((body.get("paging") or {}).get("next") or {}).get("after") or "")
            if not after:
                break
        return found


def _person(item: dict[str, object]) -> Person:
    names = (str(item.get(name) or "").strip() for name in ("firstName", "lastName"))
    return Person(" ".join(name for name in names if name), str(item.get("email") or ""))
