"""Engagement is credited to who did it, once. A line in a table teaches a case.

Records are as HubSpot answers them; the lead is anna@example.org unless a line says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from backend.model import CrmRecord, MirrorRecord, PortalSettings, Snapshot
from backend.scoring.collect import mirror_record, snapshot_of
from backend.scoring.facts.activities import SENDER, sender_of
from backend.scoring.facts.auto_replies import is_automatic
from backend.scoring.facts.contact_facts import EMAILS
from backend.scoring.points.engagement import SELF_MADE_CAP, engagement_parts, happened
from backend.scoring.points.parts import within_caps
from backend.scoring.traits import traits_of

NOW = datetime(2026, 11, 29, 15, tzinfo=UTC)
DEFAULT = PortalSettings()
NO_OPENS = replace(DEFAULT, count_opens=False)


def at(days: float, seconds: float = 0) -> str:
    return (NOW + timedelta(days=days, seconds=seconds)).isoformat()


def snapshot(
    *activities: MirrorRecord,
    settings: PortalSettings = DEFAULT,
    address: str = "anna@example.org",
    **contact: Any,
) -> Snapshot:
    given = {"email": address, "createdate": at(-90), **{k: str(v) for k, v in contact.items()}}
    record, _ = mirror_record(CrmRecord("contacts", "1", given, NOW))
    record = replace(record, facts={**record.facts, EMAILS: f"mac of {address}".replace(" ", "-")})
    return snapshot_of(1, record, activities, NOW.date(), settings)


def activity(
    kind: str, number: int = 1, tied: Sequence[str] = ("1",), **given: str
) -> MirrorRecord:
    links = {"contacts": tuple(tied)}
    record = CrmRecord(kind, str(number), given, NOW, associations=links)
    found, _ = mirror_record(record)
    sender = sender_of(given)
    mac = {SENDER: f"mac of {sender}".replace(" ", "-")} if sender else {}
    return replace(found, facts={**found.facts, **mac})


def email(days: float = -2, sender: str = "anna@example.org", **more: Any) -> MirrorRecord:
    given = {
        "hs_timestamp": at(days),
        "hs_email_direction": "INCOMING_EMAIL",
        "hs_email_status": "SENT",
        "hs_email_from_email": sender,
    }
    return activity("emails", **{**given, **more})


def ours(days: float = -2, status: str = "SENT", **more: Any) -> MirrorRecord:
    return email(days, "rep@us.example", hs_email_direction="EMAIL", hs_email_status=status, **more)


def call(days: float = -2, **given: str) -> MirrorRecord:
    return activity("calls", hs_timestamp=at(days), **given)


def meeting(days: float, outcome: str = "", number: int = 1) -> MirrorRecord:
    return activity("meetings", number, hs_meeting_start_time=at(days), hs_meeting_outcome=outcome)


THREE = ("1", "2", "3")
BUSY = "9d9162e7-6cf3-4944-bf63-4dff82258764"
WRONG_NUMBER = "17b47fee-58de-441e-a44c-c6300d46f273"
CONNECTED = "f240bbac-87c9-4f6e-bf70-924b57d47db7"
CLICKED = {"hs_email_click": 1, "hs_email_last_click_date": at(-2)}
OPENED = {"hs_email_open": 4, "hs_email_last_open_date": at(-2)}
VIEWED = {"hs_analytics_num_page_views": 3, "hs_analytics_last_visit_timestamp": at(-2)}
BURST = {
    "hs_email_click": 60,
    "hs_email_first_click_date": at(-2),
    "hs_email_last_click_date": at(-2, 1),
}
OPEN_BURST = {
    "hs_email_open": 60,
    "hs_email_first_open_date": at(-2),
    "hs_email_last_open_date": at(-2, 1),
}
AT_ONCE = {**CLICKED, "hs_email_last_send_date": at(-2, -1)}
LATER = {**CLICKED, "hs_email_last_send_date": at(-2, -300)}

# What happened, the input, and how often it counts; 0 is not at all.
CREDITED = (
    ("the lead wrote", snapshot(email()), "reply", 1),
    ("the lead wrote to three", snapshot(email(tied=THREE)), "reply", 1),
    (
        "somebody else wrote, the lead is in copy",
        snapshot(email(tied=THREE), address="ben@example.org"),
        "reply",
        0,
    ),
    (
        "in copy, and HubSpot's roll-up counts it",
        snapshot(
            email(tied=THREE),
            address="ben@example.org",
            hs_email_replied=1,
            hs_sales_email_last_replied=at(-2),
        ),
        "reply",
        0,
    ),
    ("nobody knows which of three wrote", snapshot(email(sender="", tied=THREE)), "reply", 0),
    (
        "from an address of the lead's that HubSpot does not know",
        snapshot(email(sender="anna@home.example")),
        "reply",
        1,
    ),
    (
        "the sender stands in the headers",
        snapshot(
            email(
                sender="",
                tied=THREE,
                hs_email_headers='{"from": {"email": '
                '"Anna@Example.org"}, "to": [{"email": "rep@us.example"}]}',
            )
        ),
        "reply",
        1,
    ),
    ("an automatic reply", snapshot(email(hs_email_subject="Automatic reply: Offer")), "reply", 0),
    (
        "an automatic reply that the roll-up counts",
        snapshot(email(hs_email_subject="Out of office"), hs_sales_email_last_replied=at(-2)),
        "reply",
        0,
    ),
    (
        "an automatic reply, and one of the lead's own",
        snapshot(email(hs_email_subject="Out of office"), email(-1, number=2)),
        "reply",
        1,
    ),
    ("returned mail", snapshot(email(sender="mailer-daemon@example.org")), "reply", 0),
    ("our mail bounced", snapshot(ours(status="BOUNCED")), "silence", 0),
    (
        "three of ours bounced",
        snapshot(*(ours(-n, "BOUNCED", number=n) for n in (1, 2, 3))),
        "silence",
        0,
    ),
    (
        "three of ours failed",
        snapshot(*(ours(-n, "FAILED", number=n) for n in (1, 2, 3))),
        "silence",
        0,
    ),
    ("three of ours arrived", snapshot(*(ours(-n, number=n) for n in (1, 2, 3))), "silence", 3),
    ("the lead called", snapshot(call(hs_call_direction="INBOUND")), "call_in", 1),
    (
        "the lead called and talked",
        snapshot(call(hs_call_direction="INBOUND", hs_call_disposition=CONNECTED)),
        "call_in",
        1,
    ),
    (
        "the wrong number was called",
        snapshot(call(hs_call_direction="INBOUND", hs_call_disposition=WRONG_NUMBER)),
        "call_in",
        0,
    ),
    (
        "the line was busy",
        snapshot(call(hs_call_direction="INBOUND", hs_call_disposition=BUSY)),
        "call_in",
        0,
    ),
    (
        "nobody answered",
        snapshot(call(hs_call_direction="INBOUND", hs_call_status="NO_ANSWER")),
        "call_in",
        0,
    ),
    (
        "a missed call",
        snapshot(call(hs_call_direction="INBOUND", hs_call_status="MISSED")),
        "call_in",
        0,
    ),
    (
        "we called the wrong number",
        snapshot(call(hs_call_direction="OUTBOUND", hs_call_disposition=WRONG_NUMBER)),
        "call_out",
        0,
    ),
    ("a meeting", snapshot(meeting(-3, "COMPLETED")), "meeting", 1),
    (
        "a meeting logged twice",
        snapshot(meeting(-3, "COMPLETED"), meeting(-3, "", 2)),
        "meeting",
        1,
    ),
    (
        "a meeting logged twice, an hour apart",
        snapshot(meeting(-3, "COMPLETED"), meeting(-3 + 1 / 24, "COMPLETED", 2)),
        "meeting",
        1,
    ),
    (
        "a meeting that was moved",
        snapshot(meeting(-3, "RESCHEDULED"), meeting(-1, "COMPLETED", 2)),
        "meeting",
        1,
    ),
    (
        "a meeting that was moved without a word",
        snapshot(meeting(-3, "SCHEDULED"), meeting(2, "SCHEDULED", 2)),
        "meeting",
        1,
    ),
    ("two meetings", snapshot(meeting(-9, "COMPLETED"), meeting(-1, "COMPLETED", 2)), "meeting", 2),
    ("a meeting called off", snapshot(meeting(3, "CANCELED")), "meeting", 0),
    ("called off, in a portal's words", snapshot(meeting(-3, "Cancelled by client")), "meeting", 0),
    ("called off, in German", snapshot(meeting(-3, "Vom Kunden abgesagt")), "meeting", 0),
    ("called off, in Chinese", snapshot(meeting(-3, "已取消")), "meeting", 0),
    ("declined", snapshot(meeting(-3, "DECLINED")), "meeting", 0),
    ("nobody came", snapshot(meeting(-3, "No show")), "missed_meeting", 1),
    ("nobody came, in Spanish", snapshot(meeting(-3, "No asistió")), "missed_meeting", 1),
    ("held, in a portal's words", snapshot(meeting(-3, "Demo held: positive")), "meeting", 1),
    ("a meeting next week", snapshot(meeting(7, "SCHEDULED")), "meeting", 1),
    ("a meeting in two months", snapshot(meeting(60, "SCHEDULED")), "meeting", 0),
    (
        "moved into two months",
        snapshot(meeting(-3, "SCHEDULED"), meeting(60, "SCHEDULED", 2)),
        "meeting",
        0,
    ),
    ("clicked", snapshot(**CLICKED), "email_click", 1),
    ("clicked five minutes after delivery", snapshot(**LATER), "email_click", 1),
    ("60 clicks in a second", snapshot(**BURST), "email_click", 0),
    ("60 clicks in a second, and a visit", snapshot(**BURST, **VIEWED), "email_click", 0),
    ("a click with the delivery", snapshot(**AT_ONCE), "email_click", 0),
    ("a click with the delivery, and a visit", snapshot(**AT_ONCE, **VIEWED), "email_click", 1),
    ("opened, never clicked", snapshot(**OPENED), "email_open", 0),
    ("opened and clicked", snapshot(**OPENED, **CLICKED), "email_open", 4),
    ("opened, and wrote", snapshot(email(), **OPENED), "email_open", 4),
    ("opened, a scanner clicked", snapshot(**OPENED, **BURST), "email_open", 0),
    ("60 opens in a second", snapshot(**OPEN_BURST, **CLICKED), "email_open", 0),
    (
        "opened and clicked where opens are off",
        snapshot(settings=NO_OPENS, **OPENED, **CLICKED),
        "email_open",
        0,
    ),
)


@pytest.mark.parametrize(
    ("lead", "field", "times"), [one[1:] for one in CREDITED], ids=[one[0] for one in CREDITED]
)
def test_engagement_is_credited_to_who_did_it_once(lead: Snapshot, field: str, times: int) -> None:
    found = happened(lead).get(field)
    assert (found.count if found else 0) == times


AUTOMATIC = (
    "Odpowiedź automatyczna: Demo",
    "Automatski odgovor: Demo",
    "Balasan otomatis: Demo",
    "Trả lời tự động: Demo",
    "Fraværsmelding",
    "Poissaoloilmoitus",
    "자동 응답",
    "Im Urlaub: Re: Demo",
    "Außer Haus: Re: Demo",
    "Currently out of office",
    "Automatic reply: Your offer",
    "Re: Automatic reply: Your offer",
    "Out of Office: back 3 Dec",
    "Out of Office Re: Your offer",
    "Automatische Antwort: Angebot",
    "AW: Abwesenheitsnotiz",
    "Réponse automatique : Offre",
    "Respuesta automática: Oferta",
    "Resposta automática",
    "Risposta automatica: Offerta",
    "Automatisch antwoord: Offerte",
    "Autosvar: Tilbud",
    "Automaattinen vastaus: Tarjous",
    "Automatyczna odpowiedź: Oferta",
    "自動応答: お見積もり",
    "Undeliverable: Your offer",
    "Delivery Status Notification (Failure)",
    "Mail delivery failed: returning message",
    "Unzustellbar: Angebot",
    "Read: Your offer",
    "Gelesen: Angebot",
    "Auto: I'm away",
)
BY_PEOPLE = (
    "Re: Your offer",
    "Your offer",
    "Auto parts for our fleet",
    "Automation of our warehouse",
    "Read this before Friday",
    "Office space in Berlin",
    "Out of stock items",
    "",
    "Leave planning",
    "Delivery status of our order",
    "Absatz 3 des Vertrags",
    "Lunch on Monday?",
    "Ferias 2027",
    "Thank you for your offer",
    "Re: Reply to your question",
    "Mail server migration",
)


@pytest.mark.parametrize("subject", AUTOMATIC)
def test_an_automatic_subject_is_no_reply(subject: str) -> None:
    assert is_automatic(subject)


@pytest.mark.parametrize("subject", BY_PEOPLE)
def test_a_persons_subject_is_a_reply(subject: str) -> None:
    assert not is_automatic(subject)


def test_a_text_that_a_portal_lets_us_read_says_it_too() -> None:
    assert is_automatic("Re: Your offer", text="I am currently out of the office until Monday.")
    assert not is_automatic("Re: Your offer", text="Sorry, I was out of the office. Please call.")


SELF_MADE_ALONE = {
    **CLICKED,
    **OPENED,
    "hs_email_click": 400,
    "num_conversion_events": 5,
    "recent_conversion_date": at(-1),
    "hs_analytics_num_page_views": 900,
    "hs_analytics_last_visit_timestamp": at(-1),
}


def points(lead: Snapshot, fields: frozenset[str] | None = None) -> float:
    parts = within_caps(engagement_parts(lead))
    return sum(p.points for p in parts if fields is None or p.field in fields)


@pytest.mark.parametrize(
    "real",
    [
        (meeting(5, "SCHEDULED"),),
        tuple(email(-n, number=n) for n in range(1, 6)),
        (call(hs_call_direction="INBOUND", hs_call_disposition=CONNECTED),),
    ],
    ids=["a booked meeting", "five real replies", "a call"],
)
def test_what_a_person_does_adds_to_what_can_be_made_alone(real: tuple[MirrorRecord, ...]) -> None:
    alone = snapshot(**SELF_MADE_ALONE)
    assert points(alone) == pytest.approx(SELF_MADE_CAP)
    assert points(snapshot(*real, **SELF_MADE_ALONE)) >= points(alone) + 5


def test_a_form_sent_500_times_is_a_burst_and_counts_as_one() -> None:
    def value(count: int) -> tuple[str, float]:
        lead = snapshot(num_conversion_events=count, recent_conversion_date=at(-1))
        (part,) = engagement_parts(lead)
        return part.value, part.points

    assert value(500)[1] == value(1)[1]
    assert value(500)[0].endswith("(burst)")
    assert "burst" not in value(4)[0]
    assert value(4)[1] > value(1)[1]


def test_a_future_meeting_is_called_planned() -> None:
    (part,) = engagement_parts(snapshot(meeting(5, "SCHEDULED")))
    assert part.value.startswith("planned for ")


def test_mail_that_never_arrived_is_no_first_touch() -> None:
    assert traits_of(snapshot(ours(status="BOUNCED"))).first_touch_at is None
    assert traits_of(snapshot(ours(status="SENT"))).first_touch_at is not None
    assert traits_of(snapshot(email(tied=THREE), address="b@example.org")).first_touch_at is None


def test_no_address_and_no_subject_is_kept() -> None:
    kept: Mapping[str, str] = mirror_record(
        CrmRecord(
            "emails",
            "1",
            {"hs_email_subject": "Secret plan", "hs_email_from_email": "anna@example.org"},
            NOW,
        )
    )[0].facts
    assert not any("anna" in text or "Secret" in text for text in kept.values())
    assert not any("@" in str(one) for one in snapshot(email()).activities)
