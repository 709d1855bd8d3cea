"""Do the vendors answer? Asked once a minute by `cron`, remembered in Redis, read by everybody.

A page that is asked for health never waits for a vendor.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any, Final

from redis import Redis
from redis.exceptions import RedisError

from backend.clients.http import skew_s
from backend.clients.side_by_side import in_time
from backend.errors import LeadlightError, Transient
from backend.ports import STORED
from backend.wiring import Product

KEY: Final = "connectivity"
KEPT_S: Final = 900  # an older answer says nothing
WITHIN_S: Final = 10.0  # one vendor's answer: `cron` has other things to do


def check(product: Product) -> dict[str, Any]:
    """Ask every configured vendor something that costs nothing; remember and return it. How many
    vectors each portal has stored is returned only: the health page is not for portals' numbers."""
    found = {name: _asked(ask) for name, ask in _questions(product).items()}
    for answer in found.values():
        answer["checked_at"] = product.stores.clock.now().isoformat(timespec="seconds")
    told = {name: {k: v for k, v in one.items() if k != STORED} for name, one in found.items()}
    with suppress(RedisError):
        product.stores.redis.set(KEY, json.dumps(told), ex=KEPT_S)
    return found


def known(redis: Redis) -> dict[str, Any]:
    """The last answers; {} when nobody has asked lately. Raises RedisError."""
    stored: Any = redis.get(KEY)
    found: dict[str, Any] = json.loads(stored) if stored else {}
    return found


def _questions(product: Product) -> dict[str, Callable[[], Mapping[str, Any]]]:
    settings, clock = product.stores.settings, product.stores.clock
    asked: dict[str, Callable[[], Mapping[str, Any]]] = {
        "hubspot": lambda: _reached(product, settings.hubspot_api_base + "/", {}, 500)
    }
    for vendor in product.ai.vendors:
        asked[vendor.name] = partial(vendor.check, clock.now())
    if settings.supabase_url:
        health = f"{settings.supabase_url.rstrip('/')}/auth/v1/health"
        key = {"apikey": settings.supabase_key}
        asked["supabase"] = lambda: _reached(product, health, key, 400)
    return asked


def _asked(ask: Callable[[], Mapping[str, Any]]) -> dict[str, Any]:
    began = time.perf_counter()
    try:
        found = {"ok": True} | dict(in_time(ask, WITHIN_S))
    except LeadlightError as error:
        found = {"ok": False, "problem": str(error)}
    return found | {"ms": round((time.perf_counter() - began) * 1000)}


def _reached(product: Product, url: str, headers: dict[str, str], bad: int) -> Mapping[str, Any]:
    """Any answer with a status below `bad` will do; the vendor's clock comes with it."""
    answer = product.hubspot.http.send("GET", url, headers=headers)
    if answer.status >= bad:
        raise Transient(f"answers {answer.status}")
    return skew_s(answer, product.stores.clock.now())
