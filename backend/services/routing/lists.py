"""Put every contact into the one list of its band: 100 contacts in at most three calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import structlog

from backend.errors import (
    DailyLimit,
    LeadlightError,
    MissingScopes,
    NeedsReconnect,
    Permanent,
    Transient,
    UnknownPath,
)
from backend.services import outbox
from backend.services.defects import Defect, halving
from backend.services.exclusive import Held
from backend.services.portals import account_refusals
from backend.services.portals.account_refusals import AnsweredRecord
from backend.storage.database import Connection
from backend.storage.outbox import due_rows, lead_lists, routes
from backend.storage.outbox.lead_lists import ListMove
from backend.storage.portals import portal_problems, portals
from backend.storage.portals.portal_problems import LISTS
from backend.storage.portals.portals import Portal
from backend.wiring import Product, Stores

UNKNOWN_CONTACT = "HubSpot does not know this contact (yet, or any more)"
log = structlog.get_logger()


def flush_lists(product: Product, portal: Portal, held: Held) -> bool:
    """One batch; whether there may be more. Raises MissingScopes and NeedsReconnect."""
    if not held.renew():
        return False
    portal_id = portal.portal_id
    with product.stores.database.write() as conn:
        now = product.stores.clock.now()
        most = account_refusals.may_try(conn, portal_id, LISTS, now)
        moves = lead_lists.due(conn, portal_id, now, limit=most) if most else []
        lead_lists.widen(conn, portal_id, [m for m in moves if not m.is_certain])
        lists = dict(portals.get(conn, portal_id).installation.get("lists", {}))
    if not moves:
        return False

    def set_aside(move: ListMove, error: Defect) -> None:
        _put_off(product.stores, portal_id, [move], error)

    def as_now(some: Sequence[ListMove]) -> list[ListMove]:
        ids = {move.contact_id for move in some}
        with product.stores.database.read() as conn:
            found = lead_lists.due(conn, portal_id, product.stores.clock.now(), limit=most)
        return [move for move in found if move.contact_id in ids]

    move = partial(_move, product, portal_id, lists)
    try:
        halving("list change", portal_id, moves, move, set_aside, as_now)
    except UnknownPath:
        return _make_lists_again(product, portal_id, lists)
    except DailyLimit as error:
        refusal = account_refusals.of_today(error, [move.contact_id for move in moves])
        account_refusals.wait(product.stores, portal_id, LISTS, refusal)
        return False
    except Transient as error:
        _put_off(product.stores, portal_id, moves, error)
        return False
    return True


def _move(
    product: Product, portal_id: int, lists: Mapping[str, str], moves: Sequence[ListMove]
) -> None:
    """A batch that is refused whole is halved while the halves differ, until the bad contact
    stands alone."""
    error = _tried(product, portal_id, lists, moves)
    if error is not None:
        _halve(product, portal_id, lists, moves, error)


def _halve(
    product: Product,
    portal_id: int,
    lists: Mapping[str, str],
    moves: Sequence[ListMove],
    error: Permanent,
    *,
    whole: bool = True,
) -> None:
    if len(moves) == 1:
        _refused(product.stores, portal_id, moves, error)
        return
    middle = len(moves) // 2
    halves = moves[:middle], moves[middle:]
    errors = [_tried(product, portal_id, lists, half) for half in halves]
    first, second = errors
    if whole and first and second and first.causes == second.causes:
        _refused(product.stores, portal_id, moves, first)
        return
    whole = whole and bool(first and second)
    for half, found in zip(halves, errors, strict=True):
        if found is not None:
            _halve(product, portal_id, lists, half, found, whole=whole)


def _refused(stores: Stores, portal_id: int, moves: Sequence[ListMove], error: Permanent) -> None:
    with stores.database.read() as conn:
        known = portal_problems.get(conn, portal_id, LISTS)
    answers = [AnsweredRecord(move.contact_id, {}, error) for move in moves]
    refusal = account_refusals.judged(answers, (), known)
    if refusal is None:
        _put_off(stores, portal_id, moves, error)
    else:
        account_refusals.wait(stores, portal_id, LISTS, refusal)


def _tried(
    product: Product, portal_id: int, lists: Mapping[str, str], moves: Sequence[ListMove]
) -> Permanent | None:
    """Why the batch was refused, None when it is done."""
    try:
        missing = _in_hubspot(product, portal_id, lists, moves)
    except (MissingScopes, NeedsReconnect):
        raise
    except Permanent as error:
        return error
    there = [move for move in moves if move.contact_id not in missing]
    now = product.stores.clock.now()
    with product.stores.database.write() as conn:
        lead_lists.arrived(conn, portal_id, there)
        for name in {move.wanted for move in there} - {""}:
            ids = [move.contact_id for move in there if move.wanted == name]
            routes.close(conn, portal_id, ids, (kind_of(name),), routes.DONE, now)
    lost = [move for move in moves if move.contact_id in missing]
    if lost:
        _put_off(product.stores, portal_id, lost, Transient(UNKNOWN_CONTACT))
    if not all(move.is_certain for move in moves):
        account_refusals.got_through(product, portal_id, LISTS)
    return None


def _in_hubspot(
    product: Product, portal_id: int, lists: Mapping[str, str], moves: Sequence[ListMove]
) -> set[str]:
    """Ids that HubSpot does not know."""
    hubspot = product.hubspot.routes(portal_id)
    missing: set[str] = set()
    for name, list_id in lists.items():
        add = [m.contact_id for m in moves if m.wanted == name and not m.is_certain]
        remove = [m.contact_id for m in moves if name in m.maybe and m.wanted != name]
        if add or remove:
            missing |= set(hubspot.change_members(list_id, add, remove)) & set(add)
    return missing


def kind_of(list_name: str) -> str:
    """The kind of route that puts a contact into this list."""
    return f"{list_name}_list"


def _make_lists_again(product: Product, portal_id: int, lists: Mapping[str, str]) -> bool:
    """Somebody deleted a list in HubSpot: it is made again, and its contacts go back into it."""
    try:
        found = product.hubspot.setup(portal_id).ensure_lists()
    except LeadlightError as error:
        log.warning("lists_not_made", portal_id=portal_id, problem=str(error))
        if isinstance(error, Permanent):
            with product.stores.database.write() as conn:
                portals.refused(conn, portal_id, "lists", error.sentence or str(error))
        return False
    new = [name for name, list_id in found.items() if lists.get(name) != list_id]
    with product.stores.database.write() as conn:
        portals.set_installation(conn, portal_id, {"lists": found})
        again = lead_lists.lists_gone(conn, portal_id, new, product.stores.clock.now())
    log.warning("lists_made_again", portal_id=portal_id, lists=len(new), leads=again)
    return bool(new)


def _put_off(
    stores: Stores, portal_id: int, moves: Sequence[ListMove], error: LeadlightError
) -> None:
    def failed(conn: Connection, move: ListMove) -> None:
        kinds = (kind_of(move.wanted),)
        routes.park(conn, portal_id, str(error), contact_ids=[move.contact_id], kinds=kinds)

    outbox.put_off(stores, due_rows.LISTS, portal_id, moves, error, failed=failed)
