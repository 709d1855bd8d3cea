"""What a score has to say beside its number, each thing once; and how a refusal is shown."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from console.client import ApiError
from console.tables import safe
from console.vocabulary import FLAGS


def notices(flags: Sequence[str]) -> list[tuple[str, str, str]]:
    """(title, text, tone). A budget that is used up explains what is missing by itself."""
    spent = "over_budget" in flags
    shown = [FLAGS[f] for f in flags if f in FLAGS and not (spent and f.endswith("_away"))]
    return list(dict.fromkeys((one["title"], one["text"], one["tone"]) for one in shown))


def refused(error: ApiError) -> None:
    """What was wrong, one line per place; the message alone where it names the only one."""
    st.error(safe(str(error)))
    for problem in error.problems:
        if problem not in str(error):
            st.caption(safe(problem))
