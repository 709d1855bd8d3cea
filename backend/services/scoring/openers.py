"""Two sentences to begin with, of a stored score and the mirror as it is now."""

from __future__ import annotations

from datetime import datetime

from backend.model import Score
from backend.scoring.wording.opener import opener
from backend.services.scoring.snapshots import load
from backend.storage.database import Connection
from backend.storage.portals.portals import Portal


def opener_of(conn: Connection, portal: Portal, score: Score, now: datetime) -> str:
    """ "" where nobody is to be written to. No model is asked."""
    snapshot = load(conn, portal, [score.contact_id], now).get(score.contact_id)
    return "" if snapshot is None else opener(score, snapshot)
