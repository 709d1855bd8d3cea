"""The exploration on Impact: what it would cost, what it says by now, switched on and off."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from backend.security.roles import Permission
from backend.services.routing import exploration
from backend.storage.outbox import explorations
from backend.storage.portals import portals
from backend.web.api.framework.endpoints import Call, Routes
from backend.web.api.framework.shapes import Line, Nothing, Shape, Whole
from backend.web.api.impact import PORTAL, Part, part

routes = Routes()


class ExplorationPreview(Shape):
    """What offering Low leads would cost; `problem` says why that is not known."""

    share: int
    per_week: int
    problem: str
    sentence: str
    low_a_week: float
    offers_a_week: float
    low_won: Part | None
    window_days: int
    preview: str


class ExplorationQuery(Shape):
    """Per cent of the newly Low leads to offer, and how many a week at most."""

    share: int = Field(default=5, ge=exploration.SHARE_MIN, le=exploration.SHARE_MAX)
    per_week: int = Field(default=10, ge=1, le=exploration.PER_WEEK_MAX)


class ExplorationBody(Shape):
    """`preview` as the page showed it."""

    share: Whole = Field(ge=exploration.SHARE_MIN, le=exploration.SHARE_MAX)
    per_week: Whole = Field(ge=1, le=exploration.PER_WEEK_MAX)
    preview: Line


class ExplorationArm(Shape):
    """One group. `touched` is of all its leads, `won` and `amount` of those whose time is over."""

    leads: int
    companies: int
    touched: Part
    won: Part
    amount: float


class ExplorationResult(Shape):
    """An exploration: Low leads that were offered, and those that were not."""

    exploration_id: str
    share: int
    per_week: int
    window_days: int
    started_at: datetime
    ended_at: datetime | None
    offered: ExplorationArm
    not_offered: ExplorationArm
    sentence: str


class Explorations(Shape):
    """Newest first; `running` is whether the first has not ended."""

    running: bool
    items: list[ExplorationResult]


@routes.get(
    f"{PORTAL}/exploration/preview",
    needs=Permission.READ_REPORTS,
    query=ExplorationQuery,
    answer=ExplorationPreview,
)
def preview_exploration(call: Call[ExplorationQuery, Nothing]) -> ExplorationPreview:
    """How many follow-ups a week offering a share of the newly Low leads would cost."""
    stores, asked = call.product.stores, call.query
    with stores.database.read() as conn:
        portal = portals.get(conn, call.portal_id)
        found = exploration.preview(conn, portal, asked.share, asked.per_week, stores.clock.now())
    return ExplorationPreview(
        share=found.share,
        per_week=found.per_week,
        problem=found.problem,
        sentence=found.sentence,
        low_a_week=found.low_a_week,
        offers_a_week=found.offers_a_week,
        low_won=None if found.low_won is None else part(found.low_won),
        window_days=found.window_days,
        preview=found.preview,
    )


@routes.get(f"{PORTAL}/exploration", needs=Permission.READ_REPORTS, answer=Explorations)
def list_explorations(call: Call[Nothing, Nothing]) -> Explorations:
    """Every exploration, and what it says by now."""
    stores = call.product.stores
    with stores.database.read() as conn:
        portal = portals.get(conn, call.portal_id)
        known = explorations.listed(conn, call.portal_id)
        found = [exploration.readout(conn, portal, one, stores.clock.now()) for one in known]
    return Explorations(
        running=any(one.ended_at is None for one in known),
        items=[
            ExplorationResult(
                exploration_id=one.exploration.exploration_id,
                share=one.exploration.share,
                per_week=one.exploration.per_week,
                window_days=one.exploration.window_days,
                started_at=one.exploration.started_at,
                ended_at=one.exploration.ended_at,
                offered=_explored(one.offered),
                not_offered=_explored(one.not_offered),
                sentence=one.sentence,
            )
            for one in found
        ],
    )


@routes.post(
    f"{PORTAL}/exploration", needs=Permission.MANAGE_PORTAL, body=ExplorationBody, answer=Nothing
)
def start_exploration(call: Call[Nothing, ExplorationBody]) -> Nothing:
    """Offer a share of the leads that are newly Low from now on for follow-up."""
    body = call.body
    exploration.start(
        call.product.stores,
        call.portal_id,
        body.share,
        body.per_week,
        body.preview,
        actor=call.caller.subject,
    )
    return Nothing()


@routes.delete(f"{PORTAL}/exploration", needs=Permission.MANAGE_PORTAL)
def end_exploration(call: Call[Nothing, Nothing]) -> Nothing:
    """Offer nobody new; the result stays."""
    exploration.end(call.product.stores, call.portal_id, actor=call.caller.subject)
    return Nothing()


def _explored(one: exploration.ArmFigures) -> ExplorationArm:
    return ExplorationArm(
        leads=one.leads,
        companies=one.companies,
        touched=part(one.touched),
        won=part(one.won),
        amount=one.amount,
    )
