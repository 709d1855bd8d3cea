"""Rows of the audit trail and of the access log as sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from console.vocabulary import CAUSES

DEEDS: Final[Mapping[str, str]] = {
    "api_key.create": "Made an API key",
    "api_key.revoke": "Revoked an API key",
    "audit.seal": "Sealed the trail with a key",
    "keys.rotate": "Encrypted again with the newest key",
    "leads.replay": "Tried failed leads again",
    "model.publish": "Published a model",
    "model.rollback": "Took a model back",
    "model.train": "Trained a model",
    "model.train.begin": "Began a training",
    "portal.connect": "Connected the portal",
    "portal.disconnect": "Disconnected the portal",
    "portal.erase": "Erased the portal",
    "portal.invite": "Made an invitation to connect",
    "portal.mode": "Changed the mode",
    "portal.settings": "Changed the settings",
    "privacy.erase": "Asked to erase contacts",
    "privacy.tombstones.take_back": "Let erased contacts come back",
    "privacy.export": "Exported what is held about a contact",
    "profile.activate": "Put a profile to use",
    "profile.import": "Stored a profile",
    "routes.confirm": "Confirmed tasks",
    "routes.decide": "Decided lists, tasks and messages",
    "routes.replay": "Tried failed lists and tasks again",
    "run.begin": "Began long work",
    "run.cancel": "Cancelled long work",
    "session.end": "Signed out",
    "session.start": "Signed in",
    "user.add": "Gave somebody a role",
    "user.delete": "Deleted an account",
    "user.disable": "Disabled an account",
    "user.enable": "Enabled an account",
    "user.invite": "Invited somebody",
    "user.password": "Chose a password",
    "user.password_reset": "Reset a password",
    "user.remove": "Took a role away",
    "user.role": "Changed a role",
    "user.second_factor": "Changed a second factor",
    "user.uninvite": "Withdrew an invitation",
    "writes.replay": "Tried failed writes again",
}
_HANDS: Final[Mapping[str, str]] = {"cli": "command line", "system": "Leadlight"}


def deed(action: str) -> str:
    """What was done; one of a newer release is read as it is named."""
    return DEEDS.get(action) or _plain(action.replace(".", ": ")).capitalize()


def who(subject: str, names: Mapping[str, str]) -> str:
    """A person by the address, the product's own hands by what they are."""
    if subject in names:
        return names[subject]
    kind, _, name = subject.partition(":")
    if kind == "user":
        return f"person {name[:8]}" if name else subject
    if kind == "key":
        return f"API key {name}"
    return _HANDS.get(kind) or subject


def told(detail: Mapping[str, Any]) -> str:
    """The details of a row: "Thresholds: from high 80, medium 50 to high 68, medium 51."."""
    return ". ".join(_one(name, value) for name, value in detail.items() if not _is_empty(value))


def _one(name: str, value: Any) -> str:
    words = _plain(name).capitalize()
    if isinstance(value, Mapping) and set(value) == {"before", "after"}:
        before, after = _differing(value["before"], value["after"])
        return f"{words}: from {_value(before)} to {_value(after)}"
    return f"{words}: {_value(value)}"


def _differing(before: Any, after: Any) -> tuple[Any, Any]:
    """Of two settings with names only those that changed."""
    if not isinstance(before, Mapping) or not isinstance(after, Mapping):
        return before, after
    changed = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return {n: before.get(n) for n in changed}, {n: after.get(n) for n in changed}


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        if "count" in value:  # a long list, shortened
            return f"{value['count']:,}"
        shown = (_pair(_plain(name), one) for name, one in value.items())
        return ", ".join(shown) or "nothing"
    if isinstance(value, list):
        return ", ".join(_value(one) for one in value) or "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return _plain(value) if isinstance(value, str) else "nothing" if value is None else f"{value:,}"


def _pair(name: str, value: Any) -> str:
    counts = isinstance(value, Mapping) and "count" in value
    return f"{_value(value)} × {name}" if counts else f"{name} {_value(value)}"


def _plain(text: str) -> str:
    return CAUSES[text].lower() if text in CAUSES else text.replace("_", " ") or "nothing"


def _is_empty(value: Any) -> bool:
    return value is None or value in ("", [], {})


_VERBS: Final[Mapping[str, str]] = {
    "GET": "Read",
    "POST": "Asked for",
    "PUT": "Saved",
    "DELETE": "Removed",
}


def request(action: str) -> str:
    """A request of the access log: "Read leads", "Read one of leads", "Saved settings, mode"."""
    method, _, path = action.partition(" ")
    parts = path.removeprefix("/api/v1").removeprefix("/portals/<int:portal_id>").split("/")
    named = [part for part in parts if part and not part.startswith("<")]
    words = ", ".join(_plain(part.replace("-", "_")) for part in named).replace(".csv", " as CSV")
    one = "one of " if parts[-1].startswith("<") else ""
    return f"{_VERBS.get(method, method)} {one}{words}"
