"""What works and what waits, for `/health`, the command line and the console."""

from __future__ import annotations

from typing import Any

from redis.exceptions import RedisError

from backend.errors import Transient
from backend.storage import leads, portals
from backend.wiring import Product


def report(product: Product) -> dict[str, Any]:
    """`ok` is false when the database or the queue is away. No secrets, no personal data."""
    database = _database(product)
    queue = _queue(product)
    return {
        "ok": database["ok"] and queue["ok"],
        "database": database,
        "queue": queue,
        "providers": {
            "database": product.database.engine.dialect.name,
            "embeddings": product.embedder.name,
            "vectors": product.index.name,
            "analyst": product.analyst.name,
            "text_reader": product.reader.name,
        },
        "breakers": {breaker.vendor: breaker.state() for breaker in product.breakers},
    }


def _database(product: Product) -> dict[str, Any]:
    now = product.clock.now()
    try:
        with product.database.read() as conn:
            known = portals.listed(conn)
            due = leads.due_counts(conn, now)
    except Transient as error:
        return {"ok": False, "problem": str(error)}
    oldest = min((count.next_due_at for count in due), default=now)
    return {
        "ok": True,
        "portals": [
            {
                "portal_id": portal.portal_id,
                "state": portal.state,
                "mode": portal.settings.mode.value,
                "token_valid": portal.state == "connected",
            }
            for portal in known
        ],
        "due_leads": sum(count.leads for count in due),
        "oldest_due_s": max(0, round((now - oldest).total_seconds())),
    }


def _queue(product: Product) -> dict[str, Any]:
    try:
        return {"ok": True, "waiting": product.jobs.depth()}
    except RedisError as error:
        return {"ok": False, "problem": f"the queue is away ({type(error).__name__})"}
