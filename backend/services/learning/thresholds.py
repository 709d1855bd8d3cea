"""A portal's thresholds: what they mean for its leads today, and setting them."""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from backend.learning.judge.bands import BandsOutlook, outlook
from backend.ports import Clock
from backend.services.learning.labels import contacts_once_leads
from backend.services.learning.preview import RECENT_DAYS
from backend.storage.database import Database
from backend.storage.leads import scores
from backend.storage.portals import portals
from backend.storage.portals.portals import Portal


def current_outlook(
    database: Database, clock: Clock, portal_id: int, *, weekly_capacity: float | None = None
) -> BandsOutlook:
    """Bands of the scores as stored; expected wins where every lead has a chance."""
    with database.read() as conn:
        portal = portals.get(conn, portal_id)
        stored = scores.points_and_chances(conn, portal_id)
    chances = [chance for _, chance in stored if chance is not None]
    return outlook(
        np.array([points for points, _ in stored], dtype=np.intp),
        portal.settings.thresholds,
        chances=np.array(chances) if stored and len(chances) == len(stored) else None,
        weekly_capacity=weekly_capacity,
        weekly_leads=None if weekly_capacity is None else _weekly_leads(database, clock, portal),
    )


def _weekly_leads(database: Database, clock: Clock, portal: Portal) -> float:
    since = clock.now() - timedelta(days=RECENT_DAYS)
    everyone = contacts_once_leads(database, portal, clock.now())
    return sum(past.became_lead_at >= since for past in everyone) * 7 / RECENT_DAYS
