"""A lead set by hand: into High or aside, for so many days and with a reason; and withdrawn."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from backend.security.roles import Permission
from backend.services.routing import pins
from backend.web.api.framework.endpoints import Call, Routes
from backend.web.api.framework.shapes import Nothing, Shape, Whole

routes = Routes()
PIN = "/portals/<int:portal_id>/leads/<id:contact_id>/pin"


class PinBody(Shape):
    """ "high" lifts the lead into High, "aside" puts it into Low; colleagues read the reason."""

    kind: Literal["high", "aside"]
    days: Whole = Field(default=14, ge=1, le=pins.DAYS_MAX)
    reason: Annotated[str, Field(min_length=pins.REASON_MIN, max_length=pins.REASON_MAX)]


@routes.put(PIN, needs=Permission.GIVE_FEEDBACK, body=PinBody, answer=Nothing)
def set_pin(call: Call[Nothing, PinBody]) -> Nothing:
    """Set a lead by hand; it is scored anew at once, and an earlier pin ends."""
    pins.pin(
        call.product.stores,
        call.portal_id,
        call.path["contact_id"],
        call.body.kind,
        call.body.days,
        call.body.reason,
        actor=call.caller.subject,
    )
    return Nothing()


@routes.delete(PIN, needs=Permission.GIVE_FEEDBACK, answer=Nothing)
def withdraw_pin(call: Call[Nothing, Nothing]) -> Nothing:
    """Withdraw what is set by hand: the lead is scored by its facts again."""
    pins.unpin(
        call.product.stores,
        call.portal_id,
        call.path["contact_id"],
        actor=call.caller.subject,
    )
    return Nothing()
