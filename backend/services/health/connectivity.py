"""Do the vendors answer? Asked once a minute by `cron`, remembered in Redis, read by everybody.

A page that is asked for health never waits for a vendor.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

from redis import Redis
from redis.exceptions import RedisError

from backend.clients.http import Answer
from backend.clients.pinecone.index import PineconeIndex
from backend.errors import LeadlightError, Transient
from backend.ports import Clock, Embedder, VectorIndex
from backend.wiring import Product

KEY: Final = "connectivity"
KEPT_S: Final = 900  # an older answer says nothing
OPENAI: Final = "https://api.openai.com/v1"


def check(product: Product) -> dict[str, Any]:
    """Ask every configured vendor something that costs nothing; remember and return it."""
    found = {name: _asked(ask) for name, ask in _questions(product).items()}
    for answer in found.values():
        answer["checked_at"] = product.stores.clock.now().isoformat(timespec="seconds")
    with suppress(RedisError):
        product.stores.redis.set(KEY, json.dumps(found), ex=KEPT_S)
    return found


def known(redis: Redis) -> dict[str, Any]:
    """The last answers; {} when nobody has asked lately. Raises RedisError."""
    stored: Any = redis.get(KEY)
    found: dict[str, Any] = json.loads(stored) if stored else {}
    return found


def _questions(product: Product) -> dict[str, Callable[[], dict[str, Any]]]:
    settings = product.stores.settings
    asked: dict[str, Callable[[], dict[str, Any]]] = {
        "hubspot": lambda: _reached(product, settings.hubspot_api_base + "/", {})
    }
    if settings.openai_api_key:
        key = {"Authorization": f"Bearer {settings.openai_api_key}"}
        base = (settings.openai_base_url or OPENAI).rstrip("/")
        asked["openai"] = lambda: _accepted(product, f"{base}/models", key)
    if isinstance(product.ai.index, PineconeIndex):
        asked["pinecone"] = lambda: _pinecone(product.ai.embedder, product.ai.index)
    if settings.supabase_url:
        health = f"{settings.supabase_url.rstrip('/')}/auth/v1/health"
        asked["supabase"] = lambda: _accepted(product, health, {"apikey": settings.supabase_key})
    return asked


def _asked(ask: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    began = time.perf_counter()
    try:
        found = ask()
    except LeadlightError as error:
        found = {"ok": False, "problem": str(error)}
    return found | {"ms": round((time.perf_counter() - began) * 1000)}


def _reached(product: Product, url: str, headers: dict[str, str]) -> dict[str, Any]:
    """Any answer that is not a server's failure will do; the vendor's clock comes with it."""
    answer = product.hubspot.http.send("GET", url, headers=headers)
    if answer.status >= 500:
        raise Transient(f"answers {answer.status}")
    return {"ok": True} | _skew(product.stores.clock, answer)


def _accepted(product: Product, url: str, headers: dict[str, str]) -> dict[str, Any]:
    """It has to accept our key as well."""
    answer = product.hubspot.http.send("GET", url, headers=headers)
    if answer.status >= 400:
        raise Transient(f"answers {answer.status}")
    return {"ok": True} | _skew(product.stores.clock, answer)


def _pinecone(embedder: Embedder, index: VectorIndex) -> dict[str, Any]:
    if isinstance(index, PineconeIndex):
        index.check(embedder.dimension)
    return {"ok": True}


def _skew(clock: Clock, answer: Answer) -> dict[str, Any]:
    """Seconds that this machine's clock is ahead of the vendor's `Date`."""
    try:
        theirs: datetime = parsedate_to_datetime(answer.headers.get("date", ""))
    except ValueError:
        return {}
    return {"skew_s": round((clock.now() - theirs.astimezone(UTC)).total_seconds())}
