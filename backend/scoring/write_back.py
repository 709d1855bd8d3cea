"""Scores as HubSpot properties, and the definitions that setup creates.

The property names are the only ones this product writes; webhooks about them are our own echo.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from backend.config import LAST_SCORED_REFRESH_S
from backend.model import Band, NextAction, PortalSettings, Score
from backend.scoring.explain import factor_text
from backend.scoring.traits import GRID, engagement_points, fit_points, grid_cell
from backend.scoring.values.numbers import finite
from backend.scoring.values.times import parse_time
from backend.scoring.wording.sentences import said_in

TEXT_MAX: Final = 65_536  # characters HubSpot keeps of one property
FACTOR_LINES: Final = 5  # of the reasoning property
UNEXPLAINED: Final = frozenset({"portal", "limit", "analyst"})  # points that tell a rep nothing
PROPERTY_GROUP: Final[Mapping[str, str]] = {"name": "ai_lead_scoring", "label": "AI lead scoring"}


def _property(
    name: str, label: str, kind: str, field_type: str, description: str, options: Iterable[str] = ()
) -> Mapping[str, Any]:
    """The body of POST /crm/properties/{version}/contacts."""
    body: dict[str, Any] = {
        "name": name,
        "label": label,
        "groupName": PROPERTY_GROUP["name"],
        "type": kind,
        "fieldType": field_type,
        "description": description,
    }
    shown = [
        {"label": option, "value": option, "displayOrder": order, "hidden": False}
        for order, option in enumerate(options)
    ]
    return body | ({"options": shown} if shown else {})


PROPERTIES: Final[tuple[Mapping[str, Any], ...]] = (
    _property(
        "ai_lead_score",
        "AI lead score",
        "number",
        "number",
        "0 to 100; 50 is the average of this portal's leads",
    ),
    _property(
        "ai_lead_fit",
        "AI lead fit",
        "enumeration",
        "select",
        "High, Medium or Low, by this portal's thresholds",
        Band,
    ),
    _property(
        "ai_next_best_action",
        "AI next best action",
        "enumeration",
        "select",
        "What to do next",
        (action for action in NextAction if action is not NextAction.NONE),
    ),
    _property(
        "ai_last_scored",
        "AI last scored",
        "datetime",
        "date",
        "When the score was last computed or confirmed",
    ),
    _property(
        "ai_lead_reasoning",
        "AI lead reasoning",
        "string",
        "textarea",
        "Why the score is what it is, factor by factor",
    ),
    _property(
        "ai_lead_chance",
        "AI lead chance",
        "number",
        "number",
        "Chance to win in percent; empty until enough deals have closed",
    ),
)
# Fit and engagement apart, for a portal that wants them.
GRID_PROPERTIES: Final[tuple[Mapping[str, Any], ...]] = (
    _property(
        "ai_lead_fit_points",
        "AI lead fit points",
        "number",
        "number",
        "Points of the AI lead score that come from who the lead is; 0 is average",
    ),
    _property(
        "ai_lead_engagement_points",
        "AI lead engagement points",
        "number",
        "number",
        "Points of the AI lead score that come from what the lead does; 0 is none",
    ),
    _property(
        "ai_lead_grid",
        "AI lead grid (A1-C3)",
        "enumeration",
        "select",
        "A to C for fit, 1 to 3 for engagement: A1 fits best and is most engaged",
        GRID,
    ),
)
PROPERTY_NAMES: Final = tuple(str(one["name"]) for one in (*PROPERTIES, *GRID_PROPERTIES))
# What is written on other records than contacts, where the portal granted the scopes for it.
RECORD_PROPERTIES: Final[Mapping[str, tuple[Mapping[str, Any], ...]]] = {
    "companies": (
        _property(
            "ai_account_score",
            "AI account score",
            "number",
            "number",
            "0 to 100: the company's best lead, and points for more people who are engaged",
        ),
        _property(
            "ai_account_fit",
            "AI account fit",
            "enumeration",
            "select",
            "High, Medium or Low: the account score by this portal's thresholds",
            Band,
        ),
    ),
    "deals": (
        _property(
            "ai_deal_score_created",
            "AI lead score at deal creation",
            "number",
            "number",
            "The best score that one of the deal's contacts had when the deal was created",
        ),
        _property(
            "ai_deal_score_now",
            "AI lead score now",
            "number",
            "number",
            "The best score that one of the deal's contacts has now",
        ),
    ),
    "leads": PROPERTIES[:3],  # score, fit and next best action of the lead's contact
}
PREFIX: Final = "ai_"  # of our properties' names, as long as a portal chooses no other
PREFIX_FORM: Final = re.compile(r"(?!hs_)[a-z][a-z0-9_]{0,30}_")
PREFIX_RULE: Final = (
    "a prefix has 2 to 32 small letters, digits and underscores, begins with a letter, ends with "
    "an underscore and is not HubSpot's hs_"
)
OPTIONAL: Final = ("ai_lead_reasoning", "ai_lead_chance")  # a portal may do without

# MANUAL lists of contacts by route
LISTS: Final[Mapping[str, str]] = {
    "priority": "AI lead scoring: priority",
    "follow_up": "AI lead scoring: follow-up",
    "nurture": "AI lead scoring: nurture",
}
LIST_OF_BAND: Final[Mapping[Band, str]] = {
    Band.HIGH: "priority",
    Band.MEDIUM: "follow_up",
    Band.LOW: "nurture",
}


def name_in_portal(settings: PortalSettings, name: str) -> str:
    """What the portal calls one of our properties: its prefix instead of ours."""
    return settings.property_prefix + name.removeprefix(PREFIX)


def names_in_portal(settings: PortalSettings, object_type: str = "contacts") -> tuple[str, ...]:
    """The names of all that we write there on one type of object."""
    return tuple(str(one["name"]) for one in definitions_in_portal(settings, object_type))


def every_name_in_portal(settings: PortalSettings) -> set[str]:
    """Names of all properties of contacts that are or may have been ours there."""
    return {name_in_portal(settings, name) for name in PROPERTY_NAMES}


def in_portal(settings: PortalSettings, values: Mapping[str, str]) -> dict[str, str]:
    """Values under the names that the portal has for them."""
    return {name_in_portal(settings, name): value for name, value in values.items()}


def still_wanted(
    settings: PortalSettings, made: Collection[str], values: Mapping[str, str]
) -> dict[str, str]:
    """What of queued values HubSpot is to get: those of properties that the portal has now, and
    the emptying of one that it had, while it stands there (`made`: names that are ours there)."""
    wanted = {str(one["name"]) for one in _wanted(settings, "contacts")}
    return {
        name: value
        for name, value in values.items()
        if name in wanted or (not value and name_in_portal(settings, name) in made)
    }


def definitions_in_portal(
    settings: PortalSettings, object_type: str = "contacts"
) -> tuple[Mapping[str, Any], ...]:
    """The definitions of what we write there. Under another prefix the labels tell ours from
    those of who has the names without it."""
    suffix = "" if settings.property_prefix == PREFIX else f" ({settings.property_prefix[:-1]})"
    return tuple(
        {
            **definition,
            "name": name_in_portal(settings, definition["name"]),
            "label": f"{definition['label']}{suffix}",
        }
        for definition in _wanted(settings, object_type)
    )


def _wanted(settings: PortalSettings, object_type: str) -> list[Mapping[str, Any]]:
    of_contacts = (*PROPERTIES, *(GRID_PROPERTIES if settings.grid_properties else ()))
    return [
        one
        for one in RECORD_PROPERTIES.get(object_type, of_contacts)
        if one["name"] not in settings.without_properties
    ]


def properties_of(score: Score, settings: PortalSettings) -> dict[str, str]:
    """The score as values of the properties that the portal wants; strings, as HubSpot wants them.

    `ai_lead_chance` is there only when there is a chance.
    """
    values = {
        "ai_lead_score": str(score.score),
        "ai_lead_fit": score.band.value,
        "ai_next_best_action": score.next_action.value,  # "" empties the property
        "ai_last_scored": iso_ms(score.scored_at),
        "ai_lead_reasoning": reasoning_text(score),
        "ai_lead_fit_points": str(fit_points(score)),
        "ai_lead_engagement_points": str(engagement_points(score)),
        "ai_lead_grid": grid_cell(score),
    }
    if score.chance is not None:
        values["ai_lead_chance"] = f"{100 * score.chance.value:.1f}"
    wanted = {one["name"] for one in _wanted(settings, "contacts")}
    return {name: value for name, value in values.items() if name in wanted}


def changed(old: Mapping[str, str | None], new: Mapping[str, str]) -> dict[str, str]:
    """What has to be written to get from `old` to `new`; {} when nothing does.

    Numbers are compared as numbers. What is no longer given is emptied. The time alone is written
    at most daily; with any other change it always is.
    """
    stamp = "ai_last_scored"
    wanted = dict.fromkeys((name for name, value in old.items() if value), "") | dict(new)
    different = {
        name: value
        for name, value in wanted.items()
        if name != stamp and not _same(old.get(name) or "", value)
    }
    if stamp in new and (different or _is_stale(old.get(stamp), new[stamp])):
        different[stamp] = new[stamp]
    return different


def changed_record(old: Mapping[str, str], new: Mapping[str, str]) -> dict[str, str]:
    """What has to be written on a company, deal or lead record to get from `old` to `new`; what is
    no longer given is emptied, once."""
    return {
        name: new.get(name, "")
        for name in sorted(old.keys() | new.keys())
        if not _same(old.get(name, ""), new.get(name, ""))
    }


def reasoning_text(score: Score) -> str:
    """The score's paragraph, then the strongest factors that it does not name, a line each."""
    said = said_in(score.reasoning, score.factors)
    shown = sorted(score.factors, key=lambda f: (-abs(f.points), f.field))
    lines = [
        factor_text(f)
        for f in shown
        if f.points and f.field not in said and f.group not in UNEXPLAINED
    ]
    text = "\n".join([score.reasoning, *lines[:FACTOR_LINES]])
    return text if len(text) <= TEXT_MAX else text[: TEXT_MAX - 1] + "…"


def iso_ms(moment: datetime) -> str:
    """`2026-11-22T09:30:00.000Z`"""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + (
        f"{moment.microsecond // 1000:03d}Z"
    )


def _same(old: str, new: str) -> bool:
    if old == new:
        return True
    numbers = (finite(old), finite(new))
    return None not in numbers and numbers[0] == numbers[1]


def _is_stale(old: str | None, new: str) -> bool:
    before, after = parse_time(old), parse_time(new)
    if before is None or after is None:
        return True
    return (after - before).total_seconds() >= LAST_SCORED_REFRESH_S
