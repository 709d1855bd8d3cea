"""The OpenAPI document is served, complete, and what it says is what happens."""

from __future__ import annotations

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    ignored_auth,
    negative_data_rejection,
    positive_data_acceptance,
)

from tests.integration.api.conftest import ON_SQLITE, OWN, Desk

EXAMPLES = 12  # per operation
TOO_LARGE = 413  # refused before it is read, so nobody knows what else was wrong
NOT_ASKED = [ignored_auth, negative_data_rejection]


@ON_SQLITE
def test_every_reference_in_the_document_leads_somewhere(desk: Desk) -> None:
    document = desk.ask("GET", "/openapi.json").get_json()
    text = desk.ask("GET", "/openapi.json").get_data(as_text=True)
    names = set(document["components"]["schemas"])
    assert {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]} <= names
    assert all(
        (operation["summary"] and {"200", "201", "202"} & set(operation["responses"]))
        or "201" in operation["responses"]
        for operations in document["paths"].values()
        for operation in operations.values()
    )


@ON_SQLITE
@pytest.mark.parametrize("mode", list(GenerationMode))
def test_no_request_that_the_description_allows_or_forbids_finds_a_fault(
    desk: Desk, mode: GenerationMode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.web.api.framework.gate.API_CALLS_PER_MINUTE", 10**9)
    monkeypatch.setattr("backend.web.api.sign_in.SIGN_IN_FREE_ADDRESS", 10**9)
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", desk.app)
    for found in schema.get_all_operations():
        attack(desk, found.ok(), mode)


def attack(desk: Desk, operation: schemathesis.APIOperation, mode: GenerationMode) -> None:
    """As an admin of one portal; a case ends its session, so each gets its own."""
    admin = desk.person("admin")

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def one(case: schemathesis.Case) -> None:
        excluded = [ignored_auth] if is_wrong_where_it_counts(case) else NOT_ASKED
        if "portal_id" in case.path_parameters:
            case.path_parameters["portal_id"] = OWN
        headers = {"Authorization": f"Bearer {desk.token(admin)}"}
        response = case.call(headers=headers)
        if response.status_code == TOO_LARGE:
            excluded = NOT_ASKED
        if case.query and case.query.get("cursor"):
            # A text that is no cursor of ours is 400.
            excluded = [*excluded, positive_data_acceptance]
        case.validate_response(response, headers=headers, excluded_checks=excluded)

    one()


def is_wrong_where_it_counts(case: schemathesis.Case) -> bool:
    """In query or body: path and credentials are then put right, to get past the gate.

    A parameter without any value is not sent at all, so it is wrong only on paper.
    """
    query: dict[str, object] = dict(case.query or {})
    on_paper = any(value is None or value in ([], {}) for value in query.values())
    return any(
        part.mode is GenerationMode.NEGATIVE
        for location, part in case.meta.components.items()
        if location is ParameterLocation.BODY
        or (location is ParameterLocation.QUERY and not on_paper)
    )
