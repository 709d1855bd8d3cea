"""Real processes, as the demo starts them, on ports of their own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bench.stage import Running, running

CONTACTS = 300


@pytest.fixture(scope="module")
def stage() -> Iterator[Running]:
    """Connected, live, every lead scored and written; shared by the tests of one file."""
    with running(
        contacts=CONTACTS,
        rate_limit=False,
        parts=("valkey", "sandbox", "web", "cron", "worker"),
    ) as found:
        found.scenario.connect()
        found.scenario.import_profile()
        found.scenario.go_live()
        found.scenario.score_all()
        yield found
