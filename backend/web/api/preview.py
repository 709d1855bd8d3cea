"""Before a switch is turned: what bands would mean, and what going live would write."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from pydantic import Field

from backend.learning.arrays import Floats, Ints
from backend.learning.judge.bands import outlook
from backend.model import Thresholds
from backend.scoring.text.plain_text import visible
from backend.scoring.write_back import LIST_OF_BAND, LISTS, changed, properties_of
from backend.security.roles import Permission
from backend.services.portals.portal_mode import preview_of
from backend.storage.leads import due_leads as leads
from backend.storage.leads import scores, summary_rows
from backend.storage.leads.people import of_contact
from backend.storage.leads.summary_rows import ScoreCount
from backend.storage.outbox import routes as routes_of
from backend.storage.outbox import writes
from backend.storage.portals import portals
from backend.web.api.framework.endpoints import Call, Routes
from backend.web.api.framework.people import person_of, shown_name
from backend.web.api.framework.shapes import Edges, Nothing, Shape

routes = Routes()
SETTINGS = "/portals/<int:portal_id>/settings"
EXAMPLES = 20


class OutlookQuery(Shape):
    """Thresholds to try; left out: those of today. `medium` must be below `high`."""

    high: int | None = Field(default=None, ge=2, le=100)
    medium: int | None = Field(default=None, ge=1, le=99)


class BandOutlook(Shape):
    """`expected_wins` among them; null without a model's chances."""

    band: str
    leads: int
    share: float
    expected_wins: float | None


class Outlook(Shape):
    """What the thresholds mean for today's leads, and which would suit better."""

    thresholds: Edges
    bands: list[BandOutlook]
    warnings: list[str]
    proposed: Edges


class Write(Shape):
    """What one contact's properties would become."""

    contact_id: str
    name: str
    properties: dict[str, str]


class LivePreview(Shape):
    """What going live would do in HubSpot, today. `preview` says so to the switch itself."""

    preview: str
    contacts: int
    unchanged: int
    lists: dict[str, int]
    skipped: dict[str, int]  # tasks and notifications that were not made while nothing was written
    examples: list[Write]


@routes.get(
    f"{SETTINGS}/outlook", needs=Permission.READ_REPORTS, query=OutlookQuery, answer=Outlook
)
def bands(call: Call[OutlookQuery, Nothing]) -> Outlook:
    """Leads and expected wins per band under these thresholds; leads of segments that have their
    own are not among them."""
    with call.product.stores.database.read() as conn:
        portal = portals.get(conn, call.portal_id)
        apart = [one.name for one in portal.settings.segments if one.thresholds is not None]
        counts = summary_rows.score_counts(conn, call.portal_id, apart)
    today = portal.settings.thresholds
    high = today.high if call.query.high is None else call.query.high
    medium = today.medium if call.query.medium is None else call.query.medium
    points, chances = _spread(counts)
    found = outlook(points, Thresholds(high, min(medium, high - 1)), chances=chances)
    return Outlook(
        thresholds=Edges(high=found.thresholds.high, medium=found.thresholds.medium),
        bands=[
            BandOutlook(
                band=band.band.value,
                leads=band.leads,
                share=band.share,
                expected_wins=band.expected_wins,
            )
            for band in found.bands
        ],
        warnings=list(found.warnings),
        proposed=Edges(high=found.proposed.high, medium=found.proposed.medium),
    )


@routes.get(f"{SETTINGS}/preview", needs=Permission.READ_REPORTS, answer=LivePreview)
def live(call: Call[Nothing, Nothing]) -> LivePreview:
    """How many contacts going live would write, and the first of them as they would look."""
    product, portal_id = call.product, call.portal_id
    with product.stores.database.read() as conn:
        portal = portals.get(conn, portal_id)
        preview = preview_of(conn, portal)
        bands = summary_rows.by_band(conn, portal_id)
        known = writes.known(conn, portal_id)
        best = scores.top(conn, portal_id, EXAMPLES)
        ids = [score.contact_id for score in best]
        written = writes.last_written(conn, portal_id, ids)
        sealed = leads.people(conn, portal_id, ids)
        skipped = routes_of.in_shadow(conn, portal_id)
    examples = [
        Write(
            contact_id=score.contact_id,
            name=visible(
                shown_name(
                    person_of(
                        product.stores.cipher,
                        portal_id,
                        of_contact(score.contact_id),
                        sealed.get(score.contact_id),
                    ),
                    f"Contact {score.contact_id}",
                )
            ),
            properties=changed(
                written.get(score.contact_id, ({}, None))[0],
                properties_of(score, portal.settings),
            ),
        )
        for score in best
    ]
    return LivePreview(
        preview=preview,
        contacts=sum(bands.values()),
        unchanged=known,
        lists={LISTS[route]: bands.get(band, 0) for band, route in LIST_OF_BAND.items()},
        skipped=skipped,
        examples=examples,
    )


def _spread(counts: Sequence[ScoreCount]) -> tuple[Ints, Floats | None]:
    """One number per lead, as the outlook takes them; chances only where every lead has one."""
    leads_of = np.array([count.leads for count in counts], dtype=np.intp)
    points = np.repeat(np.array([count.score for count in counts], dtype=np.intp), leads_of)
    if not counts or any(count.chances < count.leads for count in counts):
        return points, None
    means = np.array([count.chance_sum / count.leads for count in counts], dtype=np.float64)
    return points, np.repeat(means, leads_of)
