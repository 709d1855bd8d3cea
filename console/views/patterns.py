"""Patterns: who buys, does the score see it, and where is it wrong?"""

from __future__ import annotations

from typing import Any

import streamlit as st

from console import pattern_charts as charts
from console.address import choice, folded
from console.api import Api, Group, PortalAccess, Surprise
from console.drawing import chart
from console.tables import counted, safe, table, when
from console.views import compare
from console.views.filters import owner_source_period

TRAITS = {
    "industry": "Industry",
    "company_size": "Company size",
    "revenue_range": "Revenue",
    "location": "Region",
    "source": "Source",
    "owner": "Owner",
    "technologies": "Technology",
}
SHOWN = 15
GROUP_COLUMNS = {
    "label": "Value",
    "leads": "Leads",
    "mean_score": "Mean score",
    "high_share": "Share High",
    "decided": "Decided",
    "won": "Won",
    "share": "Share won",
    "low": "from",
    "high": "to",
}
SURPRISE_COLUMNS = {
    "name": "Name",
    "company": "Company",
    "score_before": "Score before",
    "outcome_at": "Decided",
    "industry": "Industry",
    "company_size": "Company size",
    "owner": "Owner",
}
DRIFT_COLUMNS = {
    "field": "Field",
    "psi": "Stability index",
    "level": "Level",
    "most_moved": "Moved most",
    "share_before": "Share at training",
    "share_now": "Share now",
}
FIELD_COLUMNS = {
    "label": "Fact",
    "filled": "Filled",
    "unknown": "Leads without it",
    "usual_points": "Moves a score by (points)",
    "best_points": "Adds at most (points)",
}
SHARES = {
    "Share High": st.column_config.NumberColumn(format="percent"),
    "Share won": st.column_config.NumberColumn(format="percent"),
    "from": st.column_config.NumberColumn(format="percent"),
    "to": st.column_config.NumberColumn(format="percent"),
    "Mean score": st.column_config.NumberColumn(format="%.1f"),
}


def draw(client: Api, portal: PortalAccess) -> None:
    """Who buys comes first; below, where the score was wrong and what moved."""
    st.title("Patterns")
    by, query = _filters(client)
    compare.draw(
        client,
        ("new_leads", "won", "lost", "win_rate"),
        owner=query["owner"],
        source=query["source"],
    )
    _traits(client, by, query)
    _wrong(client, portal, query)
    _grid(client, query)
    _touches(client, query)
    _fields(client)
    _drift(client)


def _filters(client: Api) -> tuple[str, dict[str, Any]]:
    """In the address bar, so that a view can be shared."""
    by = choice(st, "Tell leads apart by", TRAITS, "by")
    with st.expander(folded("Owner, source, known since", ("owner", "source", "days"))):
        return by, owner_source_period(client, st.columns(3))


def _traits(client: Api, by: str, query: dict[str, Any]) -> None:
    found = client.by_trait(by=by, **query)
    groups, average = found["groups"], found["average"]
    known = [group for group in groups if group["value"]]
    if not average["leads"]:
        st.info("No lead matches. Widen the filters, or pull the portal on the Setup page.")
        return
    st.markdown(f"**{_conclusion(known, average, TRAITS[by].lower())}**")
    left, right = st.columns(2)
    if average["conversion"]["decided"]:
        chart(charts.conversion(known[:SHOWN], average), "conversion", left, table=False)
        left.caption(
            "Blue is surely above the average, orange surely below; a grey interval holds the "
            "average, so nothing is to be concluded from it yet. Only leads with a closed deal "
            "count here; the Model page also counts those who had long enough and bought nothing."
        )
    else:
        left.info("No deal is closed yet: conversion appears with the first won and lost deals.")
    chart(charts.mean_scores(known[:SHOWN], average), "scores", right, table=False)
    right.caption(
        "A value that wins more should score more. Where it does not, train a model on the "
        "Model page, or change the profile."
    )
    with st.expander(f"All {len(groups)} values as a table"):
        table(
            [_flat(group) for group in [*groups, average]],
            f"patterns-{by}",
            columns=GROUP_COLUMNS,
            empty="No value is known.",
            config=SHARES,
        )


def _conclusion(groups: list[Group], average: Group, name: str) -> str:
    mean = average["conversion"]["share"]
    if mean is None:
        return f"{average['leads']:,} leads; none of them has a closed deal yet."
    above = [g for g in groups if (low := g["conversion"]["low"]) is not None and low > mean]
    below = [g for g in groups if (high := g["conversion"]["high"]) is not None and high < mean]
    if not above and not below:
        return f"No {name} surely wins more or less often than the {mean:.0%} of all closed deals."
    parts = [_list("more often", above), _list("less often", below)]
    told = "; ".join(part for part in parts if part)
    return f"{mean:.0%} of the leads with a closed deal were won. {told}."


def _list(says: str, groups: list[Group]) -> str:
    ranked = sorted(groups, key=lambda g: -g["conversion"]["decided"])[:3]
    names = " and ".join(safe(group["label"]) for group in ranked)
    return f"{names} surely {'win' if len(ranked) > 1 else 'wins'} {says}" if names else ""


def _flat(group: Group) -> dict[str, Any]:
    return {**group, **group["conversion"], "label": group["label"] or "unknown"}


def _wrong(client: Api, portal: PortalAccess, query: dict[str, Any]) -> None:
    st.header("Where the score was wrong")
    found = client.surprises(**query)
    edges = found["thresholds"]
    if not found["judged"]:
        st.info(
            f"No lead was decided since scoring began ({when(found['since'])}), so no score "
            "was right or wrong so far. The Model page judges on older deals."
        )
        return
    st.caption(
        f"Of {found['judged']:,} leads decided since they had a score, "
        f"{found['missed_gems_total']:,} were won although it was below {edges['medium']}, and "
        f"{found['false_hopes_total']:,} lost although it was {edges['high']} or more. Look for "
        "what they share."
    )
    st.subheader(f"Missed gems ({found['missed_gems_total']:,})")
    _surprises(found["missed_gems"], "missed-gems", "No lead with a low score was won.")
    st.subheader(f"False hopes ({found['false_hopes_total']:,})")
    _surprises(found["false_hopes"], "false-hopes", "No lead with a high score was lost.")


def _surprises(rows: list[Surprise], name: str, empty: str) -> None:
    shown = [{**row, "outcome_at": when(row["outcome_at"])} for row in rows]
    table(shown, name, columns=SURPRISE_COLUMNS, empty=empty)
    if not rows:
        return
    names = {row["contact_id"]: f"{row['name']} ({row['score_before']})" for row in rows}
    chosen = st.selectbox(
        "Look at one", list(names), index=None, format_func=names.__getitem__, key=f"see_{name}"
    )
    if chosen:
        st.html(f'<a href="leads?lead={chosen}" target="_self">Open this lead</a>')


def _grid(client: Api, query: dict[str, Any]) -> None:
    found = client.fit_by_engagement(**query)
    if found["cells"]:
        chart(charts.grid(found), "grid")
        st.caption(
            "Top right: fits and engages, call first. Top left: fits but is silent, worth an "
            "approach. Bottom right: engages without fitting, mind your time. Conversion counts "
            "deals closed since scoring began."
        )


def _touches(client: Api, query: dict[str, Any]) -> None:
    found = client.first_touches(**query)["bands"]
    if any(sum(band["leads"]) for band in found):
        chart(charts.touches(found), "touches")
        st.caption("High leads should be touched first; an orange end is work left lying.")


def _fields(client: Api) -> None:
    st.header("Missing facts")
    rows = client.list_fields()["items"]
    gaps = [row for row in rows if row["unknown"] and row["usual_points"]]
    if gaps:
        first = gaps[0]
        st.markdown(
            f"**{safe(first['label'])} is worth finding out first:** "
            f"{counted(first['unknown'], 'lead lacks', 'leads lack')} it, and a known value moves "
            f"a score by {first['usual_points']:.1f} points on average."
        )
    st.caption("Points as the ideal client profile weighs a value; an unknown one counts 0.")
    table(
        rows,
        "fields",
        columns=FIELD_COLUMNS,
        empty="",
        config={"Filled": st.column_config.NumberColumn(format="percent")},
    )


def _drift(client: Api) -> None:
    st.header("Drift")
    weeks = client.drift()["weeks"]
    if not weeks:
        st.info("Reports come weekly once a model is published.")
        return
    latest = weeks[0]
    word = {"stable": "look like", "watch": "begin to differ from"}.get(
        latest["level"], "differ clearly from"
    )
    st.markdown(
        f"**Today's leads {word} those that model {latest['model_version']} was trained on** "
        f"({latest['leads']:,} leads, measured {when(latest['measured_at'])})."
    )
    chart(charts.drift(weeks), "drift", table=False)
    table(
        latest["fields"],
        "drift",
        columns=DRIFT_COLUMNS,
        empty="The model was stored without its leads: train again to watch fields.",
        config={
            "Share at training": st.column_config.NumberColumn(format="percent"),
            "Share now": st.column_config.NumberColumn(format="percent"),
        },
    )
