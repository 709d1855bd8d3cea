"""A lead that never had a deal is read at an age like the others', not at the end of its time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from backend.learning.data.outcomes import LeadHistory, Outcome, at_comparable_ages, outcome_of
from backend.model import DealFact

NOW = datetime(2026, 11, 23, tzinfo=UTC)
DAY = timedelta(days=1)


def lead(number: int, *deals: DealFact) -> LeadHistory:
    return LeadHistory(f"c{number}", NOW - 300 * DAY, None, deals)


def won_after(days: int) -> DealFact:
    created = NOW - (300 - days) * DAY
    return DealFact(f"d{days}", "won", created, created + 5 * DAY)


def test_lost_leads_without_a_deal_are_read_at_the_ages_of_the_others() -> None:
    leads = [lead(n, won_after(10 + n)) for n in range(20)] + [lead(100 + n) for n in range(40)]
    decided = [(one, outcome_of(one, 120, NOW)) for one in leads]
    known = [(one, outcome) for one, outcome in decided if isinstance(outcome, Outcome)]
    assert len(known) == 60
    found = at_comparable_ages(known)
    ages = [o.as_of - one.became_lead_at for (one, _), o in zip(known, found, strict=True)]
    assert set(ages[20:]) <= set(ages[:20])
    assert len(set(ages[20:])) > 5
    assert found == at_comparable_ages(known)
    assert [o.result for o in found] == [o.result for _, o in known]


def test_without_any_deal_nothing_changes() -> None:
    known = [(one, outcome_of(one, 120, NOW)) for one in (lead(1), lead(2))]
    decided = [(one, outcome) for one, outcome in known if isinstance(outcome, Outcome)]
    assert at_comparable_ages(decided) == [outcome for _, outcome in decided]
