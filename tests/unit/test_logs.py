"""One event is one line of JSON, whatever a value holds."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.conftest import ROOT

HOSTILE = 'x"}\n{"event": "forged"}\r\x1b[31mred\x1b[0m\u2028end'
PROGRAM = """
import sys, structlog
from backend.logs import set_up_logs
set_up_logs("INFO")
log = structlog.get_logger()
log.info("webhook", problem=sys.argv[1])
try:
    raise ValueError(sys.argv[1])
except ValueError as error:
    log.error("unexpected", exc_info=error)
"""


def test_a_value_cannot_forge_a_line() -> None:
    """Fault test 102, in a process of its own: logs are set up once."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, HOSTILE],
        cwd=ROOT,
        capture_output=True,
        timeout=60,
        check=True,
    )
    lines = done.stderr.decode().split("\n")
    events = [json.loads(line) for line in lines if line]
    assert [event["event"] for event in events] == ["webhook", "unexpected"]
    assert events[0]["problem"] == HOSTILE
    assert b"\x1b" not in done.stderr
    assert b"\r" not in done.stderr
