"""Overview: how the scores are distributed, and whether scoring is up to date."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import numpy as np

from backend.learning.judge.bands import outlook
from backend.security.roles import Permission
from backend.storage import runs
from backend.storage.database import Connection
from backend.storage.leads import due_leads as leads
from backend.storage.leads import score_days, scores, summary_rows
from backend.storage.outbox import due_rows
from backend.storage.portals import portals
from backend.storage.portals.portals import Portal
from backend.web.api.framework.endpoints import Call, Routes
from backend.web.api.framework.shapes import Edges, Nothing, Shape, edges_of

routes = Routes()
TREND_DAYS = 60


class Bands(Shape):
    """Number of leads in each."""

    High: int
    Medium: int
    Low: int


class Progress(Shape):
    """Long work under way. `total` is 0 while it is not known."""

    run_id: str
    kind: str
    done: int
    total: int
    started_at: datetime
    usual_s: int | None  # how long the last one took


class Funnel(Shape):
    """How many contacts came how far."""

    contacts: int
    leads: int
    scored: int
    high: int
    high_touched: int
    won: int


class Day(Shape):
    """Leads per band on one day."""

    day: date
    high: int
    medium: int
    low: int
    mean_score: float


class Overview(Shape):
    """`distribution[s]` is the number of leads with score s, 0-100; `advice` is what the outlook of
    the settings warns of."""

    portal_id: int
    mode: str
    state: str
    distribution: list[int]
    thresholds: Edges
    bands: Bands
    advice: list[str]
    due: int
    pending_writes: int
    parked: int
    last_scored: datetime | None
    running: list[Progress]
    funnel: Funnel
    trend: list[Day]


@routes.get("/portals/<int:portal_id>/overview", needs=Permission.READ_REPORTS, answer=Overview)
def read(call: Call[Nothing, Nothing]) -> Overview:
    """Score distribution, bands, funnel, trend and what is under way."""
    portal_id = call.portal_id
    today = call.product.stores.clock.now().date()
    since = today - timedelta(days=TREND_DAYS)
    with call.product.stores.database.read() as conn:
        portal = portals.get(conn, portal_id)
        edges = edges_of(portal)
        counts = summary_rows.distribution(conn, portal_id)
        passed = summary_rows.funnel(conn, portal_id)
        bands = Bands(
            High=sum(counts[edges.high :]),
            Medium=sum(counts[edges.medium : edges.high]),
            Low=sum(counts[: edges.medium]),
        )
        days = score_days.listed(conn, portal_id, since)
        trend = [_day(day) for day in days if day.day != today] + _today(today, bands, counts)
        return Overview(
            portal_id=portal_id,
            mode=portal.settings.mode.value,
            state=portal.state,
            distribution=counts,
            thresholds=edges,
            bands=bands,
            advice=_advice(counts, portal),
            due=leads.unfinished(conn, portal_id),
            pending_writes=sum(due_rows.count(conn, box, portal_id) for box in due_rows.SCORES),
            parked=leads.parked(conn, portal_id),
            last_scored=scores.latest_at(conn, portal_id),
            running=[_progress(conn, run) for run in runs.of_portal(conn, portal_id, running=True)],
            funnel=Funnel(**{name: getattr(passed, name) for name in Funnel.model_fields}),
            trend=trend,
        )


def _advice(counts: Sequence[int], portal: Portal) -> list[str]:
    """As the Setup page gives it: both are one rule."""
    points = np.repeat(np.arange(len(counts), dtype=np.intp), counts)
    return list(outlook(points, portal.settings.thresholds).warnings)


def _day(day: score_days.ScoreDay) -> Day:
    return Day(**{name: getattr(day, name) for name in Day.model_fields})


def _today(today: date, bands: Bands, counts: Sequence[int]) -> list[Day]:
    """The same leads as in the other figures; what is stored of today may be minutes old."""
    total = sum(counts)
    if not total:
        return []
    mean = sum(score * leads for score, leads in enumerate(counts)) / total
    return [Day(day=today, high=bands.High, medium=bands.Medium, low=bands.Low, mean_score=mean)]


def _progress(conn: Connection, run: runs.Run) -> Progress:
    return Progress(
        run_id=run.run_id,
        kind=run.kind,
        done=run.done,
        total=run.total,
        started_at=run.started_at,
        usual_s=runs.usual_s(conn, run.portal_id, run.kind),
    )
