"""What HubSpot's answers mean, over real HTTP: transient, permanent, needs a person."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from backend.clients.http import Http
from backend.clients.hubspot.api import HubSpotApi
from backend.clients.hubspot.crm import HubSpotCrm
from backend.clients.hubspot.errors import causes_of, sentence_of
from backend.clients.hubspot.tokens import TokenKeeper
from backend.errors import (
    DailyLimit,
    MissingScopes,
    NeedsReconnect,
    OutcomeUnknown,
    Permanent,
    RecordGone,
    Transient,
    UnknownPath,
)
from backend.ports import Tokens, Update
from tests.conftest import FakeClock

PORTAL = 7


class MemoryTokens:
    """A TokenStore in memory."""

    def __init__(self, clock: FakeClock) -> None:
        self.tokens = Tokens("a1", "r1", clock.now() + timedelta(hours=1), ("oauth",))
        self.lost = False

    def load(self, portal_id: int) -> Tokens:
        if self.lost:
            raise NeedsReconnect("gone")
        return self.tokens

    def replace(self, portal_id: int, used: Tokens, fresh: Tokens) -> bool:
        self.tokens = fresh
        return True

    def mark_needs_reconnect(self, portal_id: int) -> None:
        self.lost = True


class MemoryLeases:
    def take(self, name: str, seconds: float) -> str | None:
        return "t"

    def renew(self, name: str, token: str, seconds: float) -> bool:
        return True

    def give_back(self, name: str, token: str) -> None:
        pass


class Refresher:
    def __init__(self, clock: FakeClock) -> None:
        self.calls = 0
        self._clock = clock

    def refresh(self, refresh_token: str) -> Tokens:
        self.calls += 1
        expires_at = self._clock.now() + timedelta(hours=1)
        return Tokens(f"a{self.calls + 1}", "r2", expires_at, ("oauth",))


class NoLimit:
    def take(self, portal_id: int, *, search: bool = False, background: bool = False) -> float:
        return 0.0


class Setup:
    def __init__(self, server: HTTPServer, clock: FakeClock) -> None:
        self.server, self.clock = server, clock
        self.store, self.refresher, self.http = MemoryTokens(clock), Refresher(clock), Http()
        self.api = HubSpotApi(
            PORTAL,
            base_url=server.url_for("").rstrip("/"),
            version="2026-09",
            http=self.http,
            tokens=TokenKeeper(self.store, MemoryLeases(), self.refresher, clock),
            limiter=NoLimit(),
            clock=clock,
        )

    def answers(self, *responses: Response | Callable[[Request], Response]) -> list[Request]:
        seen: list[Request] = []
        queue = list(responses)

        def handle(request: Request) -> Response:
            request.get_data()
            seen.append(request)
            answer = queue.pop(0) if len(queue) > 1 else queue[0]
            return (
                answer(request) if callable(answer) and not isinstance(answer, Response) else answer
            )

        self.server.expect_request("/x").respond_with_handler(handle)
        return seen


@pytest.fixture
def setup(httpserver: HTTPServer, clock: FakeClock) -> Iterator[Setup]:
    found = Setup(httpserver, clock)
    yield found
    found.http.close()


def json_answer(status: int, text: str = "{}", **headers: str) -> Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(text, status, headers=named, content_type="application/json")


@pytest.mark.parametrize("status", [429, 423, 500, 502, 503, 504, 524])
def test_a_transient_answer_is_tried_three_times(setup: Setup, status: int) -> None:
    seen = setup.answers(json_answer(status))
    with pytest.raises(Transient):
        setup.api.call("GET", "/x")
    assert len(seen) == 3
    assert len(setup.clock.slept) == 2
    assert setup.clock.slept[1] > 0.9  # backs off further each time


def test_the_third_attempt_may_succeed(setup: Setup) -> None:
    setup.answers(json_answer(500), json_answer(502), json_answer(200, '{"ok": 1}'))
    assert setup.api.call("GET", "/x") == {"ok": 1}


def test_retry_after_wins_over_the_backoff(setup: Setup) -> None:
    setup.answers(json_answer(429, Retry_After="9"), json_answer(200))
    setup.api.call("GET", "/x")
    assert setup.clock.slept == [9.0]


def test_an_absurd_retry_after_is_left_to_the_queue(setup: Setup) -> None:
    seen = setup.answers(json_answer(429, Retry_After="11"))
    with pytest.raises(Transient) as raised:
        setup.api.call("GET", "/x")
    assert raised.value.retry_after_s == 11
    assert len(seen) == 1
    assert setup.clock.slept == []


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (400, '{"category": "VALIDATION_ERROR", "correlationId": "c-1"}', Permanent),
        (404, "{}", UnknownPath),
        (404, "<html>", UnknownPath),
        (410, "{}", UnknownPath),
        (404, '{"category": "OBJECT_NOT_FOUND"}', UnknownPath),
        (404, '{"category": "OBJECT_NOT_FOUND", "context": {"ids": ["7"]}}', RecordGone),
        (404, '{"errors": [{"category": "OBJECT_NOT_FOUND", "context": {"id": "7"}}]}', RecordGone),
        (302, "{}", Permanent),
        (403, '{"category": "BANNED"}', Permanent),
    ],
)
def test_a_permanent_answer_is_not_tried_again(
    setup: Setup, status: int, body: str, expected: type[Exception]
) -> None:
    seen = setup.answers(json_answer(status, body, Location="/y"))
    with pytest.raises(expected):
        setup.api.call("GET", "/x")
    assert len(seen) == 1


def test_missing_scopes_are_named(setup: Setup) -> None:
    body = (
        '{"category": "MISSING_SCOPES", "errors": '
        '[{"context": {"requiredGranularScopes": ["crm.lists.read"]}}]}'
    )
    setup.answers(json_answer(403, body))
    with pytest.raises(MissingScopes) as raised:
        setup.api.call("GET", "/x")
    assert raised.value.scopes == ("crm.lists.read",)


def test_the_correlation_id_is_in_the_message_and_hostile_text_is_not(setup: Setup) -> None:
    body = '{"category": "VALIDATION_ERROR", "correlationId": "c-9", "message": "Ana Secret"}'
    setup.answers(json_answer(400, body))
    with pytest.raises(Permanent) as raised:
        setup.api.call("GET", "/x")
    assert "c-9" in str(raised.value)
    assert "Ana" not in str(raised.value)


def test_a_401_is_one_refresh_and_one_more_try(setup: Setup) -> None:
    seen = setup.answers(json_answer(401), json_answer(200))
    setup.api.call("GET", "/x")
    assert setup.refresher.calls == 1
    assert [r.headers["Authorization"] for r in seen] == ["Bearer a1", "Bearer a2"]


def test_a_401_after_the_refresh_needs_a_person(setup: Setup) -> None:
    seen = setup.answers(json_answer(401))
    with pytest.raises(NeedsReconnect):
        setup.api.call("GET", "/x")
    assert len(seen) == 2
    assert setup.refresher.calls == 1
    assert setup.store.lost


@pytest.mark.parametrize("text", ["<html>hello</html>", '{"half": '])
def test_a_200_that_is_not_json_is_transient(setup: Setup, text: str) -> None:
    setup.answers(json_answer(200, text))
    with pytest.raises(Transient, match="not JSON"):
        setup.api.call("GET", "/x")


def test_a_server_that_is_not_there_is_unknown_or_transient(clock: FakeClock) -> None:
    with pytest.raises(Transient):
        Http().send("GET", "http://127.0.0.1:9/x")


def test_a_lost_answer_to_a_write_is_not_sent_again(setup: Setup) -> None:
    seen = setup.answers(json_answer(500))
    setup.server.stop()
    with pytest.raises(OutcomeUnknown):
        setup.api.call("POST", "/x", json={}, repeatable=False)
    assert seen == []
    setup.server.start()


def test_a_bad_record_in_a_batch_is_found_by_halving(setup: Setup, httpserver: HTTPServer) -> None:
    calls = []

    def handle(request: Request) -> Response:
        inputs = request.json["inputs"]  # type: ignore[index]
        calls.append(len(inputs))
        if any(i["id"] == "5" for i in inputs):
            return json_answer(400, '{"category": "VALIDATION_ERROR"}')
        results = ",".join(
            f'{{"id": "{i["id"]}", "properties": {{}}, "updatedAt": "2026-11-23T09:00:00Z"}}'
            for i in inputs
        )
        return json_answer(200, f'{{"results": [{results}]}}')

    httpserver.expect_request(
        "/crm/objects/2026-09/contacts/batch/update", method="POST"
    ).respond_with_handler(handle)
    updates = [Update(str(i), {"ai_lead_score": "1"}) for i in range(8)]
    answers = HubSpotCrm(setup.api).update("contacts", updates)
    assert [a.object_id for a in answers] == [str(i) for i in range(8)]
    assert [a.object_id for a in answers if a.error] == ["5"]
    assert calls[0] == 8
    assert len(calls) == 7


def test_halves_that_are_refused_for_the_same_cause_are_not_halved_again(
    setup: Setup, httpserver: HTTPServer
) -> None:
    calls = []

    def handle(request: Request) -> Response:
        calls.append([i["objectWriteTraceId"] for i in request.json["inputs"]])  # type: ignore[index]
        return json_answer(400, json.dumps(REFUSED))

    httpserver.expect_request(
        "/crm/objects/2026-09/contacts/batch/update", method="POST"
    ).respond_with_handler(handle)
    updates = [Update(str(i), {"ai_lead_fit": "High"}) for i in range(95)]
    answers = HubSpotCrm(setup.api).update("contacts", updates)
    assert [len(ids) for ids in calls] == [95, 47, 48]
    errors = [answer.error for answer in answers]
    assert all(isinstance(e, Permanent) and e.causes == CAUSE for e in errors)


CAUSE = frozenset({("INVALID_OPTION", "ai_lead_fit")})
SAID = "High was not one of the allowed options"
REFUSED: dict[str, Any] = {
    "status": "error",
    "category": "VALIDATION_ERROR",
    "message": "Property values were not valid",
    "errors": [
        {"code": "INVALID_OPTION", "message": SAID, "context": {"propertyName": ["ai_lead_fit"]}}
    ],
}
INSIDE = json.dumps([{"error": "INVALID_OPTION", "name": "ai_lead_fit", "message": SAID}])


@pytest.mark.parametrize(
    "body",
    [
        REFUSED,
        {"message": f"Property values were not valid: {INSIDE}", "category": "VALIDATION_ERROR"},
        {
            "category": "VALIDATION_ERROR",
            "errors": [{"code": "INVALID_OPTION", "context": {"propertyName": "ai_lead_fit"}}],
            "message": SAID,
        },
    ],
    ids=["errors", "in the message", "no list"],
)
def test_codes_properties_and_sentence_are_found_wherever_hubspot_says_them(
    body: dict[str, Any],
) -> None:
    assert causes_of(body) == CAUSE
    assert sentence_of(body) == SAID


def test_a_sentence_is_one_bounded_line_without_addresses_and_numbers() -> None:
    said = sentence_of({"message": "Ana\n<ana@x.example> +49 170 1234567 is taken. " + "x" * 900})
    assert said.startswith("Ana <(email)> (number) is taken.")
    assert len(said) <= 300


def test_a_daily_limit_is_told_at_once(setup: Setup) -> None:
    seen = setup.answers(json_answer(429, '{"policyName": "DAILY"}', **{"Retry-After": "1"}))
    with pytest.raises(DailyLimit):
        setup.api.call("GET", "/x")
    assert len(seen) == 1
