"""A portal's own outcomes become a model: trained, judged, published, rolled back."""

from __future__ import annotations

import pytest

from backend.storage import models, runs
from tests.integration.conftest import PORTAL, Connected

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
LARGE = pytest.mark.parametrize("contacts", [500])  # enough outcomes to learn from


def train(connected: Connected) -> runs.Run:
    product = connected.product
    with product.database.write() as conn:
        runs.start(conn, PORTAL, "train", product.clock.now())
    product.jobs.ring("train", portal_id=PORTAL)
    connected.run()
    with product.database.read() as conn:
        run = runs.latest(conn, PORTAL, "train")
    assert run is not None
    return run


def score_all(connected: Connected) -> None:
    product = connected.product
    with product.database.write() as conn:
        runs.restart(conn, PORTAL, "backfill", product.clock.now())
    product.jobs.ring("backfill", portal_id=PORTAL)
    connected.run()


@ON_SQLITE
@LARGE
def test_a_model_is_trained_published_and_rolled_back(connected: Connected) -> None:
    product = connected.product
    before = connected.scores()
    assert all(s.chance is None and s.model_version == 0 for s in before.values())
    run = train(connected)
    assert run.state == "done", run.problem
    with product.database.read() as conn:
        (version,) = models.listed(conn, PORTAL)
    assert version.state == "challenger"
    assert connected.scores() == before  # nothing changes until it is published
    assert version.report["metrics"]["auc"] > 0.5
    assert "feedback" not in version.report["fields"]["used"]
    with product.database.write() as conn:
        models.publish(conn, PORTAL, 1, product.clock.now())
    score_all(connected)
    after = connected.scores()
    assert all(s.model_version == 1 for s in after.values())
    assert all(s.score == 50 + sum(f.points for f in s.factors) for s in after.values())
    for score in after.values():
        assert score.chance is not None
        assert 0 <= score.chance.low <= score.chance.value <= score.chance.high <= 1
        assert 30 <= score.chance.horizon_days <= 365
    with product.database.write() as conn:
        models.unpublish(conn, PORTAL)
    score_all(connected)
    back = connected.scores()
    assert {c: s.score for c, s in back.items()} == {c: s.score for c, s in before.items()}


@ON_SQLITE
@LARGE
def test_history_is_read_once_per_outcome(connected: Connected) -> None:
    train(connected)
    calls = connected.sandbox.control("GET", "/stats")["total_calls"]
    assert train(connected).state == "done"
    assert connected.sandbox.control("GET", "/stats")["total_calls"] == calls


@ON_SQLITE
def test_too_few_outcomes_say_how_many_are_missing(connected: Connected) -> None:
    with connected.product.database.write() as conn:
        conn.exec_driver_sql("DELETE FROM mirror_objects WHERE object_type = 'deals'")
    run = train(connected)
    assert run.state == "failed"
    assert "not enough outcomes yet: 0 won" in run.problem
