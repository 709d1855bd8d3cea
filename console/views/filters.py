"""The filters that lists and charts of leads share; each stands in the address bar."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from console.address import choice
from console.api import Api, Choice, FilterChoices

PERIODS = {
    "0": "All time",
    "7": "Last 7 days",
    "30": "Last 30 days",
    "90": "Last 90 days",
    "365": "Last year",
}


def owner_source_period(
    client: Api, where: Sequence[Any], choices: FilterChoices | None = None
) -> dict[str, Any]:
    """Owner, source and how long a lead is known, drawn in these three places; as the API asks."""
    choices = choices or client.choices()
    return {
        "owner": choice(where[0], "Owner", _options(choices["owners"]), "owner"),
        "source": choice(where[1], "Source", _options(choices["sources"]), "source"),
        "days": int(choice(where[2], "Known since", PERIODS, "days")),
    }


def segment(where: Any, choices: FilterChoices) -> str:
    """The segment, drawn where the portal has any."""
    if not choices["segments"]:
        return ""
    return choice(where, "Segment", _options(choices["segments"]), "segment")


def _options(choices: list[Choice]) -> dict[str, str]:
    named = {one["value"]: f"{one['label']} ({one['leads']:,})" for one in choices}
    return {"": "All", **named}
