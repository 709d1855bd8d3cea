"""The whole street with OpenAI and Pinecone behind it, on local servers: what leaves, what it
costs, and what becomes of leads when they are away."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from backend.embedded.rule_analyst import RuleAnalyst
from backend.embedded.rule_reader import RuleReader
from backend.embedded.use_embedder import UseEmbedder
from backend.jobs.population import begin_anew
from backend.model import Urgency, Usage
from backend.scoring.similarity_vectors import VERSION
from backend.services import rescore, settings
from backend.services.health import connectivity
from backend.services.health.report import report
from backend.services.health.rules import firing
from backend.services.scoring.forecast import forecast
from backend.storage import runs
from backend.storage.leads import due_leads
from backend.storage.learning import analyses, profiles
from backend.storage.migrate import upgrade
from backend.storage.portals import portals
from backend.storage.tables.learning import populations
from backend.wiring import providers
from tests.contract.openai_server import OpenAiServer, running_openai
from tests.contract.pinecone_server import PineconeServer, running_pinecone
from tests.integration.conftest import CLIENTS, PORTAL, Connected
from tests.support.product import changed

PROMPT_TOKENS_MOST = 1_200


@dataclass
class Street:
    """The connected portal, with real clients of both vendors."""

    connected: Connected
    openai: OpenAiServer
    pinecone: PineconeServer

    def rescore(self, cause: str = "person") -> float:
        """Every lead once more, as a person would; returns the seconds it took."""
        product = self.connected.product
        now = product.stores.clock.now()
        with product.stores.database.write() as conn:
            ids = sorted(self.connected.scores())
            due_leads.mark_due(conn, PORTAL, ids, Urgency.BACKFILL, now, cause=cause, refresh=False)
        product.stores.jobs.enqueue("score_due", portal_id=PORTAL, urgency="backfill")
        started = time.perf_counter()
        self.connected.run(sweeps=1)
        return time.perf_counter() - started

    def person_rescores(self, contact_id: str) -> None:
        """Changed facts make a new question."""
        product = self.connected.product
        forget_answers(self)
        rescore.rescore(product.stores, PORTAL, contact_id, actor="t")
        self.connected.burst()

    def spent(self) -> Usage:
        product = self.connected.product
        with product.stores.database.read() as conn:
            return analyses.spent_today(conn, PORTAL, product.stores.clock.now())

    def cap(self, calls: int) -> None:
        self.choose(daily_ai_calls=calls)

    def choose(self, **chosen: object) -> None:
        with self.connected.product.stores.database.write() as conn:
            settings = portals.get(conn, PORTAL).settings
            portals.set_settings(conn, PORTAL, replace(settings, **chosen))

    def tiers(self) -> set[object]:
        """Of the questions asked since the last look."""
        asked = {body.get("service_tier") for body in self.openai.bodies if "messages" in body}
        self.openai.bodies.clear()
        return asked


def forget_answers(street: Street) -> None:
    """Every lead has to be asked about anew."""
    with street.connected.product.stores.database.write() as conn:
        conn.exec_driver_sql("DELETE FROM analyses")
        conn.exec_driver_sql("UPDATE scores SET input_hash = 'x'")


@pytest.fixture
def street(connected: Connected, monkeypatch: pytest.MonkeyPatch) -> Iterator[Street]:
    product = connected.product
    with running_openai() as openai, running_pinecone() as pinecone:
        settings = replace(
            product.stores.settings,
            openai_api_key="sk-canary-key",
            openai_base_url=openai.url,
            pinecone_api_key="pc-canary-key",
            pinecone_index_host=pinecone.url,
        )
        chosen = providers(
            settings, product.stores.database, product.stores.redis, product.stores.clock
        )
        connected.product = changed(
            product,
            settings=settings,
            embedder=chosen.embedder,
            index=chosen.index,
            analyst=chosen.analyst,
            reader=chosen.reader,
            vendors=chosen.vendors,
            half_price=chosen.half_price,
        )
        yield Street(connected, openai, pinecone)
        chosen.close()


@pytest.fixture
def database_url(tmp_path) -> str:
    url = f"sqlite:///{tmp_path / 'leadlight.db'}"
    upgrade(url)
    return url


def test_every_lead_is_judged_and_nothing_is_asked_twice(street: Street) -> None:
    street.rescore()
    found = street.connected.scores()
    assert {score.source for score in found.values()} == {"ai"}
    asked = len(street.openai.bodies)
    assert street.spent().calls == asked
    street.rescore()
    assert len(street.openai.bodies) == asked


def test_a_run_asks_at_half_the_price_where_the_admin_chose_it_and_people_at_the_full_one(
    street: Street,
) -> None:
    product = street.connected.product
    with product.stores.database.read() as conn:
        dry = forecast(product, portals.get(conn, PORTAL))
    street.rescore("backfill")
    assert street.tiers() == {None}
    full = street.spent().cost_micro_usd
    forget_answers(street)
    street.choose(half_price_runs=True)
    street.rescore("backfill")
    assert street.tiers() == {"flex"}
    half = street.spent().cost_micro_usd - full
    assert half == pytest.approx(full / 2, rel=0.05)
    assert {score.source for score in street.connected.scores().values()} == {"ai"}
    assert dry.half_price_micro_usd == pytest.approx(dry.cost_micro_usd / 2, rel=0.05)
    street.person_rescores(next(iter(street.connected.scores())))
    assert street.tiers() == {None}


def test_what_is_not_answered_at_half_the_price_comes_again_at_the_full_one(
    street: Street,
) -> None:
    street.rescore("backfill")
    street.tiers()
    forget_answers(street)
    street.choose(half_price_runs=True)
    street.openai.half_price_fault = "500"
    street.rescore("backfill")
    assert street.tiers() == {"flex"}
    stores = street.connected.product.stores
    with stores.database.write() as conn:
        due_leads.bring_forward(conn, PORTAL, stores.clock.now())
    street.connected.run()
    assert street.tiers() == {None}
    assert {score.source for score in street.connected.scores().values()} == {"ai"}


def test_neighbours_come_from_pinecone_with_names_of_our_own(street: Street) -> None:
    with street.connected.product.stores.database.write() as conn:
        runs.restart(conn, PORTAL, "population", street.connected.product.stores.clock.now())
    street.connected.product.stores.jobs.enqueue("population", portal_id=PORTAL)
    street.connected.run()
    found = street.connected.scores()
    assert any(score.neighbours for score in found.values())
    assert street.pinecone.bodies


def test_another_embedding_model_is_noticed_and_everything_is_embedded_anew_once(
    street: Street,
) -> None:
    product = street.connected.product
    street.rescore()
    before = street.connected.scores().values()
    assert not any(score.neighbours for score in before)  # vectors of two models never meet
    assert not any(f.field == "similarity" for score in before for f in score.factors)
    assert begin_anew(product, product.stores.clock.now()) == 1
    street.connected.run()
    with product.stores.database.read() as conn:
        counted, _ = profiles.population(conn, PORTAL)
    assert counted.embedder == product.ai.embedder.name
    after = street.connected.scores().values()
    assert any(score.neighbours for score in after)
    assert any(f.field == "similarity" for score in after for f in score.factors)
    texts = embedded_texts(street)
    assert len(texts) == len(set(texts))
    assert begin_anew(product, product.stores.clock.now()) == 0


def embedded_texts(street: Street) -> list[str]:
    return [text for body in street.openai.bodies if "input" in body for text in body["input"]]


def test_an_ideal_clients_id_that_could_name_somebody_stays_here(street: Street) -> None:
    product = street.connected.product
    clients = (replace(CLIENTS[0], client_id="zoe@canary.example", name="Zoe"),)
    with product.stores.database.write() as conn:
        profiles.add(conn, PORTAL, clients, source="t", made_by="t", now=product.stores.clock.now())
        runs.start(conn, PORTAL, "population", product.stores.clock.now())
    product.stores.jobs.enqueue("population", portal_id=PORTAL)
    street.connected.run()
    assert "canary" not in street.pinecone.sent()
    found = {n.label for score in street.connected.scores().values() for n in score.neighbours}
    assert "Zoe" in found


def test_an_outage_marks_leads_and_they_come_again(street: Street) -> None:
    street.openai.always = "500"
    street.pinecone.always = 401
    street.rescore()
    found = street.connected.scores()
    assert {score.source for score in found.values()} == {"model"}
    assert all("analyst_away" in score.flags for score in found.values())
    assert any("embeddings_away" in score.flags for score in found.values())
    assert street.connected.unfinished() == len(found)
    assert report(street.connected.product)["breakers"]["openai"] == "open"


def test_a_forecast_is_an_upper_bound_and_asks_nobody(street: Street) -> None:
    product = street.connected.product
    with product.stores.database.read() as conn:
        portal = portals.get(conn, PORTAL)
    found = forecast(product, portal)
    assert street.openai.bodies == []
    assert found.leads == len(street.connected.scores())
    assert found.cost_micro_usd > 0
    street.rescore()
    spent = street.spent()
    assert spent.calls - embedding_calls(street) <= found.calls
    assert spent.prompt_tokens <= found.prompt_tokens
    assert spent.cost_micro_usd <= found.cost_micro_usd
    free = changed(product, analyst=RuleAnalyst(), reader=RuleReader(), embedder=UseEmbedder())
    assert forecast(free, portal).cost_micro_usd == 0


def test_over_budget_leads_are_scored_by_the_formula_and_wait_for_tomorrow(street: Street) -> None:
    street.cap(5)
    street.rescore()
    found = street.connected.scores().values()
    assert street.spent().calls - embedding_calls(street) <= 5
    default = [score for score in found if score.source == "model"]
    assert default
    assert all("over_budget" in score.flags for score in default)
    assert street.connected.unfinished() == sum("over_budget" in s.flags for s in found)


def test_leads_over_budget_come_back_when_the_budget_is_raised(street: Street) -> None:
    street.cap(5)
    street.rescore()
    assert any("over_budget" in s.flags for s in street.connected.scores().values())
    product = street.connected.product
    settings.change(product, PORTAL, lambda old: replace(old, daily_ai_calls=9_000), actor="t")
    street.connected.run(sweeps=1)
    found = street.connected.scores().values()
    assert not any("over_budget" in score.flags for score in found)
    assert {score.source for score in found} == {"ai"}
    assert street.connected.unfinished() == 0


def test_a_used_up_quota_is_over_in_minutes_and_at_once_when_a_person_asks(
    street: Street,
) -> None:
    street.openai.always = "quota"
    street.rescore()
    found = street.connected.scores()
    assert all("analyst_away" in score.flags for score in found.values())
    assert not any("over_budget" in score.flags for score in found.values())
    told = report(street.connected.product)
    assert told["breakers"]["openai"] == "open"
    assert told["provider_failures"]["analyst"]["cause"] == "quota"
    assert told["provider_failures"]["analyst"]["leads"] >= len(found) - 1
    names = firing(told, street.connected.product.stores.clock.now())
    assert "top up" in names["scores_incomplete:analyst"]
    asked = len(street.openai.bodies)
    street.openai.always = ""
    contact_id = next(iter(found))
    street.person_rescores(contact_id)
    assert street.connected.scores()[contact_id].source == "ai"
    assert len(street.openai.bodies) > asked
    assert "analyst" not in report(street.connected.product)["provider_failures"]


@pytest.mark.parametrize(
    ("fault", "cause", "cure"),
    [
        ("401", "key", "OPENAI_API_KEY"),
        ("404", "model", "OPENAI_CHAT_MODEL"),
        ("500", "server", "answered 500"),
        ("html", "bad_answer", "OPENAI_BASE_URL"),
    ],
)
def test_a_small_portal_s_failures_have_cause_and_cure(
    street: Street, fault: str, cause: str, cure: str
) -> None:
    street.openai.always = fault
    for contact_id in list(street.connected.scores())[:3]:
        street.person_rescores(contact_id)
    product = street.connected.product
    told = report(product)["provider_failures"]["analyst"]
    assert told["cause"] in (cause, "left_alone")
    assert cure in told["problem"]
    assert told["leads"] == 3
    assert "scores_incomplete:analyst" in firing(report(product), product.stores.clock.now())
    product.stores.meter.send()
    counted = product.stores.meter.sums()
    assert any("provider_failures" in name and cause in name for name in counted)


def embedding_calls(street: Street) -> int:
    return sum("input" in body for body in street.openai.bodies)


def tokens(text: str) -> int:
    """An upper estimate: OpenAI's vocabulary has whole short words and runs of punctuation."""
    return len(re.findall(r"[A-Za-z]{1,8}|\d{1,3}|[^\w\s]{1,3}|[^\x00-\x7f]|_", text))


def test_both_readers_together_need_few_prompt_tokens(street: Street) -> None:
    street.rescore()
    most: dict[str, int] = {}
    for body in street.openai.bodies:
        if "messages" in body:
            form = body["response_format"]["json_schema"]
            asked = " ".join(message["content"] for message in body["messages"])
            used = tokens(asked) + tokens(json.dumps(form["schema"]))
            most[form["name"]] = max(most.get(form["name"], 0), used)
    print(most)
    assert sum(most.values()) <= PROMPT_TOKENS_MOST


def test_a_model_that_its_vendor_ends_is_an_alert_within_a_minute(street: Street) -> None:
    product = street.connected.product
    chat, embedding = "gpt-6-luna", "text-embedding-3-small"
    street.openai.models = [{"id": chat, "shutdown_date": None}, {"id": embedding}]
    connectivity.check(product)
    assert "model_ends" not in " ".join(firing(report(product), product.stores.clock.now()))
    ends_on = (product.stores.clock.now() + timedelta(days=30)).date().isoformat()
    street.openai.models = [{"id": chat, "shutdown_date": ends_on}]
    connectivity.check(product)
    found = firing(report(product), product.stores.clock.now())
    assert ends_on in found[f"model_ends:openai:{chat}"]
    assert "OPENAI_EMBEDDING_MODEL" in found[f"model_ends:openai:{embedding}"]
    street.openai.always = "401"
    assert "OPENAI_API_KEY" in connectivity.check(product)["openai"]["problem"]


def test_a_vendor_that_trickles_does_not_hold_up_the_check(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connectivity, "WITHIN_S", 0.5)
    street.openai.trickle_models = True
    found = connectivity.check(street.connected.product)["openai"]
    assert found["ok"] is False and "no answer" in found["problem"]


def test_vectors_that_were_made_in_another_way_are_made_anew(street: Street) -> None:
    product = street.connected.product
    begin_anew(product, product.stores.clock.now())
    street.connected.run()
    with product.stores.database.write() as conn:
        counted, version = profiles.population(conn, PORTAL)
        assert counted.embedder == product.ai.embedder.name
        body = conn.execute(sa.select(populations.c.body)).scalars().all()[-1]
        assert body.pop("vectors") == VERSION
        conn.execute(
            sa.update(populations).where(populations.c.version == counted.version).values(body=body)
        )
        assert profiles.population(conn, PORTAL) != (counted, version)
    assert begin_anew(product, product.stores.clock.now()) == 1
