"""A lead's routes, for people and for programs."""

from __future__ import annotations

from typing import Any

from backend.storage.outbox.routes import LeadRoute


def route_lines(decided: list[LeadRoute]) -> list[str]:
    """What was done in HubSpot because of the lead's bands, newest first, with the cause."""
    if not decided:
        return []
    return [
        "Routes:",
        *(
            f"  {one.decided_at:%Y-%m-%d %H:%M}  {one.kind.replace('_', ' ')}"
            f"{'' if one.score is None else f' at {one.score}'}: {one.state} "
            f"(cause: {one.cause}, {one.route_id}){f' {one.problem}' if one.problem else ''}"
            for one in decided
        ),
    ]


def routes_json(decided: list[LeadRoute]) -> list[dict[str, Any]]:
    """The same as plain JSON."""
    return [
        {
            "route_id": one.route_id,
            "kind": one.kind,
            "band": one.band,
            "score": one.score,
            "cause": one.cause,
            "state": one.state,
            "decided_at": one.decided_at.isoformat(),
            "done_at": one.done_at and one.done_at.isoformat(),
            "problem": one.problem,
        }
        for one in decided
    ]
