"""Make, change and close our tasks in HubSpot, 100 a call; none twice, none forgotten.

A task that may have been sent already is looked for by its key among its contact's tasks first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from backend.clients.hubspot.routes import MadeTask, NewTask
from backend.errors import (
    DailyLimit,
    LeadlightError,
    MissingScopes,
    NeedsReconnect,
    OutcomeUnknown,
    Permanent,
    RecordGone,
    Transient,
)
from backend.model import CrmRecord
from backend.ports import Clock, Update
from backend.scoring.route import Route
from backend.scoring.wording.task_text import TASK_PROPERTIES, closed_properties
from backend.services import outbox
from backend.services.defects import Defect, halving
from backend.services.exclusive import Held
from backend.services.portals import account_refusals
from backend.services.portals.account_refusals import AnsweredRecord
from backend.services.routing.matching import look_for
from backend.services.routing.task_content import Drafts
from backend.storage.database import Connection, Database
from backend.storage.outbox import due_rows, route_tasks, routes
from backend.storage.outbox.route_tasks import RouteTask
from backend.storage.portals import portal_problems
from backend.storage.portals.portal_problems import TASKS
from backend.storage.portals.portals import Portal
from backend.wiring import HubSpot, Product, Stores

OWNER = "hubspot_owner_id"
OURS = tuple(name for name in TASK_PROPERTIES if name != OWNER)  # values that we choose


def flush_tasks(product: Product, portal: Portal, held: Held) -> bool:
    """All that is due; False, as nothing is left. Raises MissingScopes and NeedsReconnect."""
    portal_id, stores = portal.portal_id, product.stores

    def flush(some: Sequence[RouteTask]) -> None:
        _flush(product, portal, held, some)

    def set_aside(task: RouteTask, error: Defect) -> None:
        put_off(stores, portal_id, [task], error)

    def as_now(some: Sequence[RouteTask]) -> list[RouteTask]:
        keys = {task.task_key for task in some}
        with stores.database.read() as conn:
            found = route_tasks.due(conn, portal_id, stores.clock.now(), limit=most)
        return [task for task in found if task.task_key in keys]

    while held.renew():
        now = stores.clock.now()
        with product.stores.database.read() as conn:
            most = account_refusals.may_try(conn, portal_id, TASKS, now)
            batch = route_tasks.due(conn, portal_id, now, limit=most) if most else []
        if not batch:
            return False
        keys = [task.task_key for task in batch]
        try:
            halving("task", portal_id, batch, flush, set_aside, as_now)
        except (MissingScopes, NeedsReconnect):
            raise
        except DailyLimit as error:
            refusal = account_refusals.of_today(error, keys)
            account_refusals.wait(product.stores, portal_id, TASKS, refusal)
            return False
        except Permanent as error:
            refusal = account_refusals.of_call(error, keys)
            account_refusals.wait(product.stores, portal_id, TASKS, refusal)
            return False
        except LeadlightError as error:
            put_off(product.stores, portal_id, batch, error)
            return False
    return False


def _flush(product: Product, portal: Portal, held: Held, batch: Sequence[RouteTask]) -> None:
    settled = look_for(product, portal.portal_id, batch)
    _archive(product, portal.portal_id, [t for t in settled if t.wanted == route_tasks.ARCHIVED])
    known = [t for t in settled if t.task_id and t.wanted != route_tasks.ARCHIVED]
    _close(product, portal.portal_id, [t for t in known if t.wanted == route_tasks.CLOSED])
    _change(product, portal, [t for t in known if t.wanted == route_tasks.OPEN])
    unmade = [t for t in settled if not t.task_id]
    _done(
        product.stores.database,
        product.stores.clock,
        portal.portal_id,
        [t for t in unmade if t.wanted == route_tasks.CLOSED],
    )
    wanted = [t for t in unmade if t.wanted == route_tasks.OPEN]
    if wanted and held.renew():
        _make(product, portal, wanted)


def _archive(product: Product, portal_id: int, tasks: Sequence[RouteTask]) -> None:
    if tasks:
        ids = [task.task_id for task in tasks if task.task_id]
        if ids:
            product.hubspot.routes(portal_id).archive_tasks(ids)
        with product.stores.database.write() as conn:
            route_tasks.drop(conn, portal_id, [task.task_key for task in tasks])


def _read(hubspot: HubSpot, portal_id: int, tasks: Sequence[RouteTask]) -> dict[str, CrmRecord]:
    """The tasks as they are in HubSpot; a rep may have done, changed or deleted them."""
    ids = [task.task_id for task in tasks if task.task_id]
    found = hubspot.crm(portal_id).read("tasks", ids, TASK_PROPERTIES) if ids else []
    return {record.object_id: record for record in found if not record.archived}


def _is_open(record: CrmRecord | None) -> bool:
    return record is not None and record.properties.get("hs_task_status") != "COMPLETED"


def _close(product: Product, portal_id: int, tasks: Sequence[RouteTask]) -> None:
    """Completed, with a line that says why; what a rep has done or deleted already is left so."""
    there = _read(product.hubspot, portal_id, tasks)
    left, updates = [], []
    for task in tasks:
        record = there.get(task.task_id or "")
        if record is not None and _is_open(record):
            left.append(task)
            body = record.properties.get("hs_task_body") or ""
            why = "the lead's score has changed, or it is no lead any more."
            updates.append(Update(record.object_id, closed_properties(body, why)))
    answers = product.hubspot.crm(portal_id).update("tasks", updates)
    sent = [update.properties for update in updates]
    _settle(product, portal_id, left, sent, [answer.error for answer in answers])
    _done(
        product.stores.database,
        product.stores.clock,
        portal_id,
        [task for task in tasks if task not in left],
    )


def _change(product: Product, portal: Portal, tasks: Sequence[RouteTask]) -> None:
    """New owner, action or band; only what differs is written. A task that a rep has finished
    meanwhile is not opened again: a route that came since gets a new one."""
    portal_id = portal.portal_id
    drafts, tasks = _drafts(product, portal, tasks)
    there = _read(product.hubspot, portal_id, tasks)
    changing = [task for task in tasks if _is_open(there.get(task.task_id or ""))]
    differing = []
    for task in changing:
        update = Update(str(task.task_id), drafts.changed(task, there[str(task.task_id)]))
        if update.properties:
            differing.append((task, update))
    errors = _update(product.hubspot, portal_id, drafts, there, differing)
    sent = [update.properties for _, update in differing]
    _settle(product, portal_id, [task for task, _ in differing], sent, errors)
    same = [task for task in changing if task not in [one for one, _ in differing]]
    _done(product.stores.database, product.stores.clock, portal_id, same)
    _finished(
        product.stores.database,
        product.stores.clock,
        portal_id,
        [task for task in tasks if task not in changing],
    )


def _update(
    hubspot: HubSpot,
    portal_id: int,
    drafts: Drafts,
    there: Mapping[str, CrmRecord],
    differing: Sequence[tuple[RouteTask, Update]],
) -> list[LeadlightError | None]:
    """One outcome per task; a refused owner is replaced by the fallback owner, once."""
    crm = hubspot.crm(portal_id)
    errors = [answer.error for answer in crm.update("tasks", [one for _, one in differing])]
    places = [place for place, error in enumerate(errors) if _refuses_owner(error)]
    again = [
        Update(update.object_id, drafts.changed(task, there[update.object_id], own=False))
        for task, update in (differing[place] for place in places)
    ]
    for place, answer in zip(places, crm.update("tasks", again), strict=True):
        errors[place] = answer.error
    return errors


def _drafts(
    product: Product, portal: Portal, tasks: Sequence[RouteTask]
) -> tuple[Drafts, list[RouteTask]]:
    """A task of a lead that has no score just now has to wait for one."""
    drafts = Drafts(product, portal, tasks)
    mute = [task for task in tasks if not drafts.has(task)]
    if mute:
        put_off(product.stores, portal.portal_id, mute, Transient("the lead has no score just now"))
    return drafts, [task for task in tasks if drafts.has(task)]


def _finished(database: Database, clock: Clock, portal_id: int, tasks: Sequence[RouteTask]) -> None:
    if not tasks:
        return
    now = clock.now()
    with database.write() as conn:
        for task in tasks:
            ended = route_tasks.done(conn, portal_id, task, wanted=route_tasks.CLOSED)
            if task.route_id in (task.task_key, task.done_route_id):
                routes.finish(conn, portal_id, [task.route_id], now)
            elif ended:
                route_tasks.succeed(conn, portal_id, task, now)
                routes.hand_over(conn, portal_id, task.route_id, task.route_id)


def _make(product: Product, portal: Portal, tasks: Sequence[RouteTask]) -> None:
    portal_id = portal.portal_id
    drafts, tasks = _drafts(product, portal, tasks)
    with product.stores.database.write() as conn:
        keys = route_tasks.sending(conn, portal_id, tasks)
    sending = [task for task in tasks if task.task_key in keys]
    new = [NewTask(t.task_key, t.contact_id, drafts.new(t)) for t in sending]
    made = _made(product, portal_id, sending, new)
    places = [place for place, one in enumerate(made) if _refuses_owner(one.error)]
    refused = [sending[place] for place in places]
    again = [NewTask(t.task_key, t.contact_id, drafts.new(t, own=False)) for t in refused]
    for place, one in zip(places, _made(product, portal_id, refused, again), strict=True):
        made[place] = one
    with product.stores.database.write() as conn:
        for one in made:
            if one.task_id is not None:
                route_tasks.has_id(conn, portal_id, one.key, one.task_id)
        sure = [t for t, one in zip(sending, made, strict=True) if _certainly_not(one)]
        route_tasks.not_sent(conn, portal_id, sure)
    sent = [one.properties for one in new]
    _settle(product, portal_id, sending, sent, [one.error for one in made])


def _made(
    product: Product, portal_id: int, tasks: Sequence[RouteTask], new: Sequence[NewTask]
) -> list[MadeTask]:
    try:
        return product.hubspot.routes(portal_id).make_tasks(new)
    except OutcomeUnknown:
        raise
    except LeadlightError:
        with product.stores.database.write() as conn:
            route_tasks.not_sent(conn, portal_id, tasks)
        raise


def _certainly_not(one: MadeTask) -> bool:
    return one.task_id is None and not isinstance(one.error, OutcomeUnknown)


def _refuses_owner(error: LeadlightError | None) -> bool:
    """The owner was deactivated, say: the task goes to the portal's fallback owner."""
    return error is not None and OWNER in str(error)


def _settle(
    product: Product,
    portal_id: int,
    tasks: Sequence[RouteTask],
    sent: Sequence[Mapping[str, str]],
    errors: Sequence[LeadlightError | None],
) -> None:
    """Keep what HubSpot said of each; what the account refuses waits."""
    pairs = list(zip(tasks, errors, strict=True))
    gone = [t for t, e in pairs if isinstance(e, RecordGone) and t.wanted == route_tasks.CLOSED]
    done = [task for task, error in pairs if error is None]
    _done(product.stores.database, product.stores.clock, portal_id, done + gone)
    with product.stores.database.read() as conn:
        known = portal_problems.get(conn, portal_id, TASKS)
    answers = [AnsweredRecord(t.task_key, p, e) for (t, e), p in zip(pairs, sent, strict=True)]
    refusal = account_refusals.judged(answers, OURS, known)
    waiting = set(refusal.keys) if refusal else set()
    for task, error in pairs:
        if error is not None and task not in gone and task.task_key not in waiting:
            put_off(product.stores, portal_id, [task], error)
    if refusal is not None:
        account_refusals.wait(product.stores, portal_id, TASKS, refusal)
    elif done:
        account_refusals.got_through(product, portal_id, TASKS)


def _done(database: Database, clock: Clock, portal_id: int, tasks: Sequence[RouteTask]) -> None:
    if not tasks:
        return
    now = clock.now()
    with database.write() as conn:
        for task in tasks:
            route_tasks.done(conn, portal_id, task)
        shown = [t.route_id for t in tasks if t.wanted == route_tasks.OPEN]
        routes.finish(conn, portal_id, shown, now)
        closed = [t.task_key for t in tasks if t.wanted == route_tasks.CLOSED]
        closing = (Route.CLOSE_TASK.value,)
        routes.close_tasks(conn, portal_id, closed, closing, routes.DONE, now)


def put_off(
    stores: Stores, portal_id: int, tasks: Sequence[RouteTask], error: LeadlightError
) -> None:
    """Due again after their delays, or failed with the cause."""

    def failed(conn: Connection, task: RouteTask) -> None:
        routes.park(conn, portal_id, str(error), route_ids=[task.route_id])

    outbox.put_off(stores, due_rows.TASKS, portal_id, tasks, error, failed=failed)
