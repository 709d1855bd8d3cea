"""A defect that the data of one row meets stops that row alone, in every job that takes rows in
batches: leads, events, outboxes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import structlog
from rq.timeouts import JobTimeoutException

from backend.errors import LeadlightError, Transient

T = TypeVar("T")
Row = TypeVar("Row")
log = structlog.get_logger()


class Defect(Transient):
    """An error that is none of ours, met over one row: tried again, for the code may be mended."""

    cause = "defect"


def alone(what: str, portal_id: int, do: Callable[[], T], rows: int = 1) -> T:
    """What `do` returns. Raises our own errors and the end of the job's time as they are, and
    Defect for any other."""
    try:
        return do()
    except (LeadlightError, JobTimeoutException):
        raise
    except Exception as error:
        log.error("unexpected", what=what, portal_id=portal_id, rows=rows, exc_info=error)
        name = type(error).__name__
    raise Defect(f"unexpected {name} over this {what}")  # without the frames that the error holds


def halving(
    what: str,
    portal_id: int,
    rows: Sequence[Row],
    do: Callable[[Sequence[Row]], None],
    set_aside: Callable[[Row, Defect], None],
    as_now: Callable[[Sequence[Row]], Sequence[Row]] = list,
) -> None:
    """`do` all rows; where that meets a defect, each half of them (`as_now` reads them again), down
    to the row that does it, which is set aside. Raises our own errors as `do` did."""
    if not rows:
        return
    try:
        alone(what, portal_id, lambda: do(rows), len(rows))
    except Defect as found:
        defect = found
    else:
        return
    if len(rows) == 1:
        set_aside(rows[0], defect)
        return
    half = len(rows) // 2
    for part in (rows[:half], rows[half:]):
        halving(what, portal_id, as_now(part), do, set_aside, as_now)
