"""The scope names a HubSpot app may ask for (ref 2.5), as far as this stand-in knows them."""

from __future__ import annotations

_OBJECTS = ("contacts", "companies", "deals", "leads", "quotes", "line_items", "products", "custom")

KNOWN_SCOPES = frozenset(
    {
        "oauth",
        "automation",
        "tickets",
        "timeline",
        "forms",
        "files",
        "content",
        "business-intelligence",
        "communication_preferences.read",
        "crm.objects.owners.read",
        "crm.objects.users.read",
        "crm.lists.read",
        "crm.lists.write",
        "crm.import",
        "crm.export",
        "sales-email-read",
        "settings.users.read",
        "account-info.security.read",
        "developer.webhooks_journal.read",
        "developer.webhooks_journal.subscriptions.read",
        "developer.webhooks_journal.subscriptions.write",
    }
    | {f"crm.objects.{name}.{right}" for name in _OBJECTS for right in ("read", "write")}
    | {f"crm.schemas.{name}.{right}" for name in _OBJECTS for right in ("read", "write")}
)
