"""HubSpot's signature proves HubSpot sent it: every signed route x every kind of signed request."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from redis import Redis

from backend.jobs.carry_accesses import carry_accesses
from backend.security.signature import sign_v2, sign_v3
from backend.storage.access import access_log
from backend.storage.leads import due_leads, inbox
from backend.storage.portals import portals
from backend.storage.privacy import tombstones
from backend.web.app import create
from backend.wiring import Product, build
from sandbox.pages.card_proxy import CardProxy, Viewer
from sandbox.settings import AppSettings
from tests.conftest import until
from tests.integration.conftest import ENVIRON, PORTAL, Connected, settings_for
from tests.support.events import everything_about
from tests.support.pipeline import some_lead

WEB = "http://localhost:8000"
OTHER, LEAD = 4242002, "501"
SECRET = ENVIRON["HUBSPOT_CLIENT_SECRET"]
IDENTITY = {"userId": 7, "portalId": PORTAL, "userEmail": "r@x.example", "appId": 1001}
QUERY = urlencode(IDENTITY)
SIGNED = ("/card/", "/webhooks/", "/workflow/")
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def event(portal_id: int = PORTAL, **changes: Any) -> dict[str, Any]:
    return {
        "eventId": 1,
        "subscriptionId": 5,
        "portalId": portal_id,
        "appId": 1001,
        "occurredAt": 1_763_000_000_000,
        "subscriptionType": "contact.privacyDeletion",
        "attemptNumber": 0,
        "objectId": int(LEAD),
        "changeSource": "CRM_UI",
        **changes,
    }


def execution(portal_id: int = PORTAL, **changes: Any) -> dict[str, Any]:
    return {
        "callbackId": f"ap-{portal_id}-567-7-0",
        "origin": {
            "portalId": portal_id,
            "actionDefinitionId": 106,
            "actionDefinitionVersion": 1,
        },
        "context": {"source": "WORKFLOWS", "workflowId": 1928},
        "object": {"objectId": int(LEAD), "objectType": "CONTACT"},
        "inputFields": {},
        **changes,
    }


@pytest.fixture
def product(database_url: str, valkey_url: str) -> Iterator[Product]:
    Redis.from_url(valkey_url).flushall()
    found = build(settings_for(database_url, valkey_url, "http://localhost:9", WEB), db_wait_s=1.0)
    with found.stores.database.write() as conn:
        for portal_id in (PORTAL, OTHER):
            now = found.stores.clock.now()
            portals.install(conn, portal_id, client_id="c", name="", now=now)
            due_leads.set_people(conn, portal_id, {LEAD: ""})
    yield found
    found.stores.redis.close()
    found.hubspot.http.close()
    found.stores.database.engine.dispose()


@pytest.fixture
def app(product: Product) -> Flask:
    return create(product)


@dataclass(frozen=True)
class Kind:
    """How one part of HubSpot sends its requests."""

    name: str
    query: str
    v3: bool
    v2: bool
    body: Any

    def send(self, app: Flask, method: str, path: str, body: Any = None) -> int:
        raw = b"" if method == "GET" else json.dumps(self.body if body is None else body).encode()
        target = f"{path}?{self.query}" if self.query else path
        at = int(time.time() * 1000)
        headers = {}
        if self.v3:
            headers["X-HubSpot-Signature-v3"] = sign_v3(SECRET, method, WEB + target, raw, at)
            headers["X-HubSpot-Request-Timestamp"] = str(at)
        if self.v2:
            headers["X-HubSpot-Signature"] = sign_v2(SECRET, method, WEB + target, raw)
            headers["X-HubSpot-Signature-Version"] = "v2"
        client = app.test_client()
        kind = "application/json"
        return client.open(
            target, method=method, data=raw, headers=headers, content_type=kind
        ).status_code


CARD = Kind("card", QUERY, v3=True, v2=True, body={"contactId": LEAD})
WEBHOOK = Kind("webhook", "", v3=True, v2=False, body=[event()])
WORKFLOW = Kind("workflow", "", v3=False, v2=True, body=execution())
WORKFLOW_V3 = Kind("workflow", "", v3=True, v2=True, body=execution())
KINDS = (CARD, WEBHOOK, WORKFLOW, WORKFLOW_V3)


def signed_routes(app: Flask) -> list[tuple[str, str]]:
    return [
        (method, rule.rule.replace("<rescore_id>", "ab12"))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith(SIGNED)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]


def nothing_happened(product: Product) -> bool:
    with product.stores.database.read() as conn:
        return inbox.count(conn) == 0 and due_leads.row(conn, PORTAL, LEAD) is not None


def test_every_signed_route_takes_its_own_kind_of_request_and_no_other(
    app: Flask, product: Product
) -> None:
    routes = signed_routes(app)
    assert len(routes) == 17
    for method, path in routes:
        home = path.split("/")[1].removesuffix("s")
        for kind in KINDS:
            # A browser chooses what the cards' proxy sends; the other two kinds HubSpot writes.
            bodies = [each.body for each in KINDS] if kind is CARD else [kind.body]
            if kind.name != home:
                assert all(kind.send(app, method, path, b) in {400, 401} for b in bodies), path
    assert nothing_happened(product)
    for method, path in routes:
        home = path.split("/")[1].removesuffix("s")
        own = [kind.send(app, method, path) for kind in KINDS if kind.name == home]
        assert not {400, 401} & set(own), (path, own)


@pytest.mark.parametrize("path", ["/webhooks/hubspot", "/workflow/score"])
@pytest.mark.parametrize(
    "query",
    [
        QUERY,
        f"{QUERY}&{QUERY}",
        *(f"{name}={value}" for name, value in IDENTITY.items()),
        "PORTALID=1",
        "%70ortalId=1",
        "portalId",
        "x=1",
        "&",
        "x;portalId=1",
    ],
)
def test_what_the_cards_proxy_sends_is_neither_webhook_nor_workflow(
    app: Flask, product: Product, path: str, query: str
) -> None:
    body = [event(OTHER)] if "webhooks" in path else execution(OTHER)
    assert Kind("any", query, v3=True, v2=True, body=body).send(app, "POST", path) == 401
    assert nothing_happened(product)


@pytest.mark.parametrize(
    "path",
    [
        "/card/../webhooks/hubspot",
        "/card/..%2fwebhooks/hubspot",
        "//webhooks/hubspot",
        "/%77ebhooks/hubspot",
        "/webhooks/%68ubspot",
        "/webhooks//hubspot",
        "/webhooks/hubspot/",
        "/./webhooks/hubspot",
        "/WEBHOOKS/hubspot",
        "/webhooks/hubspot;a",
    ],
)
def test_another_way_of_writing_the_path_is_not_the_path(
    app: Flask, product: Product, path: str
) -> None:
    assert WEBHOOK.send(app, "POST", path) in {308, 401, 404, 405}
    assert nothing_happened(product)


def test_a_card_request_is_of_the_portal_that_was_signed(app: Flask) -> None:
    for method, path in signed_routes(app):
        if not path.startswith("/card/"):
            continue
        for changed in (
            {"portalId": ""},
            {"portalId": "-1"},
            {"portalId": "1" * 40},
            {"userId": ""},
            {"userId": "7" * 65},
            {"userEmail": ""},
            {"appId": "1002"},
            {"appId": ""},
        ):
            query = urlencode(IDENTITY | changed)
            assert Kind("card", query, True, True, CARD.body).send(app, method, path) == 401
        if method == "POST":
            body = {"contactId": LEAD, "portalId": OTHER}
            assert CARD.send(app, method, path, body) == 401


@pytest.mark.parametrize(
    "changes",
    [
        {"appId": 1002},
        {"appId": None},
        {"subscriptionId": None},
        {"subscriptionId": "abc"},
        {"subscriptionType": "contact.privacydeletion"},
        {"subscriptionType": "ticket.deletion"},
        {"subscriptionType": "contact.anything"},
        {"portalId": -1},
        {"portalId": 0},
        {"portalId": 2**63},
        {"portalId": 10**25},
        {"portalId": 1e25},
        {"objectId": "9" * 400},
        {"objectId": "1\0"},
        {"objectId": "../1"},
        {"propertyName": "a\ud800"},
    ],
)
def test_an_event_that_is_not_ours_is_never_worked_on(
    app: Flask, product: Product, changes: dict[str, Any]
) -> None:
    absent = [name for name, value in changes.items() if value is None]
    forged = {n: v for n, v in (event() | changes).items() if n not in absent}
    good = event(OTHER, eventId=2, subscriptionType="object.deletion", objectTypeId="0-1")
    assert WEBHOOK.send(app, "POST", "/webhooks/hubspot", [forged, good]) == 204
    with product.stores.database.read() as conn:
        assert inbox.count(conn, PORTAL, "waiting") == inbox.count(conn, PORTAL, "done") == 0
        assert inbox.count(conn, OTHER, "waiting") == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"callbackId": f"ap-{OTHER}-567-7-0"},
        {"callbackId": "x"},
        {"callbackId": f"ap-{PORTAL}-567-7-0\n"},
        {"callbackId": f"ap-{PORTAL}"},
        {"origin": {"portalId": PORTAL}},
        {"origin": {"portalId": 2**63, "actionDefinitionId": 1}},
        {"origin": {"portalId": OTHER, "actionDefinitionId": 1}},
        {"context": {}},
        {"context": {"source": "CARD", "workflowId": 1}},
        {"object": {"objectId": "9" * 400, "objectType": "CONTACT"}},
        {"object": {"objectId": LEAD}},
    ],
)
def test_a_workflow_call_that_hubspot_would_not_make_is_400(
    app: Flask, product: Product, changes: dict[str, Any]
) -> None:
    assert WORKFLOW.send(app, "POST", "/workflow/score", execution(**changes)) == 400


def test_a_workflow_read_stands_in_the_access_log(app: Flask, product: Product) -> None:
    assert WORKFLOW.send(app, "POST", "/workflow/score") == 200
    carry_accesses(product.stores)
    with product.stores.database.read() as conn:
        (_, entry), *more = access_log.listed(conn, PORTAL)
    found = (entry.actor, entry.action, entry.subject, entry.status)
    assert found == ("hubspot:workflow", "POST /workflow/score", LEAD, 200)
    assert more == []


def test_the_proxy_signs_only_what_the_manifest_permits() -> None:
    settings = AppSettings(client_secret=SECRET, webhook_url=f"{WEB}/webhooks/hubspot")
    proxy = CardProxy(settings, lambda: 0)
    viewer = Viewer(PORTAL, 7, "r@x.example")
    for address in (
        f"{WEB}/webhooks/hubspot",
        f"{WEB}/workflow/score",
        f"{WEB}/cards/x",
        "http://localhost:80001/card/lead",
        "//localhost:8000/card/lead",
    ):
        _, status = proxy.send(viewer, {"method": "POST", "requestUri": address})
        assert status == 400, address


def forge(live: Connected, contact_id: str, kind: str, **more: Any) -> None:
    """An event that HubSpot signed and that is not true."""
    one = event(objectId=int(contact_id), subscriptionType=kind, objectTypeId="0-1", **more)
    path = "/webhooks/hubspot"
    raw = json.dumps([one]).encode()
    at = int(time.time() * 1000)
    base = live.product.stores.settings.public_base_url[0]
    headers = {
        "X-HubSpot-Signature-v3": sign_v3(SECRET, "POST", base + path, raw, at),
        "X-HubSpot-Request-Timestamp": str(at),
    }
    assert live.app.test_client().post(path, data=raw, headers=headers).status_code == 204
    live.burst()


def test_a_removal_that_hubspot_does_not_confirm_erases_nothing(live: Connected) -> None:
    contact_id, other = some_lead(live), sorted(live.scores())[7]
    before = everything_about(live, contact_id)
    for number, kind in enumerate(("contact.privacyDeletion", "contact.deletion"), 10):
        forge(live, contact_id, kind, eventId=number)
    forge(
        live,
        other,
        "contact.merge",
        eventId=20,
        primaryObjectId=int(other),
        newObjectId=int(other),
        mergedObjectIds=[int(contact_id)],
    )
    assert everything_about(live, contact_id) == before
    with live.product.stores.database.read() as conn:
        macs = [live.product.stores.tombstone_mac(PORTAL, contact_id)]
        assert tombstones.present(conn, PORTAL, macs) == set()
        actions = conn.exec_driver_sql("SELECT action FROM audit").scalars().all()
        assert actions.count("contact.removal_not_confirmed") == 3
        assert inbox.count(conn, PORTAL, "waiting") == 3  # looked at again later


def test_a_confirmed_erasure_stands_in_the_access_log_without_the_id(live: Connected) -> None:
    contact_id = some_lead(live)
    live.ui("POST", f"/contacts/{contact_id}/privacy-delete", {})

    def erased() -> bool:
        live.burst()
        return everything_about(live, contact_id) == []

    until(erased)
    with live.product.stores.database.read() as conn:
        noted = [a for _, a in access_log.listed(conn, PORTAL) if a.actor == "hubspot:webhook"]
    assert {a.subject for a in noted} == {live.product.stores.tombstone_mac(PORTAL, contact_id)}
    assert {a.action for a in noted} <= {
        "webhook contact.privacyDeletion",
        "webhook contact.deletion",
    }


@ON_SQLITE
def test_after_its_last_look_a_contact_is_read_again(live: Connected) -> None:
    contact_id = some_lead(live)
    forge(live, contact_id, "contact.deletion")
    with live.product.stores.database.write() as conn:
        conn.exec_driver_sql("UPDATE inbox_events SET attempts = 5, due_at = received_at")
    live.run()
    with live.product.stores.database.read() as conn:
        assert inbox.count(conn, PORTAL, "waiting") == 0
    assert contact_id in live.scores()


DEEP = b'{"a":' * 10_000 + b"1" + b"}" * 10_000
ODD = (
    DEEP,
    b"[" * 10_000 + b"]" * 10_000,
    b"[" * 10_000,
    b"[NaN]",
    b"[-Infinity]",
    b"[1e400]",
    b"9" * 5_000,
    b"[" + b"9" * 5_000 + b"]",
    b'{"portalId":NaN}',
    b"\xff",
    b"",
    b'"x"',
)


def test_an_odd_body_is_a_plain_refusal_on_every_signed_route(app: Flask) -> None:
    for body in ODD:
        for path in ("/card/feedback", "/card/rescore"):
            assert raw(app, CARD, path, body) == 200, body[:20]  # {"ok": false, "bad_input"}
        assert raw(app, WORKFLOW, "/workflow/score", body) == 400, body[:20]
        # To JSON [1e400] is a number: an odd element of an array, which is dropped alone.
        webhook = 204 if body == b"[1e400]" else 400
        assert raw(app, WEBHOOK, "/webhooks/hubspot", body) == webhook, body[:20]


def raw(app: Flask, kind: Kind, path: str, body: bytes, **more: Any) -> int:
    target = f"{path}?{kind.query}" if kind.query else path
    at = int(time.time() * 1000)
    headers = {
        "X-HubSpot-Signature-v3": sign_v3(SECRET, "POST", WEB + target, body, at),
        "X-HubSpot-Request-Timestamp": str(at),
    }
    client = app.test_client()
    kind_of = "application/json"
    return client.post(target, data=body, headers=headers, content_type=kind_of, **more).status_code


@pytest.mark.parametrize("path", ["/webhooks/hubspot", "/workflow/score", "/card/rescore"])
def test_a_chunked_body_over_the_limit_is_413(app: Flask, path: str) -> None:
    kind = CARD if "card" in path else WEBHOOK
    chunked = {
        "wsgi.input_terminated": True,
        "CONTENT_LENGTH": "",
        "HTTP_TRANSFER_ENCODING": "chunked",
    }
    body = b"[" + b" " * 2_000_000 + b"]"
    assert raw(app, kind, path, body, environ_overrides=chunked) == 413
