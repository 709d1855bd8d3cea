"""A claim that is kept while its leads are being scored, however long a vendor takes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread

from backend.config import CLAIM_S, JOB_TIMEOUT_S
from backend.errors import Transient
from backend.ports import Clock
from backend.storage.database import Database
from backend.storage.leads import due_leads


@contextmanager
def renewing(
    database: Database, clock: Clock, portal_id: int, token: str, every_s: float = CLAIM_S / 3
) -> Iterator[None]:
    """Push the claim's expiry until the block ends, at most for a job's time: a job that hangs
    gives its leads up."""
    over = Event()

    def work() -> None:
        for _ in range(int(JOB_TIMEOUT_S / every_s)):
            if over.wait(every_s):
                return
            with suppress(Transient), database.write() as conn:
                due_leads.renew(conn, portal_id, token, clock.now())

    thread = Thread(target=work, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
