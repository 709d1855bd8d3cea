"""What a score shows as a fact, looked for in the sandbox's record in the same words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from backend.model import PROFILE_FIELDS, Score
from sandbox.numbers import TIME_ZONE
from sandbox.state.portal import Portal
from sandbox.state.records import Record

MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
DAY = re.compile(rf"\b(\d{{1,2}}) ({'|'.join(MONTHS)})\b")
ENUMERATIONS = {
    "source": "hs_analytics_source",
    "lead_status": "hs_lead_status",
    "buying_role": "hs_buying_role",
}
DATED = re.compile(r"date|timestamp|start_time|reply|sales_email|visit", re.IGNORECASE)
ZONE = ZoneInfo(TIME_ZONE)
ACTIVITIES = ("calls", "emails", "meetings", "deals")


def not_recorded(portal: Portal, score: Score) -> list[str]:
    """Values of the score's factors and days of its words that stand nowhere in the record."""
    contact_id = int(score.contact_id)
    companies = sorted(portal.associations.of("contacts", contact_id, "companies"))
    owners = [("contacts", contact_id), *(("companies", one) for one in companies)]
    texts = {text for kind, one in owners for text in said(portal, kind, one)}
    wrong = []
    for factor in score.factors:
        if factor.field in PROFILE_FIELDS or factor.field in ENUMERATIONS:
            parts = {factor.value} if factor.value in texts else set(factor.value.split(", "))
            wrong += [f"{factor.field}: {part}" for part in sorted(parts - texts)]
    days = {
        day
        for record in [portal.record(*owners[0]), *activities(portal, owners)]
        for day in days_of(record)
    }
    words = [f.value for f in score.factors if f.group in {"engagement", "history"}]
    for text in (score.action_reason, score.reasoning, *words):
        found = {(int(day), MONTHS.index(month) + 1) for day, month in DAY.findall(text)}
        wrong += [f"{day} in “{text}”" for day in sorted(found - days)]
    return wrong


def said(portal: Portal, kind: str, record_id: int) -> Iterable[str]:
    """Every property as HubSpot's page shows it: label, number, the parts of a list."""
    for name, value in portal.record(kind, record_id).properties.items():
        definition = portal.catalogs[kind].get(name)
        labels = {o.value: o.label for o in definition.options} if definition else {}
        yield labels.get(value, value)
        if value.isdigit():
            yield f"{int(value):,}"
        parts = [part.strip() for part in re.split(r"[;,|/\n]", value)]
        yield from (labels.get(part, part) for part in parts)


def activities(portal: Portal, owners: Iterable[tuple[str, int]]) -> Iterable[Record]:
    for kind, one in owners:
        for other in ACTIVITIES:
            for found in portal.associations.of(kind, one, other):
                yield portal.record(other, found)


def days_of(record: Record) -> Iterable[tuple[int, int]]:
    for name, value in record.properties.items():
        if DATED.search(name) and value:
            at = moment(value)
            if at is not None:
                yield at.day, at.month


def moment(text: str) -> datetime | None:
    """In the account's time zone; a date alone is that day."""
    try:
        if text.isdigit():
            return datetime.fromtimestamp(int(text) / 1000, ZONE)
        at = datetime.fromisoformat(text)
        return at if at.tzinfo is None else at.astimezone(ZONE)
    except (ValueError, OverflowError):
        return None
