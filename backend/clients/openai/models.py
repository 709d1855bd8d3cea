"""Which models are announced to be shut down, and what the vendor's own list says of ours.

Source: developers.openai.com/api/docs/deprecations and the field `shutdown_date` of `GET /models`,
looked up on 2026-11-29.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

WARN_DAYS: Final = 60  # before the shutdown: time to choose and try another model
_OCTOBER: Final = date(2026, 10, 23)
_DECEMBER: Final = date(2026, 12, 11)
_JANUARY: Final = date(2027, 1, 14)
_APRIL: Final = date(2027, 4, 1)
SHUTDOWNS: Final[Mapping[str, date]] = {
    "gpt-3.5-turbo": _OCTOBER,
    "gpt-4": _OCTOBER,
    "gpt-4-turbo": _OCTOBER,
    "gpt-4.1-nano": _OCTOBER,
    "gpt-4o-2024-05-13": _OCTOBER,
    "o1": _OCTOBER,
    "o3-mini": _OCTOBER,
    "o4-mini": _OCTOBER,
    "gpt-5": _DECEMBER,
    "gpt-5-mini": _DECEMBER,
    "gpt-5-nano": _DECEMBER,
    "o3": _DECEMBER,
    "gpt-4o": _JANUARY,
    "gpt-4o-mini": _JANUARY,
    "gpt-4.1": _JANUARY,
    "gpt-4.1-mini": _JANUARY,
    "gpt-5.1": _APRIL,
    "gpt-5.4-nano": _APRIL,
}
SUCCESSOR: Final = "gpt-6-luna"  # of the small models
_DATED: Final = re.compile(r"-\d{4}-\d{2}-\d{2}$")


def shutdown_of(model: str, listed: Mapping[str, Any], *, by_openai: bool) -> date | None:
    """The day on which the model ends: what its own server says, else what OpenAI has announced
    for its own models (`by_openai`)."""
    try:
        return date.fromisoformat(str(listed.get("shutdown_date") or "")[:10])
    except ValueError:
        pass
    if not by_openai:
        return None
    return SHUTDOWNS.get(model) or SHUTDOWNS.get(_DATED.sub("", model))


def problems_of(
    models: Sequence[tuple[str, str]],
    listed: Sequence[Mapping[str, Any]] | None,
    today: date,
    *,
    by_openai: bool,
) -> dict[str, str]:
    """What is wrong with (setting, model) pairs, by model; `listed` None: the server has no list.

    A problem names the setting to change.
    """
    known = {str(one.get("id")): one for one in listed or ()}
    found: dict[str, str] = {}
    for setting, model in models:
        ends_on = shutdown_of(model, known.get(model, {}), by_openai=by_openai)
        if known and model not in known:
            found[model] = (
                f"the model {model} is not in the provider's list: set {setting} to one that is"
            )
        elif ends_on is not None and (ends_on - today).days <= WARN_DAYS:
            when = "was shut down" if ends_on <= today else "is shut down"
            found[model] = (
                f"the model {model} {when} on {ends_on.isoformat()}: set {setting} to another one"
            ) + (f", e.g. {SUCCESSOR}" if setting == "OPENAI_CHAT_MODEL" else "")
    return found
