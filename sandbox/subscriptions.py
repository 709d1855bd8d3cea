"""What the app subscribes to.

Without a file it is everything a lead scorer may want, as `object.*` or, when asked, as
`contact.*`, `company.*` and `deal.*`. With `--webhooks-file` it is the `subscriptions` of the app's
own webhooks-hsmeta.json (ref 4.1), so that an entry forgotten there is missed here too.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.errors import ApiError, SandboxError
from sandbox.state.object_types import object_type

FIRST_SUBSCRIPTION_ID = 33_270
ANY_PROPERTY = "*"
LEGACY_TYPES = ("contacts", "companies", "deals")

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
        "hs_lead_is_open",
        "hs_lead_is_qualified",
        "hs_lead_is_disqualified",
    }
)


@dataclass(frozen=True, slots=True)
class Subscription:
    """One entry. `event` is the part after the dot; `type_name` what events call it."""

    subscription_id: int
    event: str
    object_type: str
    type_name: str
    property_name: str = ""

    @property
    def generic(self) -> bool:
        """Of the `object.*` form."""
        return self.type_name.startswith("object.")


_COMMON = ("creation", "deletion", "restore", "associationChange", "propertyChange")
_EVENTS = {
    "contacts": (*_COMMON, "merge", "privacyDeletion"),
    "companies": (*_COMMON, "merge"),
    "deals": (*_COMMON, "merge"),
    "leads": _COMMON,
    "calls": _COMMON,
    "emails": _COMMON,
    "meetings": _COMMON,
    "notes": _COMMON,
    "tasks": _COMMON,
}


def default_subscriptions(legacy: bool) -> tuple[Subscription, ...]:
    """Everything; legacy ones know no activities."""
    pairs = [
        (kind, event)
        for kind, events in _EVENTS.items()
        for event in events
        if not legacy or kind in LEGACY_TYPES
    ]
    return tuple(
        Subscription(
            FIRST_SUBSCRIPTION_ID + number,
            event,
            kind,
            _type_name(kind, event, legacy),
            ANY_PROPERTY if event == "propertyChange" else "",
        )
        for number, (kind, event) in enumerate(pairs)
    )


def _type_name(kind: str, event: str, legacy: bool) -> str:
    if legacy or event == "privacyDeletion":  # which has no generic form
        return f"{object_type(kind).singular}.{event}"
    return f"object.{event}"


def read_subscriptions(path: Path) -> tuple[Subscription, ...]:
    """The active entries of a webhooks-hsmeta.json; SandboxError says what is wrong in it."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))["config"]["subscriptions"]
        entries = [
            entry
            for room in ("crmObjects", "legacyCrmObjects", "hubEvents")
            for entry in found.get(room, [])
            if entry.get("active", True)
        ]
        return tuple(_parsed(entries))
    except (OSError, ValueError, KeyError, AttributeError, TypeError, ApiError) as error:
        raise SandboxError(f"{path} is not a webhooks-hsmeta.json: {error}") from error


def _parsed(entries: Iterable[Mapping[str, Any]]) -> Iterable[Subscription]:
    for number, entry in enumerate(entries):
        type_name = str(entry["subscriptionType"])
        stem, _, event = type_name.partition(".")
        kind = object_type(entry["objectType"] if stem == "object" else stem).name
        name = str(entry["propertyName"]) if event == "propertyChange" else ""
        yield Subscription(FIRST_SUBSCRIPTION_ID + number, event, kind, type_name, name)
