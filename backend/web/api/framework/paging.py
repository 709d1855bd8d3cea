"""Pages by cursor: where the last row stood in its order, so that new rows never shift a page."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Sequence
from math import isfinite

from backend.errors import BadInput
from backend.web.bodies import json_of

_UNSTORABLE = re.compile("[\\x00\\ud800-\\udfff]")
Place = str | int | float | None


def cursor_of(place: Sequence[Place]) -> str:
    """Opaque text for `next`."""
    return base64.urlsafe_b64encode(json.dumps(list(place)).encode()).decode().rstrip("=")


def place_of(cursor: str, kinds: Sequence[type]) -> tuple[Place, ...] | None:
    """The values of a cursor, of these types; None for the first page. Raises BadInput."""
    if not cursor:
        return None
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        place = json_of(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, BadInput):
        raise BadInput("the cursor is not one of ours: begin with the first page") from None
    fits = isinstance(place, list) and len(place) == len(kinds)
    if not fits or not all(_is(value, kind) for value, kind in zip(place, kinds, strict=True)):
        raise BadInput("the cursor belongs to another list or order: begin with the first page")
    return tuple(place)


def _is(value: object, kind: type) -> bool:
    if kind is int:  # the database's integers, and no booleans
        return type(value) is int and abs(value) < 2**63
    if isinstance(value, float):
        return kind is float and isfinite(value)
    return isinstance(value, kind) and not (isinstance(value, str) and _UNSTORABLE.search(value))
