"""What the app subscribes to: the `crmObjects` and `hubEvents` of its webhooks-hsmeta.json.

An `object.*` subscription names kind and event; one about a property names it, and `*` stands for
every property the app may want (HubSpot wants one entry per property; a stand-in that knew fewer
than the product's own file would hide its triggers). With `--legacy-subscriptions` the same events
come as `contact.*`, `company.*` and `deal.*`.
"""

from __future__ import annotations

from dataclasses import dataclass

FIRST_SUBSCRIPTION_ID = 33_270

# Not subscribable, or calculated and never fired (ref 4.1).
SILENT_PROPERTIES = frozenset(
    {
        "hs_lastmodifieddate",
        "lastmodifieddate",
        "createdate",
        "hs_createdate",
        "num_unique_conversion_events",
        "hs_object_id",
        "hs_email_html",
        "hs_email_subject",
        "hs_is_closed",
        "hs_is_closed_won",
        "hs_is_closed_lost",
        "hs_deal_stage_probability",
    }
)


@dataclass(frozen=True, slots=True)
class Subscription:
    """One entry. `event` is the part after the dot."""

    subscription_id: int
    event: str
    object_type: str
    property_name: str = ""


_EVENTS = {
    "contacts": (
        "creation", "deletion", "merge", "restore", "associationChange",
        "propertyChange", "privacyDeletion",
    ),
    "companies": (
        "creation", "deletion", "merge", "restore", "associationChange", "propertyChange",
    ),
    "deals": ("creation", "deletion", "merge", "restore", "associationChange", "propertyChange"),
    "calls": ("creation", "deletion", "restore", "associationChange", "propertyChange"),
    "emails": ("creation", "deletion", "restore", "associationChange", "propertyChange"),
    "meetings": ("creation", "deletion", "restore", "associationChange", "propertyChange"),
    "notes": ("creation", "deletion", "restore", "associationChange", "propertyChange"),
    "tasks": ("creation", "deletion", "restore", "associationChange", "propertyChange"),
}  # fmt: skip


def subscriptions() -> tuple[Subscription, ...]:
    """All of the app's, numbered as HubSpot would."""
    pairs = [(kind, event) for kind, events in _EVENTS.items() for event in events]
    return tuple(
        Subscription(
            FIRST_SUBSCRIPTION_ID + number,
            event,
            kind,
            "*" if event == "propertyChange" else "",
        )
        for number, (kind, event) in enumerate(pairs)
    )
