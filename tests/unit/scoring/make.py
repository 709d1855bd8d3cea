"""Leads, clients and populations for tests, and hypothesis strategies for hostile ones."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st

from backend.model import (
    ActivityFact,
    Analysis,
    Band,
    CrmRecord,
    DealFact,
    IdealClient,
    NextAction,
    Population,
    Profile,
    Reason,
    Snapshot,
    TextReading,
)
from backend.scoring.points.profile_points import Comparison, compare
from backend.scoring.population import build_population

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
QUICK = settings(max_examples=120, deadline=None)

INDUSTRIES = ("computer software", "logistics and supply chain", "banking", "retail")
SIZES = ("1-10", "11-50", "51-200", "1001-5000")


def days_ago(days: int) -> datetime:
    return NOW - timedelta(days=days)


def record(object_type: str, object_id: str = "1", **properties: str | None) -> CrmRecord:
    return CrmRecord(object_type, object_id, properties, NOW)


def lead(contact_id: str = "1", **changes) -> Snapshot:
    values = {
        "portal_id": 1,
        "contact_id": contact_id,
        "today": TODAY,
        "contact": {"has_email": "yes", "has_phone": "yes", "email_kind": "company"},
        "company": {},
    } | changes
    return Snapshot(**values)


def profile(clients: int = 20) -> Profile:
    """Clients in logistics with 51-200 people in Germany who use Python."""
    return Profile(
        1,
        1,
        tuple(
            IdealClient(
                str(i),
                industry="logistics and supply chain" if i % 4 else "banking",
                company_size="51-200",
                location="germany" if i % 2 else "france",
                technologies=("aws", "python"),
            )
            for i in range(clients)
        ),
    )


def portal(leads: int = 200) -> list[Snapshot]:
    """A portal whose leads spread evenly over industries and sizes."""
    return [
        lead(
            str(i),
            company={
                "industry": INDUSTRIES[i % 4],
                "company_size": SIZES[(i // 4) % 4],
                "location": ("germany", "united states")[i % 2],
                "technologies": ("python;react", "java", "php;mysql")[i % 3],
            },
            activities=(email_in(i % 60),) if i % 5 == 0 else (),
        )
        for i in range(leads)
    ]


def population(leads: int = 200) -> Population:
    return build_population(1, ((s, None) for s in portal(leads)), profile())


def comparison() -> Comparison:
    return compare(profile(), population())


def email_in(days: int = 1) -> ActivityFact:
    return ActivityFact("email", days_ago(days), "in")


def email_out(days: int = 1) -> ActivityFact:
    return ActivityFact("email", days_ago(days), "out")


def analysis(score: int = 70, action: NextAction = NextAction.CALL, **changes) -> Analysis:
    values = {
        "ai_score": score,
        "fit_level": Band.MEDIUM,
        "next_action": action,
        "reasons": (Reason("industry", "Banking", "A bank"),),
        "reasoning": "Because.",
        "provider": "test",
        "model": "test-1",
    } | changes
    return Analysis(**values)


texts = st.text(max_size=60)
moments = st.datetimes(datetime(1995, 1, 1), datetime(2100, 1, 1)).map(
    lambda moment: moment.replace(tzinfo=UTC)
)
activities = st.lists(
    st.builds(
        ActivityFact,
        kind=st.sampled_from(("call", "email", "meeting", "note", "task", "fax")),
        occurred_at=moments,
        direction=st.sampled_from(("in", "out", "")),
        outcome=st.sampled_from(("connected", "completed", "scheduled", "no show", "", "?")),
    ),
    max_size=12,
).map(tuple)
deals = st.lists(
    st.builds(
        DealFact,
        deal_id=st.sampled_from("abcdef"),
        outcome=st.sampled_from(("open", "won", "lost", "odd")),
        created_at=moments,
        closed_at=st.none() | moments,
        amount=st.none() | st.floats(),
    ),
    max_size=6,
).map(tuple)
facts = st.dictionaries(
    st.sampled_from(
        (
            "industry",
            "company_size",
            "location",
            "technologies",
            "page_views",
            "last_visit_on",
            "replies",
            "last_reply_on",
            "opens",
            "last_open_on",
            "opted_out",
            "bounced",
            "has_phone",
            "has_email",
            "seniority",
            "created_on",
            "forms",
            "last_form_on",
        )
    ),
    texts
    | st.sampled_from((*INDUSTRIES, *SIZES, "python;aws", "2026-11-20", "1e308", "nan", "yes")),
    max_size=10,
)
snapshots = st.builds(
    Snapshot,
    portal_id=st.just(1),
    contact_id=st.text(min_size=1, max_size=8),
    today=st.just(TODAY),
    contact=facts,
    company=facts,
    deals=deals,
    activities=activities,
    free_text=st.dictionaries(st.sampled_from(("message", "description", "notes.0")), texts),
)
readings = st.builds(
    TextReading,
    intent=st.sampled_from(("none", "information", "trial", "price", "purchase")),
    timeline=st.sampled_from(("none", "later", "this_quarter", "now")),
    budget_mentioned=st.booleans(),
    role=st.sampled_from(("unknown", "user", "influencer", "decision_maker")),
    complaint=st.booleans(),
    job_seeker=st.booleans(),
    manipulation_suspected=st.booleans(),
)
analyses = st.builds(analysis, st.integers(0, 100), st.sampled_from(tuple(NextAction)))
