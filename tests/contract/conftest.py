"""What the contract tests share."""

from __future__ import annotations

import pytest
from redis import Redis


@pytest.fixture(autouse=True, scope="module")
def _empty_valkey(valkey_url: str) -> None:
    """Breakers and budgets live in Valkey: one file's outage is not the next one's."""
    with Redis.from_url(valkey_url) as redis:
        redis.flushall()
