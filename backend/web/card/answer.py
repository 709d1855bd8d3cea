"""What the card shows of a score: plain values, capped, nothing a browser could run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from backend.config import POINTS_AVERAGE, POINTS_TO_DOUBLE
from backend.model import Factor, Neighbour, Population, Score
from backend.scoring.explain import why_changed
from backend.scoring.traits import points_of
from backend.scoring.values.words import label, shown, statement
from backend.services.routing.lead_task import LeadTask, makes_tasks
from backend.storage.leads import scores
from backend.storage.leads.feedback import Feedback
from backend.storage.leads.lead_pins import StoredPin
from backend.storage.portals.portals import Portal
from backend.vocabulary import OFFERED_WORDS
from backend.web.card import models as shapes

SUBTOTALS = (
    "profile",
    "engagement",
    "history",
    "model",
    "text",
    "analyst",
    "portal",
    "limit",
    "pin",
)
TREND_CHANGES = 3


@dataclass(frozen=True, slots=True)
class Seen:
    """When this user looked before, and the row of the score history that stood then."""

    at: datetime
    row: Mapping[str, Any]


_SOURCES = {"emails": "email", "notes": "note", "companies": "description"}
_SHOWN_FACTS = (("industry", "industry"), ("size", "company_size"), ("location", "location"))


def answer_of(
    score: Score,
    history: Sequence[Mapping[str, Any]],
    lead: Mapping[str, Any],
    population: Population,
    *,
    portal: Portal,
    names: Mapping[str, str],
    outcomes: shapes.Outcomes | None,
    feedback: Feedback | None,
    records_url: str,
    task: LeadTask | None,
    pin: StoredPin | None,
    opener: str,
    offered: bool,
    seen: Seen | None = None,
) -> shapes.Lead:
    """The `lead` object of GET /card/lead. `records_url`: of the portal's records in HubSpot."""
    return shapes.Lead(
        contact_id=score.contact_id,
        score=score.score,
        fit_level=score.band.value,
        segment=score.segment,
        times_average_odds=times_average(score),
        percentile=score.percentile,
        population_leads=population.leads,
        chance=None if score.chance is None else shapes.Chance(**asdict(score.chance)),
        outcomes=outcomes,
        trend=trend(score, history),
        since_look=None if seen is None else since_look(score, seen),
        next_action=score.next_action.value,
        action_reason=score.action_reason,
        offered=OFFERED_WORDS if offered else "",
        reasoning=score.reasoning,
        quote=quote(score, records_url),
        opener=opener,
        factors=factors(score),
        subtotals=subtotals(score),
        missing=[
            shapes.Missing(
                field=gap.field, label=label(gap.field, gap.title), could_add=gap.could_add
            )
            for gap in score.missing
        ],
        neighbours=neighbours(score, names),
        flags=list(score.flags),
        source=score.source,
        model_version=score.model_version,
        profile_version=score.profile_version,
        scored_at=moment(score.scored_at),
        version=lead["scored_version"],
        rescoring=lead["due_at"] is not None,
        problem=lead["problem"],
        mode=portal.settings.mode.value,
        feedback=opinion(feedback),
        makes_tasks=makes_tasks(portal),
        task=None if task is None else task_of(task, records_url),
        pin=None if pin is None else pinned(pin),
    )


def pinned(pin: StoredPin) -> shapes.Pinned:
    """What is set by hand."""
    return shapes.Pinned.model_validate(
        {"kind": pin.kind, "until": moment(pin.until), "reason": pin.reason}
    )


def records_url(base: str, portal_id: int) -> str:
    """Where the portal's records are in HubSpot: with an object type's and a record's id behind it
    it is the record's page."""
    return f"{base}/contacts/{portal_id}/record"


def task_of(task: LeadTask, records: str) -> shapes.LeadTask:
    """An open task, and where HubSpot shows it: on its contact's page."""
    page = f"{records}/0-1/{task.contact_id}?engagement={task.task_id}"
    return shapes.LeadTask(
        created_at=moment(task.created_at),
        url=page if task.task_id else "",
        failed=task.failed,
    )


def quote(score: Score, records: str) -> shapes.Quote | None:
    """The words that the text reader found telling."""
    found = score.quote
    if found is None:
        return None
    source = _SOURCES.get(found.object_type, "message")
    page = f"{records}/0-1/{score.contact_id}"
    if source in {"email", "note"} and found.object_id.isdigit():
        page += f"?engagement={found.object_id}"
    return shapes.Quote.model_validate(
        {"text": found.text, "source": source, "written_on": found.written_on, "url": page}
    )


def times_average(score: Score) -> float:
    """5.0 means five times the odds of this portal's average lead: by the chance that is shown,
    which outcomes hold within bounds, where there is one."""
    chance = score.chance
    if chance is None or not chance.average:
        times = 2 ** ((score.unclamped - POINTS_AVERAGE) / POINTS_TO_DOUBLE)
    else:
        times = _odds(chance.value) / _odds(chance.average)
    return float(f"{times:.2g}")


def _odds(chance: float) -> float:
    bounded = min(max(chance, 0.001), 0.999)
    return bounded / (1 - bounded)


def factors(score: Score) -> list[shapes.Factor]:
    """The strongest first."""
    strongest = sorted(score.factors, key=lambda f: (-abs(f.points), f.field))
    return [_factor(one) for one in strongest[: shapes.FACTORS_MAX]]


def _factor(factor: Factor) -> shapes.Factor:
    return shapes.Factor(
        field=factor.field,
        label=label(factor.field, factor.title),
        text=statement(factor.field, factor.value, factor.title),
        value=factor.value,
        points=factor.points,
        group=factor.group,
        comparison=factor.comparison,
    )


def subtotals(score: Score) -> list[shapes.Subtotal]:
    """Points by group; with 50 they add up to the score."""
    return [shapes.Subtotal(group=group, points=points_of(score, group)) for group in SUBTOTALS]


def neighbours(score: Score, names: Mapping[str, str]) -> list[shapes.Neighbour]:
    """Ideal clients, won and lost; `names` are those of this portal's own leads."""
    return [_neighbour(one, names) for one in score.neighbours[: shapes.NEIGHBOURS_MAX]]


def lead_ids(score: Score) -> list[str]:
    """Contact ids of the neighbours that are leads."""
    found = [_contact_id(one) for one in score.neighbours]
    return [contact_id for contact_id in found if contact_id]


def _contact_id(neighbour: Neighbour) -> str | None:
    kind, _, contact_id = neighbour.neighbour_id.partition(":")
    return contact_id if kind == "lead" and contact_id else None


def _neighbour(neighbour: Neighbour, names: Mapping[str, str]) -> shapes.Neighbour:
    contact_id = _contact_id(neighbour)
    known = [
        shown(field, str(neighbour.facts[key]))
        for key, field in _SHOWN_FACTS
        if neighbour.facts.get(key)
    ]
    name = neighbour.label or names.get(contact_id or "", "")
    return shapes.Neighbour(
        kind=neighbour.kind,
        label=name or (f"Contact {contact_id}" if contact_id else "Ideal client"),
        facts=known,
        similarity=round(neighbour.similarity, 3),
        contact_id=contact_id,
    )


def trend(score: Score, history: Sequence[Mapping[str, Any]]) -> shapes.Trend | None:
    """How far the score moved since the last other one, since when and by what."""
    before = next((row for row in history if row["score"] != score.score), None)
    if before is None:
        return None
    points = score.score - before["score"]
    version = new_version(before, score)
    by_version = [shapes.Change(text=version, points=points)] if version else []
    return shapes.Trend(
        points=points,
        since=moment(before["scored_at"]),
        changes=by_version or changes(before, score)[:TREND_CHANGES],
    )


def since_look(score: Score, seen: Seen) -> shapes.Trend:
    """How far the score moved since this user looked, and by what; 0 points without any change."""
    then = seen.row["score"]
    version = new_version(seen.row, score)
    points = score.score - then
    by_version = [shapes.Change(text=version, points=points)] if version else []
    return shapes.Trend(
        points=points,
        since=moment(seen.at),
        changes=by_version or changes(seen.row, score)[:TREND_CHANGES],
    )


def new_version(before: Mapping[str, Any], after: Score) -> str:
    """ "Model 3 in use" when another model or profile made the later score, else ""."""
    if before["model_version"] != after.model_version:
        number = after.model_version
        return f"Model {number} in use" if number else "Formula in use"
    if before["profile_version"] != after.profile_version:
        return f"Ideal client profile {after.profile_version} in use"
    return ""


def changes(before: Mapping[str, Any] | None, after: Score) -> list[shapes.Change]:
    """Factor by factor, largest first; [] where the older row's factors are no longer kept."""
    old = scores.as_then(after, before) if before else None
    found = why_changed(old, after) if old else []
    return [shapes.Change(text=change.text, points=change.points) for change in found]


def opinion(given: Feedback | None) -> shapes.Opinion | None:
    """A stored word as the card knows it."""
    if given is None:
        return None
    return shapes.Opinion.model_validate(asdict(given))


def moment(at: datetime) -> str:
    """ISO 8601 in UTC, to the second."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
