"""Choices that stand in the address bar by their value, so that a view can be shared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st


def choice(where: Any, label: str, options: Mapping[str, str], name: str) -> str:
    """One of `options` (value → what is shown); the first one is not named in the address."""
    values = list(options)
    chosen: str = where.selectbox(
        label,
        values,
        index=_place(values, name),
        format_func=options.__getitem__,
        key=f"choice_{name}",
    )
    remember(name, "" if chosen == values[0] else chosen)
    return chosen


def folded(title: str, names: Sequence[str]) -> str:
    """The title of folded filters, which says how many of them are set."""
    chosen = sum(name in st.query_params for name in names)
    return f"{title} ({chosen} set)" if chosen else title


def remember(name: str, value: str) -> None:
    """Put a value into the address, or take it out when it is empty."""
    if value:
        st.query_params[name] = value
    elif name in st.query_params:
        del st.query_params[name]


def _place(values: list[str], name: str) -> int:
    given = st.query_params.get(name, "")
    return values.index(given) if given in values else 0
