"""`POST /workflow/score`: HubSpot runs the action "Score lead" for one contact: of a workflow, or
the one that an agent names.

Always 200 with a state for expected failures: without one HubSpot takes 4xx for failed, and tries
5xx again for three days. The request is signed with v3 or, as the guide says, v2; v2 has no time
stamp, and a replay of it changes nothing because `callbackId` names the run.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from flask import Blueprint, Response, jsonify, request
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from backend.errors import BadInput, NotFound
from backend.services.workflow_action import begin, failed
from backend.storage.portals import portals
from backend.web.accesses import name_actor
from backend.web.hubspot.signed import verify_action
from backend.wiring import Stores


class _Origin(BaseModel):
    model_config = ConfigDict(extra="ignore")
    portal_id: int = Field(alias="portalId", gt=0, lt=2**63)
    action_id: int = Field(alias="actionDefinitionId", gt=0, lt=2**63)


class _Context(BaseModel):
    model_config = ConfigDict(extra="ignore")
    source: Literal["WORKFLOWS", "AGENTS", "AGENT"]
    workflow_id: int | None = Field(alias="workflowId", default=None, gt=0, lt=2**63)

    @model_validator(mode="after")
    def _of_a_workflow(self) -> _Context:
        if self.source == "WORKFLOWS" and self.workflow_id is None:
            raise ValueError("a workflow has a number")
        return self


class _Object(BaseModel):
    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)
    object_id: str = Field(alias="objectId", pattern=r"^[0-9]{1,32}$")
    object_type: str = Field(alias="objectType", max_length=64)


class _Inputs(BaseModel):
    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)
    contact_id: Annotated[str, Field(pattern=r"^[0-9]{0,32}$")] | None = None


class ActionRun(BaseModel):
    """What HubSpot sends; keys that are not needed are ignored.

    A callback id is `ap-<portal>-<number>-<number>…` and names the portal it belongs to.
    """

    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)
    callback_id: str = Field(
        alias="callbackId", max_length=128, pattern=r"^ap-[0-9]{1,19}(-[0-9]{1,20}){1,5}$"
    )
    origin: _Origin
    context: _Context
    object: _Object | None = None
    inputs: _Inputs = Field(alias="inputFields", default_factory=_Inputs)

    @model_validator(mode="after")
    def _of_one_portal(self) -> ActionRun:
        if self.callback_id.split("-")[1] != str(self.origin.portal_id):
            raise ValueError("the callback belongs to another portal")
        if self.object is None and not self.inputs.contact_id:
            raise ValueError("no contact is named")
        return self


def blueprint(stores: Stores) -> Blueprint:
    """The one address of the action."""
    routes = Blueprint("workflow", __name__)

    @routes.post("/workflow/score")
    def score() -> Response:
        verify_action(stores)
        return jsonify(outputFields=run(stores, _parsed()))

    return routes


def run(stores: Stores, wanted: ActionRun) -> dict[str, Any]:
    """The output fields for this run."""
    contact_id = wanted.inputs.contact_id or ""
    if not contact_id and wanted.object is not None:
        if wanted.object.object_type.upper() != "CONTACT":
            return dict(failed("not_a_contact"))
        contact_id = wanted.object.object_id
    try:
        with stores.database.read() as conn:
            portal = portals.get(conn, wanted.origin.portal_id)
    except NotFound:
        return dict(failed("unknown_portal"))
    if portal.state != "connected":
        return dict(failed("disconnected"))
    name_actor("hubspot:workflow", portal.portal_id, contact_id)
    return begin(stores, portal, wanted.callback_id, contact_id)


def _parsed() -> ActionRun:
    try:
        return ActionRun.model_validate(request.get_json(silent=True))
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"]) or "body"
        raise BadInput(f"{where} is missing or not as HubSpot sends it") from None
