"""Plotly figures: units on both axes, n in the title, lines where the bands begin."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from console.api import Edges
from console.tables import local

# Blue and orange are told apart with any colour vision; each has a contrast of at least 3 with the
# backgrounds of both themes (tests/unit/console/test_chart_colours.py).
COLOURS = {"High": "#2b7fb8", "Medium": "#c67f0e", "Low": "#7f8b98"}
UP, DOWN, INK = "#2b7fb8", "#d2601e", "#7f8b98"
_SHARED = re.compile(r"/crm/(?:objects/)?(\w+/)?\d{4}-\d{2}/?")
LABEL_MAX = 24  # characters of a line of a label: a narrow screen has to show the bars, too
BARE = {"l": 10, "r": 10, "t": 24, "b": 10}


def distribution(counts: Sequence[int], thresholds: Edges) -> go.Figure:
    """Leads by score; `counts[s]` is the number of leads with score s, 0-100."""
    figure = go.Figure()
    for band, (first, end) in _edges(thresholds).items():
        scores = list(range(first, end))
        figure.add_bar(
            x=scores,
            y=[counts[s] for s in scores],
            name=f"{band} ({sum(counts[first:end]):,})",
            marker_color=COLOURS[band],
            hovertemplate="score %{x}: %{y} leads<extra></extra>",
        )
    for band, at in (("Medium", thresholds["medium"]), ("High", thresholds["high"])):
        figure.add_vline(
            x=at - 0.5,
            line_dash="dot",
            line_color=INK,
            annotation_text=f"{band} from {at}",
            annotation_position=_BESIDE[band],
        )
    figure.update_layout(
        title=f"Leads by score (n = {sum(counts):,})",
        xaxis_title="score (points; 50 = your average lead)",
        yaxis_title="leads",
        bargap=0.05,
        margin=BARE,
        height=380,
        legend={"orientation": "h", "y": -0.22},
    )
    return figure


_BESIDE = {"Medium": "top left", "High": "top right"}  # two edges may lie close together


def _edges(thresholds: Edges) -> dict[str, tuple[int, int]]:
    medium, high = thresholds["medium"], thresholds["high"]
    return {"Low": (0, medium), "Medium": (medium, high), "High": (high, 101)}


def factors(found: Sequence[Mapping[str, Any]]) -> go.Figure:
    """Points of each factor, the strongest on top."""
    shown = [factor for factor in found if factor["points"]][::-1]
    figure = go.Figure()
    figure.add_bar(
        x=[factor["points"] for factor in shown],
        y=[label(factor["text"]) for factor in shown],
        orientation="h",
        marker_color=[UP if factor["points"] > 0 else DOWN for factor in shown],
        text=[f"{factor['points']:+d}" for factor in shown],
        textposition="outside",
        cliponaxis=False,
        hovertext=[plain(factor["comparison"] or factor["text"]) for factor in shown],
        hovertemplate="%{hovertext}<extra></extra>",
    )
    figure.update_layout(
        title=f"What the score is made of ({len(shown)} factors)",
        xaxis_title="points",
        yaxis={"automargin": True},
        margin=BARE,
        height=90 + 40 * max(3, len(shown)),
    )
    return figure


def history(moments: Sequence[Mapping[str, Any]], thresholds: Edges) -> go.Figure:
    """A lead's score over time; `moments` newest first."""
    ordered = list(moments)[::-1]
    figure = go.Figure()
    figure.add_scatter(
        x=[local(moment["scored_at"]).replace(tzinfo=None) for moment in ordered],
        y=[moment["score"] for moment in ordered],
        mode="lines+markers",
        line={"shape": "hv", "color": UP},
        hovertemplate="%{x|%d %b %Y %H:%M}: %{y}<extra></extra>",
    )
    for band in ("medium", "high"):
        figure.add_hline(
            y=thresholds[band],
            line_dash="dot",
            line_color=INK,
            annotation_text=f"{band.capitalize()} from {thresholds[band]}",
        )
    figure.update_layout(
        title=f"Score over time (n = {len(ordered)} changes)",
        xaxis_title="time",
        yaxis={"title": "score (points)", "range": [0, 101]},
        margin=BARE,
        height=300,
    )
    return figure


def trend(days: Sequence[Mapping[str, Any]]) -> go.Figure:
    """Leads per band, day by day."""
    figure = go.Figure()
    for band in ("Low", "Medium", "High"):
        figure.add_bar(
            x=[day["day"] for day in days],
            y=[day[band.lower()] for day in days],
            name=band,
            marker_color=COLOURS[band],
        )
    leads = sum(days[-1][band] for band in ("high", "medium", "low")) if days else 0
    figure.update_layout(
        title=f"Leads by band and day (n = {leads:,} today)",
        xaxis={"title": "day (UTC)", "type": "category"},
        yaxis_title="leads",
        barmode="stack",
        margin=BARE,
        height=320,
        legend={"orientation": "h", "y": -0.3},
    )
    return figure


def funnel(steps: Sequence[tuple[str, int]]) -> go.Figure:
    """From contacts to leads that were contacted; each step with its share of the one before."""
    figure = go.Figure()
    figure.add_funnel(
        y=[name for name, _ in steps],
        x=[count for _, count in steps],
        textinfo="value+percent previous",
        marker_color=UP,
    )
    figure.update_layout(
        title=f"How far contacts came (n = {steps[0][1]:,} contacts)",
        xaxis_title="contacts",
        margin=BARE,
        height=340,
    )
    return figure


def call_times(vendors: Sequence[Mapping[str, Any]]) -> go.Figure:
    """Mean time of each call to a vendor."""
    shown = list(vendors)[:15][::-1]
    figure = go.Figure()
    figure.add_bar(
        x=[vendor["mean_ms"] for vendor in shown],
        y=[label(_call(vendor)) for vendor in shown],
        orientation="h",
        marker_color=UP,
        hovertemplate="%{y}: %{x:.0f} ms on average<extra></extra>",
    )
    calls = sum(vendor["calls"] for vendor in vendors)
    figure.update_layout(
        title=f"Time to answer (n = {calls:,} calls)",
        xaxis_title="mean (ms)",
        yaxis={"automargin": True},
        margin=BARE,
        height=90 + 40 * max(3, len(shown)),
    )
    return figure


def _call(vendor: Mapping[str, Any]) -> str:
    """ "hubspot POST contacts/batch/update": HubSpot's addresses without what all of them share."""
    path = _SHARED.sub(r"\1", vendor["endpoint"])
    return f"{vendor['provider']} {path}"


def costs(days: Sequence[Mapping[str, Any]]) -> go.Figure:
    """Money by day and vendor."""
    figure = go.Figure()
    for provider in dict.fromkeys(day["provider"] for day in days):
        rows = [day for day in days if day["provider"] == provider]
        figure.add_bar(
            x=[row["day"] for row in rows], y=[row["usd"] for row in rows], name=provider
        )
    calls = sum(day["calls"] for day in days)
    figure.update_layout(
        title=f"Spent on models (n = {calls:,} requests)",
        xaxis={"title": "day (UTC)", "type": "category", "categoryorder": "category ascending"},
        yaxis_title="US dollars",
        barmode="stack",
        margin=BARE,
        height=300,
    )
    return figure


def label(text: str) -> str:
    """Text beside a bar, on as many lines as it needs."""
    lines = textwrap.wrap(text, LABEL_MAX, break_on_hyphens=False) or [""]
    return "<br>".join(plain(line) for line in lines)


def plain(text: str) -> str:
    """Text of a lead in a figure: Plotly would read tags and entities in it."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
