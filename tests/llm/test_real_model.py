"""The wire and the parsing, held against a model that nobody scripted. It is no judge of leads:
what it says is bounded by construction, and that is what is looked at."""

from __future__ import annotations

import sqlalchemy as sa

from backend.config import ANALYST_CAP
from backend.model import TextReading
from backend.scoring.read_text import fence
from backend.storage import leads, profiles
from backend.storage.tables import analyses, usage_days
from tests.integration.conftest import CLIENTS, PORTAL, Connected, install


def test_every_lead_is_scored_with_what_the_model_said(analysed: Connected) -> None:
    product = analysed.product
    install(analysed)
    with product.database.write() as conn:
        profiles.add(conn, PORTAL, CLIENTS, source="t", made_by="t", now=product.clock.now())
    analysed.run()
    with product.database.read() as conn:
        asked = conn.execute(sa.select(sa.func.count()).select_from(analyses)).scalar_one()
        used = conn.execute(sa.select(usage_days)).all()
        parked = leads.parked(conn, PORTAL)
    scored = analysed.scores().values()
    assert parked == 0
    assert scored
    assert asked >= 1, "not one answer passed the checks"
    assert sum(row.prompt_tokens for row in used) > 0
    assert sum(row.completion_tokens for row in used) > 0
    for score in scored:
        assert score.score == 50 + sum(factor.points for factor in score.factors)
        assert abs(score.analyst_points) <= ANALYST_CAP


def test_a_reading_of_free_text_is_one_of_the_closed_answers(analysed: Connected) -> None:
    text = fence("We would like a quote for 200 seats this quarter.")
    found = analysed.product.reader.read([text])
    assert len(found) == 1
    if isinstance(found[0], TextReading):
        assert found[0].provider == "openai"
        assert found[0].quote in text
