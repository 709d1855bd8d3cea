"""The team: where reps disagree, who has how much to do, what to build in HubSpot, what to ask."""

from __future__ import annotations

from datetime import datetime

from backend.scoring.text.plain_text import visible
from backend.scoring.values.words import label
from backend.security.roles import Permission
from backend.services.portals.workflow_steps import workflows as steps_of
from backend.services.routing.capacity import capacity
from backend.services.scoring.field_fill import field_fill
from backend.storage.leads import feedback
from backend.storage.portals import owners, portals
from backend.vocabulary import FEEDBACK_WORDS
from backend.web.api.framework.endpoints import Call, Routes
from backend.web.api.framework.people import contact_names
from backend.web.api.framework.shapes import Nothing, Shape

routes = Routes()
PORTAL = "/portals/<int:portal_id>"
DISPUTES_SHOWN = 500


class Dispute(Shape):
    """A rep disagreed with `score`. `outcome` is won, lost or "" while the lead is open."""

    contact_id: str
    name: str
    said_at: datetime
    score: int
    reason: str
    comment: str
    score_now: int | None
    band_now: str
    outcome: str


class DisputeList(Shape):
    """Newest first."""

    items: list[Dispute]


class OwnerRow(Shape):
    """One owner's leads, those that came into their band in the last seven days, and tasks of ours
    that are open. `capacity` is null where nobody has set one."""

    owner_id: str
    owner: str
    high: int
    medium: int
    new_high: int
    new_medium: int
    capacity: int | None
    too_many: int
    open_tasks: int


class OwnerList(Shape):
    """Most High leads first."""

    items: list[OwnerRow]


class Workflow(Shape):
    """A workflow to build in HubSpot, step by step."""

    title: str
    steps: list[str]


class WorkflowList(Shape):
    """`lists` is false while the set-up has made no list to enrol on."""

    lists: bool
    items: list[Workflow]


class FactRow(Shape):
    """A fact of the profile: how many leads have it, and what a known value is worth in points."""

    field: str
    label: str
    known: int
    unknown: int
    filled: float
    usual_points: float
    best_points: float


class FactList(Shape):
    """Where filling is worth most first."""

    items: list[FactRow]


@routes.get(f"{PORTAL}/disputes", needs=Permission.READ_LEADS, answer=DisputeList)
def list_disputes(call: Call[Nothing, Nothing]) -> DisputeList:
    """What reps disagreed with, and what became of the leads."""
    stores = call.product.stores
    with stores.database.read() as conn:
        found = feedback.disputes(conn, call.portal_id, DISPUTES_SHOWN)
        ids = [one.contact_id for one in found]
        names = contact_names(conn, stores.cipher, call.portal_id, ids)
    return DisputeList(
        items=[
            Dispute(
                contact_id=one.contact_id,
                name=names[one.contact_id],
                said_at=one.said_at,
                score=one.score,
                reason=FEEDBACK_WORDS.get(one.reason, one.reason),
                comment=visible(one.comment),
                score_now=one.score_now,
                band_now=one.band_now,
                outcome=one.outcome,
            )
            for one in found
        ]
    )


@routes.get(f"{PORTAL}/owners", needs=Permission.READ_REPORTS, answer=OwnerList)
def list_owners(call: Call[Nothing, Nothing]) -> OwnerList:
    """How much each owner has to do."""
    stores = call.product.stores
    with stores.database.read() as conn:
        portal = portals.get(conn, call.portal_id)
        names = owners.names(conn, stores.cipher, call.portal_id)
    loads = capacity(stores.database, stores.clock, portal)
    return OwnerList(
        items=[
            OwnerRow(
                owner_id=load.owner_id,
                owner=visible(names.get(load.owner_id, f"Owner {load.owner_id}"))
                if load.owner_id
                else "nobody",
                high=load.demand.high,
                medium=load.demand.medium,
                new_high=load.demand.entered_high,
                new_medium=load.demand.entered_medium,
                capacity=load.capacity,
                too_many=load.over,
                open_tasks=load.demand.open_tasks,
            )
            for load in loads
        ]
    )


@routes.get(f"{PORTAL}/workflows", needs=Permission.READ_REPORTS, answer=WorkflowList)
def list_workflows(call: Call[Nothing, Nothing]) -> WorkflowList:
    """The steps of each workflow to build in HubSpot."""
    with call.product.stores.database.read() as conn:
        portal = portals.get(conn, call.portal_id)
    return WorkflowList(
        lists=bool(portal.installation.get("lists")),
        items=[Workflow(title=one.title, steps=list(one.steps)) for one in steps_of(portal)],
    )


@routes.get(f"{PORTAL}/fields", needs=Permission.READ_REPORTS, answer=FactList)
def list_fields(call: Call[Nothing, Nothing]) -> FactList:
    """How filled each fact of the profile is, and what the missing ones would be worth."""
    with call.product.stores.database.read() as conn:
        found = field_fill(conn, call.portal_id)
    return FactList(
        items=[
            FactRow(
                field=one.field,
                label=label(one.field),
                known=one.known,
                unknown=one.unknown,
                filled=one.known / (one.known + one.unknown) if one.known + one.unknown else 0.0,
                usual_points=round(one.usual, 1),
                best_points=round(one.best, 1),
            )
            for one in found
        ]
    )
