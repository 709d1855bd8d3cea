"""Which of a portal's businesses a lead belongs to: the first of its segments that matches.

A segment asks one question: is the value of a property one of these? The properties that segments
ask about are mirrored like those that a model may learn from, and a model does not see them for it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from backend.model import MirrorRecord, PortalSettings, Segment, Thresholds
from backend.scoring.facts.labels import OPTION_SEPARATOR
from backend.scoring.facts.own_facts import own_of
from backend.scoring.values.folding import words_of

SEGMENT_FIELD: Final = "segment"  # a model's field, and the factor of it
OUTSIDE: Final = "all others"  # its value for a lead in no segment that a model tells apart
PIPELINE: Final = "deals.pipeline"
TEAM: Final = "owner.team"
SEGMENTS_MAX: Final = 20
VALUES_MAX: Final = 100  # of one segment
NAME_MAX: Final = 40  # characters of a segment's name
PROPERTY: Final = re.compile(r"(contacts|companies)\.[a-z][a-z0-9_]{0,99}")


def own_read(settings: PortalSettings) -> tuple[str, ...]:
    """Properties of the portal's own that are mirrored: those that a model may learn from, and
    those that segments ask about."""
    asked = (one.field for one in settings.segments if PROPERTY.fullmatch(one.field))
    return tuple(dict.fromkeys([*settings.learn_from, *asked]))


def asks_for_team(settings: PortalSettings) -> bool:
    """Whether a segment asks which team a lead's owner is in."""
    return any(one.field == TEAM for one in settings.segments)


def placing(
    settings: PortalSettings, contact: MirrorRecord, company: MirrorRecord | None, team: str
) -> dict[str, str]:
    """The values that segments ask about, by field, as far as they are known; deals apart."""
    fields = [one.field for one in settings.segments]
    found = own_of(contact, company, [field for field in fields if field not in (PIPELINE, TEAM)])
    return {**found, TEAM: team} if team and TEAM in fields else found


def segment_of(
    segments: Sequence[Segment], placed_by: Mapping[str, str], pipelines: Collection[str]
) -> str | None:
    """The name of the first segment that matches, "" for none; None where there is no segment.
    `pipelines`: of the lead's deals.

    Capitals, accents and punctuation do not matter; of a property with several choices one is
    enough.
    """
    for segment in segments:
        wanted = {words_of(value) for value in segment.values}
        if segment.field == PIPELINE:
            given = {words_of(pipeline) for pipeline in pipelines}
        else:
            text = placed_by.get(segment.field, "")
            given = {words_of(part) for part in (text, *text.split(OPTION_SEPARATOR))}
        if wanted & given - {""}:
            return segment.name
    return "" if segments else None


def thresholds_of(settings: PortalSettings, segment: str | None) -> Thresholds:
    """Where the bands of a segment's leads begin; the portal's for none and for one that is
    gone."""
    own = next((one.thresholds for one in settings.segments if one.name == segment), None)
    return own or settings.thresholds
