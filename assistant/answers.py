"""The API's answers cut down to what an assistant needs.

Whatever a person outside the company may have typed stands in a field whose name begins with
`untrusted_`, as one line of limited length. Lists are short: an assistant's context is paid for.
"""

from __future__ import annotations

from typing import Any, Final

from console.api import Factor, History, Lead, LeadDetail, LeadRow, VersionDetail
from console.vocabulary import CAUSES, GROUPS

LEADS_MAX: Final = 25
FACTORS_MAX: Final = 12
MOMENTS_MAX: Final = 10
CHANGES_MAX: Final = 5
TEXT_MAX: Final = 240  # characters
Answer = dict[str, Any]


def short(text: str, most: int = TEXT_MAX) -> str:
    """One line; the API took invisible and control characters out already."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def of_row(row: LeadRow) -> Answer:
    """One lead of a list."""
    return {
        "contact_id": row["contact_id"],
        "untrusted_name": short(row["name"], 80),
        "untrusted_company": short(row["company"], 80),
        "score": row["score"],
        "fit": row["band"],
        "next_action": row["next_action"],
        "chance": row["chance"],
        "owner": short(row["owner"], 80),
        "last_change": row["changed_at"],
    }


def of_lead(detail: LeadDetail) -> Answer:
    """Who a lead is and where it stands; why there is no score, where there is none."""
    found: Answer = {
        "contact_id": detail["contact_id"],
        "untrusted_name": short(detail["name"], 80),
        "untrusted_company": short(detail["company"], 80),
        "owner": short(detail["owner"], 80),
        "state": detail["state"],
        "hubspot_url": detail["hubspot_url"],
    }
    if detail["lead"] is None:
        return found | {"why_no_score": short(detail["reason"])}
    return found | {"score": detail["lead"]["score"], "fit": detail["lead"]["fit_level"]}


def explained(detail: LeadDetail, lead: Lead) -> Answer:
    """Why the score is what it is. 50, the average, and the points of the groups add up to it."""
    largest = sorted(lead["factors"], key=lambda one: -abs(one["points"]))
    quote = lead["quote"]
    return of_lead(detail) | {
        "chance": lead["chance"],
        "percentile": lead["percentile"],
        "next_action": lead["next_action"],
        "untrusted_action_reason": short(lead["action_reason"]),
        "untrusted_reasoning": short(lead["reasoning"], 600),
        "points_above_50": {
            GROUPS.get(part["group"], part["group"]): part["points"] for part in lead["subtotals"]
        },
        "factors": [_factor(one) for one in largest[:FACTORS_MAX]],
        "further_factors": max(0, len(largest) - FACTORS_MAX),
        "untrusted_quote": None
        if quote is None
        else {"source": quote["source"], "text": short(quote["text"])},
        "flags": lead["flags"],
        "made_by": lead["source"],
        "scored_at": lead["scored_at"],
    }


def _factor(one: Factor) -> Answer:
    return {
        "field": short(one["label"], 80),
        "points": one["points"],
        "untrusted_value": short(one["value"], 120),
        "untrusted_comparison": short(one["comparison"], 120),
    }


def changed(detail: LeadDetail, history: History) -> Answer:
    """The scores of the past, newest first, with what moved each."""
    return of_lead(detail) | {
        "scores": [
            {
                "scored_at": moment["scored_at"],
                "score": moment["score"],
                "fit": moment["fit_level"],
                "cause": CAUSES.get(moment["cause"], moment["cause"]),
                "changes": [
                    {"points": change["points"], "untrusted_text": short(change["text"])}
                    for change in moment["changes"][:CHANGES_MAX]
                ],
            }
            for moment in history["moments"][:MOMENTS_MAX]
        ]
    }


def movable(detail: LeadDetail, lead: Lead, history: History) -> Answer:
    """What would raise the score, by the formula, and what nobody has filled in."""
    return of_lead(detail) | {
        "moves": [
            {"points": move["points"], "untrusted_text": short(move["text"])}
            for move in history["moves"][:FACTORS_MAX]
        ],
        "unknown_fields": [
            {"field": short(one["label"], 80), "could_add": one["could_add"]}
            for one in lead["missing"][:FACTORS_MAX]
        ],
    }


def judged(version: VersionDetail) -> Answer:
    """How good the model in use is, on leads that training did not see."""
    row = version["row"]
    return {
        "version": row["version"],
        "published_at": row["published_at"],
        "won": row["won"],
        "lost": row["lost"],
        "horizon_days": version["horizon_days"],
        "measured": row["metrics"],
        "formula_without_outcomes": row["formula"],
        "beats_formula": row["beats_formula"],
        "verdict": short(row["verdict"]),
        "promised_and_came": version["calibration"][:FACTORS_MAX],
        "warnings": [short(line) for line in version["warnings"][:FACTORS_MAX]],
    }
