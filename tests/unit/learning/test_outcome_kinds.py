"""What became of a lead, from HubSpot's own properties. A line in CASES teaches a case.

The lead was made 500 days ago and a win counts within 120 days. Days are counted from when it was
made; "never" is a day that HubSpot does not give.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from backend.learning.data.outcomes import (
    HeldOut,
    LeadHistory,
    Outcome,
    horizon_days,
    is_customer,
    outcome_of,
)
from backend.learning.data.pipelines import pipelines_in_use, sales_only, says_not_sales
from backend.model import CrmRecord, DealFact
from backend.scoring.collect import deals_of, mirror_record
from backend.scoring.values.times import day_of

NOW = datetime(2026, 11, 29, 15, tzinfo=UTC)
MADE = NOW - timedelta(days=500)
HORIZON = 120
SALES, RECRUITING = "default", "77"


def at(day: float) -> str:
    return (MADE + timedelta(days=day)).isoformat()


def deal(
    stage: str = "closedwon",
    *,
    made: float = 20,
    closed: float | None = None,
    entered: float | None = None,
    pipeline: str = SALES,
    flags: Mapping[str, str] | None = None,
) -> DealFact:
    """As HubSpot answers it: flags by stage, dates only where given."""
    given = {
        "dealstage": stage,
        "pipeline": pipeline,
        "createdate": at(made),
        "closedate": None if closed is None else at(closed),
        "hs_v2_date_entered_current_stage": None if entered is None else at(entered),
    }
    record = CrmRecord("deals", f"{made}{stage}{pipeline}", given | dict(flags or {}), NOW)
    (found,) = deals_of([mirror_record(record)[0]])
    return found


def undated() -> DealFact:
    return replace(deal(), closed_at=None)


@dataclass(frozen=True)
class Case:
    name: str
    result: str  # "won", "lost" or the reason why it is held out
    deals: Sequence[DealFact] = ()
    company: Sequence[DealFact] = ()
    company_won: bool = False
    stage: str = "lead"
    customer_on: float | None = None
    in_talks_on: float | None = None
    excluded: bool = False
    day: float | None = None  # of the win or the decision


CASES = (
    Case("closed in time", "won", [deal(closed=60)], day=60),
    Case("no close date, dated by its stage", "won", [deal(entered=60)], day=60),
    Case("no close date and no stage date, dated by creation", "won", [deal(made=20)], day=20),
    Case("no date at all", "no_date", [undated()]),
    Case("close date in the future", "closes_later", [deal(closed=560)]),
    Case(
        "close date in the future, stage entered long ago",
        "closes_later",
        [deal(closed=560, entered=50)],
    ),
    Case("one in the future, one in time", "won", [deal(closed=560), deal(closed=70, made=21)]),
    Case("customer, no deal", "won", stage="customer", customer_on=60, day=60),
    Case("evangelist, no deal", "won", stage="evangelist", customer_on=60, day=60),
    Case("customer since nobody knows when", "no_date", stage="customer"),
    Case("customer later than the time to win", "lost", stage="customer", customer_on=300),
    Case(
        "customer on the day the contact was made", "was_customer", stage="customer", customer_on=0
    ),
    Case("customer since before", "was_customer", stage="customer", customer_on=-300),
    Case(
        "customer by import, then won an upsell",
        "won",
        [deal(closed=80)],
        stage="customer",
        customer_on=0,
    ),
    Case(
        "customer, its deal deleted, an upsell open",
        "won",
        [deal("contractsent")],
        stage="customer",
        customer_on=60,
    ),
    Case("no customer any more", "no_longer_customer", stage="lead", customer_on=60),
    Case("deal won before the contact was made", "was_customer", [deal(made=-90, closed=-40)]),
    Case(
        "won before, renewed since",
        "was_customer",
        [deal(made=-90, closed=-40), deal(made=30, closed=40)],
    ),
    Case(
        "renewed every year, first win in time",
        "won",
        [deal(made=20, closed=50), deal(made=380, closed=400)],
        day=50,
    ),
    Case("won later than the time to win", "lost", [deal(closed=200)], day=HORIZON),
    Case("lost deal", "lost", [deal("closedlost", closed=60)], day=60),
    Case("lost deal without a close date", "lost", [deal("closedlost", entered=60)], day=60),
    Case(
        "lost, then won", "won", [deal("closedlost", closed=40), deal(made=50, closed=90)], day=90
    ),
    Case(
        "won, then reopened",
        "lost",
        [deal("contractsent", closed=60, flags={"hs_is_closed_won": "false"})],
        day=HORIZON,
    ),
    Case(
        "lost, then reopened",
        "lost",
        [deal("contractsent", closed=60, flags={"hs_is_closed": "false"})],
        day=HORIZON,
    ),
    Case("open deal", "lost", [deal("contractsent", closed=560)], day=HORIZON),
    Case("nothing ever happened", "lost", day=HORIZON),
    Case("the company's deal, counted", "won", company=[deal(closed=60)], day=60),
    Case(
        "the company's deal, counted, won before",
        "was_customer",
        company=[deal(made=-90, closed=-40)],
    ),
    Case("the company's deal, counted, no dates", "won", company=[deal(entered=70)], day=70),
    Case("the company's deal, whose nobody said", "company_won", company_won=True),
    Case(
        "the company's deal, whose nobody said, but a customer",
        "won",
        company_won=True,
        stage="customer",
        customer_on=60,
    ),
    Case("hired", "other_pipeline", [deal(closed=60, pipeline=RECRUITING)]),
    Case(
        "hired, and bought",
        "won",
        [deal(closed=30, pipeline=RECRUITING), deal(made=40, closed=80)],
        day=80,
    ),
    Case("not hired", "lost", [deal("closedlost", closed=60, pipeline=RECRUITING)], day=HORIZON),
    Case("won in a pipeline nobody names", "won", [deal(closed=60, pipeline="")]),
    Case("in a stage that is no lead here", "no_lead_stage", stage="89012", excluded=True),
)


def history(case: Case) -> LeadHistory:
    def day(number: float | None) -> datetime | None:
        return None if number is None else MADE + timedelta(days=number)

    customer, talks = day(case.customer_on), day(case.in_talks_on)
    lead = LeadHistory(
        "1",
        MADE,
        "c",
        tuple(sorted(case.deals, key=lambda d: d.created_at)),
        company_deals=tuple(case.company),
        company_won=case.company_won,
        stage=case.stage,
        excluded=case.excluded,
        became_customer_on=customer.date() if customer else None,
        in_talks_since=talks.date() if talks else None,
    )
    return sales_only(lead, frozenset({SALES}))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_became_of_a_lead(case: Case) -> None:
    found = outcome_of(history(case), HORIZON, NOW)
    assert (found.result if isinstance(found, Outcome) else found.why) == case.result
    if case.day is not None:
        assert isinstance(found, Outcome)
        assert found.decided_at.date() == (MADE + timedelta(days=case.day)).date()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_no_customer_is_lost_but_for_winning_late(case: Case) -> None:
    lead = history(case)
    found = outcome_of(lead, HORIZON, NOW)
    lost = isinstance(found, Outcome) and found.result == "lost"
    assert not (lost and is_customer(lead, NOW)) or found.why == "won_late"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_young_lead_is_held_out_whatever_happened(case: Case) -> None:
    young = replace(history(case), became_lead_at=NOW - timedelta(days=HORIZON - 1))
    assert outcome_of(young, HORIZON, NOW) == HeldOut("1", "too_young")


def test_properties_are_read_from_before_the_sale_began() -> None:
    lead = history(Case("", "won", stage="customer", customer_on=60, in_talks_on=30))
    found = outcome_of(lead, HORIZON, NOW)
    assert isinstance(found, Outcome)
    assert found.as_of.date() == (MADE + timedelta(days=29)).date()


def won_after(days: float) -> LeadHistory:
    return history(Case("", "won", [deal(made=min(days - 1, 20), closed=days)]))


def test_wins_from_before_say_nothing_about_the_time_to_win() -> None:
    imported = [won_after(-3 * n - 1) for n in range(95)]
    real = [won_after(90 + 3 * n) for n in range(15)]
    by_stage = [history(Case("", "", stage="customer", customer_on=-n)) for n in range(95)]
    horizon = horizon_days([*imported, *by_stage, *real], NOW)
    assert horizon >= 129
    labels = [outcome_of(lead, horizon, NOW) for lead in real]
    assert sum(isinstance(one, Outcome) and one.result == "won" for one in labels) >= 14
    assert all(isinstance(outcome_of(lead, horizon, NOW), HeldOut) for lead in imported)


@pytest.mark.parametrize("wins", [1, 2, 5, 15, 33, 100])
def test_nine_of_ten_wins_are_won(wins: int) -> None:
    leads = [won_after(40 + 3 * n) for n in range(wins)]
    horizon = horizon_days(leads, NOW)
    labels = [outcome_of(lead, horizon, NOW) for lead in leads]
    lost = sum(isinstance(one, Outcome) and one.result == "lost" for one in labels)
    assert lost <= wins / 10


@pytest.mark.parametrize(
    ("label", "other"),
    [
        ("Sales Pipeline", False),
        ("New business EMEA", False),
        ("Vertrieb", False),
        ("Enterprise", False),
        ("Partner deals", False),
        ("Ventes", False),
        ("商談", False),
        ("Personal loans", False),
        ("Home renovations", False),
        ("Talent agency clients", False),
        ("Personalgewinnung", True),
        ("Renovación de contratos", True),
        ("Recruiting", True),
        ("Bewerber:innen", True),
        ("Candidates 2026", True),
        ("Customer Onboarding", True),
        ("Implementation", True),
        ("Renewals", True),
        ("オンボーディング", True),
        ("续费", True),
        ("Déploiement", True),
        ("Wdrożenia", True),
        ("Stellenbesetzung", True),
        ("Vertragsverlängerung", True),
        ("Renouvellements", True),
        ("Customer success", True),
        ("Recrutement", True),
        ("Investor relations", True),
        ("採用", True),
    ],
)
def test_a_pipelines_name_says_whether_it_is_sales(label: str, other: bool) -> None:
    assert says_not_sales(label) is other


def bought(pipeline: str, made: float, *, then: str = "") -> LeadHistory:
    deals = [deal(made=made, closed=made + 10, pipeline=pipeline)]
    deals += [deal(made=made + 50, closed=made + 60, pipeline=then)] if then else []
    return LeadHistory("1", MADE, None, tuple(deals))


def use(*leads: LeadHistory, labels: Mapping[str, str], named: Sequence[str] = ()) -> set[str]:
    found = pipelines_in_use(leads, (), labels, named)
    return {one.label for one in found if one.sales}


def test_which_pipelines_are_sales() -> None:
    labels = {"a": "Pipeline A", "b": "Pipeline B", "c": "Onboarding"}
    first = [bought("a", n, then="b") for n in range(10)]
    assert use(*first, labels=labels) == {"Pipeline A"}  # b: of those who were customers
    assert use(*first, bought("c", 3), labels=labels, named=["b"]) == {"Pipeline B"}
    again = [bought("a", n, then="a") for n in range(10)]  # customers buy again where they did
    assert use(*again, labels=labels) == {"Pipeline A", "Pipeline B"}
    assert use(*first[:3], labels=labels) == {"Pipeline A", "Pipeline B"}  # too few to tell
    assert use(bought("c", 3), labels={"c": "Onboarding"}) == {"Onboarding"}  # no other is left


def test_days_of_stages_are_facts_that_no_score_sees() -> None:
    given = {
        "lifecyclestage": "customer",
        "hs_lifecyclestage_customer_date": at(60),
        "hs_v2_date_entered_customer": at(61),
    }
    facts = mirror_record(CrmRecord("contacts", "1", given, NOW))[0].facts
    assert day_of(facts["became_customer_on"]) == (MADE + timedelta(days=60)).date()
