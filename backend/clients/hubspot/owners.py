"""The CRM's users that own records: https://developers.hubspot.com/docs/api-reference/crm-owners"""

from __future__ import annotations

from typing import Any

from backend.clients.hubspot.api import HubSpotApi
from backend.model import Owner, Person

PAGE = 500  # HubSpot's largest
PAGES_MAX = 40  # 20,000 owners


class HubSpotOwners:
    """Who they are, by owner id."""

    def __init__(self, api: HubSpotApi) -> None:
        self._api = api

    def listed(self) -> dict[str, Owner]:
        """Active owners. Raises MissingScopes, Transient, NeedsReconnect."""
        found: dict[str, Owner] = {}
        after = ""
        for _ in range(PAGES_MAX):
            params = {"limit": str(PAGE)} | ({"after": after} if after else {})
            body = self._api.call("GET", f"/crm/owners/{self._api.version}", params=params)
            for item in body.get("results") or ():
                found[str(item.get("id", ""))] = Owner(_person(item), _team(item))
            after = str(((body.get("paging") or {}).get("next") or {}).get("after") or "")
            if not after:
                break
        return found


def _person(item: dict[str, Any]) -> Person:
    names = (str(item.get(name) or "").strip() for name in ("firstName", "lastName"))
    return Person(" ".join(name for name in names if name), str(item.get("email") or ""))


def _team(item: dict[str, Any]) -> str:
    """The primary one, else the first; accounts without teams have none."""
    teams = [team for team in item.get("teams") or () if isinstance(team, dict)]
    first = next((team for team in teams if team.get("primary")), next(iter(teams), {}))
    return str(first.get("name") or "").strip()[:100]
