"""The generated portal is big enough, always the same, plausible, and has reasons to win."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable

import pytest

from sandbox.commands.ideal_clients import write
from sandbox.generator.portals import new_portal
from sandbox.state.object_types import ACTIVITIES
from sandbox.state.portal import Portal
from sandbox.state.records import Record
from sandbox.times import parse_moment

NOW_MS = 1_795_392_000_000  # 2026-11-23


@pytest.fixture(scope="module")
def portal() -> Portal:
    return new_portal(1, 7, 1500, "pro", NOW_MS)


def records(portal: Portal, kind: str) -> list[Record]:
    return list(portal.stores[kind])


def won_share(portal: Portal, keep: Callable[[Record, Record], bool]) -> float:
    """Share won among closed deals whose (contact, company) pass."""
    outcomes = []
    for deal in records(portal, "deals"):
        if deal.properties["hs_is_closed"] != "true":
            continue
        contact_id = next(iter(portal.associations.of("deals", deal.record_id, "contacts")))
        company_id = portal.associations.primary("contacts", contact_id, "companies")
        if company_id is None:
            continue
        contact = portal.record("contacts", contact_id)
        if keep(contact, portal.record("companies", company_id)):
            outcomes.append(deal.properties["hs_is_closed_won"] == "true")
    assert len(outcomes) >= 15
    return sum(outcomes) / len(outcomes)


def test_it_is_big_enough(portal: Portal) -> None:
    deals = records(portal, "deals")
    closed = Counter(
        d.properties["dealstage"] for d in deals if d.properties["hs_is_closed"] == "true"
    )
    assert len(records(portal, "contacts")) == 1500
    assert len(records(portal, "companies")) >= 300
    assert sum(closed.values()) >= 400 and min(closed["closedwon"], closed["closedlost"]) >= 120
    assert len(deals) > sum(closed.values())
    activities = sum(len(records(portal, kind)) for kind in ACTIVITIES)
    assert 8 <= activities / 1500 <= 13


def test_the_same_seed_gives_the_same_portal_and_another_seed_another(portal: Portal) -> None:
    again, other = new_portal(1, 7, 1500, "pro", NOW_MS), new_portal(1, 8, 1500, "pro", NOW_MS)
    emails = [
        [r.properties.get("email") for r in records(p, "contacts")] for p in (portal, again, other)
    ]
    assert emails[0] == emails[1] != emails[2]


def test_nothing_happened_in_the_future(portal: Portal) -> None:
    for kind in ("contacts", "companies", "deals", *ACTIVITIES):
        for record in records(portal, kind):
            assert record.created_ms <= record.updated_ms <= NOW_MS
            stamps = [v.timestamp_ms for versions in record.history.values() for v in versions]
            assert max(stamps, default=0) <= NOW_MS
            happened = parse_moment(record.properties.get("hs_timestamp", "0")) or 0
            assert happened <= NOW_MS


def test_every_value_is_one_the_portal_would_accept(portal: Portal) -> None:
    for kind in ("contacts", "companies", "deals", *ACTIVITIES):
        catalog = portal.catalogs[kind]
        for record in records(portal, kind):
            for name, value in record.properties.items():
                definition = catalog.require(name)
                if definition.values and name != "hubspot_owner_id":
                    parts = value.split(";") if definition.field_type == "checkbox" else [value]
                    assert set(parts) <= definition.values, (kind, name, value)
                elif definition.type == "number":
                    float(value)


def test_history_runs_from_old_to_new(portal: Portal) -> None:
    for record in records(portal, "contacts"):
        for name, versions in record.history.items():
            stamps = [version.timestamp_ms for version in versions]
            assert stamps == sorted(stamps, reverse=True), name
            assert versions[0].value == record.properties.get(name, "")
    customer = next(
        r for r in records(portal, "contacts") if r.properties["lifecyclestage"] == "customer"
    )
    assert [v.value for v in customer.versions("lifecyclestage")][-1] in ("lead", "subscriber")


def test_values_are_missing_and_misspelt_as_in_life(portal: Portal) -> None:
    companies = records(portal, "companies")
    for name, least, most in (("industry", 0.04, 0.2), ("annualrevenue", 0.15, 0.4)):
        missing = sum(name not in company.properties for company in companies) / len(companies)
        assert least < missing < most
    countries = {company.properties.get("country") for company in companies}
    assert {"United States", "USA"} <= countries


def test_industry_seniority_and_engagement_decide(portal: Portal) -> None:
    def industry(*names: str) -> Callable[[Record, Record], bool]:
        return lambda contact, company: company.properties.get("industry") in names

    good = won_share(portal, industry("LOGISTICS_AND_SUPPLY_CHAIN", "MACHINERY"))
    bad = won_share(
        portal,
        industry("HOSPITALITY", "EDUCATION_MANAGEMENT", "NON_PROFIT_ORGANIZATION_MANAGEMENT"),
    )
    assert good > bad + 0.2

    def opened(contact: Record, company: Record) -> bool:
        return float(contact.properties.get("hs_email_open", 0)) >= 4

    markets = [portal, *(new_portal(1, seed, 1500, "pro", NOW_MS) for seed in (8, 9))]
    apart = [
        won_share(one, opened) - won_share(one, lambda a, b: not opened(a, b)) for one in markets
    ]
    assert sum(apart) / len(apart) > 0.1

    def junior(contact: Record, company: Record) -> bool:
        title = contact.properties.get("jobtitle", "").lower()
        return any(
            word in title for word in ("intern", "student", "assistant", "specialist", "analyst")
        )

    assert won_share(portal, junior) < won_share(portal, lambda a, b: not junior(a, b)) - 0.1


def test_most_activity_happens_while_a_deal_ripens(portal: Portal) -> None:
    before = []
    for deal in records(portal, "deals"):
        if deal.properties["hs_is_closed"] != "true":
            continue
        closed_ms = parse_moment(deal.properties["closedate"]) or 0
        contact_id = next(iter(portal.associations.of("deals", deal.record_id, "contacts")))
        for kind in ("emails", "calls", "meetings"):
            for activity_id in portal.associations.of("contacts", contact_id, kind):
                at = portal.record(kind, activity_id).properties["hs_timestamp"]
                before.append((parse_moment(at) or 0) <= closed_ms)
    assert sum(before) / len(before) > 0.6


def test_ideal_clients_are_won_companies_of_the_same_portal() -> None:
    out = io.StringIO()
    write(out, 7, 1500, 25)
    rows = list(csv.DictReader(io.StringIO(out.getvalue())))
    assert len(rows) == 25
    assert set(rows[0]) == {
        "Name",
        "Industry",
        "Company size",
        "Revenue range",
        "Geographic location",
        "Technology stack",
        "Budget range",
    }
    portal = new_portal(1, 7, 1500, "pro", NOW_MS)
    won = set()
    for deal in records(portal, "deals"):
        if deal.properties["dealstage"] == "closedwon":
            for company_id in portal.associations.of("deals", deal.record_id, "companies"):
                won.add(portal.record("companies", company_id).properties["name"])
    assert {row["Name"] for row in rows} <= won
