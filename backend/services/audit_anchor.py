"""Where the audit trail's newest row is remembered outside the database.

In Redis, in the log, and as a line beside the backups where BACKUP_FOLDER is set: cutting rows off
the end, or putting the whole database back, then shows in the next verification.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import structlog
from redis import Redis
from redis.exceptions import RedisError

from backend import private_files
from backend.config import Settings
from backend.security.audit import Break, chain_key, verify
from backend.storage.access import audit
from backend.wiring import Stores

REDIS_KEY: Final = "audit-anchor"
FILE: Final = "audit-anchors.txt"
Anchor = tuple[int, str]
log = structlog.get_logger()


def parse(text: str) -> Anchor | None:
    """`SEQ:HASH` as (seq, hash); None for anything else."""
    seq, colon, row_hash = text.strip().partition(":")
    return (int(seq), row_hash) if colon and seq.isdecimal() else None


def known(redis: Redis, settings: Settings) -> set[Anchor]:
    """Every anchor that is kept; empty before the first verification."""
    texts = []
    try:
        kept = redis.get(REDIS_KEY)
        texts.append(kept.decode() if isinstance(kept, bytes) else "")
    except RedisError as error:
        log.warning("audit_anchor_not_read", problem=type(error).__name__)
    if settings.backup_folder:
        path = Path(settings.backup_folder) / FILE
        texts += path.read_text().splitlines()[-1:] if path.exists() else []
    return {anchor for text in texts if (anchor := parse(text)) is not None}


def keep(stores: Stores) -> Anchor | None:
    """Remember the newest row; None for an empty trail."""
    with stores.database.read() as conn:
        last = audit.last(conn)
    if last is None:
        return None
    text = f"{last[0]}:{last[1]}"
    log.info("audit_anchor", anchor=text)
    try:
        stores.redis.set(REDIS_KEY, text)
        _add_line(stores.settings.backup_folder, text)
    except (RedisError, OSError) as error:
        log.error("audit_anchor_not_kept", problem=type(error).__name__)
    return last


def check(stores: Stores, more: set[Anchor] | None = None) -> list[Break]:
    """Verify the whole trail against every kept anchor and `more`; a trail that holds gives the
    next anchor."""
    key = chain_key(stores.settings.session_secret)
    anchors = known(stores.redis, stores.settings) | (more or set())
    with stores.database.read() as conn:
        breaks = verify(audit.chain(conn), key, anchors)
    if not breaks:
        keep(stores)
    return breaks


def _add_line(folder: str, text: str) -> None:
    if not folder:
        return
    with private_files.open_to_append(Path(folder) / FILE) as file:
        file.write(text + "\n")
