"""One forked process per role: who dies is started again, and all stop together.

The parent wires the product and then only waits, so that its children share its memory.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Mapping
from typing import Final

import structlog

SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)
PAUSE_S, PAUSE_MAX_S = 1.0, 15.0  # before a role is started again; doubles while it dies early
LIVED_S: Final = 60.0  # who lived so long did not die early
log = structlog.get_logger()


class Roles:
    """Processes by what they do."""

    def __init__(self, roles: Mapping[str, Callable[[], None]]) -> None:
        self._roles = roles
        self._living: dict[int, tuple[str, float]] = {}
        self._pauses = dict.fromkeys(roles, PAUSE_S)
        self._stopping = False

    def keep_running(self) -> None:
        """Until SIGTERM or SIGINT, which every role gets, and all roles have ended."""
        before = {number: signal.signal(number, self._stop) for number in SIGNALS}
        for role in self._roles:
            self._start(role)
        while self._living:
            pid, status = os.wait()
            if pid in self._living:
                self._ended(*self._living.pop(pid), status)
        for number, handler in before.items():
            signal.signal(number, handler)

    def _stop(self, number: int, _: object) -> None:
        """A terminal sends SIGINT to everybody: RQ takes two within a second for one."""
        self._stopping = True
        for pid in list(self._living):
            os.kill(pid, number)

    def _start(self, role: str) -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        if not self._stopping:
            pid = os.fork()
            if pid == 0:
                _in_child(self._roles[role])
            self._living[pid] = (role, time.monotonic())
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)

    def _ended(self, role: str, since: float, status: int) -> None:
        if self._stopping:
            return
        pause_s = self._pauses[role]
        early = time.monotonic() - since < LIVED_S
        self._pauses[role] = min(2 * pause_s, PAUSE_MAX_S) if early else PAUSE_S
        log.error("process_died", role=role, status=status, again_in_s=pause_s)
        again_at = time.monotonic() + pause_s
        while time.monotonic() < again_at and not self._stopping:
            time.sleep(0.1)
        self._start(role)


def _in_child(role: Callable[[], None]) -> None:
    """Never returns; ends when the parent is gone."""
    status = 1
    try:
        for number in SIGNALS:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
        threading.Thread(target=_stop_without, args=(os.getppid(),), daemon=True).start()
        role()
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 0
    except Exception as error:
        log.error("unexpected", problem=type(error).__name__, exc_info=error)
    finally:
        os._exit(status)


def _stop_without(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os.kill(os.getpid(), signal.SIGTERM)
