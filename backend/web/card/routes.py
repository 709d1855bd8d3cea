"""The card's data: stored facts only, no vendor is called while a rep waits.

Expected failures are `200 {"ok": false, "code", "message"}` because HubSpot's proxy hides other
statuses from the card; only a bad signature is a 401 and another portal's lead a 404. HubSpot
repeats a request after a 5xx, so every call here can be made twice.
"""

from __future__ import annotations

from typing import Any, Literal, TypeVar

import structlog
from flask import Blueprint, Response, jsonify, request
from pydantic import BaseModel, ValidationError

from backend.clients.hubspot.oauth import OPTIONAL_SCOPES, REQUIRED_SCOPES
from backend.config import MIN_OUTCOMES_TO_PUBLISH
from backend.errors import BadInput, Conflict, LeadlightError, NotFound, Outage, Paused
from backend.model import Score
from backend.ports import Clock
from backend.security.tombstone import looker_mac
from backend.services.rescore import rescore
from backend.services.routing.lead_task import ask_task, open_task
from backend.services.routing.pins import pin, unpin
from backend.services.scoring.moves import moves_of
from backend.services.scoring.openers import opener_of
from backend.storage.access import users
from backend.storage.database import Connection, Database
from backend.storage.leads import (
    card_looks,
    due_leads,
    feedback,
    lead_pins,
    people,
    rescores,
    scores,
    summary_rows,
)
from backend.storage.leads.feedback import Feedback
from backend.storage.learning import profiles
from backend.storage.outbox import explorations
from backend.storage.portals import closed_deals, portals
from backend.storage.portals.portals import Portal
from backend.web.card import models as shapes
from backend.web.card.answer import (
    Seen,
    answer_of,
    lead_ids,
    moment,
    opinion,
    pinned,
    records_url,
    task_of,
)
from backend.web.card.history import history_of
from backend.web.hubspot.signed import SignedCaller, caller
from backend.wiring import Stores

log = structlog.get_logger()

CONTACT_ID_MAX = 32
TREND_ROWS = 5  # scores looked back at for a different one


class Refused(LeadlightError):
    """An expected failure on its way to the card."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.failure = shapes.Failure.model_validate({"code": code, "message": message})


def blueprint(stores: Stores) -> Blueprint:
    """Lead, history and connection to read; rescore, task and feedback to ask for."""
    routes = Blueprint("card", __name__)

    @routes.errorhandler(Refused)
    def refused(error: Refused) -> Response:
        return jsonify(error.failure.model_dump())

    @routes.get("/card/lead")
    def lead() -> Response:
        who = caller(stores)
        contact_id = request.args.get("contactId", "")
        answer = read_lead(stores, who, contact_id)
        note_look(stores, who, contact_id)
        stores.last_seen.note(who.portal_id, "card")
        return as_json(answer)

    @routes.get("/card/history")
    def history() -> Response:
        who = caller(stores)
        return as_json(read_history(stores, who.portal_id, request.args.get("contactId", "")))

    @routes.get("/card/connection")
    def connection() -> Response:
        return as_json(read_connection(stores, caller(stores).portal_id))

    @routes.post("/card/rescore")
    def rescore() -> Response:
        who = caller(stores)
        body = body_of(shapes.RescoreRequest)
        return as_json(ask_rescore(stores, who, body.contactId))

    @routes.get("/card/rescore/<rescore_id>")
    def rescore_state(rescore_id: str) -> Response:
        who = caller(stores)
        return as_json(read_rescore(stores.database, who.portal_id, rescore_id))

    @routes.post("/card/task")
    def task() -> Response:
        who = caller(stores)
        body = body_of(shapes.TaskRequest)
        return as_json(make_task(stores, who, body.contactId))

    @routes.post("/card/pin")
    def set_by_hand() -> Response:
        who = caller(stores)
        return as_json(set_pin(stores, who, body_of(shapes.PinRequest)))

    @routes.post("/card/feedback")
    def give_feedback() -> Response:
        who = caller(stores)
        return as_json(
            save_feedback(stores.database, stores.clock, who, body_of(shapes.FeedbackRequest))
        )

    return routes


def read_lead(stores: Stores, who: SignedCaller, contact_id: str) -> shapes.LeadAnswer:
    """Everything one paint of the card needs, from one read transaction."""
    with stores.database.read() as conn:
        portal = portal_of(conn, who.portal_id)
        row = _known(conn, who.portal_id, contact_id)
        stored = _scored(conn, row)
        answer = answer_of(
            stored,
            scores.history(conn, who.portal_id, contact_id, limit=TREND_ROWS),
            row,
            profiles.population(conn, who.portal_id)[0],
            portal=portal,
            names=people.names(conn, stores.cipher, who.portal_id, lead_ids(stored)),
            outcomes=outcomes_so_far(conn, stored),
            records_url=records_url(stores.settings.hubspot_authorize_base, who.portal_id),
            feedback=feedback.of_user(conn, who.portal_id, contact_id, who.user_id),
            task=open_task(conn, who.portal_id, contact_id),
            pin=lead_pins.of_lead(conn, who.portal_id, contact_id, stores.clock.now()),
            opener=opener_of(conn, portal, stored, stores.clock.now()),
            offered=explorations.is_offered(conn, who.portal_id, contact_id, stores.clock.now()),
            seen=_seen(conn, stores, who, contact_id),
        )
    return shapes.LeadAnswer(lead=answer)


def note_look(stores: Stores, who: SignedCaller, contact_id: str) -> None:
    """For "since you looked"; the card is answered without it where the database takes no more."""
    looker, now = _looker(stores, who), stores.clock.now()
    with stores.database.read() as conn:
        if card_looks.is_noted(conn, who.portal_id, contact_id, looker, now):
            return
    try:
        with stores.database.write() as conn:
            if due_leads.row(conn, who.portal_id, contact_id) is not None:
                card_looks.note(conn, who.portal_id, contact_id, looker, now)
    except Outage as error:
        log.info("look_not_noted", portal_id=who.portal_id, outage=error.outage)


def _looker(stores: Stores, who: SignedCaller) -> str:
    return looker_mac(stores.settings.session_secret, who.portal_id, who.user_id)


def _seen(conn: Connection, stores: Stores, who: SignedCaller, contact_id: str) -> Seen | None:
    at = card_looks.last_visit(
        conn, who.portal_id, contact_id, _looker(stores, who), stores.clock.now()
    )
    row = None if at is None else scores.newest_before(conn, who.portal_id, contact_id, at)
    return None if at is None or row is None else Seen(at, row)


def read_history(stores: Stores, portal_id: int, contact_id: str) -> shapes.HistoryAnswer:
    """Everything one paint of the tab needs."""
    with stores.database.read() as conn:
        portal = portal_of(conn, portal_id)
        stored = _scored(conn, _known(conn, portal_id, contact_id))
        rows = scores.history(conn, portal_id, contact_id, limit=shapes.HISTORY_MAX)
        moves = moves_of(conn, portal, stored, stores.clock.now())
        names = people.names(conn, stores.cipher, portal_id, lead_ids(stored))
    return shapes.HistoryAnswer(history=history_of(stored, rows, moves, names))


def read_connection(stores: Stores, portal_id: int) -> shapes.ConnectionAnswer:
    """What the settings page shows."""
    with stores.database.read() as conn:
        portal = portal_of(conn, portal_id)
        base = stores.settings.public_base_url[0]
        latest = scores.latest_at(conn, portal_id)
        asked = (*REQUIRED_SCOPES, *OPTIONAL_SCOPES)
        found = shapes.Connection(
            portal_id=portal_id,
            name=portal.name,
            mode=portal.settings.mode.value,
            missing_scopes=[scope for scope in asked if scope not in portal.scopes],
            leads=summary_rows.funnel(conn, portal_id).leads,
            due=due_leads.unfinished(conn, portal_id),
            last_scored=None if latest is None else moment(latest),
            claim_url="" if users.admins(conn, portal_id) else f"{base}/oauth/claim",
        )
    return shapes.ConnectionAnswer(connection=found)


def ask_rescore(stores: Stores, who: SignedCaller, contact_id: str) -> shapes.RescoreAnswer:
    """Due now, ahead of every backfill; pressing twice is one rescore."""
    with stores.database.read() as conn:
        portal_of(conn, who.portal_id)
        _known(conn, who.portal_id, contact_id)
    try:
        made = rescore(stores, who.portal_id, contact_id, actor=f"hubspot:{who.user_id}")
    except Paused as error:
        raise Refused("paused", f"{str(error).capitalize()}.") from None
    return shapes.RescoreAnswer(rescore_id=made)


def read_rescore(database: Database, portal_id: int, rescore_id: str) -> shapes.RescoreStateAnswer:
    """waiting, changed, unchanged, failed or ineligible: "unchanged" ends the wait, too."""
    with database.read() as conn:
        portal_of(conn, portal_id)
        found = rescores.get(conn, portal_id, rescore_id)
        row = due_leads.row(conn, portal_id, found.contact_id)
    working = row is not None and row["claim_token"] is not None
    stage: Literal["queued", "scoring", "done"] = "scoring" if working else "queued"
    return shapes.RescoreStateAnswer.model_validate(
        {
            "contact_id": found.contact_id,
            "state": found.state,
            "stage": stage if found.state == "waiting" else "done",
        }
    )


def make_task(stores: Stores, who: SignedCaller, contact_id: str) -> shapes.TaskAnswer:
    """One open task a lead: pressing twice, or beside a colleague, is one task."""
    with stores.database.read() as conn:
        portal_of(conn, who.portal_id)
        _scored(conn, _known(conn, who.portal_id, contact_id))
    try:
        made = ask_task(stores, who.portal_id, contact_id, actor=f"hubspot:{who.user_id}")
    except Conflict as error:
        raise Refused("no_tasks", f"{str(error).capitalize()}.") from None
    records = records_url(stores.settings.hubspot_authorize_base, who.portal_id)
    return shapes.TaskAnswer(task=task_of(made, records))


def set_pin(stores: Stores, who: SignedCaller, asked: shapes.PinRequest) -> shapes.PinAnswer:
    """Set by hand, or withdrawn; twice is once."""
    portal_id, contact_id, actor = who.portal_id, asked.contactId, f"hubspot:{who.user_id}"
    with stores.database.read() as conn:
        portal_of(conn, portal_id)
        _scored(conn, _known(conn, portal_id, contact_id))
    try:
        if asked.kind == "none":
            unpin(stores, portal_id, contact_id, actor=actor)
        else:
            pin(stores, portal_id, contact_id, asked.kind, asked.days, asked.reason, actor=actor)
    except BadInput as error:
        raise Refused("bad_input", str(error)) from None
    except Paused as error:
        raise Refused("paused", f"{str(error).capitalize()}.") from None
    with stores.database.read() as conn:
        found = lead_pins.of_lead(conn, portal_id, contact_id, stores.clock.now())
    return shapes.PinAnswer(pin=None if found is None else pinned(found))


def save_feedback(
    database: Database, clock: Clock, who: SignedCaller, given: shapes.FeedbackRequest
) -> shapes.FeedbackAnswer:
    """One word per lead and user; the newest stands."""
    if given.agrees == bool(given.reason):
        raise Refused("bad_input", "Give a reason when you disagree, and only then.")
    comment = shapes.one_line(given.comment, shapes.COMMENT_MAX)
    with database.write() as conn:
        portal_of(conn, who.portal_id)
        _known(conn, who.portal_id, given.contactId)
        judged = scores.without_pin(conn, who.portal_id, given.contactId, given.score)
        word = Feedback(given.agrees, given.reason, judged, comment=comment)
        now = clock.now()
        feedback.save(conn, who.portal_id, given.contactId, who.user_id[:64], word, now)
    return shapes.FeedbackAnswer.model_validate({"feedback": opinion(word)})


def as_json(answer: BaseModel) -> Response:
    """The answer as the card reads it."""
    return jsonify(answer.model_dump())


Body = TypeVar("Body", bound=BaseModel)


def body_of(shape: type[Body]) -> Body:
    """What the card sent. Raises Refused naming the field that is wrong."""
    try:
        return shape.model_validate(request.get_json(silent=True))
    except ValidationError as error:
        field = ".".join(str(part) for part in error.errors()[0]["loc"]) or "body"
        raise Refused("bad_input", f"{field} is missing or not as expected.") from None


def portal_of(conn: Connection, portal_id: int) -> Portal:
    """A connected portal. Raises Refused."""
    try:
        portal = portals.get(conn, portal_id)
    except NotFound:
        raise Refused("disconnected", "This account is not connected to Leadlight.") from None
    if portal.state != "connected":
        raise Refused("disconnected", "An admin has to connect this account again.")
    return portal


def _known(conn: Connection, portal_id: int, contact_id: str) -> Any:
    row = None
    if is_id(contact_id):
        row = due_leads.row(conn, portal_id, contact_id)
    if row is None:
        raise NotFound("no such lead in this account")
    return row


def is_id(text: str) -> bool:
    """Whether HubSpot could call a record so."""
    return text.isascii() and text.isdigit() and len(text) <= CONTACT_ID_MAX


def _scored(conn: Connection, row: Any) -> Score:
    if row["ineligible_reason"]:
        raise Refused("not_a_lead", row["ineligible_reason"])
    stored = scores.current(conn, row["portal_id"], [row["contact_id"]]).get(row["contact_id"])
    if stored is not None:
        return stored
    if row["parked_at"] is not None:
        raise Refused("parked", "Scoring failed several times; an operator has been told.")
    waiting = row["due_at"] is not None
    raise Refused("scoring" if waiting else "not_scored", "This lead is not scored yet.")


def outcomes_so_far(conn: Connection, score: Score) -> shapes.Outcomes | None:
    """What is missing for a chance; None once a model stands behind the score."""
    if score.model_version:
        return None
    needed = MIN_OUTCOMES_TO_PUBLISH
    won, lost = (
        closed_deals.count(conn, score.portal_id, outcome, at_most=needed)
        for outcome in ("won", "lost")
    )
    return shapes.Outcomes(won=won, lost=lost, needed=needed)
