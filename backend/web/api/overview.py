"""Overview: how the scores are distributed, and whether scoring is up to date."""

from __future__ import annotations

from datetime import datetime

from backend.security.roles import Permission
from backend.storage import leads, portals, runs, scores, writes
from backend.web.api.routing import Call, Routes
from backend.web.api.shapes import Nothing, Shape

routes = Routes()


class Edges(Shape):
    """High from `high` on, Medium from `medium` on."""

    high: int
    medium: int


class Bands(Shape):
    """Number of leads in each."""

    High: int
    Medium: int
    Low: int


class Progress(Shape):
    """Of the newest backfill."""

    state: str
    done: int
    total: int


class Overview(Shape):
    """`distribution[s]` is the number of leads with score s, 0-100."""

    portal_id: int
    mode: str
    state: str
    distribution: list[int]
    thresholds: Edges
    bands: Bands
    due: int
    pending_writes: int
    parked: int
    last_scored: datetime | None
    backfill: Progress | None


@routes.get("/portals/<int:portal_id>/overview", needs=Permission.READ_REPORTS, answer=Overview)
def read(call: Call[Nothing, Nothing]) -> Overview:
    """Score distribution, bands and what is under way."""
    portal_id = call.portal_id
    with call.product.database.read() as conn:
        portal = portals.get(conn, portal_id)
        distribution = scores.distribution(conn, portal_id)
        run = runs.latest(conn, portal_id, "backfill")
        edges = portal.settings.thresholds
        return Overview(
            portal_id=portal_id,
            mode=portal.settings.mode.value,
            state=portal.state,
            distribution=distribution,
            thresholds=Edges(high=edges.high, medium=edges.medium),
            bands=Bands(
                High=sum(distribution[edges.high :]),
                Medium=sum(distribution[edges.medium : edges.high]),
                Low=sum(distribution[: edges.medium]),
            ),
            due=leads.unfinished(conn, portal_id),
            pending_writes=writes.count(conn, portal_id),
            parked=leads.parked(conn, portal_id),
            last_scored=scores.latest_at(conn, portal_id),
            backfill=None
            if run is None
            else Progress(state=run.state, done=run.done, total=run.total),
        )
