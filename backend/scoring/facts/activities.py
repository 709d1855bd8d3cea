"""Calls, emails, meetings, notes and tasks as typed facts.

Sources: HubSpot's engagement properties; the call dispositions are HubSpot's fixed default GUIDs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

from backend.scoring.facts.auto_replies import is_automatic
from backend.scoring.values.folding import words_of
from backend.scoring.values.numbers import finite
from backend.scoring.values.times import parse_time

AUTOMATIC: Final = "automatic"  # an email that a machine wrote
SENDER: Final = "from_mac"  # the fact with the keyed hash of who wrote an email
COPIED: Final = "copy"  # the direction of an email that somebody else wrote
OWN_MARKER: Final = "leadlight"  # in our tasks' subject and body, any case
CONNECTED_MS: Final = 60_000  # an unlabelled call of a minute was a conversation

_KINDS: Final = {
    "calls": "call",
    "emails": "email",
    "meetings": "meeting",
    "notes": "note",
    "tasks": "task",
}
_DISPOSITIONS: Final = {
    "f240bbac-87c9-4f6e-bf70-924b57d47db7": "connected",
    "a4c4c377-d246-4b32-a13b-75a56a4cd0ff": "left message",
    "b2cf5968-551e-4856-9783-52b3da59a7d0": "left voicemail",
    "73a0d17f-1163-4015-bdd5-ec830791da20": "no answer",
    "9d9162e7-6cf3-4944-bf63-4dff82258764": "busy",
    "17b47fee-58de-441e-a44c-c6300d46f273": "wrong number",
}
_CALL_STATUS: Final = {
    "NO_ANSWER": "no answer",
    "BUSY": "busy",
    "FAILED": "failed",
    "CANCELED": "canceled",
    "MISSED": "no answer",
    "CONNECTING": "no answer",
    "RINGING": "no answer",
    "QUEUED": "no answer",
    "CALLING_CRM_USER": "no answer",
}
_MEETING: Final = {
    "SCHEDULED": "scheduled",
    "COMPLETED": "completed",
    "RESCHEDULED": "rescheduled",  # the new date is a meeting of its own
    "NO_SHOW": "no show",
    "CANCELED": "canceled",
    "CANCELLED": "canceled",
}
# Outcomes that portals add, by parts of their words: "Cancelled by client", "Nicht erschienen".
_MEETING_WORDS: Final[Mapping[str, str]] = {
    "rescheduled": "reschedul|verschoben|verlegt|reporte|reprogramad|reagendad|remarcad|rinviat|"
    "riprogrammat|verzet|flyttad|flyttet|przelozon|延期|변경",
    "no show": "no show|noshow|did not attend|didnt attend|did not show|nicht erschienen|"
    "nicht aufgetaucht|absent|non presente|no asisti|no se presento|no compareci|nao compareceu|"
    "non presentat|niet verschenen|niet op komen dagen|udeblev|uteble|nieobecn|nestawi|nedostavil|"
    "欠席|未出席|缺席|불참|노쇼",
    "canceled": "cancel|declined|rejected|abgesagt|storniert|abgelehnt|annul|afgezegd|geannuleerd|"
    "aflyst|avlyst|installd|avbok|peruttu|odwolan|zrusen|iptal|anulat|lemond|otkaza|dibatalkan|"
    "отмен|キャンセル|中止|取消|취소|ยกเลิก",
}
_EMAIL_STATUS: Final = {
    "BOUNCED": "bounced",
    "FAILED": "failed",
    "SCHEDULED": "planned",
    "SENDING": "planned",
}
_EMAIL_DIRECTION: Final = {"INCOMING_EMAIL": "in", "EMAIL": "out"}


def typed(object_type: str, given: Mapping[str, str]) -> dict[str, str]:
    """Facts of one activity: kind, occurred_at (ISO), direction, outcome, own."""
    at = parse_time(given.get("hs_meeting_start_time")) or parse_time(given.get("hs_timestamp"))
    return {
        "kind": _KINDS[object_type],
        "occurred_at": at.isoformat() if at else "",
        "direction": _direction(object_type, given),
        "outcome": _outcome(object_type, given),
        "own": "yes" if object_type == "tasks" and is_ours(given) else "",
    }


def _direction(object_type: str, given: Mapping[str, str]) -> str:
    if object_type == "emails":
        return _EMAIL_DIRECTION.get(given.get("hs_email_direction", ""), "")
    if object_type == "calls":
        return {"INBOUND": "in", "OUTBOUND": "out"}.get(given.get("hs_call_direction", ""), "")
    return ""


def _outcome(object_type: str, given: Mapping[str, str]) -> str:
    if object_type == "calls":
        return _call_outcome(given)
    if object_type == "emails":
        return _email_outcome(given)
    if object_type == "meetings":
        return _meeting_outcome(given.get("hs_meeting_outcome", ""))
    if object_type == "tasks":
        return "completed" if given.get("hs_task_status") == "COMPLETED" else "open"
    return ""


def _meeting_outcome(stored: str) -> str:
    """ "" where nobody said how it went, or in words that say that it took place."""
    own = words_of(stored)
    by_words = (
        outcome
        for outcome, line in _MEETING_WORDS.items()
        if any((f" {part}" if part.isascii() else part) in f" {own}" for part in line.split("|"))
    )
    return _MEETING.get(stored.upper()) or next(by_words, "")


def _call_outcome(given: Mapping[str, str]) -> str:
    labelled = _DISPOSITIONS.get(given.get("hs_call_disposition", "").casefold())
    if labelled:
        return labelled
    status = given.get("hs_call_status", "")
    if status in _CALL_STATUS:
        return _CALL_STATUS[status]
    duration = finite(given.get("hs_call_duration")) or 0.0
    return "connected" if duration >= CONNECTED_MS else ""


def _email_outcome(given: Mapping[str, str]) -> str:
    """ "" for mail that a person wrote and that arrived."""
    status = _EMAIL_STATUS.get(given.get("hs_email_status", ""), "")
    subject, text = given.get("hs_email_subject", ""), given.get("hs_email_text", "")
    if status or given.get("hs_email_direction") != "INCOMING_EMAIL":
        return status
    return AUTOMATIC if is_automatic(subject, sender_of(given), text) else ""


def sender_of(given: Mapping[str, str | None]) -> str:
    """The address that an email came from, in small letters; "" when HubSpot does not say. It is
    compared by its keyed hash, and never kept."""
    address = given.get("hs_email_from_email") or ""
    if not address:
        with suppress(ValueError, TypeError, KeyError):
            address = str(json.loads(given.get("hs_email_headers") or "")["from"]["email"])
    return address.strip().casefold()


def is_ours(given: Mapping[str, str | None]) -> bool:
    """Whether a task with these properties is of our making."""
    texts = (given.get("hs_task_subject") or "", given.get("hs_task_body") or "")
    return any(OWN_MARKER in text.casefold() for text in texts)
