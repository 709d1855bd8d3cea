"""The wire and the parsing, held against a model that nobody scripted. It is no judge of leads:
what it says is bounded by construction, and that is what is looked at."""

from __future__ import annotations

import sqlalchemy as sa

from backend.config import ANALYST_CAP
from backend.model import TextReading
from backend.scoring.read_text import fence
from backend.services.scoring.pipeline import context_of, score_batch
from backend.storage.portals import portals
from backend.storage.tables.learning import analyses, usage_days
from backend.wiring import Product
from tests.integration.conftest import PORTAL, Connected
from tests.llm.conftest import PATIENCE_S


def test_every_lead_is_scored_with_what_the_model_said(
    connected: Connected, by_model: Product
) -> None:
    """In this process, because a job would end after three minutes on a busy machine."""
    with by_model.stores.database.read() as conn:
        portal = portals.get(conn, PORTAL)
    ids = sorted(connected.scores())
    now = by_model.stores.clock.now()
    context = context_of(by_model, portal)
    scored = score_batch(by_model, context, ids, now, within_s=PATIENCE_S).scored
    assert sorted(scored) == ids
    with by_model.stores.database.read() as conn:
        asked = conn.execute(sa.select(sa.func.count()).select_from(analyses)).scalar_one()
        used = conn.execute(sa.select(usage_days)).all()
    assert asked >= 1, "not one answer passed the checks"
    assert sum(row.prompt_tokens for row in used) > 0
    assert sum(row.completion_tokens for row in used) > 0
    for score in scored.values():
        assert score.score == 50 + sum(factor.points for factor in score.factors)
        assert abs(score.analyst_points) <= ANALYST_CAP


def test_a_reading_of_free_text_is_one_of_the_closed_answers(by_model: Product) -> None:
    text = fence("We would like a quote for 200 seats this quarter.")
    found = by_model.ai.reader.read([text], PATIENCE_S)
    assert len(found) == 1
    if isinstance(found[0], TextReading):
        assert found[0].provider == "openai"
        assert found[0].quote in text
