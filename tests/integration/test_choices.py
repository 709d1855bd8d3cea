"""Stages, pipelines, owners and properties by what the portal calls them, through every face."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from backend.errors import BadInput, LeadlightError
from backend.model import PortalSettings
from backend.services.portals.choices import choices_of
from backend.services.settings import change
from backend.storage.portals import portals
from backend.storage.tables.portals import owners
from tests.integration.conftest import PORTAL, Connected
from tests.support.pipeline import settle
from tests.support.training import operator

Set = Callable[[PortalSettings, Any], PortalSettings]


def stages(before: PortalSettings, word: Any) -> PortalSettings:
    rules = replace(before.eligibility, excluded_lifecycle_stages=(word,))
    return replace(before, eligibility=rules)


def pipelines(before: PortalSettings, word: Any) -> PortalSettings:
    return replace(before, sales_pipelines=(word,))


def owner(before: PortalSettings, word: Any) -> PortalSettings:
    return replace(before, routing=replace(before.routing, fallback_owner_id=word))


def mapped(before: PortalSettings, word: Any) -> PortalSettings:
    return replace(before, property_map={"budget_range": word})


def intent(before: PortalSettings, word: Any) -> PortalSettings:
    return replace(before, high_intent=(word,))


def learned(before: PortalSettings, word: Any) -> PortalSettings:
    return replace(before, learn_from=(word,))


WORDS: tuple[tuple[Set, str, str, str, str], ...] = (
    (stages, "Sales qualified lead", "salesqualifiedlead", "Sales qualifed lead", "Sales qual"),
    (pipelines, "sales pipeline", "default", "Sale pipelines", "Sales Pipeline"),
    (mapped, "Number of seats", "number_of_seats", "Number of seat", "Number of seats"),
    (intent, "request a DEMO", "Request a demo", "Request a dmo", "Request a demo"),
    (intent, "/Pricing", "/pricing", "/priccing", "/pricing"),
    (learned, "Program interest", "contacts.program_interest", "Program intrest", "Program int"),
)


def value_of(settings: PortalSettings) -> str:
    return json.dumps(
        [
            settings.eligibility.excluded_lifecycle_stages,
            settings.sales_pipelines,
            settings.routing.fallback_owner_id,
            dict(settings.property_map),
            settings.learn_from,
            settings.high_intent,
        ]
    )


def stored(connected: Connected) -> PortalSettings:
    with connected.product.stores.database.read() as conn:
        return portals.get(conn, PORTAL).settings


@pytest.mark.parametrize(
    ("put", "word", "value", "wrong", "near"), WORDS, ids=[w[0].__name__ for w in WORDS]
)
def test_a_label_is_stored_as_its_value_and_a_wrong_one_refused(
    connected: Connected, put: Set, word: str, value: str, wrong: str, near: str
) -> None:
    change(connected.product, PORTAL, lambda before: put(before, word), actor="t")
    assert f'"{value}"' in value_of(stored(connected))
    with pytest.raises((BadInput, LeadlightError)) as caught:
        change(connected.product, PORTAL, lambda before: put(before, wrong), actor="t")
    assert f"The nearest is '{near}" in str(caught.value)
    assert f'"{value}"' in value_of(stored(connected))


def test_owners_are_named_on_the_command_line(connected: Connected) -> None:
    known = choices_of(connected.product, PORTAL)
    owner_id, name = next(iter(known.owners.items()))
    named = operator(
        connected,
        "portals",
        "settings",
        f"fallback-owner={name.upper()}",
        f"owner-capacity={name}:7",
    )
    assert named.exit_code == 0, named.output
    assert stored(connected).routing.fallback_owner_id == owner_id
    assert dict(stored(connected).routing.owner_capacity) == {owner_id: 7}
    refused = operator(connected, "portals", "settings", f"fallback-owner={name[:-1]}")
    assert refused.exit_code == 2 and name in refused.output + refused.stderr
    assert known.lifecycle_stages["customer"] == "Customer"
    assert known.pipelines == {"default": "Sales Pipeline"}
    assert known.properties["number_of_seats"] == "Number of seats"
    assert "email" not in known.properties


def test_an_owner_whose_name_cannot_be_opened_is_called_by_the_id(connected: Connected) -> None:
    product = connected.product
    first = next(iter(choices_of(product, PORTAL).owners))
    with product.stores.database.write() as conn:
        conn.execute(
            owners.update().where(owners.c.owner_id == first).values(person_sealed="k9:lost")
        )
    assert choices_of(product, PORTAL).owners[first] == f"Owner {first}"


def test_high_intent_from_the_command_line_becomes_a_factor(connected: Connected) -> None:
    wrong = operator(connected, "portals", "settings", "high-intent=Request a dmo")
    assert wrong.exit_code != 0
    assert "The nearest is 'Request a demo'" in str(wrong.exception) + wrong.output
    right = operator(connected, "portals", "settings", "high-intent=Request a demo, /pricing")
    assert right.exit_code == 0, right.output
    assert stored(connected).high_intent == ("Request a demo", "/pricing")
    settle(connected)
    fields = {f.field for score in connected.scores().values() for f in score.factors}
    assert {"intent_form", "intent_page"} <= fields
