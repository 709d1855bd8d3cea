"""Every request of the product's whole way is one that HubSpot's own published models accept."""

from __future__ import annotations

import importlib
import json
import re
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from tests.integration.conftest import Connected, install
from tests.support.pipeline import hear, some_lead, waiting_events
from tests.support.writes import write_again

OBJECTS = "hubspot.crm.objects.models"
V = r"2026-09"
BODIES = [  # method, path, where the model is, its name; none: no body
    ("GET", rf"/account-info/{V}/details", "", ""),
    ("GET", rf"/crm/limits/{V}/custom-properties", "", ""),
    ("GET", rf"/crm/properties/{V}/\w+", "", ""),
    ("POST", rf"/crm/properties/{V}/\w+", "hubspot.crm.properties.models", "PropertyCreate"),
    (
        "POST",
        rf"/crm/properties/{V}/\w+/groups",
        "hubspot.crm.properties.models",
        "PropertyGroupCreate",
    ),
    ("GET", rf"/crm/owners/{V}/?", "", ""),
    ("GET", rf"/crm/pipelines/{V}/deals", "", ""),
    ("GET", rf"/crm/objects/{V}/\w+(/\d+)?", "", ""),
    (
        "POST",
        rf"/crm/objects/{V}/\w+/batch/update",
        OBJECTS,
        "BatchInputSimplePublicObjectBatchInput",
    ),
    (
        "POST",
        rf"/crm/objects/{V}/\w+/batch/create",
        OBJECTS,
        "BatchInputSimplePublicObjectBatchInputForCreate",
    ),
    ("POST", rf"/crm/objects/{V}/\w+/batch/read", OBJECTS, "BatchReadInputSimplePublicObjectId"),
    ("POST", rf"/crm/objects/{V}/\w+/search", OBJECTS, "PublicObjectSearchRequest"),
    (
        "POST",
        rf"/crm/associations/{V}/\w+/\w+/batch/read",
        "hubspot.crm.associations.v4.models",
        "BatchInputPublicFetchAssociationsBatchRequest",
    ),
    ("GET", rf"/crm/lists/{V}/object-type-id/0-1/name/.+", "", ""),
    ("POST", rf"/crm/lists/{V}", "hubspot.crm.lists.models", "ListCreateRequest"),
    (
        "PUT",
        rf"/crm/lists/{V}/\d+/memberships/add-and-remove",
        "hubspot.crm.lists.models",
        "MembershipChangeRequest",
    ),
    ("PUT", rf"/crm/lists/{V}/\d+/memberships/(add|remove)", "", "list[str]"),
]


def check(kind: str, value: Any, module: str) -> None:
    """Raises for a key that the model does not have, a missing one, or a value it refuses."""
    inner = re.fullmatch(r"list\[(.+)\]", kind)
    mapping = re.fullmatch(r"dict[\[(]str, ?(.+)[\])]", kind)
    if inner:
        assert isinstance(value, list), kind
        for one in value:
            check(inner[1], one, module)
    elif mapping:
        assert isinstance(value, dict), kind
        for one in value.values():
            check(mapping[1], one, module)
    elif kind in ("str", "int", "bool"):
        assert type(value).__name__ == kind, f"{value!r} is no {kind}"
    else:
        _check_model(kind, value, module)


def _check_model(kind: str, value: Any, module: str) -> None:
    model = getattr(importlib.import_module(module), kind)
    names = {sent: name for name, sent in model.attribute_map.items()}
    assert set(value) <= set(names), f"{kind} has no {set(value) - set(names)}"
    model(**{names[sent]: one for sent, one in value.items()})
    for sent, one in value.items():
        if sent == "sorts":  # the search guide has objects where the models say texts
            assert all(set(sort) == {"propertyName", "direction"} for sort in one)
            continue
        check(model.openapi_types[names[sent]], one, module)


def check_request(method: str, path: str, body: bytes | None) -> str:
    """The operation's path; raises for one that is not in the table."""
    for wanted, pattern, module, kind in BODIES:
        if method == wanted and re.fullmatch(pattern, path):
            sent = json.loads(body) if body else None
            if kind:
                check(kind, sent, module)
            else:
                assert sent is None
            return pattern
    raise AssertionError(f"{method} {path} is no operation that was looked up")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_hubspots_models_accept_the_whole_way(unconnected: Connected) -> None:
    seen: list[tuple[str, str, bytes | None]] = []

    def listen(answer: requests.Response, **_: Any) -> None:
        sent = answer.request
        raw = sent.body.encode() if isinstance(sent.body, str) else sent.body
        seen.append((str(sent.method), urlsplit(str(sent.url)).path, raw))

    unconnected.product.hubspot.http._session.hooks["response"].append(listen)
    install(unconnected)
    unconnected.run()
    unconnected.go_live()
    lead = some_lead(unconnected)
    events = waiting_events(unconnected)
    unconnected.ui("POST", f"/contacts/{lead}/properties", {"jobtitle": "Chief buyer"})
    hear(unconnected, events)
    write_again(unconnected, [lead])
    found = {
        check_request(method, path, body)
        for method, path, body in seen
        if not path.startswith("/oauth")
    }
    assert len(found) >= 10
