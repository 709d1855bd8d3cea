"""A customer's address never leads into our own network, however it is dressed up."""

from __future__ import annotations

import json

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from backend.clients.notifier import WebhookNotifier
from backend.errors import OutcomeUnknown, Permanent, Transient
from backend.security.outbound import check_url

PUBLIC = "https://hooks.example.com/services/T0/B0/xyzzy"


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.com/x",
        "ftp://hooks.example.com/x",
        "https://localhost/x",
        "https://127.0.0.1/x",
        "https://[::1]/x",
        "https://10.0.0.8/x",
        "https://169.254.169.254/latest/meta-data",
        "https://metadata.google.internal/x",
        "https://printer.local/x",
        "https://intranet/x",
        "https://user:word@hooks.example.com/x",
        "https://hooks.example.com:22/x",
        "https://hooks.example.com:99999/x",
        "https://hooks.exämple.com/x",
        "https://hooks.example.com/x\r\nHost: a",
        "",
    ],
)
def test_an_address_that_may_not_be_called_is_refused_with_its_cure(url: str) -> None:
    with pytest.raises(Permanent, match="the notification address"):
        check_url(url, on_loopback=False)


def test_public_addresses_and_this_machine_on_loopback_are_allowed() -> None:
    check_url(PUBLIC, on_loopback=False)
    check_url("http://localhost:9/x", on_loopback=True)
    with pytest.raises(Permanent):
        check_url("http://10.0.0.8/x", on_loopback=True)


@pytest.mark.parametrize(
    "answers",
    [
        ["127.0.0.1"],
        ["93.184.216.34", "10.1.2.3"],  # one public, one private: neither is called
        ["::1"],
        ["::ffff:169.254.169.254"],
        ["fd00::1"],
        ["100.64.0.1"],
        ["0.0.0.0"],  # noqa: S104
        ["224.0.0.1"],
    ],
)
def test_a_public_name_that_resolves_into_a_private_network_is_refused(answers: list[str]) -> None:
    notifier = WebhookNotifier(on_loopback=False, resolve=lambda host, port: answers)
    with pytest.raises(Permanent, match="private network"):
        notifier.send(PUBLIC, {})


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_the_name_is_resolved_once_and_the_connection_goes_to_what_was_looked_at() -> None:
    """The test's guard refuses every address but this machine's, and names the one it was."""
    asked = []

    def resolve(host: str, port: int) -> list[str]:
        asked.append((host, port))
        return ["93.184.216.34"]

    with pytest.raises(AssertionError, match=r"tried to reach 93\.184\.216\.34"):
        WebhookNotifier(on_loopback=False, resolve=resolve).send(PUBLIC, {})
    assert asked == [("hooks.example.com", 443)]


def test_it_posts_json_follows_no_redirect_and_tells_now_from_never(httpserver: HTTPServer) -> None:
    seen: list[Request] = []
    answers = iter(
        [
            Response("ok", 200),
            Response("", 302, {"Location": "http://10.0.0.1/"}),
            Response("", 503),
            Response("", 429, {"Retry-After": "7"}),
            Response("no_service", 404),
        ]
    )

    def answer(request: Request) -> Response:
        seen.append(request)
        return next(answers)

    httpserver.expect_request("/hook").respond_with_handler(answer)
    notifier = WebhookNotifier(on_loopback=True)
    url = httpserver.url_for("/hook")
    notifier.send(url, {"text": "hello"})
    assert json.loads(seen[0].get_data()) == {"text": "hello"}
    with pytest.raises(Permanent, match="302"):
        notifier.send(url, {})
    with pytest.raises(Transient, match="503"):
        notifier.send(url, {})
    with pytest.raises(Transient) as later:
        notifier.send(url, {})
    assert later.value.retry_after_s == 7
    with pytest.raises(Permanent, match="404"):
        notifier.send(url, {})
    assert len(seen) == 5


def test_nobody_there_may_have_heard_nothing() -> None:
    with pytest.raises((Transient, OutcomeUnknown)):
        WebhookNotifier(on_loopback=True).send("http://127.0.0.1:9/x", {})
