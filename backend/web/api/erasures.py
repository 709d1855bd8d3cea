"""What a person may ask for about a contact: be erased, with a receipt, or have a copy."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from backend.config import PAGE_ROWS_MAX
from backend.errors import BadInput, Conflict, NotFound
from backend.security.roles import Permission
from backend.services.privacy import requests
from backend.storage.privacy import erasures
from backend.storage.privacy.erasures import Receipt
from backend.web.api.framework.endpoints import Call, Routes
from backend.web.api.framework.paging import cursor_of, place_of
from backend.web.api.framework.shapes import Line, Nothing, PageQuery, Shape

routes = Routes()
PORTAL = "/portals/<int:portal_id>"
ContactId = Annotated[str, Field(pattern=r"^[0-9]{1,32}$")]


class ErasureBody(Shape):
    """The contact's id in HubSpot, and the same once more as the person's confirmation."""

    contact_id: ContactId
    confirmation: Line


class ErasureQuery(PageQuery):
    """All of them, or those of one contact."""

    contact_id: Line = ""


class ReceiptRow(Shape):
    """One erasure. It names no contact, only the keyed hash of its id.

    `erased` and `left` count rows by place; `vendors_keep` says what vendors keep for how long,
    `kept` what of it backups, audit trail and logs hold.
    """

    receipt_id: str
    contact_mac: str
    state: Literal["waiting", "done"]
    requested_by: str
    reason: str
    requested_at: datetime
    finished_at: datetime | None
    erased: dict[str, int]
    left: dict[str, int]
    vector_index: str
    vendors_keep: dict[str, str]
    kept: dict[str, str]


class ReceiptPage(Shape):
    """Newest first."""

    items: list[ReceiptRow]
    next: str | None


class Copy(Shape):
    """Everything held about one lead, by place."""

    portal_id: int
    contact_id: str
    name: str
    email: str
    held: dict[str, list[dict[str, Any]]]


@routes.post(
    f"{PORTAL}/erasures",
    needs=Permission.ERASE,
    body=ErasureBody,
    answer=ReceiptRow,
    status=202,
)
def begin(call: Call[Nothing, ErasureBody]) -> ReceiptRow:
    """Erase everything held about a contact, for ever; a worker does it at once."""
    contact_id = call.body.contact_id
    if call.body.confirmation != contact_id:
        raise Conflict(f"nothing was erased: to confirm, type {contact_id} once more")
    requests.check_held(call.product.stores, call.portal_id, contact_id)
    asked = requests.ask(
        call.product.stores, call.portal_id, (contact_id,), actor=call.caller.subject
    )
    return _row(asked[0])


@routes.get(f"{PORTAL}/erasures", needs=Permission.ERASE, query=ErasureQuery, answer=ReceiptPage)
def list_receipts(call: Call[ErasureQuery, Nothing]) -> ReceiptPage:
    """Receipts of this portal, newest first."""
    if call.query.contact_id:
        found = requests.receipts(call.product.stores, call.portal_id, call.query.contact_id)
        return ReceiptPage(items=[_row(each) for each in found[:PAGE_ROWS_MAX]], next=None)
    place, limit = place_of(call.query.cursor, (str,)), call.query.limit
    with call.product.stores.database.read() as conn:
        before = erasures.get(conn, call.portal_id, str(place[0])) if place else None
        if place and before is None:
            raise BadInput("the cursor is not one of ours: begin with the first page")
        found = erasures.listed(conn, call.portal_id, before=before, limit=limit + 1)
    rows = [_row(each) for each in found[:limit]]
    more = cursor_of([rows[-1].receipt_id]) if len(found) > limit else None
    return ReceiptPage(items=rows, next=more)


@routes.get(f"{PORTAL}/erasures/<id:receipt_id>", needs=Permission.ERASE, answer=ReceiptRow)
def read(call: Call[Nothing, Nothing]) -> ReceiptRow:
    """One receipt, by its number."""
    with call.product.stores.database.read() as conn:
        found = erasures.get(conn, call.portal_id, call.path["receipt_id"])
    if found is None:
        raise NotFound("no such receipt in this portal")
    return _row(found)


@routes.post(f"{PORTAL}/leads/<id:contact_id>/export", needs=Permission.ERASE, answer=Copy)
def export(call: Call[Nothing, Nothing]) -> Copy:
    """Everything held about one lead, its name opened; goes on the audit trail."""
    contact_id = call.path["contact_id"]
    found = requests.export(
        call.product.stores, call.portal_id, contact_id, actor=call.caller.subject
    )
    return Copy(**found)


def _row(receipt: Receipt) -> ReceiptRow:
    detail = receipt.detail
    return ReceiptRow(
        receipt_id=receipt.receipt_id,
        contact_mac=receipt.contact_mac,
        state="waiting" if receipt.finished_at is None else "done",
        requested_by=receipt.requested_by,
        reason=receipt.reason,
        requested_at=receipt.requested_at,
        finished_at=receipt.finished_at,
        erased=detail.get("erased", {}),
        left=detail.get("left", {}),
        vector_index=detail.get("vector_index", ""),
        vendors_keep=detail.get("vendors_keep", {}),
        kept=detail.get("kept", {}),
    )
