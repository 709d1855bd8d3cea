"""What a portal's properties are called, as far as values need it: the labels of options."""

from __future__ import annotations

from collections.abc import Collection

from pydantic import BaseModel, ValidationError

from backend.clients.hubspot_api import HubSpotApi
from backend.errors import Transient

OPTIONS_MAX = 500  # of one property; a longer list is an import gone wrong, not a choice


class _Option(BaseModel):
    label: str
    value: str


class _Definition(BaseModel):
    name: str
    type: str
    options: list[_Option] = []


class _Definitions(BaseModel):
    results: list[_Definition]


class HubSpotDefinitions:
    """One call an object type; needs `crm.schemas.<type>.read`."""

    def __init__(self, api: HubSpotApi) -> None:
        self._api = api

    def labels(self, object_type: str, names: Collection[str]) -> dict[str, dict[str, str]]:
        """Stored value → label for every enumeration among `names`; labels equal to their value
        are left out. Raises Transient, MissingScopes or NeedsReconnect.
        """
        found = {
            one.name: {o.value: o.label for o in one.options if o.label and o.label != o.value}
            for one in self._read(object_type)
            if one.name in names and one.type == "enumeration" and len(one.options) <= OPTIONS_MAX
        }
        return {name: options for name, options in found.items() if options}

    def names(self, object_type: str) -> frozenset[str]:
        """Every property that the object type has. Raises as `labels` does."""
        return frozenset(one.name for one in self._read(object_type))

    def _read(self, object_type: str) -> list[_Definition]:
        body = self._api.call("GET", f"/crm/properties/{self._api.version}/{object_type}")
        try:
            return _Definitions.model_validate(body).results
        except ValidationError:
            raise Transient("HubSpot's list of properties has an unexpected shape") from None
