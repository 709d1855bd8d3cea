"""A lead is never lost to a 404: what HubSpot does not show is looked for before it is believed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from backend.clients.http import Answer
from backend.clients.hubspot.oauth import HubSpotOAuth
from backend.clients.hubspot.tokens import TokenKeeper
from backend.errors import LeadlightError
from backend.jobs.flush_writes import flush_writes
from backend.jobs.score_due import score_due
from backend.jobs.table import JOBS
from backend.model import Urgency
from backend.services.health.report import report
from backend.services.health.rules import firing
from backend.services.privacy.erase import erase
from backend.storage import runs
from backend.storage.leads import due_leads, mirror
from backend.storage.outbox import due_rows
from backend.storage.privacy import missing_contacts, tombstones
from backend.wiring import Product
from tests.integration.conftest import PORTAL, Connected, install
from tests.support.commands import ON_SQLITE, commands
from tests.support.events import everything_about
from tests.support.missing import (
    PAGE,
    forward,
    make_due,
    ours,
    write_again_without_flush,
)
from tests.support.pipeline import hear, settle, some_lead, waiting_events
from tests.support.product import changed
from tests.support.writes import counts, fault, write_again

JSON = Answer(404, {}, {"status": "error", "message": "resource not found"}, 5)


class Answering:
    """HubSpot, but for calls whose path holds a text: `change` makes another answer of theirs."""

    def __init__(self, real: Any, path: str, change: Any, times: int = 10**6) -> None:
        self._real = real
        self._path = path
        self._change = change
        self._left = times

    def send(self, method: str, url: str, **more: Any) -> Answer:
        answer: Answer = self._real.send(method, url, **more)
        if self._path not in url or self._left <= 0:
            return answer
        self._left -= 1
        changed: Answer = self._change(answer)
        return changed


def answering(product: Product, path: str, change: Any, times: int = 10**6) -> Product:
    return changed(product, http=Answering(product.hubspot.http, path, change, times))


def without(ids: list[str], *, named: bool = False, shape: str = "ids") -> Any:
    """A batch answer without these ids; `named`: with HubSpot's error about each."""

    def change(answer: Answer) -> Answer:
        body = dict(answer.json)
        body["results"] = [one for one in body.get("results", []) if one["id"] not in ids]
        if named:
            error = {"status": "error", "category": "OBJECT_NOT_FOUND"}
            if shape == "ids":
                body["errors"] = [{**error, "context": {"ids": ids}}]
            else:
                body["errors"] = [{**error, "context": {"id": [one]}} for one in ids]
        return replace(answer, status=207 if named else 200, json=body)

    return change


def score_again(connected: Connected, ids: list[str], product: Product) -> None:
    """Score these with this product's HubSpot, as workers do, without going on by themselves."""
    make_due(connected, ids)
    score_due(product, PORTAL, Urgency.EVENT.value)


def suspected(connected: Connected) -> int:
    with connected.product.stores.database.read() as conn:
        return missing_contacts.how_many(conn, PORTAL)


def stones(connected: Connected) -> Mapping[str, list[str]]:
    with connected.product.stores.database.read() as conn:
        return tombstones.by_cause(conn, PORTAL)


def attempts(connected: Connected, ids: list[str]) -> set[int]:
    with connected.product.stores.database.read() as conn:
        return {due_leads.row(conn, PORTAL, one)["attempts"] for one in ids}  # type: ignore[index]


@pytest.mark.parametrize("answer", [PAGE, JSON], ids=["page", "json"])
def test_a_404_of_every_object_path_during_a_flush_costs_no_lead(
    live: Connected, answer: Answer
) -> None:
    before = live.scores()
    ids = sorted(before)
    write_again_without_flush(live, ids)
    flush_writes(answering(live.product, "/crm/objects/", lambda _: answer), PORTAL)
    assert set(live.scores()) == set(before)
    assert counts(live) == (len(ids), 0)
    forward(live, 120)
    live.run()
    assert counts(live) == (0, 0)
    assert set(live.scores()) == set(before)
    assert stones(live) == {}


@pytest.mark.parametrize("status", [404, 403, 410, 401])
def test_a_token_endpoint_that_is_unknown_costs_no_lead(live: Connected, status: int) -> None:
    before = set(live.scores())
    some = sorted(before)[:30]
    live.sandbox.control("POST", "/tokens/expire", {})
    refused = Answer(status, {"content-type": "text/html"}, None, 5)
    score_again(live, some, with_oauth(live.product, refused))
    assert set(live.scores()) == before
    assert attempts(live, some) == {0}
    forward(live, 120)
    live.run()
    assert set(live.scores()) == before
    assert live.unfinished() == 0
    assert stones(live) == {}


def with_oauth(product: Product, answer: Answer) -> Product:
    """The token endpoint answers so."""
    http: Any = Answering(product.hubspot.http, "/oauth/", lambda _: answer)
    settings = product.stores.settings
    oauth = HubSpotOAuth(
        api_base=settings.hubspot_api_base,
        authorize_base=settings.hubspot_authorize_base,
        version=settings.hubspot_api_version,
        client_id=settings.hubspot_client_id,
        client_secret=settings.hubspot_client_secret[0],
        http=http,
        clock=product.stores.clock,
    )
    keeper = TokenKeeper(product.hubspot.tokens, product.stores.leases, oauth, product.stores.clock)
    return changed(product, oauth=oauth, keeper=keeper)


class Disconnects:
    """Somebody disconnects the portal when the write is about to be sent."""

    def __init__(self, connected: Connected) -> None:
        self._connected = connected
        self._product = connected.product

    def access_token(self, portal_id: int, *, refused: str | None = None) -> str:
        done = commands(self._connected)(
            "portals", "disconnect", "--portal", str(PORTAL), "--archive", "--yes"
        )
        assert done.exit_code == 0, done.stderr
        return self._product.hubspot.keeper.access_token(portal_id, refused=refused)


def test_a_disconnect_while_a_write_is_on_its_way_costs_no_lead(
    live: Connected, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.services.portals.disconnect.WAIT_S", 1)
    before = set(live.scores())
    write_again_without_flush(live, sorted(before))
    flush_writes(changed(live.product, keeper=Disconnects(live)), PORTAL)  # type: ignore[arg-type]
    assert set(live.scores()) == before
    assert ours(live) == set()  # and what was archived is not made again
    install(live, "again")
    settle(live)
    assert set(live.scores()) == before
    assert all(live.properties(one)["ai_lead_score"] for one in sorted(before)[:5])


def test_a_new_contact_whose_first_read_is_404_is_scored_by_itself(live: Connected) -> None:
    events = waiting_events(live)
    fault(live, effect="error", status=404, path="/crm/objects/*/contacts/*", method="GET", times=1)
    made = live.ui("POST", "/contacts", {"properties": {"email": "new@example.com"}})
    hear(live, events)
    settle(live)
    with live.product.stores.database.read() as conn:
        row = due_leads.row(conn, PORTAL, str(made["id"]))
    assert row is not None
    assert row["scored_version"] == row["due_version"]
    assert suspected(live) == 0
    assert stones(live) == {}


@pytest.mark.parametrize("some", [1, 10, 30])
def test_a_batch_read_without_some_ids_costs_no_lead(live: Connected, some: int) -> None:
    before = set(live.scores())
    ids = sorted(before)[:some]
    left_out = answering(live.product, "/batch/read", without(ids))
    score_again(live, sorted(before)[:40], left_out)
    assert set(live.scores()) == before
    live.run()
    assert set(live.scores()) == before
    assert live.unfinished() == 0
    assert suspected(live) == 0
    assert stones(live) == {}


@pytest.mark.parametrize("shape", ["ids", "id"])
def test_a_deletion_is_believed_when_hubspot_names_it_ten_minutes_later(
    live: Connected, shape: str
) -> None:
    silent(live)
    gone, *others = sorted(live.scores())[:3]
    live.ui("DELETE", f"/contacts/{gone}")
    names = without([gone], named=True, shape=shape)
    live.product = answering(live.product, "contacts/batch/read", names)
    write_again(live, [gone, *others])
    assert gone in live.scores()
    assert suspected(live) == 1
    forward(live, 590)
    live.run()
    assert gone in live.scores()
    forward(live, 30)
    live.run()
    assert gone not in live.scores()
    assert everything_about(live, gone) == []
    assert list(stones(live)) == [tombstones.BELIEF]
    assert set(others) <= set(live.scores())


def silent(connected: Connected) -> None:
    connected.sandbox.control("PUT", "/faults", {"rules": [{"effect": "webhook_drop"}]})


def test_a_contact_that_is_only_left_out_is_never_erased(live: Connected) -> None:
    silent(live)
    gone = some_lead(live)
    live.ui("DELETE", f"/contacts/{gone}")
    live.product = answering(
        live.product, "contacts/batch/read", lambda a: replace(a, json={**a.json, "errors": []})
    )
    make_due(live, [gone])
    for _ in range(4):
        live.run()
        forward(live, 4_000)
    assert gone in live.scores()
    assert suspected(live) == 1


def test_an_error_of_another_kind_in_a_batch_read_is_no_deletion(live: Connected) -> None:
    silent(live)
    gone = some_lead(live)
    live.ui("DELETE", f"/contacts/{gone}")
    odd = {"errors": [{"category": "VALIDATION_ERROR", "context": {"ids": [gone]}}]}
    live.product = answering(
        live.product, "contacts/batch/read", lambda a: replace(a, json={**a.json, **odd})
    )
    make_due(live, [gone])
    for _ in range(3):
        live.run()
        forward(live, 1_300)
    assert gone in live.scores()


def test_many_missing_at_once_ask_a_person(live: Connected) -> None:
    silent(live)
    ids = sorted(live.scores())[:25]
    for one in ids:
        live.ui("DELETE", f"/contacts/{one}")
    make_due(live, ids)
    for _ in range(3):
        live.run()
        forward(live, 700)
    live.run()
    assert set(ids) <= set(live.scores())
    alerts = firing(report(live.product), live.product.stores.clock.now())
    assert f"contacts_missing:{PORTAL}" in alerts
    asked = commands(live)("privacy", "missing", "--portal", str(PORTAL))
    assert '"missing": 25, "asks": true' in asked.stdout
    confirmed = commands(live)("privacy", "missing", "--portal", str(PORTAL), "--confirm")
    assert confirmed.exit_code == 0, confirmed.stderr
    for _ in range(3):  # twenty are asked for alone at a time
        live.run()
        forward(live, 22_000)
    live.run()
    assert set(ids).isdisjoint(live.scores())
    assert len(stones(live)[tombstones.BELIEF]) == 25
    assert not firing(report(live.product), live.product.stores.clock.now()).get(
        f"contacts_missing:{PORTAL}"
    )


@ON_SQLITE
def test_missing_contacts_that_a_person_dismisses_stay_leads(live: Connected) -> None:
    ids = sorted(live.scores())[:25]
    with live.product.stores.database.write() as conn:
        missing_contacts.suspect(conn, PORTAL, ids, live.product.stores.clock.now())
        assert missing_contacts.alarming(conn, PORTAL) == 25
    done = commands(live)("privacy", "missing", "--portal", str(PORTAL), "--dismiss")
    assert done.exit_code == 0, done.stderr
    assert suspected(live) == 0
    assert set(ids) <= set(live.scores())


def erased_as(connected: Connected, cause: str) -> str:
    contact_id = some_lead(connected)
    erase(connected.product, PORTAL, [contact_id], cause)
    assert contact_id not in connected.scores()
    return contact_id


def pull_again(connected: Connected) -> None:
    with connected.product.stores.database.write() as conn:
        runs.restart(conn, PORTAL, "pull", connected.product.stores.clock.now())
    connected.product.stores.jobs.enqueue("pull", portal_id=PORTAL)
    settle(connected)


@pytest.mark.parametrize(
    ("cause", "comes_back"),
    [
        (tombstones.BELIEF, True),
        (tombstones.DELETION, True),
        (tombstones.MERGE, True),
        (tombstones.UNKNOWN, False),
        (tombstones.PERSON, False),
        (tombstones.PRIVACY, False),
    ],
)
def test_a_pull_that_sees_a_contact_alive_ends_what_was_ours(
    live: Connected, cause: str, comes_back: bool
) -> None:
    contact_id = erased_as(live, cause)
    pull_again(live)
    assert (contact_id in live.scores()) == comes_back
    assert (cause in stones(live)) != comes_back


def test_an_event_of_a_contact_we_believed_gone_brings_it_back(live: Connected) -> None:
    contact_id = erased_as(live, tombstones.BELIEF)
    events = waiting_events(live)
    live.ui("POST", f"/contacts/{contact_id}/properties", {"jobtitle": "CTO"})
    hear(live, events)
    settle(live)
    assert contact_id in live.scores()


@ON_SQLITE
def test_a_persons_request_outlives_a_restore_in_hubspot(live: Connected) -> None:
    contact_id = erased_as(live, tombstones.PERSON)
    live.ui("DELETE", f"/contacts/{contact_id}")
    settle(live)
    events = waiting_events(live)
    live.ui("POST", f"/contacts/{contact_id}/restore", {})
    hear(live, events)
    settle(live)
    assert contact_id not in live.scores()
    assert list(stones(live)) == [tombstones.PERSON]


@ON_SQLITE
def test_a_stronger_cause_is_not_replaced_by_a_weaker_one(connected: Connected) -> None:
    product = connected.product
    with product.stores.database.write() as conn:
        now = product.stores.clock.now()
        for first, second, stays in (
            ("belief", "privacy", "privacy"),
            ("privacy", "deletion", "privacy"),
            ("unknown", "belief", "unknown"),
            ("unknown", "person", "person"),
            ("deletion", "merge", "merge"),
        ):
            mac = f"{first}-{second}"
            tombstones.put(conn, PORTAL, [mac], now, first)
            tombstones.put(conn, PORTAL, [mac], now, second)
            assert mac in tombstones.by_cause(conn, PORTAL)[stays]


def test_tombstones_are_listed_by_cause_and_ours_taken_back(live: Connected) -> None:
    run = commands(live)
    contact_id = erased_as(live, tombstones.UNKNOWN)
    person = erased_as(live, tombstones.PERSON)
    listed = run("privacy", "tombstones", "--portal", str(PORTAL))
    assert '"tombstones": {"unknown": 1, "person": 1}' in listed.stdout
    untouched = run("privacy", "tombstones", "--portal", str(PORTAL), "--take-back")
    assert '"taken_back": 0' in untouched.stdout
    back = run(
        "privacy", "tombstones", "--portal", str(PORTAL), "--take-back", "--cause", "unknown"
    )
    assert '"taken_back": 1' in back.stdout, back.stderr
    refused = run(
        "privacy", "tombstones", "--portal", str(PORTAL), "--take-back", "--cause", "person"
    )
    assert refused.exit_code != 0
    settle(live)
    assert contact_id in live.scores()
    assert person not in live.scores()


def test_a_merge_without_its_webhook_is_followed(live: Connected) -> None:
    silent(live)
    primary, other = sorted(live.scores())[:2]
    answer = live.ui("POST", f"/contacts/{primary}/merge", {"other_id": int(other)})
    survivor = str(answer["id"])
    write_again(live, [primary, other])
    settle(live)
    assert survivor in live.scores()
    assert {primary, other}.isdisjoint(live.scores())
    assert list(stones(live)) == [tombstones.MERGE]
    assert counts(live) == (0, 0)


@pytest.mark.parametrize(
    "path", ["/associations/", "/owners/", "/companies/batch/read", "/deals/batch/read"]
)
@ON_SQLITE
def test_a_404_of_another_path_costs_nothing(live: Connected, path: str) -> None:
    before = set(live.scores())
    some = sorted(before)[:10]
    with live.product.stores.database.read() as conn:
        known = mirror.counts(conn, PORTAL)
    score_again(live, some, answering(live.product, path, lambda _: PAGE))
    forward(live, 120)
    live.run()
    assert set(live.scores()) == before
    assert live.unfinished() == 0
    with live.product.stores.database.read() as conn:
        assert mirror.counts(conn, PORTAL) == known


def every_job(connected: Connected, product: Product) -> None:
    """Each job that asks HubSpot something, with work to do."""
    more: dict[str, str]
    ids = sorted(connected.scores())
    write_again_without_flush(connected, ids)
    make_due(connected, ids)
    with product.stores.database.write() as conn:
        for kind in ("pull", "reconcile", "population", "setup"):
            runs.restart(conn, PORTAL, kind, product.stores.clock.now())
        missing_contacts.suspect(conn, PORTAL, ids[:3], product.stores.clock.now())
    for name, more in (
        ("pull", {}),
        ("reconcile", {}),
        ("population", {}),
        ("setup", {}),
        ("flush_writes", {}),
        ("flush_routes", {}),
        ("fan_out", {}),
        ("answer_workflows", {}),
        ("erase_requested", {}),
        ("score_due", {"urgency": Urgency.EVENT.value}),
    ):
        try:
            JOBS[name](product, portal_id=PORTAL, **more)
        except LeadlightError:
            continue


def nothing_was_lost(connected: Connected, before: set[str]) -> None:
    assert set(connected.scores()) == before
    assert stones(connected) == {}
    with connected.product.stores.database.read() as conn:
        assert due_leads.parked(conn, PORTAL) == 0
        assert due_rows.count(conn, due_rows.WRITES, PORTAL, parked=True) == 0
        assert due_leads.count(conn, PORTAL) >= len(before)


@ON_SQLITE
@pytest.mark.parametrize("status", [404, 403])
def test_no_job_loses_anything_to_an_unknown_token_endpoint(live: Connected, status: int) -> None:
    before = set(live.scores())
    live.sandbox.control("POST", "/tokens/expire", {})
    every_job(live, with_oauth(live.product, Answer(status, {}, None, 5)))
    nothing_was_lost(live, before)
    forward(live, 120)
    settle(live)
    live.run()
    nothing_was_lost(live, before)
    assert counts(live) == (0, 0)


@ON_SQLITE
@pytest.mark.parametrize("answer", [PAGE, JSON], ids=["page", "json"])
def test_no_job_loses_anything_to_a_404_of_every_path(live: Connected, answer: Answer) -> None:
    before = set(live.scores())
    every_job(live, answering(live.product, "/crm/", lambda _: answer))
    nothing_was_lost(live, before)
    forward(live, 1_200)
    settle(live)
    live.run()
    nothing_was_lost(live, before)
    assert suspected(live) == 0
    assert counts(live) == (0, 0)


@ON_SQLITE
def test_no_job_loses_anything_of_a_portal_that_has_left(live: Connected) -> None:
    before = set(live.scores())
    done = commands(live)("portals", "disconnect", "--portal", str(PORTAL), "--yes")
    assert done.exit_code == 0, done.stderr
    every_job(live, live.product)
    nothing_was_lost(live, before)
    install(live, "again")
    settle(live)
    live.run()
    nothing_was_lost(live, before)
    assert suspected(live) == 0
