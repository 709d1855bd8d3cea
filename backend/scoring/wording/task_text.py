"""A route's task as HubSpot properties: whose, by when, and why, in words a rep reads in seconds.

Values of a lead are hostile text: the body is HTML, so every line is escaped. The route ids stand
in the body; they say that the task is ours, and after a lost answer they tell whether it exists.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from backend.model import Band, NextAction, Score
from backend.scoring.explain import factor_text, next_step
from backend.scoring.text.plain_text import plain
from backend.scoring.write_back import iso_ms
from backend.vocabulary import OFFERED_WORDS

MARK: Final = "Leadlight route"  # followed by route ids; also what makes a task count as ours
FACTORS_SHOWN: Final = 4
LINE_MAX: Final = 300  # characters
NAME_MAX: Final = 80
TASK_PROPERTIES: Final = (
    "hs_timestamp",
    "hs_task_subject",
    "hs_task_body",
    "hs_task_status",
    "hs_task_priority",
    "hs_task_type",
    "hubspot_owner_id",
    "hs_queue_membership_ids",
)
_BREAK: Final = "<br>"
_VERBS: Final = {NextAction.CALL: "Call", NextAction.EMAIL: "Email"}
_TYPES: Final = {NextAction.CALL: "CALL", NextAction.EMAIL: "EMAIL"}  # else a plain to-do
_PRIORITY: Final = {Band.HIGH: "HIGH", Band.MEDIUM: "MEDIUM", Band.LOW: "LOW"}


def task_properties(
    score: Score,
    band: Band,
    route_ids: Sequence[str],
    *,
    due_at: datetime,
    owner_id: str,
    queue_id: str,
    name: str = "",
    old_body: str = "",
    offered: bool = False,
) -> dict[str, str]:
    """All property values of the task; what a rep wrote below our part of `old_body` is kept.
    `offered`: for a Low lead that an exploration chose, so the task says why there is one."""
    lines = [html.escape(OFFERED_WORDS)] * offered + _lines(score, band, offered=offered)
    found = {
        "hs_timestamp": iso_ms(due_at),
        "hs_task_subject": _offer_subject(name) if offered else _subject(score, name),
        "hs_task_body": _BREAK.join([*lines, _mark(route_ids)]) + kept_part(old_body),
        "hs_task_status": "NOT_STARTED",
        "hs_task_priority": _PRIORITY[band],
        "hs_task_type": "CALL" if offered else _TYPES.get(score.next_action, "TODO"),
    }
    optional = {"hubspot_owner_id": owner_id, "hs_queue_membership_ids": queue_id}
    return found | {name: value for name, value in optional.items() if value}


def closed_properties(old_body: str, why: str) -> dict[str, str]:
    """A task whose reason is gone: completed, saying so below what stood there."""
    body = f"{old_body}{_BREAK}Closed by Leadlight: {html.escape(why)}"
    return {"hs_task_status": "COMPLETED", "hs_task_body": body}


def kept_part(old_body: str) -> str:
    """What follows our mark in a body: a rep's own notes."""
    _, mark, rest = old_body.rpartition(MARK)
    if not mark:
        return f"{_BREAK}{old_body}" if old_body else ""
    ids, separator, notes = rest.partition(_BREAK)
    inside = len(ids) - len(ids.lstrip(" ,0123456789abcdef"))
    return ids[inside:] + separator + notes


def _subject(score: Score, name: str) -> str:
    """ "Call Bruno Keller: replied on 21 Nov"."""
    verb = _VERBS.get(score.next_action, "Follow up with")
    return f"{verb} {plain(name, NAME_MAX) or 'this lead'}: {plain(score.action_reason, LINE_MAX)}"


def _offer_subject(name: str) -> str:
    return f"Call {plain(name, NAME_MAX) or 'this lead'} once: offered to learn from"


def _lines(score: Score, band: Band, *, offered: bool) -> list[str]:
    shown = sorted(score.factors, key=lambda f: (-abs(f.points), f.field))
    reasons = [factor_text(f) for f in shown if f.points and f.group not in {"portal", "limit"}]
    lines = [
        f"Score {score.score} of 100, {band.value} fit",
        *([] if offered else [f"Next: {next_step(score)}"]),
        *reasons[:FACTORS_SHOWN],
    ]
    return [html.escape(line[:LINE_MAX]) for line in lines]


def _mark(route_ids: Sequence[str]) -> str:
    return f"{MARK} {', '.join(dict.fromkeys(route_ids))}"
