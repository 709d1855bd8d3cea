"""What routes do in a portal: members of lists, tasks, answers to workflows.

Paths and bodies: HubSpot's 2026-09 specifications of lists, objects and automation callbacks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from backend.clients.hubspot.api import HubSpotApi
from backend.clients.hubspot.errors import refused_by_id
from backend.config import BATCH_LEADS
from backend.errors import LeadlightError, OutcomeUnknown, Permanent, RecordGone, Transient

TASK_TO_CONTACT: Final = 204  # HubSpot's association type


@dataclass(frozen=True, slots=True)
class NewTask:
    """A task to make for a contact. `key` stands in its body and names it in the answer."""

    key: str
    contact_id: str
    properties: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class MadeTask:
    """HubSpot's id of it, or why there is none."""

    key: str
    task_id: str | None
    error: LeadlightError | None = None


@dataclass(frozen=True, slots=True)
class CallbackAnswer:
    """What a workflow that waits is told."""

    callback_id: str
    outputs: Mapping[str, str]


class _Made(BaseModel):
    model_config = ConfigDict(extra="ignore")
    id: str
    properties: dict[str, str | None] = {}
    trace: str = Field(alias="objectWriteTraceId", default="")


class _Batch(BaseModel):
    results: list[_Made] = []
    errors: list[dict[str, Any]] = []


class HubSpotRoutes:
    """One portal's lists, tasks and workflow callbacks."""

    def __init__(self, api: HubSpotApi) -> None:
        self._api = api

    def change_members(
        self, list_id: str, add: Sequence[str], remove: Sequence[str]
    ) -> tuple[str, ...]:
        """Put contacts into a list and take others out, at most 100 each, in one call.

        Repeating it changes nothing. Returns the ids that HubSpot does not know. Raises UnknownPath
        when the list is gone, MissingScopes without both list scopes.
        """
        path = f"/crm/lists/{self._api.version}/{list_id}/memberships"
        if not remove:
            body = self._api.call("PUT", f"{path}/add", json=list(add))
        elif not add:
            body = self._api.call("PUT", f"{path}/remove", json=list(remove))
        else:
            both = {"recordIdsToAdd": list(add), "recordIdsToRemove": list(remove)}
            body = self._api.call("PUT", f"{path}/add-and-remove", json=both)
        missing = body.get("recordIdsMissing") if isinstance(body, dict) else None
        return tuple(str(i) for i in missing) if isinstance(missing, list) else ()

    def make_tasks(self, tasks: Sequence[NewTask]) -> list[MadeTask]:
        """Up to 100 tasks, each tied to its contact; one answer per task, in order.

        A 400 for the whole batch is halved while the halves differ, as `HubSpotCrm.update` does.
        Raises Transient when nothing was made, OutcomeUnknown when some may have been.
        """
        if not tasks:
            return []
        answer = self._tried(tasks)
        return self._halved(tasks, answer) if isinstance(answer, Permanent) else answer

    def _halved(
        self, tasks: Sequence[NewTask], refused: Permanent, *, whole: bool = True
    ) -> list[MadeTask]:
        if len(tasks) == 1:
            return [MadeTask(tasks[0].key, None, refused)]
        middle = len(tasks) // 2
        halves = tasks[:middle], tasks[middle:]
        answers = [self._safely(half) for half in halves]
        errors = [answer for answer in answers if isinstance(answer, Permanent)]
        whole = whole and len(errors) == len(halves)
        whole = whole and not any(isinstance(error, RecordGone) for error in errors)
        if whole and errors[0].causes == errors[1].causes:
            return [MadeTask(task.key, None, errors[0]) for task in tasks]
        found: list[MadeTask] = []
        for half, answer in zip(halves, answers, strict=True):
            if isinstance(answer, Permanent):
                answer = self._halved(half, answer, whole=whole)
            found += answer
        return found

    def _safely(self, tasks: Sequence[NewTask]) -> list[MadeTask] | Permanent:
        """Once a half may have been made, an outage concerns the other half alone."""
        try:
            return self._tried(tasks)
        except Transient as error:
            return [MadeTask(task.key, None, error) for task in tasks]

    def _tried(self, tasks: Sequence[NewTask]) -> list[MadeTask] | Permanent:
        try:
            return self._make_tasks(tasks)
        except Permanent as error:
            if type(error) not in (RecordGone, Permanent):
                raise
            return error

    def _make_tasks(self, tasks: Sequence[NewTask]) -> list[MadeTask]:
        body = self._api.call(
            "POST",
            f"/crm/objects/{self._api.version}/tasks/batch/create",
            json={"inputs": [_input(task) for task in tasks]},
            repeatable=False,
        )
        try:
            found = _Batch.model_validate(body)
        except ValidationError:
            raise OutcomeUnknown("HubSpot's answer about new tasks has an odd shape") from None
        made = {_key_of(item, tasks): item.id for item in found.results}
        refused = refused_by_id(found.errors)
        return [
            MadeTask(task.key, made[task.key])
            if task.key in made
            else MadeTask(task.key, None, refused.get(task.key, _unmentioned(task.key)))
            for task in tasks
        ]

    def archive_tasks(self, task_ids: Sequence[str]) -> None:
        """Take up to 100 tasks away; what is gone already is fine."""
        inputs = [{"id": task_id} for task_id in task_ids[:BATCH_LEADS]]
        path = f"/crm/objects/{self._api.version}/tasks/batch/archive"
        self._api.call("POST", path, json={"inputs": inputs})

    def find_task(self, key: str) -> str | None:
        """The task whose body holds this key, by search: one made just now may not be found yet."""
        holds_key = {"propertyName": "hs_task_body", "operator": "CONTAINS_TOKEN", "value": key}
        body = self._api.call(
            "POST",
            f"/crm/objects/{self._api.version}/tasks/search",
            json={
                "filterGroups": [{"filters": [holds_key]}],
                "properties": ["hs_task_body"],
                "limit": 1,
            },
            search=True,
        )
        results = body.get("results") if isinstance(body, dict) else None
        return str(results[0]["id"]) if results else None

    def answer_workflows(self, answers: Sequence[CallbackAnswer]) -> None:
        """Let waiting workflows go on; repeating it changes nothing."""
        path = f"/automation/actions/callbacks/{self._api.version}"
        bodies = [
            {"callbackId": a.callback_id, "outputFields": dict(a.outputs), "typedOutputs": {}}
            for a in answers
        ]
        if len(bodies) == 1:
            callback_id = bodies[0].pop("callbackId")
            self._api.call("POST", f"{path}/{callback_id}/complete", json=bodies[0])
        else:
            self._api.call("POST", f"{path}/complete", json={"inputs": bodies})


def _input(task: NewTask) -> dict[str, Any]:
    kind = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": TASK_TO_CONTACT}
    return {
        "properties": dict(task.properties),
        "associations": [{"to": {"id": task.contact_id}, "types": [kind]}],
        "objectWriteTraceId": task.key,
    }


def _key_of(item: _Made, tasks: Sequence[NewTask]) -> str:
    """By the trace id we sent, else by the key in its body."""
    body = item.properties.get("hs_task_body") or ""
    return item.trace or next((task.key for task in tasks if task.key in body), "")


def _unmentioned(key: str) -> LeadlightError:
    return OutcomeUnknown(f"HubSpot's batch answer does not mention task {key}")
