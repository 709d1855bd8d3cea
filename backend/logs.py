"""One JSON event per line, on stderr: event, ids, milliseconds; never lead text, never tokens.

An outage (see `backend.outages`) is one line a minute with its cause and cure, however many
requests and jobs meet it, in all processes that were forked after `set_up_logs`. A log that cannot
be written, because its disk is full, stops nobody.
"""

from __future__ import annotations

import logging
import mmap
import sys
from collections.abc import MutableMapping
from contextlib import suppress
from time import monotonic
from types import TracebackType
from typing import Any, Final

import structlog

from backend.errors import Outage
from backend.outages import OUTAGES, outage_of

OUTAGE_EVERY_S: Final = 60.0
_SLOT: Final = 8  # bytes of a time


def set_up_logs(level: str) -> None:
    """Called once by each entry point, before it forks."""
    number = logging.getLevelNamesMapping()[level]
    outages = _OncePerMinute()
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(outages.expected)
    logging.basicConfig(
        level=max(number, logging.WARNING), handlers=[handler], format="%(message)s"
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            outages.processor,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=lambda *_: _StderrLogger(),
        cache_logger_on_first_use=True,
    )


class _StderrLogger:
    """Writes a line; a full disk loses lines, not requests and jobs."""

    def msg(self, line: str) -> None:
        with suppress(OSError, ValueError):
            sys.stderr.write(line + "\n")
            sys.stderr.flush()

    log = debug = info = warning = error = critical = exception = fatal = msg


class _OncePerMinute:
    """When each outage was last told; forked processes share the memory."""

    def __init__(self) -> None:
        self._told = mmap.mmap(-1, _SLOT * len(OUTAGES))
        self._place = {name: place * _SLOT for place, name in enumerate(OUTAGES)}

    def processor(
        self, _logger: Any, _method: str, event: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
        """`error=` becomes its message; an outage its cause and cure, without a traceback."""
        told = event.pop("error", None)
        if told is not None:
            event["problem"] = str(told)
        found = _outage(told or event.get("exc_info"))
        if found is None:
            return event
        if not self._is_time(found):
            raise structlog.DropEvent
        event.pop("exc_info", None)
        event.update(problem=str(found), outage=found.outage, cure=found.cure)
        return event

    def expected(self, record: logging.LogRecord) -> bool:
        """The same for libraries that log what they caught."""
        found = _outage(record.exc_info or sys.exc_info())
        if found is None:
            return True
        record.exc_info, record.exc_text = None, None
        record.msg, record.args = "%s: %s; %s", (record.name, found, found.cure)
        return self._is_time(found)

    def _is_time(self, found: Outage) -> bool:
        place = self._place[found.outage]
        now_ms = int(monotonic() * 1000)
        told_ms = int.from_bytes(self._told[place : place + _SLOT], "little")
        if told_ms and now_ms - told_ms < OUTAGE_EVERY_S * 1000:
            return False
        self._told[place : place + _SLOT] = now_ms.to_bytes(_SLOT, "little")
        return True


def _outage(
    error: BaseException | tuple[Any, BaseException | None, TracebackType | None] | bool | None,
) -> Outage | None:
    if isinstance(error, tuple):
        error = error[1]
    elif error is True:
        error = sys.exc_info()[1]
    return outage_of(error) if isinstance(error, BaseException) else None
