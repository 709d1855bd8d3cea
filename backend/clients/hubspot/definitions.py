"""A portal's properties and pipelines as HubSpot defines them: names, labels, types, options."""

from __future__ import annotations

from typing import Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from backend.clients.hubspot.api import HubSpotApi
from backend.errors import Transient
from backend.model import NOTHING, PropertyDefinition

OPTIONS_MAX: Final = 500  # of one property; a longer list is an import gone wrong, not a choice
_WITH_OPTIONS: Final = ("enumeration", "bool")
_OPEN: Final = "non_sensitive"  # HubSpot's word for data without special protection


class _Option(BaseModel):
    label: str
    value: str


class _Definition(BaseModel):
    model_config = ConfigDict(populate_by_name=True)

    name: str
    type: str
    label: str = ""
    options: list[_Option] = []
    hubspot_defined: bool = Field(alias="hubspotDefined", default=False)
    sensitivity: str = Field(alias="dataSensitivity", default=_OPEN)


class _Definitions(BaseModel):
    results: list[_Definition]


class _Pipeline(BaseModel):
    id: str
    label: str = ""


class _Pipelines(BaseModel):
    results: list[_Pipeline]


class HubSpotDefinitions:
    """One call an object type; needs `crm.schemas.<type>.read`."""

    def __init__(self, api: HubSpotApi) -> None:
        self._api = api

    def of(self, object_type: str) -> tuple[PropertyDefinition, ...]:
        """Every property that the object type has. HubSpot leaves out those that are marked as
        sensitive unless they are asked for, and they are not.

        Raises Transient, MissingScopes or NeedsReconnect.
        """
        body = self._api.call("GET", f"/crm/properties/{self._api.version}/{object_type}")
        try:
            found = _Definitions.model_validate(body).results
        except ValidationError:
            raise Transient("HubSpot's list of properties has an unexpected shape") from None
        return tuple(_definition(one) for one in found)

    def deal_pipelines(self) -> dict[str, str]:
        """The labels of the deal pipelines by their stored value, in HubSpot's order.

        Raises Transient, MissingScopes or NeedsReconnect.
        """
        body = self._api.call("GET", f"/crm/pipelines/{self._api.version}/deals")
        try:
            found = _Pipelines.model_validate(body).results
        except ValidationError:
            raise Transient("HubSpot's list of pipelines has an unexpected shape") from None
        return {one.id: one.label or one.id for one in found}


def _definition(found: _Definition) -> PropertyDefinition:
    choices = found.type in _WITH_OPTIONS and len(found.options) <= OPTIONS_MAX
    return PropertyDefinition(
        name=found.name,
        label=found.label,
        type=found.type,
        options={o.value: o.label for o in found.options} if choices else NOTHING,
        made_by_portal=not found.hubspot_defined,
        sensitive=found.sensitivity != _OPEN,
    )
