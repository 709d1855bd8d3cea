"""What every resource shares: strict shapes, the one error, safe texts."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from backend.config import API_TEXT_MAX, PAGE_ROWS, PAGE_ROWS_MAX
from backend.scoring.facts.segments import thresholds_of
from backend.services.accounts import EMAIL, EMAIL_MAX
from backend.storage.portals.portals import Portal


class Shape(BaseModel):
    """A query, a body or an answer: nothing unknown passes."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Nothing(Shape):
    """No parameters, or an answer that only says it was done."""


class Problem(Shape):
    """What every refusal and failure looks like; `problems` has one line per place."""

    ok: Literal[False] = False
    code: str
    message: str
    problems: list[str] = Field(default_factory=list)


def whole(value: object) -> object:
    """JSON knows one kind of number: 5.0 is a whole one, "5" is none."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Whole = Annotated[int, BeforeValidator(whole), Field(ge=-(2**31), lt=2**31)]

# One line of text without control characters.
Line = Annotated[str, Field(max_length=API_TEXT_MAX, pattern=r"^[^\x00-\x1f\x7f]*$")]


Email = Annotated[str, Field(min_length=3, max_length=EMAIL_MAX, pattern=EMAIL)]


ContactIds = Annotated[
    list[Annotated[str, Field(pattern=r"^[0-9]{1,32}$")]], Field(min_length=1, max_length=1_000)
]


class PageQuery(Shape):
    """Which part of a list."""

    limit: int = Field(default=PAGE_ROWS, ge=1, le=PAGE_ROWS_MAX)
    cursor: Line = Field(default="", description="`next` of the page before")


def days_before(now: datetime, days: int) -> datetime | None:
    """Midnight UTC so many days ago; None of 0, which asks for all time."""
    return datetime.combine(now.date() - timedelta(days=days), time(), UTC) if days else None


class Edges(Shape):
    """High from `high` on, Medium from `medium` on."""

    high: Whole = Field(ge=1, le=100)
    medium: Whole = Field(ge=0, le=99)


def edges_of(portal: Portal, segment: str = "") -> Edges:
    """Of one portal, or of one of its segments."""
    edges = thresholds_of(portal.settings, segment)
    return Edges(high=edges.high, medium=edges.medium)
