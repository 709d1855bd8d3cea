"""Figures of patterns and models: intervals around shares, the portal's average as a line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from console.charts import BARE, COLOURS, DOWN, INK, UP, label, plain

Row = Mapping[str, Any]
ABOVE: Any = {"annotation_y": 1, "annotation_yanchor": "bottom", "annotation_xanchor": "center"}
# The model stands out, then what scores without one, then what is only compared with.
VIOLET = "#8a6fb3"  # stands out on every band's colour
_METHODS = (UP, COLOURS["Medium"], "#4b8b5c", VIOLET, INK)


def conversion(groups: Sequence[Row], average: Row) -> go.Figure:
    """Share won of decided leads by value, with 95 % intervals and the average."""
    shown = [group for group in groups if group["conversion"]["decided"]][::-1]
    rates = [group["conversion"] for group in shown]
    figure = go.Figure()
    figure.add_scatter(
        x=[rate["share"] for rate in rates],
        y=[
            label(f"{group['label']} (n\u00a0=\u00a0{group['conversion']['decided']:,})")
            for group in shown
        ],
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [rate["high"] - rate["share"] for rate in rates],
            "arrayminus": [rate["share"] - rate["low"] for rate in rates],
            "color": INK,
        },
        mode="markers",
        marker={"color": [_colour(rate, average["conversion"]) for rate in rates], "size": 10},
        hovertemplate="%{y}: %{x:.1%} won<extra></extra>",
    )
    mean = average["conversion"]["share"]
    if mean is not None:
        figure.add_vline(
            x=mean, line_dash="dot", line_color=INK, annotation_text=f"average {mean:.0%}", **ABOVE
        )
    return _finished(
        figure,
        f"Won of leads with a closed deal (n = {average['conversion']['decided']:,})",
        "share won, with 95 % intervals",
        shown,
    )


def mean_scores(groups: Sequence[Row], average: Row) -> go.Figure:
    """Mean score by value, against the mean of all."""
    shown = [group for group in groups if group["scored"]][::-1]
    figure = go.Figure()
    figure.add_bar(
        x=[group["mean_score"] for group in shown],
        y=[label(f"{group['label']} (n\u00a0=\u00a0{group['scored']:,})") for group in shown],
        orientation="h",
        marker_color=UP,
        hovertemplate="%{y}: %{x:.1f} points<extra></extra>",
    )
    mean = average["mean_score"]
    if mean is not None:
        figure.add_vline(
            x=mean, line_dash="dot", line_color=INK, annotation_text=f"average {mean:.0f}", **ABOVE
        )
    figure.update_xaxes(range=[0, 100])
    return _finished(figure, f"Mean score (n = {average['scored']:,})", "score (points)", shown)


def grid(found: Row) -> go.Figure:
    """Leads by fit and engagement points; the colour is the share won of decided ones, and the
    number of leads while nothing is decided."""
    by_place = {(cell["fit"], cell["engagement"]): cell for cell in found["cells"]}
    rows = [[by_place.get((fit, eng)) for eng in found["engagement"]] for fit in found["fit"]]
    decided = any(cell["conversion"]["share"] is not None for cell in found["cells"])
    figure = go.Figure()
    figure.add_heatmap(
        x=found["engagement"],
        y=found["fit"],
        z=[[cell and _depth(cell, decided=decided) for cell in row] for row in rows],
        text=[[_cell_text(cell) for cell in row] for row in rows],
        texttemplate="%{text}",
        colorscale=[[0, "#e6eef5"], [1, "#1d5f8c"]],
        zmin=0,
        colorbar={"title": "won of decided", "tickformat": ".0%"}
        if decided
        else {"title": "leads"},
        hoverongaps=False,
    )
    total = sum(cell["leads"] for cell in found["cells"])
    figure.update_layout(
        title=f"Fit × engagement (n = {total:,} leads)",
        xaxis_title="engagement (points)",
        yaxis_title="fit: profile or model, and history (points)",
        margin=BARE,
        height=420,
    )
    return figure


def _depth(cell: Row, *, decided: bool) -> Any:
    return cell["conversion"]["share"] if decided else cell["leads"]


def touches(bands: Sequence[Row]) -> go.Figure:
    """How soon each band is first touched, as shares."""
    figure = go.Figure()
    shades = ("#1d5f8c", UP, "#5b9bc8", INK, DOWN)
    for place, within in enumerate(bands[0]["within"]):
        figure.add_bar(
            x=[_share(band["leads"], place) for band in bands],
            y=[f"{band['band']} (n = {sum(band['leads']):,})" for band in bands],
            name=within if within in ("later", "never") else f"within {within}",
            orientation="h",
            marker_color=shades[place % len(shades)],
            hovertemplate="%{x:.0%}<extra></extra>",
        )
    figure.update_layout(
        title="Time until a colleague's first call, email or meeting",
        xaxis={"title": "share of leads", "tickformat": ".0%"},
        yaxis={"autorange": "reversed"},
        barmode="stack",
        margin=BARE,
        height=280,
        legend={"orientation": "h", "y": -0.35},
    )
    return figure


def drift(weeks: Sequence[Row]) -> go.Figure:
    """Stability index of scores and of the fields that moved most, week by week."""
    ordered = list(weeks)[::-1]
    moved = [one["field"] for one in weeks[0]["fields"][:5]] if weeks else []
    figure = go.Figure()
    for field in moved:
        figure.add_scatter(
            x=[week["measured_at"] for week in ordered],
            y=[_psi(week, field) for week in ordered],
            name=plain(field),
            mode="lines+markers",
        )
    figure.add_scatter(
        x=[week["measured_at"] for week in ordered],
        y=[week["scores_psi"] for week in ordered],
        name="scores",
        mode="lines+markers",
        line={"color": INK, "width": 3},
    )
    for level, name in ((0.1, "watch"), (0.25, "alarm")):
        figure.add_hline(y=level, line_dash="dot", line_color=DOWN, annotation_text=name)
    figure.update_layout(
        title=f"Drift since training (n = {len(ordered)} weekly reports)",
        xaxis_title="week (UTC)",
        yaxis_title="population stability index",
        margin=BARE,
        height=340,
    )
    return figure


def calibration(bins: Sequence[Row]) -> go.Figure:
    """Predicted against actual shares won, on leads that training did not see."""
    figure = go.Figure()
    figure.add_scatter(
        x=[0, 1], y=[0, 1], mode="lines", line={"dash": "dot", "color": INK}, name="as predicted"
    )
    figure.add_scatter(
        x=[one["promised"] for one in bins],
        y=[one["share_won"] for one in bins],
        error_y={
            "type": "data",
            "symmetric": False,
            "array": [one["high"] - one["share_won"] for one in bins],
            "arrayminus": [one["share_won"] - one["low"] for one in bins],
        },
        mode="markers",
        marker={"size": 10, "color": UP},
        text=[f"n = {one['leads']}" for one in bins],
        name="test leads",
        hovertemplate="predicted %{x:.0%}, actual %{y:.0%}, %{text}<extra></extra>",
    )
    most = max([0.1, *(one["high"] for one in bins), *(one["promised"] for one in bins)])
    top = 1.04 * most  # room for the end of the longest bar
    figure.update_layout(
        title=f"Predicted and actual (n = {sum(one['leads'] for one in bins):,} test leads)",
        xaxis={"title": "predicted chance", "tickformat": ".0%", "range": [0, top]},
        yaxis={"title": "share won, with 95 % intervals", "tickformat": ".0%", "range": [0, top]},
        legend={"orientation": "h", "y": -0.25},
        margin=BARE,
        height=380,
    )
    return figure


def bands(rows: Sequence[Row]) -> go.Figure:
    """What became of the test leads of each band."""
    known = [row for row in rows if row["share_won"] is not None]
    figure = go.Figure()
    figure.add_bar(
        x=[f"{row['band']} (n = {row['leads']:,})" for row in known],
        y=[row["share_won"] for row in known],
        error_y={
            "type": "data",
            "symmetric": False,
            "array": [row["high"] - row["share_won"] for row in known],
            "arrayminus": [row["share_won"] - row["low"] for row in known],
            "color": VIOLET,
        },
        marker_color=[COLOURS[row["band"]] for row in known],
    )
    figure.update_layout(
        title="Won by band, on leads that training did not see",
        yaxis={"title": "share won, with 95 % intervals", "tickformat": ".0%"},
        margin=BARE,
        height=340,
    )
    return figure


def lift(measured: Mapping[str, Row]) -> go.Figure:
    """Wins among the best tenth and fifth, in times the average."""
    figure = go.Figure()
    for place, (name, metrics) in enumerate(measured.items()):
        figure.add_bar(
            x=["best 10 %", "best 20 %"],
            y=[metrics["lift_at_10"], metrics["lift_at_20"]],
            name=name,
            marker_color=_METHODS[min(place, len(_METHODS) - 1)],
        )
    figure.add_hline(y=1, line_dash="dot", line_color=INK, annotation_text="average")
    figure.update_layout(
        title="Lift: how much oftener the best leads win",
        yaxis_title="times the average",
        barmode="group",
        legend={"orientation": "h", "y": -0.2},
        margin=BARE,
        height=340,
    )
    return figure


def migration(found: Row) -> go.Figure:
    """Leads by band now and band then."""
    names = list(found["bands"])
    figure = go.Figure()
    figure.add_heatmap(
        x=[f"{name} then" for name in names],
        y=[f"{name} now" for name in names],
        z=found["matrix"],
        text=[[f"{count:,}" for count in row] for row in found["matrix"]],
        texttemplate="%{text}",
        colorscale=[[0, "#e6eef5"], [1, "#1d5f8c"]],
        showscale=False,
    )
    total = sum(sum(row) for row in found["matrix"])
    figure.update_layout(
        title=f"Who would change band (n = {total:,} leads)",
        xaxis_title="band then",
        yaxis={"title": "band now", "autorange": "reversed"},
        margin=BARE,
        height=320,
    )
    return figure


def _colour(rate: Row, average: Row) -> str:
    """Only what is surely above or below the average gets a colour."""
    mean = average["share"]
    if mean is None or rate["low"] <= mean <= rate["high"]:
        return INK
    return UP if rate["low"] > mean else DOWN


def _cell_text(cell: Row | None) -> str:
    if cell is None:
        return ""
    rate = cell["conversion"]
    won = f"<br>{rate['won']} of {rate['decided']} won" if rate["decided"] else ""
    return f"{cell['leads']:,}{won}"


def _share(counts: Sequence[int], place: int) -> float:
    return counts[place] / sum(counts) if sum(counts) else 0.0


def _psi(week: Row, field: str) -> float | None:
    return next((one["psi"] for one in week["fields"] if one["field"] == field), None)


def _finished(figure: go.Figure, title: str, unit: str, shown: Sequence[Row]) -> go.Figure:
    figure.update_layout(
        title=title,
        xaxis_title=unit,
        yaxis={"automargin": True},
        margin=BARE,
        height=110 + 40 * max(3, len(shown)),
    )
    if "share" in unit:
        figure.update_xaxes(tickformat=".0%", rangemode="tozero")
    return figure
