"""CRM records → the mirror's typed facts → the snapshot of a lead.

The mirror holds no name, email, phone or address: they become `email_domain`, `has_phone`,
`seniority` and the like here, on the way in. Free text is kept apart under "text.".
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, tzinfo

from backend.config import FREE_TEXT_MAX, TEXT_READ_MAX
from backend.model import (
    ACTIVITY_TYPES,
    NOTHING,
    ActivityFact,
    CrmRecord,
    DealFact,
    MirrorRecord,
    Person,
    PortalSettings,
    Snapshot,
    TextSource,
)
from backend.scoring.facts import activities as activity_facts
from backend.scoring.facts.activities import COPIED, SENDER
from backend.scoring.facts.contact_facts import EMAILS, OPENS, company_facts, contact_facts
from backend.scoring.facts.intent import with_intent
from backend.scoring.facts.labels import Labels, labelled, shown_enumerations
from backend.scoring.facts.own_facts import OWN_PREFIX, own_facts, own_of
from backend.scoring.facts.properties import FREE_TEXT, FREE_TEXT_PREFIX, own_names
from backend.scoring.facts.segments import placing, segment_of
from backend.scoring.text import redact
from backend.scoring.text.manipulation import marked
from backend.scoring.text.plain_text import plain
from backend.scoring.values.numbers import finite
from backend.scoring.values.times import day_of, parse_time

NAME_MAX = 200  # characters of a first or last name
EMAIL_MAX = 254  # characters, as in RFC 5321
NOTES_PER_LEAD = 5  # newest opted-in notes and emails that reach the text reader
STAGE_LABEL_MAX = 60  # characters
# HubSpot's default sales pipeline, for accounts that do not let us read their labels
DEFAULT_STAGES = {
    "appointmentscheduled": "Appointment scheduled",
    "qualifiedtobuy": "Qualified to buy",
    "presentationscheduled": "Presentation scheduled",
    "decisionmakerboughtin": "Decision maker bought-in",
    "contractsent": "Contract sent",
}


def mirror_record(
    record: CrmRecord,
    property_map: Mapping[str, str] = NOTHING,
    read_free_text: Sequence[str] = (),
    labels: Labels = NOTHING,
    learn_from: Sequence[str] = (),
    known: Collection[str] = (),
    rates: Mapping[str, float] = NOTHING,
    zone: tzinfo = UTC,
) -> tuple[MirrorRecord, Person | None]:
    """Our copy of one object, and for a contact who it is (None for every other type).

    `labels`: of the object type's own options, which the portal may name as it likes; `learn_from`:
    the portal's own properties that the model may see; `known`: words of other people's names,
    folded, which free texts are kept without; `rates`: of currencies, dollars for one unit;
    `zone`: the portal's, that days are told in.
    Never raises for odd values: what cannot be read is unknown.
    """
    stored = {
        name: text[:TEXT_READ_MAX].strip() for name, text in record.properties.items() if text
    }
    given = stored if record.object_type == "deals" else labelled(stored, labels)
    person = _person(given) if record.object_type == "contacts" else None
    facts = _typed(record.object_type, given, property_map, rates, zone)
    if record.object_type == "contacts":
        facts |= shown_enumerations(stored, labels)
    if record.object_type == "deals":
        facts["stage_label"] = _stage_label(stored, labels)
        facts["companies"] = _companies_alone(record)
    if record.object_type == "emails":
        facts["contacts"] = str(len(record.associations.get("contacts", ())))
    facts |= own_facts(given, own_names(learn_from, record.object_type), person)
    for name, (object_type, property_name) in FREE_TEXT.items():
        if object_type == record.object_type and name in read_free_text:
            facts[FREE_TEXT_PREFIX + name] = _kept_text(given.get(property_name, ""), person, known)
    mirrored = MirrorRecord(
        object_type=record.object_type,
        object_id=record.object_id,
        facts={name: text for name, text in facts.items() if text},
        updated_at=record.updated_at,
        archived=record.archived,
        associations=record.associations,
    )
    return mirrored, person


def snapshot(
    portal_id: int,
    contact: MirrorRecord,
    company: MirrorRecord | None,
    deals: Iterable[MirrorRecord],
    activities: Iterable[MirrorRecord],
    today: date,
    settings: PortalSettings,
    person: Person | None = None,
    zone: tzinfo = UTC,
    team: str = "",
) -> Snapshot:
    """The facts about a lead on one day; the order of deals and activities does not matter. Times
    are in `zone`, the portal's: their days are those that its people lived.

    `person`, where the caller has it, is only used to take the name out of free texts; `team` is
    that of the lead's owner, for the segments that ask.
    """
    kept = [record for record in activities if not record.archived and "own" not in record.facts]
    company = None if company is None or company.archived else company
    names = (person.name,) if person else ()
    texts, sources = _free_texts((contact, company), kept, settings.read_free_text)
    found = deals_of(deals, settings.sales_pipelines, zone)
    placed_by = placing(settings, contact, company, team)
    return Snapshot(
        portal_id=portal_id,
        contact_id=contact.object_id,
        today=today,
        contact=typed_only(counted(contact.facts, settings)),
        company=typed_only(company.facts) if company else NOTHING,
        company_id=company.object_id if company else None,
        deals=found,
        activities=_activities(kept, contact.facts, zone),
        free_text={name: redact.personal(text, names) for name, text in texts.items()},
        own=own_of(contact, company, settings.learn_from),
        text_sources=sources,
        placed_by=placed_by,
        segment=segment_of(settings.segments, placed_by, [deal.pipeline for deal in found]),
    )


def snapshot_of(
    portal_id: int,
    contact: MirrorRecord,
    linked: Sequence[MirrorRecord],
    today: date,
    settings: PortalSettings,
    zone: tzinfo = UTC,
    team: str = "",
) -> Snapshot:
    """`snapshot` from everything the mirror links to a contact."""
    return snapshot(
        portal_id,
        contact,
        primary_company(contact, linked),
        [r for r in linked if r.object_type == "deals"],
        [r for r in linked if r.object_type in ACTIVITY_TYPES],
        today,
        settings,
        zone=zone,
        team=team,
    )


def primary_company(contact: MirrorRecord, linked: Sequence[MirrorRecord]) -> MirrorRecord | None:
    """The contact's primary company among what is linked to it, or the one with the smallest id."""
    companies = {r.object_id: r for r in linked if r.object_type == "companies"}
    oldest = min(companies, key=lambda object_id: (len(object_id), object_id), default="")
    return companies.get(contact.facts.get("company_id", "")) or companies.get(oldest)


def _person(given: Mapping[str, str]) -> Person:
    parts = (given.get("firstname", "")[:NAME_MAX], given.get("lastname", "")[:NAME_MAX])
    email = given.get("email", "")[:EMAIL_MAX]
    return Person(name=" ".join(part for part in parts if part), email=email)


def _typed(
    object_type: str,
    given: Mapping[str, str],
    property_map: Mapping[str, str],
    rates: Mapping[str, float],
    zone: tzinfo,
) -> dict[str, str]:
    if object_type == "contacts":
        return contact_facts(given, property_map, rates, zone)
    if object_type == "companies":
        return company_facts(given, property_map, rates)
    if object_type == "deals":
        return _deal_facts(given)
    if object_type == "leads":
        return _lead_record_facts(given)
    return activity_facts.typed(object_type, given)


def _lead_record_facts(given: Mapping[str, str]) -> dict[str, str]:
    """HubSpot's own two flags; without them the default pipeline's two closed stages."""
    stage = given.get("hs_pipeline_stage", "")
    state = "open"
    for name, by_default in (
        ("qualified", "qualified-stage-id"),
        ("disqualified", "unqualified-stage-id"),
    ):
        flag = given.get(f"hs_lead_is_{name}", "true" if stage == by_default else "")
        state = name if flag.casefold() == "true" else state
    reason = given.get("hs_lead_disqualification_reason", "") if state == "disqualified" else ""
    return {
        "state": state,
        "entered_at": _iso(parse_time(given.get("hs_v2_date_entered_current_stage"))),
        "reason": plain(reason.replace("_", " ").capitalize(), STAGE_LABEL_MAX),
    }


def _deal_facts(given: Mapping[str, str]) -> dict[str, str]:
    outcome = _deal_outcome(given)
    amount = finite(given.get("amount_in_home_currency") or given.get("amount"))
    probability = finite(given.get("hs_deal_stage_probability"))
    return {
        "outcome": outcome,
        "stage": given.get("dealstage", "")[:100],
        "pipeline": given.get("pipeline", "")[:100],
        "amount": "" if amount is None else f"{amount:.15g}",
        "created_at": _iso(parse_time(given.get("createdate"))),
        "closed_at": _iso(parse_time(given.get("closedate"))) if outcome != "open" else "",
        "entered_at": _iso(parse_time(given.get("hs_v2_date_entered_current_stage")))
        if outcome != "open"
        else "",
        "closes_at": _iso(parse_time(given.get("closedate"))) if outcome == "open" else "",
        "probability": "" if probability is None else f"{probability:.4g}",
        "owner_id": given.get("hubspot_owner_id", "")[:40],
    }


def _stage_label(given: Mapping[str, str], labels: Labels) -> str:
    """What the portal calls the deal's stage, "" where that is not known."""
    stage = given.get("dealstage", "")
    known = labels.get("dealstage", {})
    return plain(known.get(stage, DEFAULT_STAGES.get(stage, "")), STAGE_LABEL_MAX)


def _deal_outcome(given: Mapping[str, str]) -> str:
    """HubSpot's own two flags; without them the default pipeline's two closed stages."""
    stage = given.get("dealstage", "")
    won = given.get("hs_is_closed_won", "true" if stage == "closedwon" else "")
    closed = given.get("hs_is_closed", "true" if stage == "closedlost" else "")
    if won.casefold() == "true":
        return "won"
    return "lost" if closed.casefold() == "true" else "open"


def _kept_text(text: str, person: Person | None, known: Collection[str]) -> str:
    kept = redact.personal(text, (person.name,) if person else (), known)[:FREE_TEXT_MAX]
    return marked(kept, text)


def _free_texts(
    holders: Iterable[MirrorRecord | None],
    activities: Sequence[MirrorRecord],
    wanted: Sequence[str],
) -> tuple[dict[str, str], dict[str, TextSource]]:
    """Texts by source, and where each stands; the newest few notes and emails, each under its own
    key."""
    texts: dict[str, str] = {}
    sources: dict[str, TextSource] = {}
    newest = sorted(
        activities, key=lambda r: (r.facts.get("occurred_at", ""), r.object_id), reverse=True
    )
    for name in sorted(set(wanted) & set(FREE_TEXT)):
        key = FREE_TEXT_PREFIX + name
        for holder in _holders_of(holders, key):
            texts[name] = holder.facts[key]
            sources[name] = _source(holder)
        for position, record in enumerate(_holders_of(newest, key)[:NOTES_PER_LEAD]):
            texts[f"{name}.{position}"] = record.facts[key]
            sources[f"{name}.{position}"] = _source(record)
    return texts, sources


def _source(record: MirrorRecord) -> TextSource:
    """A message is written with a form; a company's description has no day."""
    day = record.facts.get("occurred_at") or record.facts.get("last_form_on")
    return TextSource(record.object_type, record.object_id, day_of(day))


def _holders_of(records: Iterable[MirrorRecord | None], fact: str) -> list[MirrorRecord]:
    """Those of `records` that carry the fact."""
    return [record for record in records if record is not None and fact in record.facts]


def typed_only(facts: Mapping[str, str]) -> dict[str, str]:
    """Without free texts and the portal's own properties, which a snapshot keeps apart."""
    apart = (FREE_TEXT_PREFIX, OWN_PREFIX)
    return {name: text for name, text in facts.items() if not name.startswith(apart)}


def deals_of(
    records: Iterable[MirrorRecord], pipelines: Collection[str] = (), zone: tzinfo = UTC
) -> tuple[DealFact, ...]:
    """The deals among these records, oldest first; only those of `pipelines` where some are
    named."""
    deals = []
    for record in records:
        created = parse_time(record.facts.get("created_at"), zone)
        outcome = record.facts.get("outcome", "open")
        pipeline = record.facts.get("pipeline", "")
        if record.archived or (pipelines and pipeline and pipeline not in pipelines):
            continue
        deals.append(
            DealFact(
                deal_id=record.object_id,
                outcome=outcome,
                created_at=created or record.updated_at.astimezone(zone),
                closed_at=None if outcome == "open" else _closed_at(record.facts, zone) or created,
                amount=finite(record.facts.get("amount")),
                stage=record.facts.get("stage_label", ""),
                probability=finite(record.facts.get("probability")),
                closes_on=day_of(record.facts.get("closes_at"), zone),
                pipeline=pipeline,
            )
        )
    return tuple(sorted(deals, key=lambda deal: (deal.created_at, deal.deal_id)))


def _closed_at(facts: Mapping[str, str], zone: tzinfo) -> datetime | None:
    """Billing systems close deals without a close date; HubSpot knows when the stage began."""
    return parse_time(facts.get("closed_at"), zone) or parse_time(facts.get("entered_at"), zone)


def _companies_alone(record: CrmRecord) -> str:
    """The companies of a deal that names no contact, ";" between them."""
    named = record.associations.get("contacts", ())
    return "" if named else ";".join(record.associations.get("companies", ()))


def counted(facts: Mapping[str, str], settings: PortalSettings) -> Mapping[str, str]:
    """A contact's facts without opened emails where the portal does not count them, and with what
    its admin calls high intent in place of the names of forms and pages."""
    counts = with_intent(facts, settings.high_intent)
    if settings.count_opens:
        return counts
    return {name: text for name, text in counts.items() if name not in OPENS}


def _direction(activity: Mapping[str, str], contact: Mapping[str, str]) -> str:
    """An email counts for who wrote it: not for who was in copy, and for nobody where it names
    several and not the writer."""
    direction = activity.get("direction", "")
    if activity.get("kind") != "email" or direction != "in":
        return direction
    if activity.get(SENDER, "") in contact.get(EMAILS, "").split():
        return direction
    alone = activity.get("contacts", "1") in {"0", "1"}
    return direction if alone else COPIED


def _activities(
    records: Iterable[MirrorRecord], contact: Mapping[str, str], zone: tzinfo
) -> tuple[ActivityFact, ...]:
    found = []
    for record in records:
        at = parse_time(record.facts.get("occurred_at"), zone)
        if at is not None:
            facts = record.facts
            found.append(
                ActivityFact(
                    kind=facts.get("kind", ""),
                    occurred_at=at,
                    direction=_direction(facts, contact),
                    outcome=facts.get("outcome", ""),
                )
            )
    return tuple(sorted(found, key=lambda a: (a.occurred_at, a.kind, a.direction, a.outcome)))


def _iso(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""
