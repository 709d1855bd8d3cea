"""Completing custom workflow actions, `/automation/actions/callbacks/{version}` (ref 7.4)."""

from __future__ import annotations

from sandbox.crm.inputs import inputs_of, text_at
from sandbox.errors import Json, invalid, not_found
from sandbox.gateway import Answer, Call, Gateway
from sandbox.needs import needs
from sandbox.numbers import DATED_VERSIONS
from sandbox.state.workflows import WAITING

_automation = needs("automation")


def register(gateway: Gateway) -> None:
    """Serve the calls of this file."""
    base = "/automation/actions/callbacks/{version}"
    for path, view in (
        (base + "/{callback_id}/complete", complete),
        (base + "/complete", complete_many),
    ):
        gateway.at("POST", path, view, _automation, versions=DATED_VERSIONS)


def complete(call: Call, callback_id: str) -> Answer:
    """204; both maps are required."""
    _check(call.body())
    _require_open(call, callback_id)
    call.portal.completed_callbacks[callback_id] = call.body()["outputFields"]
    return None, 204


def complete_many(call: Call) -> Answer:
    """The same for several."""
    for entry in inputs_of(call.body()):
        _check(entry)
        _require_open(call, text_at(entry, "callbackId"))
        call.portal.completed_callbacks[text_at(entry, "callbackId")] = entry["outputFields"]
    return None, 204


def _check(body: Json) -> None:
    for key in ("outputFields", "typedOutputs"):
        if not isinstance(body.get(key), dict):
            raise invalid(f"Invalid input JSON: required field `{key}` is missing")
    if not all(isinstance(value, str) for value in body["outputFields"].values()):
        raise invalid("`outputFields` maps names to strings")


def _require_open(call: Call, callback_id: str) -> None:
    """404 for a callback whose workflow has gone on without it."""
    waiting = call.portal.workflows.waiting_for(callback_id)
    known = callback_id in call.portal.completed_callbacks
    if waiting is not None and waiting.state != WAITING and not known:
        raise not_found(f"callback {callback_id} does not wait any more")
