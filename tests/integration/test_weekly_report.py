"""The weekly report: due once a week where the portal is, sent once, stopped by one click."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest
import sqlalchemy as sa

from backend.clients.smtp import SmtpMailer
from backend.errors import BadInput, Conflict, NotFound, OutcomeUnknown, Permanent, Transient
from backend.jobs.flush_routes import flush_routes
from backend.scoring.wording.bars import bars
from backend.services.routing import recipients
from backend.services.routing.summary import begin_summaries, due_since, next_report
from backend.storage.outbox import due_rows, notifications, report_recipients
from backend.storage.outbox.due_rows import NOTIFICATIONS
from backend.storage.portals import portals
from backend.storage.portals.portals import Portal
from backend.storage.tables.outbox import notifications as table
from backend.storage.tables.outbox import report_recipients as recipients_table
from bench.ports import free_port
from tests.integration.conftest import PORTAL, Connected
from tests.integration.crashing import Killed
from tests.integration.routes import score_as, set_routing
from tests.support.mail_server import MailServer, mail_server
from tests.support.product import changed

MONDAY = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)
BOSS = "boss@x.example"


@pytest.fixture
def post() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


@pytest.fixture
def office(live: Connected, post: MailServer) -> Connected:
    """A live portal whose mail server is on this machine and whose boss wants the report."""
    mailer = SmtpMailer(post.url, "Leadlight <reports@x.example>")
    live.product = changed(live.product, mailer=mailer)
    recipients.add(live.product.stores, PORTAL, BOSS, actor="user:u1")
    with live.product.stores.database.write() as conn:
        long_ago = MONDAY - timedelta(days=30)
        conn.execute(sa.update(recipients_table).values(made_at=long_ago))
    return live


def begin(office: Connected, at: datetime = MONDAY) -> int:
    return begin_summaries(office.product.stores.database, office.product.stores.jobs, at)


def flush(office: Connected) -> None:
    """Whatever waits is due now."""
    with office.product.stores.database.write() as conn:
        now = office.product.stores.clock.now()
        conn.execute(sa.update(table).where(table.c.due_at.is_not(None)).values(due_at=now))
    flush_routes(office.product, PORTAL)


def failed(office: Connected) -> int:
    with office.product.stores.database.read() as conn:
        return due_rows.count(conn, NOTIFICATIONS, PORTAL, parked=True)


def test_a_report_has_text_html_and_one_inline_picture(office: Connected, post: MailServer) -> None:
    assert begin(office) == 1
    flush(office)
    (message,) = post.taken
    assert message["To"] == BOSS and message["Subject"].startswith("Leads of the week until")
    kinds = [part.get_content_type() for part in message.walk()]
    assert kinds == [
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
    ]
    text = message.get_body(("plain",))
    html = message.get_body(("html",))
    assert text is not None and html is not None
    assert "Leads today: High" in text.get_content()
    assert 'src="cid:chart@leadlight"' in html.get_content()
    assert "http" not in html.get_content().replace(
        recipients.link_of(office.product.stores, PORTAL, recipient(office)), ""
    )
    picture = next(part for part in message.walk() if part.get_content_type() == "image/png")
    assert picture["Content-ID"] == "<chart@leadlight>"
    assert picture.get_content().startswith(b"\x89PNG")


def recipient(office: Connected) -> str:
    with office.product.stores.database.read() as conn:
        return report_recipients.listed(conn, PORTAL)[0].recipient_id


def named_lead(office: Connected) -> str:
    contact_id = sorted(office.scores())[3]
    office.ui("POST", f"/contacts/{contact_id}/properties", {"lastname": "Zebrowska-Nine"})
    office.sandbox.control("POST", "/webhooks/flush", {})
    office.run()
    score_as(office, {contact_id: 20})
    score_as(office, {contact_id: 95})
    return contact_id


def test_no_lead_is_named_unless_the_portal_allows_it(office: Connected, post: MailServer) -> None:
    named_lead(office)
    begin(office)
    flush(office)
    set_routing(office, report_names=True)
    begin(office, MONDAY + timedelta(days=7))
    flush(office)
    without, with_names = (one.as_string() for one in post.taken)
    assert "Zebrowska" not in without and "Zebrowska" in with_names


def test_it_is_begun_once_a_week_and_sent_once(office: Connected, post: MailServer) -> None:
    assert [begin(office, MONDAY + timedelta(minutes=m)) for m in (0, 5, 600)] == [1, 0, 0]
    flush(office)
    flush(office)
    assert begin(office, MONDAY + timedelta(days=7)) == 1
    flush(office)
    assert len(post.taken) == 2
    assert len({one["Message-ID"] for one in post.taken}) == 2


class Dying(SmtpMailer):
    """The process dies right after the server took the message."""

    def send(self, message: Any) -> None:
        super().send(message)
        raise Killed


def test_a_process_that_dies_after_sending_sends_no_second_one(
    office: Connected, post: MailServer
) -> None:
    begin(office)
    healthy = office.product
    office.product = changed(healthy, mailer=Dying(post.url, "reports@x.example"))
    with pytest.raises(Killed):
        flush(office)
    office.product = healthy
    flush(office)
    flush(office)
    assert len(post.taken) == 1
    assert failed(office) == 1  # a person is told that it may have arrived


class Stumbling(SmtpMailer):
    """Sends the first message, and then meets a defect of ours."""

    told = 0

    def send(self, message: EmailMessage) -> None:
        self.told += 1
        super().send(message)
        if self.told == 1:
            raise ValueError("met after it went out")


def test_a_report_over_which_our_code_stumbles_is_not_sent_again_and_the_next_one_goes_out(
    office: Connected, post: MailServer
) -> None:
    recipients.add(office.product.stores, PORTAL, "second@demo.example", actor="user:u1")
    with office.product.stores.database.write() as conn:
        conn.execute(sa.update(recipients_table).values(made_at=MONDAY - timedelta(days=30)))
    begin(office)
    office.product = changed(office.product, mailer=Stumbling(post.url, "reports@x.example"))
    flush(office)
    flush(office)
    assert (len(post.taken), failed(office)) == (2, 1)


def test_a_process_that_dies_before_anything_was_sent_loses_nothing(
    office: Connected, post: MailServer
) -> None:
    begin(office)
    with office.product.stores.database.read() as conn:
        assert len(notifications.due(conn, PORTAL, office.product.stores.clock.now())) == 1
    flush(office)
    assert len(post.taken) == 1


def test_a_message_without_an_answer_is_not_sent_again(office: Connected, post: MailServer) -> None:
    post.answers = ["drop"]
    begin(office)
    flush(office)
    flush(office)
    assert (len(post.taken), failed(office)) == (1, 1)


class Counting(SmtpMailer):
    """The mailer, and how often it was asked."""

    asked = 0

    def send(self, message: EmailMessage) -> None:
        self.asked += 1
        super().send(message)


def test_a_mail_server_that_is_away_is_waited_for_once_and_not_once_an_address(
    office: Connected, post: MailServer
) -> None:
    up = office.product
    for name in ("a", "b"):
        recipients.add(up.stores, PORTAL, f"{name}@x.example", actor="user:u1")
    with up.stores.database.write() as conn:
        conn.execute(sa.update(recipients_table).values(made_at=MONDAY - timedelta(days=30)))
    away = Counting(f"smtp://127.0.0.1:{free_port()}", "reports@x.example")
    office.product = changed(up, mailer=away)
    begin(office)
    flush(office)
    assert away.asked == 1
    with up.stores.database.read() as conn:
        rows = conn.execute(sa.select(table).where(table.c.kind == notifications.EMAIL)).all()
    now = up.stores.clock.now()
    assert [(r.attempts, r.parked_at, r.due_at > now) for r in rows] == [(0, None, True)] * 3
    office.product = up
    flush(office)
    assert sorted(m["To"] for m in post.taken) == ["a@x.example", "b@x.example", BOSS]


def test_a_server_that_is_busy_or_away_gets_it_later(office: Connected, post: MailServer) -> None:
    post.answers = ["451 try again later", "421 too busy"]
    begin(office)
    for _ in range(3):
        flush(office)
    assert (len(post.taken), failed(office)) == (1, 0)


@pytest.mark.parametrize("how", ["address", "message"])
def test_what_is_refused_for_good_waits_for_a_person_and_can_be_taken_up_again(
    office: Connected, post: MailServer, how: str
) -> None:
    if how == "address":
        post.refused = {BOSS}
    else:
        post.answers = ["554 no"]
    begin(office)
    flush(office)
    assert (len(post.taken), failed(office)) == (0, 1)
    post.refused = set()
    with office.product.stores.database.write() as conn:
        due_rows.replay(conn, NOTIFICATIONS, PORTAL, office.product.stores.clock.now())
    flush(office)
    assert (len(post.taken), failed(office)) == (1, 0)


def test_without_a_mail_server_it_fails_visibly(office: Connected) -> None:
    office.product = changed(office.product, mailer=None)
    begin(office)
    flush(office)
    assert failed(office) == 1


def link_in(message: Any) -> str:
    found = re.search(r"<http://[^/]+(/unsubscribe/[^>]+)>", message["List-Unsubscribe"])
    assert found is not None
    return found[1]


def test_the_link_stops_the_emails_without_signing_in(office: Connected, post: MailServer) -> None:
    begin(office)
    flush(office)
    link, client = link_in(post.taken[0]), office.app.test_client()
    assert post.taken[0]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    page = client.get(link)
    assert page.status_code == 200 and b"Stop these emails" in page.data
    assert begin(office, MONDAY + timedelta(days=7)) == 1  # a scanner that opens it stops nothing
    for _ in range(2):  # also between its being due and its being sent
        answer = client.post(link, data={"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200 and BOSS.encode() not in answer.data
    flush(office)
    assert begin(office, MONDAY + timedelta(days=14)) == 0
    assert len(post.taken) == 1


def test_a_link_that_is_not_ours_stops_nothing(office: Connected, post: MailServer) -> None:
    begin(office)
    flush(office)
    link, client = link_in(post.taken[0]), office.app.test_client()
    other = link.replace(f"/{PORTAL}/", "/555/")
    for wrong in (
        link[:-1] + ("0" if link[-1] != "0" else "1"),
        other,
        f"/unsubscribe/{PORTAL}/a/b",
    ):
        assert client.get(wrong).status_code == 404
        assert client.post(wrong).status_code == 404
    assert begin(office, MONDAY + timedelta(days=7)) == 1


def test_who_comes_after_the_hour_gets_the_next_one(office: Connected) -> None:
    recipients.add(office.product.stores, PORTAL, "new@x.example", actor="user:u1")
    begin(office)
    with office.product.stores.database.read() as conn:
        rows = conn.execute(sa.select(table.c.notification_id).where(table.c.kind == "email"))
        assert len(rows.all()) == 1


@pytest.mark.parametrize(
    "address",
    ["", "x", "a@b", "a b@c.de", "a@c.de\nBcc: d@e.de", "a@c.de,b@c.de", "x" * 255 + "@c.de"],
)
def test_what_is_no_address_is_refused(office: Connected, address: str) -> None:
    with pytest.raises(BadInput, match=r"^Address: "):
        recipients.add(office.product.stores, PORTAL, address, actor="user:u1")


def test_an_address_stands_once_is_sealed_and_can_be_removed(office: Connected) -> None:
    stores = office.product.stores
    with pytest.raises(Conflict):
        recipients.add(stores, PORTAL, BOSS.upper(), actor="user:u1")
    with stores.database.read() as conn:
        (one,) = report_recipients.listed(conn, PORTAL)
    assert BOSS not in json.dumps(one.address_sealed)
    recipients.remove(stores, PORTAL, one.recipient_id, actor="user:u1")
    with pytest.raises(NotFound):
        recipients.remove(stores, PORTAL, one.recipient_id, actor="user:u1")


def portal(live: Connected, zone: str, weekday: int = 0, hour: int = 8) -> Portal:
    with live.product.stores.database.read() as conn:
        found = portals.get(conn, PORTAL)
    routing = replace(found.settings.routing, report_weekday=weekday, report_hour=hour)
    return replace(
        found,
        settings=replace(found.settings, routing=routing),
        installation={**found.installation, "account": {"timeZone": zone}},
    )


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_it_is_due_at_the_hour_where_the_portal_is(live: Connected) -> None:
    berlin = portal(live, "Europe/Berlin")
    assert due_since(berlin, at("2026-11-23T06:59")) is None
    assert due_since(berlin, at("2026-11-23T07:00")) == at("2026-11-23T07:00")
    summer = at("2026-06-01T06:00")
    assert due_since(berlin, summer) == summer
    assert next_report(berlin, at("2026-11-23T07:00")) == at("2026-11-30T07:00")
    assert next_report(berlin, at("2026-11-23T06:00")) == at("2026-11-23T07:00")


def test_it_is_made_up_for_within_a_day_and_not_later(live: Connected) -> None:
    berlin, sunday = portal(live, "Europe/Berlin"), portal(live, "UTC", weekday=6, hour=23)
    assert due_since(berlin, at("2026-11-24T06:59")) == at("2026-11-23T07:00")
    assert due_since(berlin, at("2026-11-24T07:01")) is None
    assert due_since(sunday, at("2026-11-30T05:00")) == at("2026-11-29T23:00")


def test_the_change_of_the_clock_neither_loses_nor_doubles_it(live: Connected) -> None:
    spring = portal(live, "Europe/Berlin", weekday=6, hour=2)  # 29 March 2026, 02:00 is not there
    assert due_since(spring, at("2026-03-29T00:59")) is None
    assert due_since(spring, at("2026-03-29T01:00")) == at("2026-03-29T01:00")
    autumn = portal(live, "Europe/Berlin", weekday=6, hour=2)  # 25 October 2026, twice 02:00
    assert due_since(autumn, at("2026-10-25T00:00")) == at("2026-10-25T00:00")
    assert due_since(autumn, at("2026-10-25T01:30")) == at("2026-10-25T00:00")


def test_a_move_across_the_date_line_or_another_weekday_brings_no_second_one(
    office: Connected,
) -> None:
    assert begin(office) == 1
    stores = office.product.stores
    with stores.database.write() as conn:
        moved = {"account": {"timeZone": "Pacific/Kiritimati"}}
        portals.set_installation(conn, PORTAL, moved)
    set_routing(office, report_weekday=1, report_hour=0)
    assert begin(office, MONDAY + timedelta(hours=5)) == 0
    assert begin(office, MONDAY + timedelta(days=7)) == 1


def mail(url: str) -> None:
    SmtpMailer(url, "a@x.example").send(_message())


def _message() -> Any:
    made = EmailMessage()
    made["To"] = BOSS
    made["From"] = "a@x.example"
    made.set_content("x")
    return made


def test_the_mailer_says_whether_it_may_have_gone_out(post: MailServer) -> None:
    with pytest.raises(Transient, match="cannot be reached"):
        mail("smtp://127.0.0.1:1")
    for answer, error in (
        ("451 later", Transient),
        ("554 no", Permanent),
        ("drop", OutcomeUnknown),
    ):
        post.answers = [answer]
        with pytest.raises(error):
            mail(post.url)


def test_a_chart_is_a_picture_whatever_it_shows() -> None:
    for values in ([], [0], [0, 0], [3, 1, 2], list(range(28)), [-1, 5]):
        assert bars(values).startswith(b"\x89PNG")
