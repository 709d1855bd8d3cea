"""`/sandbox/portals/{id}/workflows`: what an admin builds in HubSpot's workflow editor.

`/sandbox/portals/{id}/agent` lets an agent call a tool: `url` and `inputFields`.
"""

from __future__ import annotations

from typing import Any

from flask import Flask

from sandbox.control.desk import object_body, serve
from sandbox.errors import Json, invalid
from sandbox.state.portal import Portal
from sandbox.state.workflows import Enrolment, Trigger, Workflow
from sandbox.workflows.actions import call_agent_tool
from sandbox.world import World

_NEEDS = {
    "custom_action": ("url",),
    "set_property": ("property", "value"),
    "add_to_campaign": ("campaign",),
}


def register(app: Flask, world: World) -> None:
    """Serve the addresses of this file."""

    def create(body: Any, portal_id: int) -> Json:
        wanted = object_body(body)
        with world.lock:
            portal = world.portal(portal_id)
            if "automation" in portal.tier.missing_scopes:
                raise invalid(f"a {portal.tier.name} account has no workflows")
            name = str(wanted.get("name") or "A workflow")
            made = portal.workflows.add(name, _trigger(portal, wanted), _actions(wanted))
            return _json(portal, made)

    def everything(body: Any, portal_id: int) -> Json:
        with world.lock:
            portal = world.portal(portal_id)
            found = portal.workflows
            return {
                "workflows": [_json(portal, one) for one in found.all],
                "campaigns": {name: [str(i) for i in ids] for name, ids in found.campaigns.items()},
            }

    def agent(body: Any, portal_id: int) -> Json:
        with world.lock:
            portal = world.portal(portal_id)
        answer = call_agent_tool(world.settings.app, portal, object_body(body), world.clock())
        return {"status": answer.status, "outputFields": answer.outputs}

    serve(app, "POST", "/sandbox/portals/<int:portal_id>/agent", agent)
    path = "/sandbox/portals/<int:portal_id>/workflows"
    serve(app, "POST", path, create)
    serve(app, "GET", path, everything)


def _trigger(portal: Portal, wanted: Json) -> Trigger:
    entry = object_body(wanted.get("enrol"))
    if "list" in entry:
        by_name = portal.lists.by_name("0-1", str(entry["list"]))
        found = by_name or portal.lists.get(str(entry["list"]))
        return Trigger(list_id=str(found.list_id))
    name = str(entry.get("property", ""))
    if portal.catalogs["contacts"].get(name) is None:
        raise invalid(f"contacts have no property {name}")
    return Trigger(name, str(entry.get("value", "")))


def _actions(wanted: Json) -> tuple[Json, ...]:
    found = tuple(object_body(entry) for entry in wanted.get("actions") or [])
    for entry in found:
        needed = _NEEDS.get(str(entry.get("type")))
        if needed is None or not all(key in entry for key in needed):
            raise invalid(f"an action needs a type of {', '.join(_NEEDS)} and what belongs to it")
    return found


def _json(portal: Portal, workflow: Workflow) -> Json:
    mine = [one for one in portal.workflows.enrolments if one.workflow is workflow]
    return {
        "id": workflow.workflow_id,
        "name": workflow.name,
        "enrolments": [_enrolment(one) for one in mine],
    }


def _enrolment(one: Enrolment) -> Json:
    return {
        "contact_id": str(one.contact_id),
        "state": one.state,
        "callback_id": one.callback_id,
        "outputs": one.outputs,
        "problem": one.problem,
    }
