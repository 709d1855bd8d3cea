"""Labels of a portal that has been in use for years, against what its generator knows."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

import pytest

from backend.learning.data.outcomes import Outcome
from backend.model import CompanyDeals, PortalSettings
from backend.services.learning.labels import Labels, labelled
from backend.services.settings import change
from backend.storage.portals import portals
from sandbox.generator.portals import fill, new_portal
from sandbox.times import DAY_MS, system_clock
from tests.integration.conftest import PORTAL, Connected
from tests.support.training import operator

CONTACTS = 400


@pytest.fixture
def contacts() -> int:
    return CONTACTS


@pytest.fixture
def seed() -> str:
    return "real"


def days_to_win() -> Mapping[str, float | None]:
    """By contact id, the days until it bought; None for those who never did."""
    scratch = new_portal(PORTAL, "real", 0, "pro", system_clock())
    people = fill(scratch, "real", CONTACTS, system_clock())
    return {
        str(p.record_id): next(
            ((d.closed_ms - p.created_ms) / DAY_MS for d in p.deals if d.won), None
        )
        for p in people
    }


def labels_of(connected: Connected) -> Labels:
    with connected.product.stores.database.read() as conn:
        portal = portals.get(conn, PORTAL)
    return labelled(connected.product.stores, portal)


def choose(connected: Connected, whose: CompanyDeals) -> None:
    def wanted(before: PortalSettings) -> PortalSettings:
        return replace(before, company_deals=whose)

    change(connected.product, PORTAL, wanted, actor="t")


def wrong(labels: Labels) -> Counter[str]:
    truth = days_to_win()
    found: Counter[str] = Counter()
    for _, one in labels.decided:
        if isinstance(one, Outcome):
            days = truth[one.contact_id]
            won = days is not None and days <= labels.horizon_days + 1
            found["leads"] += 1
            found[f"{one.result}, bought: {won}"] += (one.result == "won") != won
    return found


def test_labels_of_a_real_portal_are_right(connected: Connected) -> None:
    labels = labels_of(connected)
    found = wrong(labels)
    number = found.pop("leads")
    assert number > CONTACTS / 4
    assert found.total() <= number / 100, found
    truth = days_to_win()
    bought = [one.why for _, one in labels.decided if truth[one.contact_id] is not None]
    assert set(bought) <= {"deal", "stage", "won_late", "too_young"}, Counter(bought)
    sales = {one.label: one.sales for one in labels.pipelines}
    assert sales == {"Sales Pipeline": True, "Recruiting": False, "Onboarding": False}


def test_deals_of_a_company_count_as_an_admin_chooses(connected: Connected) -> None:
    def won_by() -> Counter[str]:
        decided = labels_of(connected).decided
        return Counter(one.why for _, one in decided)

    nobody = won_by()
    assert nobody["company_won"] > 0 and nobody["company_deal"] == 0
    choose(connected, CompanyDeals.PRIMARY)
    primary = won_by()
    assert primary["company_deal"] > 0 and primary["company_won"] == 0
    choose(connected, CompanyDeals.ALL)
    every = won_by()
    assert every["company_deal"] + every["was_customer"] > primary["company_deal"]


def test_a_deal_won_with_a_company_alone_is_seen_when_it_happens(connected: Connected) -> None:
    truth = days_to_win()
    before = labels_of(connected)
    past = next(
        past
        for past, one in before.decided
        if isinstance(one, Outcome)
        and one.result == "lost"
        and past.history.company_id
        and truth[one.contact_id] is None
    )
    company = past.history.company_id
    made = connected.ui(
        "POST",
        "/deals",
        {
            "properties": {"dealname": "x", "dealstage": "closedwon", "pipeline": "default"},
            "associations": {"companies": [int(company)]},
        },
    )
    assert made
    connected.sandbox.control("POST", "/webhooks/flush")
    connected.run()
    after = {p.history.contact_id: one for p, one in labels_of(connected).decided}
    assert after[past.history.contact_id].why == "company_won"


def test_the_command_line_says_where_labels_come_from(connected: Connected) -> None:
    found = operator(connected, "portals", "outcomes", "--json")
    assert found.exit_code == 0, found.output
    report = json.loads(found.stdout)
    assert report["leads"] == report["won"] + report["lost"] + report["held_out"]
    assert {row["why"] for row in report["labels"]} >= {"stage", "company_won", "no_win"}
    assert any("Nobody has said which deal pipelines are sales" in w for w in report["warnings"])
    refused = operator(connected, "portals", "outcomes", "--sales-pipeline", "Sales pipelin")
    assert refused.exit_code == 2
    assert "The nearest is 'Sales Pipeline'" in refused.output + refused.stderr
    named = operator(
        connected,
        "portals",
        "outcomes",
        "--sales-pipeline",
        "sales pipeline",
        "--company-deals",
        "primary",
    )
    assert named.exit_code == 0, named.output
    assert "Sales Pipeline" in named.output and "first contact" in named.output
    with connected.product.stores.database.read() as conn:
        settings = portals.get(conn, PORTAL).settings
    assert settings.sales_pipelines == ("default",)
    assert settings.company_deals is CompanyDeals.PRIMARY
