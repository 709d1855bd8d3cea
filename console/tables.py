"""Tables as a person reads them, each with its download."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

QUIET: Mapping[str, Any] = {
    "delta_color": "off",
    "delta_arrow": "off",
    "width": "content",
}  # a figure's
ZONE = "zone"  # of the session: the time zone that `when` tells times in
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would run


def table(
    rows: Sequence[Mapping[str, Any]],
    name: str,
    *,
    columns: Mapping[str, str],
    empty: str,
    config: Mapping[str, Any] | None = None,
) -> None:
    """`columns` maps a row's key to its heading; `empty` says what to do when there is none."""
    if not rows:
        st.info(empty)
        return
    st.dataframe(
        frame(rows, columns),
        hide_index=True,
        width="stretch",
        column_config=dict(config or {}),
        placeholder="–",
    )
    download(rows, name, columns)


def pick(
    rows: Sequence[Mapping[str, Any]], name: str, *, columns: Mapping[str, str], key: str
) -> int | None:
    """A table whose rows can be chosen: the place of the chosen one. `key` begins anew."""
    event = st.dataframe(
        frame(rows, columns),
        hide_index=True,
        width="stretch",
        placeholder="–",
        on_select="rerun",
        selection_mode="single-row",
        key=f"pick_{name}_{key}",
    )
    selected = event["selection"]["rows"]
    return selected[0] if selected else None


def frame(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str]) -> pd.DataFrame:
    """The rows under their headings."""
    return pd.DataFrame(
        [{heading: row.get(key) for key, heading in columns.items()} for row in rows],
        columns=list(columns.values()),
    )


def download(rows: Sequence[Mapping[str, Any]], name: str, columns: Mapping[str, str]) -> None:
    """The same rows as CSV."""
    st.download_button(
        "Download as CSV",
        csv_of(rows, columns),
        file_name=f"{name}.csv",
        mime="text/csv",
        key=f"csv_{name}",
        on_click="ignore",
        icon=":material/download:",
    )


def csv_of(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str]) -> str:
    """Text that would start a formula gets a leading apostrophe."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns.values())
    for row in rows:
        writer.writerow([_cell(row.get(key)) for key in columns])
    return text.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, str) and value.lstrip(" ").startswith(_FORMULA):
        return f"'{value}"
    return "" if value is None else value


def when(text: str | None) -> str:
    """ "23 Nov, 09:14" in the portal's time zone, with a year that is not this one; "" without a
    time."""
    if not text:
        return ""
    at = local(text)
    this_year = datetime.now(at.tzinfo).year
    return f"{at:%d %b, %H:%M}" if at.year == this_year else f"{at:%d %b %Y, %H:%M}"


def zone_of(name: str) -> tzinfo:
    """UTC where this machine does not know the zone."""
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        return UTC


def local(text: str) -> datetime:
    """A time as ISO 8601 in the portal's time zone."""
    return datetime.fromisoformat(text).astimezone(st.session_state.get(ZONE, UTC))


def spell(seconds: int) -> str:
    """ "40 s", "5 min", "3 h", "2 days"."""
    if seconds < 120:
        return f"{seconds} s"
    if seconds < 7_200:
        return f"{seconds // 60} min"
    return f"{seconds // 3_600} h" if seconds < 172_800 else f"{seconds // 86_400} days"


def sentence(text: str) -> str:
    """With a capital and a full stop."""
    return text[:1].upper() + text[1:] + ("" if text[-1:] in ".!?…" else ".")


JOINER = "\u2060"  # zero wide, no break
_LINK_START = re.compile(r"(?:(?:https?|ftp|mailto|xmpp|tel):|www(?=\.)|@)", re.IGNORECASE)


def counted(number: int, one: str, many: str = "") -> str:
    """ "1 lead was", "2 leads were"; `many` is `one` with an s where that is all."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def safe(text: str) -> str:
    """Text of a lead inside Markdown: shown as it is, never as a link or a heading.

    An escape alone does not stop "www.", "http://" and "a@b" from becoming links: Markdown's
    GitHub form looks for them in the finished text. An invisible joiner takes them apart.
    """
    apart = _LINK_START.sub(rf"\g<0>{JOINER}", text)
    return "".join(f"\\{c}" if c in r"\`*_{}[]()<>#+-.!|~:$" else c for c in apart)
