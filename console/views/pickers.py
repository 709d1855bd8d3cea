"""Choosing by label what HubSpot calls something else inside: stages, owners, pipelines, fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from console.api import Api, Choices, Named
from console.client import ApiError

NONE: Choices = {
    "lifecycle_stages": [],
    "pipelines": [],
    "owners": [],
    "properties": [],
    "forms_and_pages": [],
    "segment_fields": [],
}
_KEPT = "choices_of_portal"


def choices(client: Api, name: str, *, may_edit: bool) -> Choices:
    """What the portal called `name` has; asked once in a session, as it costs HubSpot calls."""
    kept: dict[str, Choices] = st.session_state.setdefault(_KEPT, {})
    if may_edit and name not in kept:
        try:
            kept[name] = client.list_choices()
        except ApiError:
            return NONE
    return kept.get(name, NONE)


def several(
    where: Any, label: str, known: Sequence[Named], chosen: Sequence[str], **more: Any
) -> list[str]:
    """Stored values, picked by label; a word that HubSpot does not tell may be typed."""
    labels = _labels(known, chosen)
    found: list[str] = where.multiselect(
        label,
        list(labels),
        list(chosen),
        format_func=lambda value: labels.get(value, value),
        accept_new_options=True,
        **more,
    )
    return [value.strip() for value in found if value.strip()]


def one(
    where: Any, label: str, known: Sequence[Named], chosen: str, nothing: str, **more: Any
) -> str:
    """One stored value, or "" for what `nothing` says."""
    labels = _labels(known, [chosen] if chosen else [])
    found: str | None = where.selectbox(
        label,
        list(labels),
        list(labels).index(chosen) if chosen else None,
        format_func=lambda value: labels.get(value, value),
        accept_new_options=True,
        placeholder=nothing,
        **more,
    )
    return (found or "").strip()


def _labels(known: Sequence[Named], chosen: Sequence[str]) -> Mapping[str, str]:
    """Of what there is, and of what is set although HubSpot does not tell it; one that another
    has, too, with the stored value."""
    found = {choice["value"]: choice["label"] for choice in known}
    used = list(found.values())
    spoken = {v: text if used.count(text) == 1 else f"{text} ({v})" for v, text in found.items()}
    return {value: value for value in chosen if value not in spoken} | spoken
