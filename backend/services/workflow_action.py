"""The workflow action "Score lead": what it answers, at once or when the score is there.

A run of the action is a row before HubSpot is answered. The same `callbackId` always gets the same
answer, and waits for one score however often HubSpot repeats it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import structlog

from backend.clients.hubspot.routes import CallbackAnswer
from backend.errors import LeadlightError, MissingScopes, NeedsReconnect, Permanent, UnknownPath
from backend.model import Mode, Score, Urgency
from backend.ports import Clock
from backend.services import outbox
from backend.services.defects import Defect, halving
from backend.services.exclusive import Held, exclusive
from backend.storage.database import Connection, Database
from backend.storage.leads import due_leads, scores
from backend.storage.outbox import due_rows, holdouts, workflow_runs
from backend.storage.outbox.workflow_runs import Execution
from backend.storage.portals import portals
from backend.storage.portals.portals import Portal
from backend.wiring import Product, Stores

FRESH: Final = timedelta(days=1)  # a score this young, with no change waiting, is answered at once
EXPIRY: Final = timedelta(hours=1)  # then the workflow goes on without us
STATE: Final = "hs_execution_state"
SCOPE: Final = "automation"  # completing a callback needs it
CAUSE: Final = "workflow"
# For a lead that an experiment holds out: no score, fit or action that a branch could follow.
HELD_OUT: Final = {STATE: "SUCCESS"}
log = structlog.get_logger()


def begin(stores: Stores, portal: Portal, callback_id: str, contact_id: str) -> dict[str, Any]:
    """The output fields for HubSpot now: the score, BLOCK until it is there, or a failure that
    lets the workflow go on. Everything it needs later is stored before this returns."""
    now = stores.clock.now()
    with stores.database.write() as conn:
        known = workflow_runs.get(conn, portal.portal_id, callback_id)
        if known is not None:
            return _again(known, now)
        row = due_leads.row(conn, portal.portal_id, contact_id)
        stored = scores.current(conn, portal.portal_id, [contact_id]).get(contact_id)
        held = bool(holdouts.are_held(conn, portal.portal_id, [contact_id]))
        answer = _now(portal, row, stored, now, held=held)
        state, version = workflow_runs.ANSWERED, 0
        if answer is None:
            state, version = workflow_runs.WAITING, _ask(conn, portal.portal_id, contact_id, now)
        workflow_runs.begin(
            conn,
            portal.portal_id,
            callback_id,
            contact_id,
            state=state,
            needs_version=version,
            answer=answer,
            now=now,
            expires_at=now + EXPIRY,
        )
    if answer is not None:
        return typed(answer)
    stores.jobs.enqueue("score_due", portal_id=portal.portal_id, urgency=Urgency.EVENT.value)
    return _block(EXPIRY)


def _now(
    portal: Portal, row: Any, stored: Score | None, now: datetime, *, held: bool
) -> dict[str, str] | None:
    """What can be said without scoring; None when the workflow has to wait."""
    if row is not None and row["ineligible_reason"]:
        return failed("not_a_lead")
    if held:
        return dict(HELD_OUT)
    fresh = row is not None and row["due_at"] is None and stored is not None
    if stored is not None and fresh and stored.scored_at >= now - FRESH:
        return outputs_of(stored)
    if portal.settings.mode is Mode.PAUSED or SCOPE not in portal.scopes:
        # Nobody will score it now, or nobody may tell the workflow later.
        return failed("paused_or_no_scope") if stored is None else outputs_of(stored)
    return None


def _ask(conn: Connection, portal_id: int, contact_id: str, now: datetime) -> int:
    due_leads.mark_due(
        conn, portal_id, [contact_id], Urgency.EVENT, now, cause=CAUSE, refresh=True, coalesce=False
    )
    row = due_leads.row(conn, portal_id, contact_id)
    return int(row["due_version"]) if row is not None else 1


def _again(known: Execution, now: datetime) -> dict[str, Any]:
    """HubSpot repeats a request: the answer is the one it got, or would have got."""
    if known.state == workflow_runs.WAITING and known.expires_at > now:
        return _block(known.expires_at - now)
    if known.answer is None:
        return typed(failed("expired"))
    return typed(dict(known.answer))


def _block(span: timedelta) -> dict[str, Any]:
    seconds = max(1, int(span.total_seconds()))
    return {STATE: "BLOCK", "hs_expiration_duration": f"PT{seconds}S"}


def outputs_of(score: Score) -> dict[str, str]:
    """Output fields as text, as a callback carries them."""
    found = {
        STATE: "SUCCESS",
        "score": str(score.score),
        "fit": score.band.value,
        "action": score.next_action.value,
    }
    if score.chance is not None:
        found["chance"] = f"{100 * score.chance.value:.1f}"
    return found


def failed(reason: str) -> dict[str, str]:
    """The action did not work and the workflow goes on; the reason stays with us."""
    log.info("workflow_goes_on", reason=reason)
    return {STATE: "FAIL_CONTINUE"}


def typed(outputs: dict[str, str]) -> dict[str, Any]:
    """The same with numbers as numbers, as an immediate answer carries them."""
    found: dict[str, Any] = dict(outputs)
    if "score" in found:
        found["score"] = int(found["score"])
    if "chance" in found:
        found["chance"] = float(found["chance"])
    return found


def answer_workflows(product: Product, portal_id: int) -> None:
    """Complete the callbacks whose score is there; a second worker leaves at once."""
    with exclusive(product, f"workflows:{portal_id}") as held:
        if held is None:
            return
        with product.stores.database.read() as conn:
            portal = portals.get(conn, portal_id)
        if portal.state != "connected":
            return
        try:
            while _answer_some(product, portal, held):
                pass
        except NeedsReconnect as error:
            log.warning("workflows_wait", portal_id=portal_id, problem=error.code)


def _answer_some(product: Product, portal: Portal, held: Held) -> bool:
    stores, now = product.stores, product.stores.clock.now()
    with stores.database.read() as conn:
        ready = workflow_runs.ready(conn, portal.portal_id, now)
    late = [one for one in ready if one.expires_at <= now]
    _finish(
        product.stores.database, product.stores.clock, portal.portal_id, late, workflow_runs.EXPIRED
    )
    open_ones = [one for one in ready if one.expires_at > now]
    if not open_ones or not held.renew():
        return bool(late)
    outcomes: list[bool] = []

    def answer(some: Sequence[Execution]) -> None:
        ids = [one.contact_id for one in some]
        with stores.database.read() as conn:
            stored = scores.current(conn, portal.portal_id, ids)
            held_out = holdouts.are_held(conn, portal.portal_id, ids)
        answers = {
            one.callback_id: _answer(stored.get(one.contact_id), held=one.contact_id in held_out)
            for one in some
        }
        outcomes.append(_complete(product, portal.portal_id, some, answers))

    def set_aside(one: Execution, error: Defect) -> None:
        _put_off(stores, portal.portal_id, [one], error)

    def as_now(some: Sequence[Execution]) -> list[Execution]:
        ids = {one.callback_id for one in some}
        with stores.database.read() as conn:
            found = workflow_runs.ready(conn, portal.portal_id, stores.clock.now())
        return [one for one in found if one.callback_id in ids]

    halving("workflow's answer", portal.portal_id, open_ones, answer, set_aside, as_now)
    return all(outcomes)


def _answer(stored: Score | None, *, held: bool) -> dict[str, str]:
    if held:
        return dict(HELD_OUT)
    return failed("no_score") if stored is None else outputs_of(stored)


def _complete(
    product: Product,
    portal_id: int,
    some: Sequence[Execution],
    answers: dict[str, dict[str, str]],
) -> bool:
    """A batch that is refused whole is taken one by one; False while HubSpot is away."""
    batch = [CallbackAnswer(one.callback_id, answers[one.callback_id]) for one in some]
    try:
        product.hubspot.routes(portal_id).answer_workflows(batch)
    except NeedsReconnect:
        raise
    except UnknownPath as error:
        if not error.in_json:  # a page of something in between: the workflow goes on waiting
            _put_off(product.stores, portal_id, some, error)
            return False
        if len(some) == 1:
            log.info("callback_expired", portal_id=portal_id, problem=str(error))
            _finish(
                product.stores.database,
                product.stores.clock,
                portal_id,
                some,
                workflow_runs.EXPIRED,
            )
            return True
        return all([_complete(product, portal_id, [one], answers) for one in some])
    except MissingScopes as error:
        _put_off(product.stores, portal_id, some, error)
        return False
    except Permanent as error:
        if len(some) > 1:
            return all([_complete(product, portal_id, [one], answers) for one in some])
        _put_off(product.stores, portal_id, some, error)
        return True
    except LeadlightError as error:
        _put_off(product.stores, portal_id, some, error)
        return False
    _finish(
        product.stores.database,
        product.stores.clock,
        portal_id,
        some,
        workflow_runs.COMPLETED,
        answers,
    )
    return True


def _finish(
    database: Database,
    clock: Clock,
    portal_id: int,
    some: Sequence[Execution],
    state: str,
    answers: dict[str, dict[str, str]] | None = None,
) -> None:
    if some:
        with database.write() as conn:
            now = clock.now()
            told = {one.callback_id: (answers or {}).get(one.callback_id) for one in some}
            workflow_runs.finish(conn, portal_id, told, state, now)
        log.info("workflows_answered", portal_id=portal_id, callbacks=len(some), state=state)


def _put_off(
    stores: Stores,
    portal_id: int,
    some: Sequence[Execution],
    error: LeadlightError,
) -> None:
    outbox.put_off(stores, due_rows.WORKFLOWS, portal_id, some, error)
