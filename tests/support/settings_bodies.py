"""A body of settings that the API takes."""

from __future__ import annotations

# What a route with a body is sent
SETTINGS = {
    "thresholds": {"high": 80, "medium": 50},
    "eligibility": {
        "excluded_lifecycle_stages": ["customer"],
        "own_domains": ["leadlight.example"],
        "excluded_domains": [],
        "excluded_contact_ids": [],
        "free_mail_allowed": True,
    },
    "property_map": {"budget_range": "custom_budget"},
    "read_free_text": ["message"],
    "learn_from": [],
    "daily_ai_calls": 100,
    "daily_ai_usd": 1.5,
    "routing": {
        "fallback_owner_id": "",
        "task_queue_id": "",
        "owner_capacity": [{"owner_id": "77", "leads": 12}],
        "follow_up_days": 2,
        "working_days": [0, 1, 2, 3, 4],
        "digest_above": 10,
        "weekly_capacity": 0,
        "tasks_per_owner": 10,
        "touch_within_hours": 6,
    },
}
