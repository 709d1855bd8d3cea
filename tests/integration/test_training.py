"""A portal's own outcomes become a model: trained, judged, published, rolled back."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from backend.jobs.schedule import DRIFT_EVERY, RETRAIN_EVERY, begin_due
from backend.jobs.sweep import sweep
from backend.learning.data.outcomes import Outcome
from backend.model import Score
from backend.scoring.explain import factor_text
from backend.scoring.points.profile_csv import read_profile
from backend.services.learning.as_of import as_of
from backend.services.learning.gather import gather
from backend.services.learning.labels import labelled
from backend.storage import runs
from backend.storage.leads import scores
from backend.storage.learning import models
from backend.storage.portals import portals
from backend.storage.portals.portals import Portal
from backend.storage.runs import REPORT
from backend.storage.tables.access import audit
from backend.storage.tables.leads import feedback
from backend.storage.tables.learning import as_of_facts
from backend.web.card.routes import read_history
from tests.integration.conftest import PORTAL, Connected, Opens
from tests.support.training import LARGE, ON_SQLITE, operator, score_all, train

# What the model reads instead of words: points that fade, lists joined by ";", raw options.
UNREADABLE = re.compile(r"\d\.\d{3}| on [\d.]+(?: \(|$)|\w;\w|: [a-z]+ and [a-z]")


@pytest.fixture
def trained(cloned: Opens) -> Iterator[Connected]:
    """A portal whose first model waits to be published."""
    with cloned(False, train) as found:
        yield found


@ON_SQLITE
@LARGE
def test_a_model_is_trained_published_and_rolled_back(cloned: Opens) -> None:
    with cloned(False) as untrained:
        before = untrained.scores()
    assert all(s.chance is None and s.model_version == 0 for s in before.values())
    with cloned(False, train) as found:
        _published_and_rolled_back(found, before)


def _published_and_rolled_back(connected: Connected, before: dict[str, Score]) -> None:
    product = connected.product
    with product.stores.database.read() as conn:
        run = runs.latest(conn, PORTAL, "train")
        (version,) = models.listed(conn, PORTAL)
    assert run is not None and run.state == "done", run
    assert version.state == "challenger"
    assert connected.scores() == before  # nothing changes until it is published
    assert version.report["metrics"]["auc"] > 0.5
    assert "feedback" not in version.report["fields"]["used"]
    with product.stores.database.write() as conn:
        models.publish(conn, PORTAL, 1, product.stores.clock.now())
    score_all(connected)
    after = connected.scores()
    assert all(s.model_version == 1 for s in after.values())
    assert all(s.score == 50 + sum(f.points for f in s.factors) for s in after.values())
    found = {(f.field, factor_text(f)) for s in after.values() for f in s.factors}
    assert [text for _, text in found if UNREADABLE.search(text)] == []
    assert any(field == "reply" and ", last on " in text for field, text in found)
    moved = 0
    for contact_id in sorted(after)[:5]:
        told = json.loads(operator(connected, "leads", "why", contact_id, "--json").stdout)["moves"]
        shown = read_history(product.stores, PORTAL, contact_id).history.moves
        assert [(m.text, m.points) for m in shown] == [(m["text"], m["points"]) for m in told]
        moved += len(shown)
    assert moved > 0
    for score in after.values():
        assert score.chance is not None
        assert 0 <= score.chance.low <= score.chance.value <= score.chance.high <= 1
        assert 30 <= score.chance.horizon_days <= 365
    with product.stores.database.write() as conn:
        models.unpublish(conn, PORTAL)
    score_all(connected)
    back = connected.scores()
    assert {c: s.score for c, s in back.items()} == {c: s.score for c, s in before.items()}


@ON_SQLITE
@LARGE
def test_history_is_read_once_per_outcome(trained: Connected) -> None:
    calls = trained.sandbox.control("GET", "/stats")["total_calls"]
    assert len(gather(trained.product, _portal(trained)).outcomes) > 100
    assert trained.sandbox.control("GET", "/stats")["total_calls"] == calls


@ON_SQLITE
@pytest.mark.parametrize("hour", [(2026, 3, 29, 1), (2026, 10, 25, 1), (2026, 7, 1, 1)])
def test_history_is_read_once_whatever_the_clocks_did(
    connected: Connected, hour: tuple[int, int, int, int]
) -> None:
    portal, at = _portal(connected), datetime(*hour, 30, tzinfo=ZoneInfo("Europe/Dublin"))
    past = next(past for past, _ in labelled(connected.product.stores, portal).known)
    outcome = Outcome(past.snapshot.contact_id, "lost", at + timedelta(days=9), at)
    first = as_of(connected.product, portal, [(past, outcome)])
    calls = connected.sandbox.control("GET", "/stats")["total_calls"]
    assert as_of(connected.product, portal, [(past, outcome)]) == first
    assert connected.sandbox.control("GET", "/stats")["total_calls"] == calls


def _portal(connected: Connected) -> Portal:
    with connected.product.stores.database.read() as conn:
        return portals.get(conn, PORTAL)


@ON_SQLITE
def test_too_few_outcomes_say_how_many_are_missing(connected: Connected) -> None:
    with connected.product.stores.database.write() as conn:
        conn.exec_driver_sql("DELETE FROM mirror_objects WHERE object_type = 'deals'")
    run = train(connected)
    assert run.state == "failed"
    assert re.match(r"not enough outcomes yet: \d+ won and \d+ lost, 15 of each", run.problem)


@ON_SQLITE
@LARGE
def test_a_portal_is_backtested_without_storing_anything(connected: Connected) -> None:
    found = operator(connected, "model", "backtest", "--json", "--ignore", "source")
    assert found.exit_code == 0, found.output
    report = json.loads(found.stdout)
    assert report["metrics"]["auc"] > 0.5
    assert {"random", "naive_bayes", "recency"} <= set(report["baselines"])
    assert "source" not in report["fields"]["used"]
    assert report["horizon_days"] >= 30
    assert [set(m) for m in report["months"]] and all(m["n_train"] >= 30 for m in report["months"])
    assert sum(part["leads"] for part in report["calibration"]) == report["n_test"]
    with connected.product.stores.database.read() as conn:
        assert models.listed(conn, PORTAL) == []


@ON_SQLITE
@LARGE
def test_a_field_written_after_the_outcome_is_a_suspected_leak(trained: Connected) -> None:
    with trained.product.stores.database.write() as conn:
        for row in conn.execute(as_of_facts.select()).all():
            conn.execute(
                as_of_facts.update()
                .where(as_of_facts.c.contact_id == row.contact_id)
                .values(late={**row.late, "source": True})
            )
    assert train(trained).state == "done"
    assert train(trained, keep=("source",)).state == "done"
    with trained.product.stores.database.read() as conn:
        kept, barred, _ = models.listed(conn, PORTAL)
    (suspect,) = [s for s in barred.report["fields"]["suspected_leaks"] if s["field"] == "source"]
    assert "written after the outcome" in suspect["reason"]
    assert "source" not in barred.report["fields"]["used"]
    assert "source" in kept.report["fields"]["used"]
    assert "suspected leak: source" in operator(trained, "model", "show", "2").stdout


@ON_SQLITE
@LARGE
def test_publishing_shows_bands_and_migration_first(trained: Connected) -> None:
    shown = operator(trained, "model", "publish", "1", "--dry-run", "--weekly-capacity", "3")
    assert shown.exit_code == 0, shown.output
    for words in ("Leads by band under model 1", "expected wins", "proposed: High from", "contact"):
        assert words in shown.stdout
    with trained.product.stores.database.read() as conn:
        assert models.published(conn, PORTAL) is None
    asked = ("model", "publish", "1", "--force", "--apply-proposed", "--weekly-capacity", "3")
    assert "in use" in operator(trained, *asked).output
    with trained.product.stores.database.read() as conn:
        edges = portals.get(conn, PORTAL).settings.thresholds
    assert f"proposed: High from {edges.high}, Medium from {edges.medium}" in shown.stdout
    detail = operator(trained, "model", "show", "1").stdout
    assert "Calibration on the test leads" in detail
    assert "won" in detail


@ON_SQLITE
def test_thresholds_are_set_with_a_trace_and_every_lead_is_scored_again(
    connected: Connected,
) -> None:
    assert "proposed: High from" in operator(connected, "portals", "thresholds").stdout
    done = operator(connected, "portals", "thresholds", "70", "45")
    assert done.exit_code == 0, done.output
    connected.run()
    for score in connected.scores().values():
        assert (score.band.value == "High") == (score.score >= 70)
    with connected.product.stores.database.read() as conn:
        settings = portals.get(conn, PORTAL).settings
        by_person = (audit.c.action == "portal.settings") & (audit.c.actor != "system:owners")
        (entry,) = conn.execute(audit.select().where(by_person))
    assert (settings.thresholds.high, settings.thresholds.medium) == (70, 45)
    assert entry.detail == {
        "thresholds": {"before": {"high": 80, "medium": 50}, "after": {"high": 70, "medium": 45}}
    }
    assert operator(connected, "portals", "thresholds", "40", "60").exit_code == 2
    assert operator(connected, "portals", "thresholds", "--apply-proposed").exit_code == 0


@ON_SQLITE
@LARGE
def test_a_month_later_a_challenger_is_trained_but_not_published(connected: Connected) -> None:
    product = connected.product
    later = product.stores.clock.now() + RETRAIN_EVERY + timedelta(hours=1)
    assert begin_due(product, product.stores.clock.now()) == 0
    assert begin_due(product, later) >= 1  # beside the upkeep
    assert begin_due(product, later) == 0  # another cron, the same minute
    assert began(connected, "train")
    connected.run()
    with product.stores.database.read() as conn:
        (version,) = models.listed(conn, PORTAL)
    assert version.state == "challenger"
    assert version.report["monthly"] and not version.report["published_by_itself"]


def began(connected: Connected, kind: str) -> bool:
    with connected.product.stores.database.read() as conn:
        run = runs.latest(conn, PORTAL, kind)
    return run is not None and run.state == "running"


@ON_SQLITE
@LARGE
def test_drift_is_reported_weekly_and_quiet_when_nothing_changed(trained: Connected) -> None:
    product = trained.product
    assert operator(trained, "model", "drift").exit_code != 0
    with product.stores.database.write() as conn:
        models.publish(conn, PORTAL, 1, product.stores.clock.now())
    assert not began(trained, "drift")
    begin_due(product, product.stores.clock.now() + DRIFT_EVERY + timedelta(hours=1))
    assert began(trained, "drift")
    trained.run()
    with product.stores.database.read() as conn:
        run = runs.latest(conn, PORTAL, "drift")
    assert run is not None and run.state == "done"
    assert run.position[REPORT]["level"] == "stable"
    assert {f["psi"] for f in run.position[REPORT]["fields"]} == {0.0}
    assert "stable: model 1" in operator(trained, "model", "drift").stdout


@ON_SQLITE
@LARGE
def test_suggested_clients_can_be_imported(connected: Connected, tmp_path: Path) -> None:
    out = tmp_path / "clients.csv"
    found = operator(connected, "profiles", "suggest", "--csv", str(out))
    assert found.exit_code == 0, found.output
    if out.exists():
        profile = read_profile(out.read_bytes())
        assert profile.problems == ()
        assert all(client.client_id.startswith("won-") for client in profile.clients)


@ON_SQLITE
def test_why_a_score_changed_adds_up(connected: Connected) -> None:
    contact_id = next(iter(connected.scores()))
    assert "scored once" in operator(connected, "leads", "why", contact_id).stdout
    with connected.product.stores.database.write() as conn:
        stored = scores.history(conn, PORTAL, contact_id)[0]
        body = {**stored["body"], "factors": stored["body"]["factors"][1:]}
        conn.execute(
            scores.score_history.insert().values(
                **{k: v for k, v in stored.items() if k != "id"}
                | {"body": body, "score": stored["score"] - stored["body"]["factors"][0]["points"]}
            )
        )
    found = json.loads(operator(connected, "leads", "why", contact_id, "--json").stdout)
    moved = sum(change["after"] - change["before"] for change in found["changes"])
    assert moved == -stored["body"]["factors"][0]["points"]


@ON_SQLITE
@LARGE
def test_opinions_are_tried_and_the_report_says_so(connected: Connected) -> None:
    product = connected.product
    with product.stores.database.write() as conn:
        for contact_id, score in list(connected.scores().items())[:40]:
            conn.execute(
                feedback.insert().values(
                    portal_id=PORTAL,
                    contact_id=contact_id,
                    user_id="7",
                    agrees=True,
                    reason="",
                    score=90 if score.score > 50 else 10,
                    created_at=product.stores.clock.now(),
                )
            )
    assert train(connected).state == "done"
    with product.stores.database.read() as conn:
        (version,) = models.listed(conn, PORTAL)
    tried = version.report["feedback"]
    assert tried["opinions"] == 40
    if tried.get("labels"):
        gain = tried["log_loss_without"] - tried["log_loss_with"]
        assert tried["used"] == (gain > 0.001)


@ON_SQLITE
def test_a_sweep_starts_no_training_in_a_young_portal(connected: Connected) -> None:
    sweep(connected.product)
    with connected.product.stores.database.read() as conn:
        assert runs.latest(conn, PORTAL, "train") is None
