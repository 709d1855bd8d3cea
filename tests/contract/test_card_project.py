"""The developer project and the backend say the same: scopes, events, properties, addresses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from backend.clients.hubspot.oauth import OPTIONAL_SCOPES, REQUIRED_SCOPES
from backend.scoring.facts.properties import PROPERTIES
from backend.scoring.write_back import PROPERTY_NAMES
from backend.web.generated import files
from backend.web.hubspot.events import HubSpotEvent, parse, to_inbox
from sandbox.subscriptions import SILENT_PROPERTIES, default_subscriptions

PROJECT = Path(__file__).resolve().parents[2] / "hubspot-card"
APP = PROJECT / "src/app"
KIND = {
    "contacts": "contact",
    "companies": "company",
    "deals": "deal",
    "leads": "lead",
    "calls": "call",
    "emails": "email",
    "meetings": "meeting_event",
    "notes": "note",
    "tasks": "task",
}


def config(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((APP / name).read_text())["config"]
    return found


def subscribed() -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = config("webhooks/webhooks-hsmeta.json")[
        "subscriptions"
    ]
    return found


def test_the_app_asks_for_exactly_the_scopes_the_backend_uses() -> None:
    auth = config("app-hsmeta.json")["auth"]
    assert auth["type"] == "oauth"
    assert auth["requiredScopes"] == list(REQUIRED_SCOPES)
    assert auth["optionalScopes"] == list(OPTIONAL_SCOPES)
    assert auth["conditionallyRequiredScopes"] == []


def test_every_event_is_subscribed_to_once_and_as_the_sandbox_sends_it() -> None:
    entries = [
        (one["objectType"], one["subscriptionType"].partition(".")[2])
        for one in subscribed()["crmObjects"]
        if "propertyName" not in one
    ]
    entries += [
        ("contact", one["subscriptionType"].partition(".")[2]) for one in subscribed()["hubEvents"]
    ]
    sent = [
        (KIND[one.object_type], one.event)
        for one in default_subscriptions(legacy=False)
        if not one.property_name
    ]
    assert sorted(entries) == sorted(sent)
    assert subscribed()["legacyCrmObjects"] == []


@pytest.mark.parametrize("object_type", sorted(PROPERTIES))
def test_every_property_that_scoring_reads_is_a_trigger(object_type: str) -> None:
    named = [
        one["propertyName"]
        for one in subscribed()["crmObjects"]
        if one.get("propertyName") and one["objectType"] == KIND[object_type]
    ]
    assert sorted(named) == sorted(set(PROPERTIES[object_type]) - SILENT_PROPERTIES)


def test_what_we_write_never_triggers_us() -> None:
    named = {one.get("propertyName") for one in subscribed()["crmObjects"]}
    assert not named & set(PROPERTY_NAMES)


def test_the_backend_understands_every_subscription() -> None:
    for one in (*subscribed()["crmObjects"], *subscribed()["hubEvents"]):
        change = one["subscriptionType"].partition(".")[2]
        kind = one.get("objectType", "contact")
        element = {
            "eventId": 1,
            "subscriptionId": 2,
            "portalId": 3,
            "occurredAt": 1,
            "objectId": 4,
            "subscriptionType": f"{kind}.{change}",
            "propertyName": one.get("propertyName", ""),
            "fromObjectId": 4,
            "toObjectId": 5,
            "associationType": "DEAL_TO_CONTACT",
        }
        event = parse(0, element)
        assert isinstance(event, HubSpotEvent), one
        if change != "merge" or kind != "deal":  # a merged deal is read with its contacts
            assert to_inbox(event) is not None, one


def test_there_is_room_for_every_subscription() -> None:
    assert len(subscribed()["crmObjects"]) <= 1_000
    assert config("webhooks/webhooks-hsmeta.json")["settings"]["maxConcurrentRequests"] > 5


def test_addresses_are_the_backends_own() -> None:
    """Against the profile variable, without anything that is percent-encoded."""
    base = "${BACKEND_URL}"
    app = config("app-hsmeta.json")
    assert app["auth"]["redirectUrls"] == [f"{base}/oauth/callback"]
    assert app["permittedUrls"] == {"fetch": [f"{base}/card/"], "iframe": [], "img": []}
    hooks = config("webhooks/webhooks-hsmeta.json")["settings"]
    assert hooks["targetUrl"] == f"{base}/webhooks/hubspot"
    actions = {"score-lead": "score", "explain-score": "explain", "best-leads": "best-leads"}
    for name, path in actions.items():
        action = config(f"workflow-actions/{name}-hsmeta.json")
        assert action["actionUrl"] == f"{base}/workflow/{path}"
    assert len(list(APP.glob("workflow-actions/*-hsmeta.json"))) == len(actions)


def test_the_profile_has_every_variable_that_is_used() -> None:
    variables = json.loads((PROJECT / "src/hsprofile.example.json").read_text())["variables"]
    text = "".join(path.read_text() for path in APP.glob("**/*-hsmeta.json"))
    used = {part.partition("}")[0] for part in text.split("${")[1:]}
    assert used <= set(variables)
    for address in ("BACKEND_URL", "CONSOLE_URL", "DOCS_URL"):
        assert variables[address].startswith("https://")


def test_the_workflow_action_gives_what_a_score_has() -> None:
    action = config("workflow-actions/score-lead-hsmeta.json")
    outputs = {
        one["typeDefinition"]["name"]: one["typeDefinition"] for one in action["outputFields"]
    }
    assert (
        set(outputs)
        == {"score", "fit", "action", "chance"}
        == set(action["labels"]["en"]["outputFieldLabels"])
    )
    assert [one["value"] for one in outputs["fit"]["options"]] == ["High", "Medium", "Low"]


@pytest.mark.parametrize("name", ["score-lead", "explain-score", "best-leads"])
def test_an_agent_can_choose_a_tool_by_its_description(name: str) -> None:
    """HubSpot's agent tools reference: when to use it, its inputs, what it returns."""
    action = config(f"workflow-actions/{name}-hsmeta.json")
    (agents,) = [one for one in action["supportedClients"] if one["client"] == "AGENTS"]
    assert agents["toolType"] == ("TAKE_ACTION" if name == "score-lead" else "GET_DATA")
    told = agents["llmConfig"]["actionDescription"]
    inputs = {one["typeDefinition"]["name"] for one in action["inputFields"]}
    outputs = {one["typeDefinition"]["name"] for one in action["outputFields"]}
    assert "Use it" in told
    assert "Input" in told
    assert "Returns" in told
    assert all(given in told for given in inputs)
    assert all(got in told for got in outputs if got.startswith("untrusted_"))
    english = action["labels"]["en"]
    assert set(english["inputFieldLabels"]) == set(english["inputFieldDescriptions"]) == inputs
    assert set(english["outputFieldLabels"]) == outputs


def test_the_cards_types_are_those_of_the_models() -> None:
    """`python -m backend.web.generated` writes them anew."""
    for path, text in files().items():
        assert path.read_text(encoding="utf-8") == text, path.name


def test_the_lock_files_name_no_registry() -> None:
    for folder in (PROJECT, PROJECT.parent / "sandbox/record_page"):
        lock = json.loads((folder / "package-lock.json").read_text())
        assert not [name for name, one in lock["packages"].items() if "resolved" in one]
