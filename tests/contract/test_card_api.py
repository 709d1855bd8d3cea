"""The card's requests over HTTP: who may ask, what comes back, what can be said twice."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from backend.model import (
    Band,
    Chance,
    Factor,
    MissingField,
    Mode,
    Neighbour,
    NextAction,
    Person,
    Population,
    PortalSettings,
    Quote,
    Score,
    Urgency,
)
from backend.security.signature import sign_v3
from backend.storage.leads import due_leads, people, scores
from backend.storage.learning import profiles
from backend.storage.migrate import upgrade
from backend.storage.portals import portals
from backend.web.app import create
from backend.web.card import models as shapes
from backend.wiring import Product, build
from tests.integration.conftest import ENVIRON, settings_for

WEB = "http://localhost:8000"
PORTAL, OTHER = 4242001, 4242002
LEAD, WON, UNSCORED, COLLEAGUE, FOREIGN = "501", "502", "503", "504", "900"
NOW = datetime.now(UTC).replace(microsecond=0)
EVIL = "a\u202e\x00\x1b[31m<script>" + "x" * 5_000


@dataclass
class Api:
    """Signed requests as HubSpot would send them."""

    product: Product
    client: FlaskClient

    def get(self, path: str, portal_id: int = PORTAL, user_id: str = "77") -> TestResponse:
        return self.send("GET", path, b"", portal_id, user_id)

    def post(
        self, path: str, body: Any, portal_id: int = PORTAL, user_id: str = "77"
    ) -> TestResponse:
        return self.send("POST", path, json.dumps(body).encode(), portal_id, user_id)

    def send(
        self, method: str, path: str, body: bytes, portal_id: int, user_id: str
    ) -> TestResponse:
        identity = {
            "userId": user_id,
            "portalId": portal_id,
            "userEmail": "rep@example.com",
            "appId": ENVIRON["HUBSPOT_APP_ID"],
        }
        target = f"{path}{'&' if '?' in path else '?'}{urlencode(identity)}"
        return self.signed(method, target, body)

    def signed(self, method: str, target: str, body: bytes = b"") -> TestResponse:
        at = int(time.time() * 1000)
        signature = sign_v3(ENVIRON["HUBSPOT_CLIENT_SECRET"], method, WEB + target, body, at)
        return self.client.open(
            target,
            method=method,
            data=body,
            content_type="application/json",
            headers={
                "X-HubSpot-Signature-v3": signature,
                "X-HubSpot-Request-Timestamp": str(at),
            },
        )

    def lead(self, contact_id: str = LEAD) -> dict[str, Any]:
        answer: dict[str, Any] = self.get(f"/card/lead?contactId={contact_id}").get_json()
        return answer


def score(contact_id: str = LEAD, **changes: Any) -> Score:
    made = Score(
        portal_id=PORTAL,
        contact_id=contact_id,
        score=69,
        unclamped=69,
        band=Band.MEDIUM,
        next_action=NextAction.CALL,
        action_reason="replied on 20 Nov",
        reasoning=EVIL,
        reasons=(),
        baseline=69,
        analyst_points=0,
        text_points=0,
        factors=(
            Factor("industry", "Logistics", 14, "profile", "4 times as common"),
            Factor("reply", "20 Nov", 9, "engagement"),
            Factor("email_kind", EVIL, -4, "profile"),
        ),
        missing=(MissingField("revenue_range", 7),),
        neighbours=(
            Neighbour("ideal:row-1", "ideal_client", 0.8, "Cargonaut", {"industry": "logistics"}),
            Neighbour(f"lead:{WON}", "won", 0.7, "", {"size": "51-200"}),
        ),
        source="ai",
        flags=("manipulation_suspected",),
        chance=None,
        percentile=93,
        model_version=0,
        profile_version=3,
        population_version=1,
        input_hash="h1",
        scored_at=NOW,
    )
    return replace(made, **changes)


@pytest.fixture
def api(tmp_path: Any, valkey_url: str) -> Iterator[Api]:
    url = f"sqlite:///{tmp_path / 'leadlight.db'}"
    upgrade(url)
    product = build(settings_for(url, valkey_url, "http://localhost:9", WEB))
    settings = PortalSettings(mode=Mode.LIVE)
    with product.stores.database.write() as conn:
        for portal_id in (PORTAL, OTHER):
            portals.install(conn, portal_id, client_id="c", name="Acme", now=NOW)
            portals.set_settings(conn, portal_id, settings)
        for portal_id, ids in ((PORTAL, [LEAD, WON, UNSCORED, COLLEAGUE]), (OTHER, [FOREIGN])):
            mark(conn, portal_id, ids)
        named = people.seal(
            product.stores.cipher,
            PORTAL,
            people.of_contact(WON),
            Person("Wanda Won", "w@example.com"),
        )
        due_leads.set_people(conn, PORTAL, {WON: named})
        due_leads.set_ineligible(conn, PORTAL, {COLLEAGUE: "The address is in your own domain."})
        profiles.add_population(conn, PORTAL, Population(1, 40, {}), 0, NOW)
        save(conn, score())
    yield Api(product, create(product).test_client())
    product.hubspot.http.close()
    product.stores.redis.close()
    product.stores.database.engine.dispose()


def mark(conn: Any, portal_id: int, contact_ids: list[str]) -> None:
    due_leads.mark_due(
        conn, portal_id, contact_ids, Urgency.BACKFILL, NOW, cause="backfill", refresh=False
    )


def save(conn: Any, new: Score) -> None:
    before = scores.current(conn, PORTAL, [new.contact_id])
    scores.save(conn, [new], before, {new.contact_id: "event"})


def test_one_request_holds_everything_the_card_paints(api: Api) -> None:
    lead = api.lead()["lead"]
    shapes.Lead.model_validate(lead)
    assert (lead["score"], lead["fit_level"], lead["percentile"]) == (69, "Medium", 93)
    assert [factor["points"] for factor in lead["factors"]] == [14, 9, -4]
    assert 50 + sum(part["points"] for part in lead["subtotals"]) == lead["score"]
    assert lead["missing"] == [{"field": "revenue_range", "label": "Revenue range", "could_add": 7}]
    assert lead["outcomes"] == {"won": 0, "lost": 0, "needed": 15}
    assert lead["flags"] == ["manipulation_suspected"]


def test_neighbours_of_this_portal_have_their_names(api: Api) -> None:
    ideal, won = api.lead()["lead"]["neighbours"]
    assert (ideal["label"], ideal["contact_id"], ideal["facts"]) == (
        "Cargonaut",
        None,
        ["Logistics"],
    )
    assert (won["label"], won["contact_id"]) == ("Wanda Won", WON)


def test_a_chance_replaces_the_missing_outcomes(api: Api) -> None:
    chance = Chance(0.24, 0.17, 0.32, 143, 120, 0.056)
    with api.product.stores.database.write() as conn:
        save(conn, score(chance=chance, model_version=12, input_hash="h2"))
    lead = api.lead()["lead"]
    assert lead["chance"]["horizon_days"] == 120 and lead["outcomes"] is None
    assert lead["times_average_odds"] == 5.3  # of the chance that is shown, whatever the points


@pytest.mark.parametrize(
    ("quote", "shown"),
    [
        (
            Quote("Send us a quote.", "contacts", LEAD, "2026-11-20"),
            ("message", "2026-11-20", f"/record/0-1/{LEAD}"),
        ),
        (Quote("Met.", "notes", "77", "2026-11-20"), ("note", "2026-11-20", "?engagement=77")),
        (Quote("Boxes.", "companies", "9"), ("description", "", f"/record/0-1/{LEAD}")),
    ],
)
def test_the_lead_s_words_are_shown_with_day_and_link(api: Api, quote: Quote, shown: Any) -> None:
    assert api.lead()["lead"]["quote"] is None
    with api.product.stores.database.write() as conn:
        save(conn, score(quote=quote, input_hash="h2"))
    found = api.lead()["lead"]["quote"]
    assert (found["text"], found["source"], found["written_on"]) == (quote.text, *shown[:2])
    assert found["url"].endswith(shown[2]) and f"/contacts/{PORTAL}/" in found["url"]


def test_texts_are_plain_short_lines(api: Api) -> None:
    answer = api.get(f"/card/lead?contactId={LEAD}")
    lead = answer.get_json()["lead"]
    texts = [lead["reasoning"], *(f["value"] for f in lead["factors"])]
    assert all(c.isprintable() for text in texts for c in text)
    assert len(lead["reasoning"]) <= shapes.LONG_TEXT_MAX
    assert all(len(factor["value"]) <= shapes.TEXT_MAX for factor in lead["factors"])
    assert len(answer.data) < 1_000_000


def test_the_trend_names_what_moved_the_score(api: Api) -> None:
    later = NOW + timedelta(days=1)
    more = (*score().factors, Factor("meeting", "22 Nov", 6, "engagement"))
    with api.product.stores.database.write() as conn:
        save(conn, score(score=75, unclamped=75, factors=more, scored_at=later, input_hash="h2"))
    trend = api.lead()["lead"]["trend"]
    assert trend["points"] == 6 and trend["since"] == NOW.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert trend["changes"] == [{"text": "Meeting on 22 Nov", "points": 6}]
    history = api.get(f"/card/history?contactId={LEAD}").get_json()["history"]
    shapes.History.model_validate(history)
    assert [m["score"] for m in history["moments"]] == [75, 69]
    assert history["moments"][0]["changes"] == trend["changes"]


@pytest.mark.parametrize(("contact_id", "code"), [(UNSCORED, "scoring"), (COLLEAGUE, "not_a_lead")])
def test_a_lead_without_a_score_is_an_expected_failure(
    api: Api, contact_id: str, code: str
) -> None:
    for path in ("lead", "history"):
        answer = api.get(f"/card/{path}?contactId={contact_id}")
        assert answer.status_code == 200
        assert (answer.get_json()["ok"], answer.get_json()["code"]) == (False, code)


@pytest.mark.parametrize("contact_id", [FOREIGN, "999", "", "1 OR 1=1", "٣", "9" * 40])
def test_another_portals_lead_is_as_unknown_as_none(api: Api, contact_id: str) -> None:
    query = urlencode({"contactId": contact_id})
    assert api.get(f"/card/lead?{query}").status_code == 404
    assert api.get(f"/card/history?{query}").status_code == 404
    assert api.post("/card/rescore", {"contactId": contact_id}).status_code == 404
    body = {"contactId": contact_id, "agrees": True, "score": 50}
    assert api.post("/card/feedback", body).status_code == 404


def test_a_rescore_of_another_portal_is_unknown(api: Api) -> None:
    asked = api.post("/card/rescore", {"contactId": LEAD}).get_json()["rescore_id"]
    assert api.get(f"/card/rescore/{asked}").status_code == 200
    assert api.get(f"/card/rescore/{asked}", portal_id=OTHER).status_code == 404


def test_asking_twice_is_one_rescore(api: Api) -> None:
    first = api.post("/card/rescore", {"contactId": LEAD}).get_json()
    second = api.post("/card/rescore", {"contactId": LEAD}, user_id="78").get_json()
    assert first == second
    state = api.get(f"/card/rescore/{first['rescore_id']}").get_json()
    assert (state["state"], state["stage"], state["contact_id"]) == ("waiting", "queued", LEAD)
    assert api.lead()["lead"]["rescoring"] is True


def test_a_paused_portal_scores_nothing(api: Api) -> None:
    with api.product.stores.database.write() as conn:
        portals.set_settings(conn, PORTAL, PortalSettings(mode=Mode.PAUSED))
    assert api.post("/card/rescore", {"contactId": LEAD}).get_json()["code"] == "paused"
    assert api.lead()["lead"]["mode"] == "paused"


@pytest.mark.parametrize("state", ["needs_reconnect", "disconnected"])
def test_a_portal_that_is_gone_reads_nothing(api: Api, state: str) -> None:
    with api.product.stores.database.write() as conn:
        portals.set_state(conn, PORTAL, state)
    for path in (f"/card/lead?contactId={LEAD}", "/card/connection", "/card/rescore/x"):
        assert api.get(path).get_json()["code"] == "disconnected"


def test_an_unknown_portal_is_not_connected(api: Api) -> None:
    assert api.get(f"/card/lead?contactId={LEAD}", portal_id=1).get_json()["code"] == "disconnected"


def test_feedback_is_one_word_per_lead_and_user(api: Api) -> None:
    said = {"agrees": False, "reason": "too_high", "score": 69, "comment": "No budget until May"}
    body = {"contactId": LEAD, **said, "comment": " No budget\u202e until\nMay"}
    for _ in range(2):
        assert api.post("/card/feedback", body).get_json()["ok"] is True
    assert api.lead()["lead"]["feedback"] == said
    api.post("/card/feedback", {"contactId": LEAD, "agrees": True, "score": 69}, user_id="78")
    assert api.lead()["lead"]["feedback"]["agrees"] is False
    api.post("/card/feedback", {"contactId": LEAD, "agrees": True, "score": 69})
    assert api.lead()["lead"]["feedback"] == {
        "agrees": True,
        "reason": "",
        "score": 69,
        "comment": "",
    }


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {"contactId": LEAD},
        {"contactId": LEAD, "agrees": False, "score": 69},
        {"contactId": LEAD, "agrees": True, "reason": "too_high", "score": 69},
        {"contactId": LEAD, "agrees": False, "reason": "because", "score": 69},
        {"contactId": LEAD, "agrees": False, "reason": "too_high", "score": 101},
        {"contactId": LEAD, "agrees": True, "score": 69, "comment": "x" * 501},
        {"contactId": 5, "agrees": True, "score": 69},
        {"contactId": LEAD, "agrees": True, "score": 69, "userId": "78"},
    ],
)
def test_feedback_of_another_shape_is_refused(api: Api, body: Any) -> None:
    answer = api.post("/card/feedback", body)
    assert answer.status_code == 200 and answer.get_json()["code"] == "bad_input"
    assert api.lead()["lead"]["feedback"] is None


def test_the_connection_names_what_was_not_granted(api: Api) -> None:
    connection = api.get("/card/connection").get_json()["connection"]
    assert connection["mode"] == "live" and connection["leads"] == 3
    assert "automation" in connection["missing_scopes"]


def test_nobody_but_hubspot_reads_anything(api: Api) -> None:
    for path in ("/card/lead", "/card/history", "/card/connection", "/card/rescore/x"):
        assert api.client.get(f"{path}?portalId={PORTAL}&userId=1").status_code == 401
    for path in ("/card/rescore", "/card/feedback"):
        assert api.client.post(f"{path}?portalId={PORTAL}", json={}).status_code == 401


@pytest.mark.parametrize("extra", ["portalId=4242002", "userId=1", "appId=1", "userEmail=a"])
def test_an_identity_given_twice_is_refused(api: Api, extra: str) -> None:
    assert api.get(f"/card/lead?contactId={LEAD}&{extra}").status_code == 401


def test_a_request_for_another_app_is_refused(api: Api) -> None:
    target = f"/card/lead?contactId={LEAD}&userId=1&portalId={PORTAL}&appId=5"
    assert api.signed("GET", target).status_code == 401
