"""Workflows of one portal: what enrols a contact, what is done with it, how far each one is."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from sandbox.errors import Json

RUNNING, WAITING, DONE, FAILED = "running", "waiting", "done", "failed"


@dataclass(frozen=True, slots=True)
class Trigger:
    """A contact enrols when a property gets a value, or when it is put into a list."""

    property_name: str = ""
    value: str = ""
    list_id: str = ""


@dataclass(slots=True)
class Workflow:
    """`actions` are JSON objects with a `type`: custom_action, set_property, add_to_campaign."""

    workflow_id: int
    name: str
    trigger: Trigger
    actions: tuple[Json, ...]


@dataclass(slots=True)
class Enrolment:
    """One contact's way through a workflow. `outputs` are what a custom action answered."""

    enrolment_id: int
    workflow: Workflow
    contact_id: int
    next_action: int = 0
    state: str = RUNNING
    callback_id: str = ""
    try_at_ms: int = 0
    expires_ms: int = 0
    attempts: int = 0
    outputs: dict[str, Any] = field(default_factory=dict)
    problem: str = ""


class Workflows:
    """The workflows of one portal and who is in its campaigns."""

    def __init__(self) -> None:
        self.all: list[Workflow] = []
        self.enrolments: list[Enrolment] = []
        self.campaigns: dict[str, list[int]] = defaultdict(list)

    def add(self, name: str, trigger: Trigger, actions: tuple[Json, ...]) -> Workflow:
        """A new workflow, switched on."""
        made = Workflow(len(self.all) + 1, name, trigger, actions)
        self.all.append(made)
        return made

    def enrol(self, workflow: Workflow, contact_id: int) -> Enrolment:
        """A contact begins."""
        made = Enrolment(len(self.enrolments) + 1, workflow, contact_id)
        self.enrolments.append(made)
        return made

    def waiting_for(self, callback_id: str) -> Enrolment | None:
        """The enrolment that this callback belongs to, whether it still waits or not."""
        found = (one for one in self.enrolments if one.callback_id == callback_id)
        return next(found, None)
