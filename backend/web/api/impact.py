"""Impact: what became of the leads of each band, who waits, what was expected, and the holdout."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from pydantic import Field

from backend.jobs import reports
from backend.learning.judge import cohorts as judged
from backend.learning.judge.cohorts import Expected, Share, share_of
from backend.learning.judge.holdout import Difference
from backend.model import Band
from backend.scoring.text.plain_text import visible
from backend.scoring.values.words import source_name
from backend.security.roles import Permission
from backend.services.learning import cohorts
from backend.services.learning.cohorts import Group
from backend.services.routing import holdout
from backend.services.routing.ageing import Waiting, ageing, spelled
from backend.services.routing.holdout import SHARE_MAX, SHARE_MIN, ArmFigures
from backend.storage import runs
from backend.storage.leads.band_entries import Cohort
from backend.storage.outbox import holdouts
from backend.storage.portals import owners, portals
from backend.web.api.framework.endpoints import Call, Routes
from backend.web.api.framework.people import contact_names
from backend.web.api.framework.shapes import Line, Nothing, Shape, Whole
from backend.web.api.questions import Begun, begun

routes = Routes()
PORTAL = "/portals/<int:portal_id>/impact"


class ImpactFilter(Shape):
    """Whose leads, and where from; empty: all. `weeks` that they came in within; 0: all."""

    owner: Line = ""
    team: Line = ""
    source: Line = ""
    weeks: int = Field(default=0, ge=0, le=520)


class CohortQuery(ImpactFilter):
    """Leads that came into `band`, told apart by `by`."""

    band: Literal["High", "Medium", "Low"] = "High"
    by: Group = "week"


class Part(Shape):
    """`count` of `of`, as a share with Wilson's 95 % interval; null where `of` is under ten."""

    count: int
    of: int
    share: float | None
    low: float | None
    high: float | None


class CohortRow(Shape):
    """Leads that came into the band together. `open` of them may still win within the horizon.

    Hours are working hours: `median_hours` until half of all `leads` were touched, `late_hours`
    until nine of ten were; null while fewer were, or under ten leads. `won` is of those decided,
    `won_so_far` of all. `amount` counts a deal of several leads once.
    """

    key: str
    label: str
    leads: int
    open: int
    touched: Part
    in_time: Part
    median_hours: float | None
    late_hours: float | None
    meetings: Part
    opportunities: Part
    won_so_far: int
    won: Part
    amount: float


class Cohorts(Shape):
    """`counted_at` is null before the first count. Newest weeks and largest groups first; `teams`
    are those to filter by."""

    counted_at: datetime | None
    horizon_days: int
    within_hours: int
    currency: str
    teams: list[str]
    total: CohortRow
    rows: list[CohortRow]


class Range(Shape):
    """What was expected, with the range that holds it 95 times in 100."""

    value: float
    low: float
    high: float


class MoneyRow(Shape):
    """Leads of a band and month. Where `wins` is null nothing was expected, and `sentence` says
    why; else `won` and `amount_won` are of the leads with a chance."""

    month: date
    band: str
    leads: int
    open: int
    with_chance: int
    wins: Range | None
    won: int
    amount: Range | None
    amount_won: float
    sentence: str


class MoneyList(Shape):
    """Newest months first."""

    items: list[MoneyRow]


class WaitingLead(Shape):
    """A High lead; `waits` is working time in words, `late`: longer than the portal wants."""

    contact_id: str
    name: str
    company: str
    owner: str
    since: datetime
    waits: str
    minutes: int
    late: bool
    score: int
    url: str


class Overloaded(Shape):
    """An owner who got more new leads in seven days than can be worked in a week."""

    owner: str
    waiting: int
    capacity: int
    too_many: int


class AgeingLists(Shape):
    """The oldest first, at most 200 of each."""

    within_hours: int
    untouched_total: int
    untouched: list[WaitingLead]
    unowned_total: int
    unowned: list[WaitingLead]
    over: list[Overloaded]


class LiftMonths(Shape):
    """After how many months a lift shows; null beyond three years."""

    lift: float
    months: float | None


class HoldoutPreview(Shape):
    """What a holdout would need and cost; `problem` says why that is not known."""

    share: int
    problem: str
    sentence: str
    leads_a_month: float
    held_a_month: float
    win_rate: float
    window_days: int
    costs_wins: float
    lifts: list[LiftMonths]
    preview: str


class ShareQuery(Shape):
    """Per cent to hold out."""

    share: int = Field(default=10, ge=SHARE_MIN, le=SHARE_MAX)


class HoldoutBody(Shape):
    """`preview` as the page showed it."""

    share: Whole = Field(ge=SHARE_MIN, le=SHARE_MAX)
    preview: Line


class Arm(Shape):
    """One group. `won`, `in_time` and `amount` are of the `complete` leads."""

    leads: int
    companies: int
    complete: int
    won: int
    in_time: int
    median_hours: float | None
    amount: float


class Effect(Shape):
    """Followed up minus held out, per lead. `low` and `high` hold however often one looks;
    `once_low` and `once_high` for this look alone. `known`: enough to mean something."""

    followed_up: float
    held_out: float
    effect: float
    low: float
    high: float
    once_low: float | None
    once_high: float | None
    known: bool


class HoldoutResult(Shape):
    """An experiment. `verdict`: pays, harms, untold, early or distrust."""

    holdout_id: str
    share: int
    window_days: int
    started_at: datetime
    ended_at: datetime | None
    followed_up: Arm
    held_out: Arm
    wins: Effect | None
    in_time: Effect | None
    amount: Effect | None
    shares_wrong: bool
    verdict: str
    sentence: str


class Holdouts(Shape):
    """Newest first; `running` is whether the first has not ended."""

    running: bool
    items: list[HoldoutResult]


@routes.get(f"{PORTAL}/cohorts", needs=Permission.READ_REPORTS, query=CohortQuery, answer=Cohorts)
def list_cohorts(call: Call[CohortQuery, Nothing]) -> Cohorts:
    """Leads by the week, month, owner, team or source with which they came into a band."""
    asked, stores = call.query, call.product.stores
    with stores.database.read() as conn:
        portal = portals.get(conn, call.portal_id)
        at, report = runs.newest_report(conn, call.portal_id, "impact")
        everything, groups = cohorts.cohorts(
            conn, portal, Band(asked.band), asked.by, _filter(asked), stores.clock.now()
        )
        names = owners.names(conn, stores.cipher, call.portal_id) if asked.by == "owner" else {}
        teams = sorted(set(owners.teams(conn, call.portal_id).values()))
    within = portal.settings.routing.touch_within_hours
    by_time = asked.by in ("week", "month")
    order = (lambda key: key) if by_time else (lambda key: (groups[key].leads, key))
    return Cohorts(
        counted_at=at,
        horizon_days=report.get("horizon_days", 0),
        within_hours=within,
        currency=portals.currency(portal),
        teams=[visible(team) for team in teams],
        total=_row("", "All", everything, within),
        rows=[
            _row(str(key), _label(asked.by, key, names), groups[key], within)
            for key in sorted(groups, key=order, reverse=True)
        ],
    )


@routes.get(f"{PORTAL}/money", needs=Permission.READ_REPORTS, query=ImpactFilter, answer=MoneyList)
def list_money(call: Call[ImpactFilter, Nothing]) -> MoneyList:
    """Wins and amounts that were expected of the last months' leads, against what came."""
    stores = call.product.stores
    with stores.database.read() as conn:
        portal = portals.get(conn, call.portal_id)
        found = cohorts.money(conn, portal, _filter(call.query), stores.clock.now())
    return MoneyList(
        items=[
            MoneyRow(
                month=one.month,
                band=one.band.value,
                leads=one.leads,
                open=one.open,
                with_chance=one.with_chance,
                wins=_range(one.wins),
                won=one.won,
                amount=_range(one.amount),
                amount_won=one.amount_won,
                sentence=one.sentence,
            )
            for one in found
        ]
    )


@routes.get(f"{PORTAL}/ageing", needs=Permission.READ_LEADS, answer=AgeingLists)
def list_ageing(call: Call[Nothing, Nothing]) -> AgeingLists:
    """High leads that nobody has touched, High leads without an owner, owners with too many."""
    stores = call.product.stores
    with stores.database.read() as conn:
        portal = portals.get(conn, call.portal_id)
        named = owners.names(conn, stores.cipher, call.portal_id)
    found = ageing(stores, portal)
    ids = {one.lead.contact_id for one in (*found.untouched, *found.unowned)}
    with stores.database.read() as conn:
        people = contact_names(conn, stores.cipher, call.portal_id, sorted(ids))
    return AgeingLists(
        within_hours=portal.settings.routing.touch_within_hours,
        untouched_total=found.untouched_total,
        untouched=[_waiting(one, people, named) for one in found.untouched],
        unowned_total=found.unowned_total,
        unowned=[_waiting(one, people, named) for one in found.unowned],
        over=[
            Overloaded(
                owner=_owner(load.owner_id, named),
                waiting=load.waiting,
                capacity=load.capacity or 0,
                too_many=load.over,
            )
            for load in found.over
        ],
    )


@routes.post(f"{PORTAL}/count", needs=Permission.READ_REPORTS, answer=Begun, status=202)
def count(call: Call[Nothing, Nothing]) -> Begun:
    """Count now what became of the leads; it is done once a day anyway."""
    with call.product.stores.database.write() as conn:
        now = call.product.stores.clock.now()
        run = reports.begin(conn, call.portal_id, "impact", now, {})
    return begun(call, run)


@routes.get(
    f"{PORTAL}/holdout/preview",
    needs=Permission.READ_REPORTS,
    query=ShareQuery,
    answer=HoldoutPreview,
)
def preview_holdout(call: Call[ShareQuery, Nothing]) -> HoldoutPreview:
    """What holding out a share of the High leads would cost, and when it would show something."""
    stores = call.product.stores
    with stores.database.read() as conn:
        portal = portals.get(conn, call.portal_id)
        found = holdout.preview(conn, portal, call.query.share, stores.clock.now())
    plan = found.plan
    return HoldoutPreview(
        share=found.share,
        problem=found.problem,
        sentence=found.sentence,
        leads_a_month=plan.leads_a_month if plan else 0.0,
        held_a_month=found.held_a_month,
        win_rate=plan.win_rate if plan else 0.0,
        window_days=plan.window_days if plan else 0,
        costs_wins=found.costs_wins,
        lifts=[LiftMonths(lift=lift, months=months) for lift, months in found.months],
        preview=found.preview,
    )


@routes.get(f"{PORTAL}/holdout", needs=Permission.READ_REPORTS, answer=Holdouts)
def list_holdouts(call: Call[Nothing, Nothing]) -> Holdouts:
    """Every experiment, and what it says by now."""
    stores = call.product.stores
    with stores.database.read() as conn:
        portal = portals.get(conn, call.portal_id)
        known = holdouts.listed(conn, call.portal_id)
        found = [holdout.readout(conn, portal, one, stores.clock.now()) for one in known]
    return Holdouts(
        running=any(one.ended_at is None for one in known),
        items=[
            HoldoutResult(
                holdout_id=one.holdout.holdout_id,
                share=one.holdout.share,
                window_days=one.holdout.window_days,
                started_at=one.holdout.started_at,
                ended_at=one.holdout.ended_at,
                followed_up=_arm(one.followed_up),
                held_out=_arm(one.held_out),
                wins=_effect(one.wins),
                in_time=_effect(one.in_time),
                amount=_effect(one.amount),
                shares_wrong=one.shares_wrong,
                verdict=one.verdict,
                sentence=one.sentence,
            )
            for one in found
        ],
    )


@routes.post(f"{PORTAL}/holdout", needs=Permission.MANAGE_PORTAL, body=HoldoutBody, answer=Nothing)
def start_holdout(call: Call[Nothing, HoldoutBody]) -> Nothing:
    """Leave a share of the leads that become High from now on without follow-up."""
    body = call.body
    holdout.start(
        call.product.stores, call.portal_id, body.share, body.preview, actor=call.caller.subject
    )
    return Nothing()


@routes.delete(f"{PORTAL}/holdout", needs=Permission.MANAGE_PORTAL)
def end_holdout(call: Call[Nothing, Nothing]) -> Nothing:
    """Follow up everybody again; the result stays."""
    holdout.end(call.product.stores, call.portal_id, actor=call.caller.subject)
    return Nothing()


def _filter(asked: ImpactFilter) -> cohorts.Filter:
    return cohorts.Filter(asked.owner, asked.team, asked.source, asked.weeks)


def _label(by: Group, key: Any, names: dict[str, str]) -> str:
    if by == "month":
        return f"{key:%B %Y}"
    if by == "week":
        return f"{key:%d %b %Y}"
    if by == "owner":
        return _owner(key, names)
    if by == "team":
        return visible(key) or "no team"
    return source_name(key) if key else "unknown"


def _owner(owner_id: str, names: dict[str, str]) -> str:
    return visible(names.get(owner_id, f"Owner {owner_id}")) if owner_id else "nobody"


def _row(key: str, label: str, one: Cohort, within_hours: int) -> CohortRow:
    in_time = sum(n for minutes, n in one.minutes.items() if minutes <= 60 * within_hours)
    return CohortRow(
        key=key,
        label=label,
        leads=one.leads,
        open=one.open,
        touched=part_of(one.touched, one.leads),
        in_time=part_of(in_time, one.leads),
        median_hours=_hours(judged.reached_by(one.minutes, one.leads, 0.5)),
        late_hours=_hours(judged.reached_by(one.minutes, one.leads, 0.9)),
        meetings=part_of(one.meetings, one.leads),
        opportunities=part_of(one.opportunities, one.leads),
        won_so_far=one.won_so_far,
        won=part_of(one.won, one.decided),
        amount=one.amount,
    )


def part_of(count: int, of: int) -> Part:
    """The share with its interval; nothing but the counts where they are few."""
    return part(share_of(count, of))


def part(found: Share) -> Part:
    """A share as the API answers it."""
    return Part(**{name: getattr(found, name) for name in Part.model_fields})


def _hours(minutes: int | None) -> float | None:
    return None if minutes is None else round(minutes / 60, 2)


def _range(found: Expected | None) -> Range | None:
    if found is None:
        return None
    return Range(value=found.value, low=found.low, high=found.high)


def _waiting(one: Waiting, people: dict[str, str], named: dict[str, str]) -> WaitingLead:
    return WaitingLead(
        contact_id=one.lead.contact_id,
        name=people[one.lead.contact_id],
        company=visible(one.lead.company_name),
        owner=_owner(one.lead.owner_id, named),
        since=one.lead.since,
        waits=spelled(one.minutes),
        minutes=one.minutes,
        late=one.late,
        score=one.lead.score,
        url=one.url,
    )


def _arm(one: ArmFigures) -> Arm:
    return Arm(
        leads=one.leads,
        companies=one.companies,
        complete=one.complete,
        won=one.won,
        in_time=one.in_time,
        median_hours=_hours(one.median_minutes),
        amount=one.amount,
    )


def _effect(one: Difference | None) -> Effect | None:
    if one is None:
        return None
    return Effect(**{name: getattr(one, name) for name in Effect.model_fields})
