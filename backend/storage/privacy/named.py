"""Where a row that is not about a contact may still name it, and how it is taken out.

Every text, JSON and binary column of the schema is one of three: of a row that is removed with its
contact (`held`), in one of the places here, or in CANNOT with the reason. A test holds that.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.storage import tables
from backend.storage.database import PackedJson
from backend.storage.learning import vectors
from backend.storage.privacy import mentions
from backend.storage.tables.base import metadata

ERASED: Final = "erased"  # stands for the id
ASKED_BY_TEXT: Final = 20  # of more contacts at once every row is read
Fix = Callable[[Any, Mapping[str, Any], str], Any]  # value, its row, id → value without the id


@dataclass(frozen=True, slots=True)
class Place:
    """A column that is read where `which` holds, and written back where `fix` changed it."""

    column: sa.Column[Any]
    fix: Fix
    which: sa.ColumnElement[bool]


def _text(value: str, _row: Mapping[str, Any], contact_id: str) -> str:
    """Messages of errors: the id as a word of its own."""
    return re.sub(rf"(?<![0-9A-Za-z]){re.escape(contact_id)}(?![0-9A-Za-z])", ERASED, value)


def _leaf(value: Any, contact_id: str) -> Any:
    """`value` without the id: out of lists, "" elsewhere."""
    if isinstance(value, list):
        return [each for each in value if str(each) != contact_id]
    return "" if str(value) == contact_id else value


def _related(value: Any, row: Mapping[str, Any], contact_id: str) -> Any:
    """Merges of contacts and associations; ids of merged companies are companies'."""
    keys = value if row["object_type"] == "contacts" else {"contacts"}
    return {k: _leaf(v, contact_id) if k in keys else v for k, v in value.items()}


def _settings(value: Any, _row: Mapping[str, Any], contact_id: str) -> Any:
    """The list of contacts that are no leads."""
    rules = value.get("eligibility", {})
    ids = _leaf(rules.get("excluded_contact_ids", []), contact_id)
    return {**value, "eligibility": {**rules, "excluded_contact_ids": ids}} if rules else value


def _position(value: Any, row: Mapping[str, Any], contact_id: str) -> Any:
    """Where a walk over contacts stands (it begins anew), and suggestions made of this one."""
    found = {
        k: v for k, v in value.items() if k not in ("after", "contacts") or str(v) != contact_id
    }
    report = found.get("report")
    if isinstance(report, Mapping) and isinstance(report.get("clients"), list):
        kept = [each for each in report["clients"] if not _is_client(each, contact_id)]
        found["report"] = {**report, "clients": kept}
    return found


def _clients(value: Any, _row: Mapping[str, Any], contact_id: str) -> Any:
    """What a company is like stays in the profile, but not whose contact it was made of."""
    mine = (each for each in value if _is_client(each, contact_id))
    others = {each["client_id"] for each in value}
    new = (f"won-{ERASED}-{n}" for n in range(len(others) + len(value) + 1))
    fresh = (name for name in new if name not in others)
    renamed = {each["client_id"]: next(fresh) for each in mine}
    return [{**c, "client_id": renamed.get(c["client_id"], c["client_id"])} for c in value]


def _is_client(client: Mapping[str, Any], contact_id: str) -> bool:
    return client.get("client_id") in (contact_id, f"won-{contact_id}")


def _places() -> list[Place]:
    t = tables
    found = [
        Place(
            t.leads.inbox_events.c.related,
            _related,
            sa.cast(t.leads.inbox_events.c.related, sa.Text) != "{}",
        ),
        Place(t.portals.portals.c.settings, _settings, sa.true()),
        Place(t.operations.runs.c.position, _position, sa.true()),
        Place(t.learning.profiles.c.clients, _clients, sa.true()),
    ]
    said = t.portals.portal_problems.c.sentence  # HubSpot's, which may quote a record
    found.append(Place(said, _text, said != ""))
    for table in metadata.sorted_tables:
        if {"problem", "portal_id"} <= set(table.c.keys()):
            found.append(Place(table.c.problem, _text, table.c.problem != ""))
    return found


PLACES: Final = tuple(_places())
# Found by what they are keyed with: `mentions` for bodies, ids of items for vectors, equality.
LOOKED_UP: Final = frozenset(
    {
        "scores.body",
        "score_history.body",
        "mentions.mentioned",
        "vectors.item_id",
        "vectors.vector",
        "vectors.metadata",
        "access_log.subject",
        "mirror_objects.object_id",
        "mirror_links.object_id",
        "inbox_events.object_id",
        "erasures.contact_id",
    }
)


CANNOT: Final[Mapping[str, tuple[str, ...]]] = {
    "one of a list of our own words": (
        "members.role",
        "api_keys.role",
        "user_invitations.role",
        "profiles.state",
        "models.state",
        "portals.state",
        "runs.kind",
        "runs.state",
        "inbox_events.state",
        "inbox_events.change",
        "inbox_events.object_type",
        "mirror_objects.object_type",
        "mirror_links.object_type",
        "tombstones.cause",
        "missing_contacts.cause",
        "analyses.kind",
        "refused_questions.kind",
        "scores.band",
        "scores.next_action",
        "scores.source",
        "score_history.band",
        "score_history.cause",
        "standings.band",
        "standings.next_action",
        "standings.outcome",
        "band_entries.band",
        "band_entries.result",
        "holdout_leads.result",
        "exploration_leads.result",
        "leads.cause",
        "pending_writes.kind",
        "routes.kind",
        "routes.band",
        "routes.cause",
        "routes.state",
        "route_tasks.band",
        "route_tasks.wanted",
        "notifications.kind",
        "executions.state",
        "routings.band",
        "routings.settled",
        "routings.list_wanted",
        "routings.list_maybe",
        "erasures.reason",
        "feedback.reason",
        "lead_marks.kind",
        "lead_pins.kind",
        "score_history.own_band",
        "leads.ineligible_reason",
        "usage_days.provider",
        "embeddings.model",
        "key_checks.key_id",
        "audit.action",
        "access_log.action",
        "portal_problems.area",
        "portal_problems.code",
        "portal_problems.property_name",
    ),
    "random, a hash or sealed": (
        "invitations.token_hash",
        "user_invitations.token_hash",
        "sessions.token_hash",
        "oauth_states.nonce_hash",
        "api_keys.prefix",
        "api_keys.key_hash",
        "users.user_id",
        "users.email_sealed",
        "users.email_mac",
        "users.password_hash",
        "users.totp_sealed",
        "user_invitations.email_sealed",
        "user_invitations.email_mac",
        "sessions.user_id",
        "sign_in_attempts.key",
        "key_checks.check_value",
        "tombstones.contact_mac",
        "access_log.entry_id",
        "erasures.receipt_id",
        "erasures.contact_mac",
        "audit.previous_hash",
        "audit.hash",
        "inbox_events.dedupe_key",
        "leads.person_sealed",
        "leads.claim_token",
        "leases.token",
        "holdouts.holdout_id",
        "holdout_leads.holdout_id",
        "holdout_leads.company_mac",
        "explorations.exploration_id",
        "exploration_leads.exploration_id",
        "exploration_leads.company_mac",
        "owners.person_sealed",
        "person_words.word_mac",
        "scores.input_hash",
        "score_history.input_hash",
        "analyses.request_hash",
        "analyses.basis_hash",
        "refused_questions.request_hash",
        "embeddings.text_hash",
        "embeddings.vector",
        "pending_writes.version",
        "company_writes.version",
        "deal_writes.version",
        "lead_writes.version",
        "rescores.rescore_id",
        "lead_pins.pin_id",
        "runs.run_id",
        "routes.route_id",
        "routes.task_key",
        "route_tasks.task_key",
        "route_tasks.route_id",
        "route_tasks.done_route_id",
        "route_tasks.version",
        "notifications.notification_id",
        "notifications.digest_id",
        "portals.access_token_sealed",
        "report_recipients.address_sealed",
        "portals.refresh_token_sealed",
    ),
    "a keyed hash of a user": ("card_looks.looker",),
    "a user, an owner, an app, a task or another object than a contact": (
        "members.subject",
        "saved_views.subject",
        "lead_marks.made_by",
        "lead_pins.made_by",
        "report_recipients.made_by",
        "report_recipients.recipient_id",
        "lead_pins.ended_by",
        "api_keys.made_by",
        "invitations.made_by",
        "user_invitations.made_by",
        "profiles.made_by",
        "models.made_by",
        "rescores.requested_by",
        "erasures.requested_by",
        "feedback.user_id",
        "audit.actor",
        "access_log.actor",
        "users.external_id",
        "owners.owner_id",
        "standings.owner_id",
        "band_entries.owner_id",
        "holdouts.started_by",
        "explorations.started_by",
        "routings.owner_id",
        "route_tasks.task_id",
        "route_tasks.content",
        "executions.callback_id",
        "company_writes.object_id",
        "company_written.object_id",
        "deal_writes.object_id",
        "deal_written.object_id",
        "lead_writes.object_id",
        "lead_written.object_id",
        "portals.client_id",
        "leases.name",
        "portals.installation",
        "portals.scopes",
        "inbox_events.property_name",
    ),
    "a rep's own words about that lead": ("feedback.comment", "lead_pins.reason"),
    "what a person calls a thing of theirs": (
        "portals.name",
        "owners.team",
        "api_keys.label",
        "profiles.source",
        "saved_views.name",
    ),
    "bands, owners, sources, states and numbers to filter by": ("saved_views.filters",),
    "numbers, and values and names of properties": (
        "populations.body",
        "models.scorecard",
        "models.report",
        "erasures.detail",
        "alerts.name",
        "alerts.message",
    ),
    "facts of a record of the CRM by allow-list, or what is made of that lead's own": (
        "mirror_objects.facts",
        "as_of_facts.facts",
        "as_of_facts.late",
        "analyses.body",
        "pending_writes.payload",
        "written.payload",
        "company_writes.payload",
        "company_written.payload",
        "deal_writes.payload",
        "deal_written.payload",
        "lead_writes.payload",
        "lead_written.payload",
        "executions.answer",
        "standings.lead_source",
        "standings.segment",
        "standings.industry",
        "standings.company_size",
        "standings.revenue_range",
        "standings.location",
        "standings.technologies",
        "standings.company_name",
        "standings.company_key",
        "band_entries.lead_source",
    ),
    "never written there in the clear (`storage.audit.append` refuses it)": (
        "audit.subject",
        "audit.detail",
    ),
}


def count(conn: Connection, portal_id: int, contact_ids: Sequence[str]) -> dict[str, Counter[str]]:
    """Rows of others by contact and table; bodies by the number of leads that name it."""
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for place, _key, _value, ids in _walk(conn, portal_id, contact_ids):
        for contact_id in ids:
            found[contact_id][place.column.table.name] += 1
    for contact_id, number in mentions.counts(conn, portal_id, contact_ids).items():
        found[contact_id]["neighbours"] = number
    for contact_id in _items(conn, portal_id, contact_ids):
        found[contact_id]["vectors"] += 1
    log = tables.access.access_log.c
    rows = conn.execute(
        sa.select(log.subject, sa.func.count().label("n"))
        .where(log.portal_id == portal_id, log.subject.in_(contact_ids))
        .group_by(log.subject)
    )
    for row in rows:
        found[row.subject]["access_log"] = row.n
    return dict(found)


def take_out(conn: Connection, portal_id: int, contact_ids: Sequence[str]) -> None:
    """No row of others names these contacts afterwards."""
    for place, key, value, _ids in _walk(conn, portal_id, contact_ids):
        table = place.column.table
        mine = sa.and_(*(column == one for column, one in zip(_keys(table), key, strict=True)))
        conn.execute(sa.update(table).where(mine).values({place.column: value}))
    while mentions.list_older(conn, portal_id):
        pass
    while mentions.take_out(conn, portal_id, contact_ids):
        pass
    vectors.remove(conn, portal_id, [i for cid in contact_ids for i in mentions.item_ids(cid)])
    log = tables.access.access_log
    conn.execute(
        sa.update(log)
        .where(log.c.portal_id == portal_id, log.c.subject.in_(contact_ids))
        .values(subject=ERASED)
    )


def _walk(
    conn: Connection, portal_id: int, contact_ids: Sequence[str]
) -> list[tuple[Place, tuple[Any, ...], Any, list[str]]]:
    """Every row that names one of them: place, key, the fixed value, whom it named."""
    found = []
    for place in PLACES:
        for row in conn.execute(_rows(place, portal_id, contact_ids)).mappings():
            value: Any = row[place.column.name]
            ids: list[str] = []
            for contact_id in contact_ids:
                fixed = place.fix(value, dict(row), contact_id)
                if fixed != value:
                    value, ids = fixed, [*ids, contact_id]
            if ids:
                key = tuple(row[column.name] for column in _keys(place.column.table))
                found.append((place, key, value, ids))
    return found


def _rows(place: Place, portal_id: int, contact_ids: Sequence[str]) -> sa.Select[Any]:
    """The rows to look at: those whose text holds an id where that can be asked."""
    table = place.column.table
    more = [table.c[name] for name in ("object_type",) if name in table.c]
    query = sa.select(*_keys(table), place.column, *more).where(
        table.c.portal_id == portal_id, place.which
    )
    if not isinstance(place.column.type, PackedJson) and len(contact_ids) <= ASKED_BY_TEXT:
        text = sa.cast(place.column, sa.Text)
        query = query.where(sa.or_(*(text.contains(one, autoescape=True) for one in contact_ids)))
    return query.with_for_update()


def _keys(table: sa.Table) -> list[sa.Column[Any]]:
    return list(table.primary_key.columns)


def _items(conn: Connection, portal_id: int, contact_ids: Collection[str]) -> list[str]:
    v = tables.learning.vectors.c
    ids = [item_id for contact_id in contact_ids for item_id in mentions.item_ids(contact_id)]
    rows = conn.execute(sa.select(v.item_id).where(v.portal_id == portal_id, v.item_id.in_(ids)))
    return [mentions.contact_of(row.item_id) for row in rows]
