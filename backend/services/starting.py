"""Start when what we run on is there: away is no reason to end, a wrong setting is."""

from __future__ import annotations

from typing import Final

import structlog

from backend.errors import BadSettings, Outage
from backend.wiring import Stores

FIRST_S: Final = 1.0  # between tries; doubles …
LONGEST_S: Final = 15.0  # … up to this
log = structlog.get_logger()


def check_start(stores: Stores) -> None:
    """Wait until the database answers, then check it. Raises BadSettings for a wrong key, an old
    schema, and a database that refuses our name or password."""
    pause_s = FIRST_S
    while True:
        try:
            stores.check_start()
            return
        except Outage as error:
            if error.outage == "database_refuses":
                raise BadSettings(f"{error}: {error.cure}") from None
            log.warning("start_waits", error=error)
        stores.clock.sleep(pause_s)
        pause_s = min(2 * pause_s, LONGEST_S)
