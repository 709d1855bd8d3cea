"""Plotly figures: units on both axes, n in the title, lines where the bands begin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

COLOURS = {"High": "#0b7a75", "Medium": "#e0a526", "Low": "#8a97a6"}


def distribution(counts: Sequence[int], thresholds: Mapping[str, int]) -> go.Figure:
    """Leads by score; `counts[s]` is the number of leads with score s, 0-100."""
    figure = go.Figure()
    edges = {"Low": (0, thresholds["medium"]), "Medium": (thresholds["medium"], thresholds["high"]),
             "High": (thresholds["high"], 101)}  # fmt: skip
    for band, (first, end) in edges.items():
        scores = list(range(first, end))
        figure.add_bar(
            x=scores,
            y=[counts[s] for s in scores],
            name=f"{band} ({sum(counts[first:end]):,})",
            marker_color=COLOURS[band],
            hovertemplate="score %{x}: %{y} leads<extra></extra>",
        )
    for name, at in thresholds.items():
        figure.add_vline(
            x=at - 0.5, line_dash="dot", line_color="#44546a", annotation_text=f"{name} from {at}"
        )
    figure.update_layout(
        title=f"Leads by score (n = {sum(counts):,})",
        xaxis_title="score (points; 50 = average odds of this portal)",
        yaxis_title="leads",
        bargap=0.05,
        margin={"l": 10, "r": 10, "t": 50, "b": 10},
        legend={"orientation": "h", "y": -0.2},
    )
    return figure
