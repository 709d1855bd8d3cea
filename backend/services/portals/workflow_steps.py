"""The workflows that an admin builds in HubSpot, step by step, ready to copy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from backend.scoring.write_back import LISTS
from backend.storage.portals.portals import Portal

NO_LISTS: Final = (
    "The three lists are not there: go live, or grant crm.lists.read and crm.lists.write and run "
    "`portals setup`. Until then enrol on the property."
)
_GOALS: Final[Mapping[str, str]] = {
    "priority": "Action: Send internal notification to the contact owner, or rotate the lead",
    "follow_up": "Action: Enrol in your follow-up sequence, or add to the team's queue",
    "nurture": "Action: Add to your nurture campaign (marketing email, ads audience)",
}


@dataclass(frozen=True, slots=True)
class Workflow:
    """One workflow as HubSpot's editor asks for it."""

    title: str
    steps: tuple[str, ...]


def workflows(portal: Portal) -> list[Workflow]:
    """One per list that the set-up made, and one on the property."""
    lists = portal.installation.get("lists", {})
    of_lists = [
        Workflow(
            f"{LISTS[route]} (list {lists.get(route, 'not made')})",
            (
                "Automation > Workflows > Create > Contact-based, from scratch",
                f"Enrolment trigger: List membership > is member of > {LISTS[route]}",
                "Re-enrolment: on, so that a lead that comes back enters again",
                goal,
                f"Unenrol when: no longer a member of {LISTS[route]}",
            ),
        )
        for route, goal in _GOALS.items()
    ]
    return [*(of_lists if lists else []), _ON_THE_PROPERTY]


_ON_THE_PROPERTY: Final = Workflow(
    "On the moment a lead becomes High",
    (
        "Enrolment trigger: Contact property > AI lead fit > is any of > High",
        "Re-enrolment: on",
        "Action: Leadlight > Score lead (waits until the score is there)",
        "Use its outputs in later steps: AI lead score, fit, next best action, chance",
        "While a holdout runs (Impact page), branch on these outputs, not on the contact's "
        "properties: held-out leads keep their score, but get no outputs",
    ),
)
