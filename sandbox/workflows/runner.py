"""Carries enrolled contacts through their workflows, one step at a time.

As HubSpot: without a state 2xx is done and 4xx failed; 429, 5xx and silence are tried again; BLOCK
waits for the callback until it expires, and then the contact goes on.
"""

from __future__ import annotations

import threading
from typing import Final

from sandbox.errors import ApiError
from sandbox.settings import AppSettings
from sandbox.state.changes import Change
from sandbox.state.portal import Portal
from sandbox.state.workflows import DONE, FAILED, RUNNING, WAITING, Enrolment, Trigger
from sandbox.times import Clock
from sandbox.workflows.actions import (
    ActionAnswer,
    add_to_campaign,
    call_custom_action,
    duration_ms,
    set_property,
)

MEMBERSHIP: Final = "listMembership"  # a change that is no webhook: a record was put into a list
BEAT_S: Final = 0.05
RETRY_MS: Final = 500  # HubSpot spreads its retries over three days


class Runner:
    """Listens to the portals' changes; `start` lets a thread of its own do the steps."""

    def __init__(self, app: AppSettings, clock: Clock, lock: threading.RLock) -> None:
        self._app = app
        self._clock = clock
        self._lock = lock
        self._portals: list[Portal] = []
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def add(self, portal: Portal) -> None:
        """Run this portal's workflows from now on."""
        self._portals.append(portal)
        portal.listeners.append(lambda change: self._take(portal, change))

    def start(self) -> None:
        """Begin, once."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="workflows", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def _take(self, portal: Portal, change: Change) -> None:
        """Called under the world's lock for every change."""
        if change.object_type != "contacts" or not portal.workflows.all:
            return
        for workflow in portal.workflows.all:
            if _enrols(workflow.trigger, change):
                portal.workflows.enrol(workflow, change.object_id)
                self.start()

    def _run(self) -> None:
        while not self._stop.wait(BEAT_S):
            for portal in list(self._portals):
                for enrolment in self._at_work(portal):
                    self._step(portal, enrolment)

    def _at_work(self, portal: Portal) -> list[Enrolment]:
        with self._lock:
            now = self._clock()
            return [
                one
                for one in portal.workflows.enrolments
                if one.state in (RUNNING, WAITING) and one.try_at_ms <= now
            ]

    def _step(self, portal: Portal, enrolment: Enrolment) -> None:
        try:
            if enrolment.state == WAITING:
                self._look_for_callback(portal, enrolment)
            elif enrolment.next_action >= len(enrolment.workflow.actions):
                enrolment.state = DONE
            else:
                self._act(portal, enrolment)
        except ApiError as error:
            enrolment.state, enrolment.problem = FAILED, str(error)

    def _act(self, portal: Portal, enrolment: Enrolment) -> None:
        action = enrolment.workflow.actions[enrolment.next_action]
        if action["type"] == "custom_action":
            if not enrolment.callback_id:
                number = f"{enrolment.workflow.workflow_id}-{enrolment.enrolment_id}"
                enrolment.callback_id = f"ap-{portal.portal_id}-{number}-{enrolment.next_action}"
            answer = call_custom_action(self._app, portal, enrolment, action, self._clock())
            self._answered(enrolment, answer)
            return
        with self._lock:
            if action["type"] == "set_property":
                record = portal.record("contacts", enrolment.contact_id)
                set_property(portal, record, enrolment, action, self._clock())
            else:
                add_to_campaign(portal, enrolment, action)
        self._go_on(enrolment)

    def _answered(self, enrolment: Enrolment, answer: ActionAnswer) -> None:
        now = self._clock()
        if answer.status == 0 or answer.status == 429 or answer.status >= 500:
            enrolment.attempts += 1
            enrolment.try_at_ms = now + RETRY_MS
            return
        state = str(answer.outputs.get("hs_execution_state", ""))
        if answer.status >= 400:
            enrolment.state, enrolment.problem = FAILED, f"the action answered {answer.status}"
        elif state in ("BLOCK", "ASYNC"):
            span = str(answer.outputs.get("hs_expiration_duration", ""))
            enrolment.state, enrolment.expires_ms = WAITING, now + duration_ms(span)
        else:
            enrolment.outputs |= answer.outputs
            self._go_on(enrolment)

    def _look_for_callback(self, portal: Portal, enrolment: Enrolment) -> None:
        with self._lock:
            outputs = portal.completed_callbacks.get(enrolment.callback_id)
        if outputs is not None:
            enrolment.outputs |= outputs
            self._go_on(enrolment)
        elif self._clock() >= enrolment.expires_ms:
            enrolment.problem = "the callback expired"
            self._go_on(enrolment)

    def _go_on(self, enrolment: Enrolment) -> None:
        enrolment.next_action += 1
        enrolment.state, enrolment.attempts = RUNNING, 0


def _enrols(trigger: Trigger, change: Change) -> bool:
    if trigger.list_id:
        return change.kind == MEMBERSHIP and str(change.detail["listId"]) == trigger.list_id
    return (
        change.kind == "propertyChange"
        and change.detail.get("propertyName") == trigger.property_name
        and change.detail.get("propertyValue") == trigger.value
    )
