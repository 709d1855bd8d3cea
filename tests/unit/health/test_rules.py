"""Every threshold, from just below to just above."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from backend.services.health.rules import RULES, firing

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
FAILING = {
    "cause": "key",
    "problem": "OpenAI answered 401: the key is refused: check OPENAI_API_KEY",
    "leads": 3,
    "since": "2026-11-23T08:50:00+00:00",
}
WELL: dict[str, Any] = {
    "ok": True,
    "database": {
        "ok": True,
        "portals": [
            {
                "portal_id": 7,
                "state": "connected",
                "token_valid": True,
                "failed_leads": 0,
                "failed_writes": 0,
                "failed_events": 0,
                "missing_contacts": 0,
                "problems": [],
                "webhooks": {"received": 90, "missed": 9, "missed_share": 0.09},
            }
        ],
        "due_by_urgency": {"event": {"leads": 3, "oldest_s": 300}},
        "maintenance": {"started_at": (NOW - timedelta(hours=35)).isoformat(), "failed": []},
    },
    "queue": {"ok": True, "oldest_s": {"event": 120, "backfill": 9_000}},
    "connectivity": {"hubspot": {"ok": True}},
    "standing_still": [],
    "provider_failures": {"reader": FAILING | {"leads": 2}},
    "error_rate": {
        "jobs": {"total": 100, "failed": 10, "share": 0.1},
        "http_requests": {"total": 19, "failed": 19, "share": 1.0},
        "provider_requests:openai": {"total": 100, "failed": 25, "share": 0.25},
        "signatures": {"total": 8, "failed": 4, "share": 0.5},
    },
    "clock_skew_s": {"hubspot": 30},
}


def test_nothing_fires_while_all_is_just_well() -> None:
    assert firing(WELL, NOW) == {}


def changed(path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    found = deepcopy(WELL)
    place = found
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return found


PORTAL = ("database", "portals", 0)


@pytest.mark.parametrize(
    ("path", "value", "name"),
    [
        (("database",), {"ok": False, "problem": "gone"}, "database_away"),
        (("queue",), {"ok": False, "problem": "gone"}, "queue_away"),
        (("connectivity", "hubspot"), {"ok": False, "problem": "x"}, "provider_away:hubspot"),
        (
            ("connectivity", "hubspot"),
            {"ok": True, "problems": {"m-1": "the model m-1 is not in the provider's list"}},
            "model_ends:hubspot:m-1",
        ),
        (("provider_failures", "analyst"), FAILING, "scores_incomplete:analyst"),
        ((*PORTAL, "token_valid"), False, "token_invalid:7"),
        (("database", "due_by_urgency", "event", "oldest_s"), 301, "leads_wait:event"),
        (("queue", "oldest_s", "event"), 121, "queue_waits:event"),
        (
            ("standing_still",),
            [{"portal_id": 7, "work": "tasks", "since": "2026-11-23T08:50:00+00:00"}],
            "stands_still:7:tasks",
        ),
        ((*PORTAL, "failed_writes"), 1, "failed_work:7"),
        ((*PORTAL, "failed_events"), 1, "failed_work:7"),
        ((*PORTAL, "missing_contacts"), 21, "contacts_missing:7"),
        (
            (*PORTAL, "problems"),
            [{"area": "writes", "sentence": "High is no option.", "cure": "Give it back"}],
            "account_refuses:7:writes",
        ),
        (("error_rate", "jobs"), {"total": 100, "failed": 11, "share": 0.11}, "errors:jobs"),
        (
            ("error_rate", "provider_requests:openai"),
            {"total": 100, "failed": 26, "share": 0.26},
            "errors:provider_requests:openai",
        ),
        (("error_rate", "signatures"), {"total": 9, "failed": 5, "share": 0.556}, "bad_signatures"),
        (
            (*PORTAL, "webhooks"),
            {"received": 30, "missed": 10, "missed_share": 0.25},
            "webhooks_missed:7",
        ),
        (("clock_skew_s", "hubspot"), -31, "clock_skew:hubspot"),
        (("database", "unknown_keys"), ["k1"], "key_unknown:k1"),
        (
            ("database", "maintenance", "started_at"),
            (NOW - timedelta(hours=37)).isoformat(),
            "maintenance:late",
        ),
        (("database", "maintenance", "failed"), ["audit"], "maintenance:audit"),
    ],
)
def test_a_crossed_threshold_fires_its_own_alert_alone(
    path: tuple[Any, ...], value: Any, name: str
) -> None:
    assert list(firing(changed(path, value), NOW)) == [name]


def test_every_rule_is_crossed_above() -> None:
    mark = test_a_crossed_threshold_fires_its_own_alert_alone.pytestmark[0]  # type: ignore[attr-defined]
    assert {case[2].split(":")[0] for case in mark.args[1]} == set(RULES)


def test_a_disconnected_portal_needs_no_token() -> None:
    found = changed((*PORTAL, "token_valid"), False)
    found["database"]["portals"][0]["state"] = "disconnected"
    assert firing(found, NOW) == {}
