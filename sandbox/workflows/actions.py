"""What a workflow's actions do to one contact (ref 7.2 to 7.4)."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

import requests

from sandbox.errors import Json
from sandbox.settings import AppSettings
from sandbox.state.editor import Editor
from sandbox.state.object_types import CONTACTS
from sandbox.state.portal import Portal
from sandbox.state.records import Record, Source
from sandbox.state.workflows import Enrolment
from sandbox.webhooks.signature import signature_v2, signature_v3

ACTION_TIMEOUT_S = 10.0
_DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")
_SLOT = re.compile(r"\{\{\s*(\w+)\s*\}\}")


@dataclass(frozen=True, slots=True)
class ActionAnswer:
    """Status and output fields of a custom action; status 0 when nobody answered."""

    status: int
    outputs: dict[str, Any]


def call_custom_action(
    app: AppSettings, portal: Portal, enrolment: Enrolment, action: Json, now_ms: int
) -> ActionAnswer:
    """Post one execution, signed as HubSpot signs it: v2, and v3 when the action asks for it."""
    url = str(action["url"])
    body = json.dumps(_execution(portal, enrolment, action)).encode()
    headers = {"Content-Type": "application/json"} | _signed(app, url, body, action, now_ms)
    try:
        answer = requests.post(url, data=body, headers=headers, timeout=ACTION_TIMEOUT_S)
        outputs = answer.json().get("outputFields", {}) if answer.content else {}
    except (requests.RequestException, ValueError, AttributeError):
        return ActionAnswer(0, {})
    return ActionAnswer(answer.status_code, outputs)


def _execution(portal: Portal, enrolment: Enrolment, action: Json) -> Json:
    record = portal.record("contacts", enrolment.contact_id)
    names = action.get("properties") or []
    return {
        "callbackId": enrolment.callback_id,
        "origin": {
            "portalId": portal.portal_id,
            "actionDefinitionId": 106,
            "actionDefinitionVersion": 1,
        },
        "context": {"source": "WORKFLOWS", "workflowId": enrolment.workflow.workflow_id},
        "object": {
            "objectId": record.record_id,
            "objectType": "CONTACT",
            "properties": {name: record.properties.get(name) for name in names},
        },
        "inputFields": action.get("inputFields") or {},
    }


def _signed(app: AppSettings, url: str, body: bytes, action: Json, now_ms: int) -> dict[str, str]:
    secret = app.client_secret.partition(",")[0]
    found = {
        "X-HubSpot-Signature": signature_v2(secret, "POST", url, body),
        "X-HubSpot-Signature-Version": "v2",
    }
    if action.get("signature") == "v3":
        found |= {
            "X-HubSpot-Signature-v3": signature_v3(secret, "POST", url, body, now_ms),
            "X-HubSpot-Request-Timestamp": str(now_ms),
        }
    return found


def duration_ms(text: str) -> int:
    """Milliseconds of an ISO 8601 duration; HubSpot's default of a week when there is none."""
    found = _DURATION.fullmatch(text or "")
    if not text or found is None:
        return 7 * 86_400_000
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return 1_000 * (seconds + 60 * (minutes + 60 * (hours + 24 * days)))


def set_property(
    portal: Portal, record: Record, enrolment: Enrolment, action: Json, now_ms: int
) -> None:
    """Write a value; `{{ name }}` stands for an output of an earlier custom action."""
    value = _SLOT.sub(
        lambda slot: str(enrolment.outputs.get(slot.group(1), "")), str(action["value"])
    )
    source = Source("AUTOMATION_PLATFORM", f"workflowId:{enrolment.workflow.workflow_id}")
    Editor(portal, source, now_ms).update(CONTACTS, record, {str(action["property"]): value})


def add_to_campaign(portal: Portal, enrolment: Enrolment, action: Json) -> None:
    """Let the contact take part in a campaign."""
    portal.workflows.campaigns[str(action["campaign"])].append(enrolment.contact_id)


def call_agent_tool(app: AppSettings, portal: Portal, wanted: Json, number: int) -> ActionAnswer:
    """Let an agent call a tool: as a workflow's action, without workflow and record."""
    url = str(wanted["url"])
    body = json.dumps(
        {
            "callbackId": f"ap-{portal.portal_id}-{number}-0",
            "origin": {
                "portalId": portal.portal_id,
                "actionDefinitionId": 107,
                "actionDefinitionVersion": 1,
            },
            "context": {"source": "AGENTS"},
            "inputFields": wanted.get("inputFields") or {},
        }
    ).encode()
    headers = {"Content-Type": "application/json"} | _signed(app, url, body, wanted, number)
    answer = requests.post(url, data=body, headers=headers, timeout=ACTION_TIMEOUT_S)
    return ActionAnswer(answer.status_code, answer.json().get("outputFields", {}))
