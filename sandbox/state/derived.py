"""Values HubSpot sets by itself: deal state, roll-ups of associations and activities."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from sandbox.state.object_types import CONTACTS, ObjectType
from sandbox.state.pipeline import STAGE_BY_ID
from sandbox.state.portal import Portal
from sandbox.state.records import Record
from sandbox.times import iso

FIRST_LEAD_STAGE = "new-stage-id"
CONTACTING = ("calls", "emails", "meetings")
# Of the lifecycle stages that have one, the property with the time of entering.
STAGE_DATES = {
    stage: f"hs_lifecyclestage_{stage}_date" for stage in ("lead", "opportunity", "customer")
}


class Calculates(Protocol):
    """Who sets calculated values: the editor of a portal."""

    @property
    def portal(self) -> Portal:
        """Whose records they are."""

    def calculate(self, kind: ObjectType, record: Record, values: Mapping[str, str]) -> None:
        """Set values that nobody may write."""


def on_create(kind: ObjectType, values: Mapping[str, str], now_ms: int) -> dict[str, str]:
    """What a new record gets besides the values it was written with."""
    if kind.name == "deals":
        pipeline = {} if "pipeline" in values else {"pipeline": "default"}
        return pipeline | deal_state(values.get("dealstage", ""), now_ms)
    if kind.name == "leads":
        stage = values.get("hs_pipeline_stage", FIRST_LEAD_STAGE)
        first = {"hs_pipeline": "lead-pipeline-id", "hs_pipeline_stage": stage}
        return first | lead_state(stage, now_ms)
    if kind.name == "contacts" and "lifecyclestage" not in values:
        return {"lifecyclestage": "lead", "hs_lifecyclestage_lead_date": iso(now_ms)}
    return {}


def on_update(
    kind: ObjectType, values: Mapping[str, str], before: Mapping[str, str], now_ms: int
) -> dict[str, str]:
    """What changes along with the values written."""
    stage = values.get("dealstage", "")
    if kind.name == "deals" and stage and stage != before.get("dealstage"):
        return deal_state(stage, now_ms)
    stage = values.get("hs_pipeline_stage", "")
    if kind.name == "leads" and stage and stage != before.get("hs_pipeline_stage"):
        return lead_state(stage, now_ms)
    entered = STAGE_DATES.get(values.get("lifecyclestage", ""))
    return {entered: iso(now_ms)} if kind.name == "contacts" and entered else {}


def deal_state(stage_id: str, now_ms: int) -> dict[str, str]:
    """The calculated properties of a deal that entered this stage now."""
    stage = STAGE_BY_ID.get(stage_id)
    if stage is None:
        return {}
    return {
        "hs_is_closed": "true" if stage.closed else "false",
        "hs_is_closed_won": "true" if stage.probability == "1.0" else "false",
        "hs_is_closed_lost": "true" if stage.probability == "0.0" else "false",
        "hs_deal_stage_probability": stage.probability,
        "hs_v2_date_entered_current_stage": iso(now_ms),
    }


def lead_state(stage_id: str, now_ms: int) -> dict[str, str]:
    """The calculated properties of a lead that entered this stage now."""
    qualified, disqualified = stage_id == "qualified-stage-id", stage_id == "unqualified-stage-id"
    return {
        "hs_lead_is_open": str(not qualified and not disqualified).lower(),
        "hs_lead_is_qualified": str(qualified).lower(),
        "hs_lead_is_disqualified": str(disqualified).lower(),
        "hs_v2_date_entered_current_stage": iso(now_ms),
    }


def after_tie(
    editor: Calculates, kind: ObjectType, from_id: int, to_kind: ObjectType, to_id: int
) -> None:
    """Roll up a new association at both ends."""
    for this, this_id, other, other_id in (
        (kind, from_id, to_kind, to_id),
        (to_kind, to_id, kind, from_id),
    ):
        if this.is_activity or this.name == "leads":
            continue
        record = editor.portal.stores[this.name].get(this_id)
        if record is None:
            continue
        values = _counts(editor, this, this_id, other)
        if other.is_activity:
            values = _activity_rollup(editor, record, this, other, other_id)
        if values:
            editor.calculate(this, record, values)


def recount(
    editor: Calculates, kind: ObjectType, from_id: int, to_kind: ObjectType, to_id: int
) -> None:
    """Count again at both ends, without any new activity."""
    for this, this_id, other in ((kind, from_id, to_kind), (to_kind, to_id, kind)):
        record = editor.portal.stores[this.name].get(this_id)
        values = _counts(editor, this, this_id, other)
        if record is not None and values:
            editor.calculate(this, record, values)


def _counts(
    editor: Calculates, kind: ObjectType, record_id: int, other: ObjectType
) -> dict[str, str]:
    ties = editor.portal.associations
    if kind is CONTACTS and other.name == "companies":
        company = ties.primary("contacts", record_id, "companies")
        return {"associatedcompanyid": "" if company is None else str(company)}
    if (kind.name, other.name) in (
        ("contacts", "deals"),
        ("companies", "deals"),
        ("companies", "contacts"),
        ("deals", "contacts"),
    ):
        count = len(ties.of(kind.name, record_id, other.name))
        return {f"num_associated_{other.name}": str(count)}
    return {}


def _activity_rollup(
    editor: Calculates, record: Record, kind: ObjectType, activity: ObjectType, activity_id: int
) -> dict[str, str]:
    done = editor.portal.stores[activity.name].get(activity_id)
    if done is None or activity.name == "tasks":
        return {}
    when = done.properties.get("hs_timestamp", "")
    values = _latest(record, "notes_last_updated", when) | _one_more(record, "num_notes")
    if activity.name in CONTACTING:
        values |= _latest(record, "notes_last_contacted", when)
        values |= _one_more(record, "num_contacted_notes")
    incoming = done.properties.get("hs_email_direction") == "INCOMING_EMAIL"
    if kind is CONTACTS and incoming:
        values |= _latest(record, "hs_sales_email_last_replied", when)
    return values


def _latest(record: Record, name: str, when: str) -> dict[str, str]:
    return {name: max(when, record.properties.get(name, ""))}


def _one_more(record: Record, name: str) -> dict[str, str]:
    return {name: str(int(float(record.properties.get(name, "0"))) + 1)}
