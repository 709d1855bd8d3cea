"""A chart as a page shows it: its title as text, the figure, and the same numbers as a table."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from console.tables import safe

_TAG = re.compile(r"<[^<>]*>")


def chart(figure: go.Figure, name: str, where: Any = st, *, table: bool = True) -> None:
    """`name` tells charts of a page apart. The title stands above the figure, where no toolbar
    covers it and a narrow screen wraps it; `table` False where the page has one of its own."""
    place = where.container()
    title = figure.layout.title.text or ""
    figure.update_layout(title=None)
    place.markdown(f"**{safe(title)}**")
    place.plotly_chart(
        figure, width="stretch", key=f"chart_{name}", config={"displayModeBar": False}
    )
    if table:
        with place.expander("As a table"):
            st.dataframe(numbers(figure), hide_index=True, width="stretch", placeholder="–")


def numbers(figure: go.Figure) -> pd.DataFrame:
    """What is drawn, one row per mark: for those who cannot see it."""
    names = _axis(figure.layout.xaxis, "x"), _axis(figure.layout.yaxis, "y")
    several = len(figure.data) > 1
    rows = []
    for trace in figure.data:
        series = {"series": trace.name or ""} if several else {}
        rows += [
            series | dict(zip((*names, "value"), marks, strict=False)) for marks in _marks(trace)
        ]
    return pd.DataFrame(rows)


def _marks(trace: Any) -> list[Sequence[Any]]:
    if trace.type != "heatmap":
        return [(_plain(x), _plain(y)) for x, y in zip(trace.x, trace.y, strict=True)]
    return [
        (_plain(x), _plain(y), value)
        for y, row in zip(trace.y, trace.z, strict=True)
        for x, value in zip(trace.x, row, strict=True)
    ]


def _axis(axis: Any, otherwise: str) -> str:
    return axis.title.text or otherwise


def _plain(value: Any) -> Any:
    """A label without the tags that break its lines, as it was before the figure escaped it."""
    if not isinstance(value, str):
        return value
    text = _TAG.sub(" ", value)
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
