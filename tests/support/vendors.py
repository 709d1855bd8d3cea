"""What providers are wired from, and a question to an analyst."""

from __future__ import annotations

import base64

from backend.model import AnalystRequest, Factor, Neighbour, NextAction

ENVIRON = {
    "PUBLIC_BASE_URL": "http://localhost:8000",
    "ENCRYPTION_KEYS": f"k1:{base64.b64encode(bytes(range(32))).decode()}",
    "SESSION_SECRET": "kV9w3sQ0ZrT7xYb2LnC5mJd8HfGp1aEu4iWo6tRq",
    "HUBSPOT_CLIENT_ID": "c",
    "HUBSPOT_CLIENT_SECRET": "s",
    "HUBSPOT_APP_ID": "1",
    "DATABASE_URL": "sqlite:///unused.db",
}
REQUEST = AnalystRequest(
    facts={"industry": "Banking", "seniority": "executive"},
    similar=(
        Neighbour(
            "ideal:secret-id",
            "ideal_client",
            0.8123,
            "Secret name",
            {"industry": "Banking", "size": "51-200", "location": "Germany"},
        ),
    ),
    ideal_profile={"industry": ("Banking", "Retail")},
    factors=(
        Factor("industry", "Banking", 9, "profile"),
        Factor("portal_average", "", -4, "portal"),
    ),
    baseline=60,
    allowed_actions=(NextAction.EMAIL, NextAction.NURTURE),
)
