"""What the card shows of a score: plain JSON, capped, nothing a browser could run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from backend.config import POINTS_AVERAGE, POINTS_TO_DOUBLE
from backend.model import Population, Score

SUBTOTALS = ("profile", "engagement", "history", "model", "portal", "text", "analyst", "limit")
FACTORS_MAX = 40


def answer_of(
    score: Score,
    history: Sequence[Mapping[str, Any]],
    lead: Mapping[str, Any],
    population: Population,
) -> dict[str, Any]:
    """The `lead` object of GET /card/lead."""
    return {
        "contact_id": score.contact_id,
        "score": score.score,
        "fit_level": score.band.value,
        "times_average_odds": times_average(score),
        "percentile": score.percentile,
        "chance": None if score.chance is None else asdict(score.chance),
        "trend": trend(score, history),
        "next_action": score.next_action.value,
        "action_reason": score.action_reason,
        "reasoning": score.reasoning,
        "factors": [asdict(factor) for factor in score.factors[:FACTORS_MAX]],
        "subtotals": subtotals(score),
        "missing": [asdict(field) for field in score.missing],
        "neighbours": [asdict(n) | {"facts": dict(n.facts)} for n in score.neighbours],
        "flags": list(score.flags),
        "source": score.source,
        "model_version": score.model_version,
        "profile_version": score.profile_version,
        "population_leads": population.leads,
        "scored_at": moment(score.scored_at),
        "rescoring": lead["due_at"] is not None,
        "problem": lead["problem"],
    }


def times_average(score: Score) -> float:
    """5.0 means five times the odds of this portal's average lead."""
    return float(f"{2 ** ((score.score - POINTS_AVERAGE) / POINTS_TO_DOUBLE):.2g}")


def subtotals(score: Score) -> dict[str, int]:
    """Points by group; with 50 they add up to the score."""
    return {group: sum(f.points for f in score.factors if f.group == group) for group in SUBTOTALS}


def trend(score: Score, history: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """How far the score moved since the one before, and since when."""
    if len(history) < 2:
        return None
    before = history[1]
    return {"points": score.score - before["score"], "since": moment(before["scored_at"])}


def moment(at: datetime) -> str:
    """ISO 8601 in UTC, to the second."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
