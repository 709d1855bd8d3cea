"""What an operator sees: the report, the metrics, and one message per crossed threshold."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from prometheus_client.parser import text_string_to_metric_families
from pytest_httpserver import HTTPServer

from backend.jobs.watch import WELL_CHECKS, Watch
from backend.services.health.report import report
from backend.storage.database import Database
from backend.storage.leads import due_leads
from backend.storage.operations import alerts
from backend.storage.tables.leads import leads as leads_table
from backend.storage.tables.portals import portals as portals_table
from backend.web.app import create
from backend.wiring import Product
from tests.integration.conftest import PORTAL, Connected, score_all
from tests.support.product import changed
from tests.support.records import shown

TOKEN = "t" * 20
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def samples(connected: Connected) -> dict[str, float]:
    """Every series of /metrics, summed over its labels."""
    text = connected.app.test_client().get("/metrics").get_data(as_text=True)
    found: dict[str, float] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if not sample.name.endswith("_bucket"):
                found[sample.name] = found.get(sample.name, 0.0) + sample.value
    return found


@pytest.fixture
def counted(unconnected: Connected) -> Connected:
    """Scored just now: what was counted on the way is still in Redis."""
    score_all(unconnected)
    return unconnected


def test_metrics_add_up_over_processes_and_survive_an_emptied_redis(counted: Connected) -> None:
    live = counted
    live.go_live()
    found = samples(live)
    scored = len(live.scores())
    assert found["leadlight_scores_total"] >= scored
    assert found["leadlight_lead_seconds_count"] >= scored
    assert found["leadlight_leads_by_band"] == scored
    others = sum(len(shown(live, kind)) for kind in ("companies", "deals", "leads"))
    assert found["leadlight_writes_total"] == scored + others
    assert found["leadlight_provider_requests_total"] > 5
    assert found["leadlight_cache_total"] > 0
    text = live.app.test_client().get("/metrics").get_data(as_text=True)
    steps = set(re.findall(r'leadlight_step_seconds_count\{step="([a-z]+)"\}', text))
    assert steps == {"refresh", "collect", "embed", "similar", "baseline", "analyse", "save"}
    assert str(PORTAL) not in text
    live.redis.flushall()
    emptied = samples(live)
    assert emptied.get("leadlight_scores_total", 0.0) == 0
    assert emptied["leadlight_leads_by_band"] == scored


def test_health_says_what_waits_and_a_stranger_learns_of_no_portal(counted: Connected) -> None:
    connected = counted
    ids = sorted(connected.scores())
    with connected.product.stores.database.write() as conn:
        conn.execute(
            sa.update(leads_table)
            .where(leads_table.c.contact_id == ids[0])
            .values(parked_at=connected.product.stores.clock.now(), problem="x")
        )
    found = report(connected.product)
    (portal,) = found["database"]["portals"]
    assert portal["token_valid"]
    assert portal["failed_leads"] == found["database"]["failed_leads"] == 1
    assert found["error_rate"]["jobs"]["share"] == 0.0
    assert abs(found["clock_skew_s"]["queue"]) < 2
    with_token = replace(connected.product.stores.settings, metrics_token=TOKEN)
    web = create(changed(connected.product, settings=with_token)).test_client()
    assert str(PORTAL) not in web.get("/health").get_data(as_text=True)
    assert web.get("/metrics").status_code == 404
    assert web.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 404
    mine = {"Authorization": f"Bearer {TOKEN}"}
    assert web.get("/metrics", headers=mine).status_code == 200
    assert str(PORTAL) in web.get("/health", headers=mine).get_data(as_text=True)
    assert web.get("/health/live").status_code == web.get("/health/ready").status_code == 200


@ON_SQLITE
def test_a_token_that_nobody_refreshed_for_a_day_is_not_valid(connected: Connected) -> None:
    long_ago = connected.product.stores.clock.now() - timedelta(hours=27)
    with connected.product.stores.database.write() as conn:
        conn.execute(sa.update(portals_table).values(token_expires_at=long_ago))
    assert not report(connected.product)["database"]["portals"][0]["token_valid"]


@pytest.fixture
def watched(connected: Connected, httpserver: HTTPServer) -> Product:
    url = httpserver.url_for("/alerts")
    settings = replace(connected.product.stores.settings, alert_webhook_url=url)
    return changed(connected.product, settings=settings)


def told(httpserver: HTTPServer) -> list[tuple[str, str]]:
    return [(body["alert"], body["state"]) for body in (r.json for r, _ in httpserver.log)]


def park_one(product: Product, parked: bool) -> None:
    with product.stores.database.write() as conn:
        if not parked:
            due_leads.replay(conn, PORTAL, product.stores.clock.now())
            return
        one = sa.select(leads_table.c.contact_id).limit(1).scalar_subquery()
        conn.execute(
            sa.update(leads_table)
            .where(leads_table.c.contact_id == one)
            .values(parked_at=product.stores.clock.now(), due_at=None)
        )


def test_an_alert_is_told_once_and_once_when_it_is_over(
    watched: Product, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/alerts").respond_with_data("ok")
    watch = Watch(watched, interval_s=0)
    watch.round()
    assert told(httpserver) == []
    park_one(watched, True)
    for _ in range(3):
        watch.round()
    Watch(watched, interval_s=0).round()  # another process knows it, too
    assert told(httpserver) == [(f"failed_work:{PORTAL}", "firing")]
    park_one(watched, False)
    for _ in range(WELL_CHECKS + 1):
        watch.round()
    assert told(httpserver)[1:] == [(f"failed_work:{PORTAL}", "recovered")]
    with watched.stores.database.read() as conn:
        assert alerts.firing(conn) == []


@ON_SQLITE
def test_a_value_that_swings_around_its_threshold_is_told_once(
    watched: Product, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/alerts").respond_with_data("ok")
    rounds = [Watch(watched, interval_s=0), Watch(watched, interval_s=0)]  # whoever is first
    for minute in range(4 * WELL_CHECKS):
        park_one(watched, minute % (WELL_CHECKS - 1) == 0)
        rounds[minute % 2].round()
    assert told(httpserver) == [(f"failed_work:{PORTAL}", "firing")]
    park_one(watched, False)
    for minute in range(WELL_CHECKS):
        rounds[minute % 2].round()
    assert told(httpserver)[1:] == [(f"failed_work:{PORTAL}", "recovered")]
    park_one(watched, True)
    rounds[0].round()
    assert told(httpserver)[2:] == [(f"failed_work:{PORTAL}", "firing")]


@ON_SQLITE
def test_a_message_that_was_not_taken_is_sent_again(
    watched: Product, httpserver: HTTPServer
) -> None:
    httpserver.expect_ordered_request("/alerts").respond_with_data("no", status=500)
    httpserver.expect_ordered_request("/alerts").respond_with_data("ok")
    park_one(watched, True)
    watch = Watch(watched, interval_s=0)
    for _ in range(3):
        watch.round()
    assert told(httpserver) == [(f"failed_work:{PORTAL}", "firing")] * 2


@ON_SQLITE
def test_the_database_away_is_told_although_nothing_can_be_stored(
    watched: Product, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/alerts").respond_with_data("ok")
    dead = Database("postgresql://nobody@127.0.0.1:9/none", wait_s=0.5)
    watch = Watch(changed(watched, database=dead), interval_s=0)
    watch.round()
    watch.round()
    assert told(httpserver) == [("database_away", "firing")]
    watch._product = watched  # the same process sees it come back
    for _ in range(WELL_CHECKS):
        watch.round()
    assert told(httpserver)[1:] == [("database_away", "recovered")]


@ON_SQLITE
def test_refused_signatures_are_counted_for_the_day_and_alarm(
    watched: Product, connected: Connected, httpserver: HTTPServer
) -> None:
    """Fault test 13: the secret is wrong for ten minutes."""
    httpserver.expect_request("/alerts").respond_with_data("ok")
    watch = Watch(watched, interval_s=0)
    watch.round()
    web = connected.app.test_client()
    for _ in range(6):
        assert web.post("/webhooks/hubspot", json=[]).status_code == 401
    watch.round()
    assert told(httpserver) == [("bad_signatures", "firing")]
    assert report(watched)["database"]["bad_signatures_today"] == 6
