"""Questions that take a while: asked by a button, watched as a bar, answered on the page."""

from __future__ import annotations

from typing import Any

import streamlit as st

from console.api import Answered, Api
from console.client import ApiError
from console.notices import refused
from console.tables import safe, when
from console.views.progress import NAMES, bar


def newest(client: Api) -> dict[str, Answered]:
    """The newest answer of each kind."""
    return {one["kind"]: one for one in client.list_answers()["items"]}


def ask(client: Api, path: str, body: dict[str, Any] | None = None) -> None:
    """Begin, and draw the page again; a refusal is shown where the button was."""
    try:
        client.send("POST", path, body)
    except ApiError as error:
        refused(error)
        return
    st.rerun()


def waiting(client: Api, answer: Answered) -> bool:
    """A bar while it runs, the reason when it failed. True while there is nothing to show yet."""
    if answer["state"] == "running":
        _watch(client, answer)
        return True
    if answer["state"] == "failed":
        st.warning(f"{NAMES[answer['kind']]} did not work: {safe(answer['problem'])}")
    return answer["report"] is None


def answered_at(answer: Answered) -> str:
    """When the answer was found, for a caption."""
    return f"Answered {when(answer['finished_at'])}."


def _watch(client: Api, answer: Answered) -> None:
    @st.fragment(run_every=1.0)
    def watched() -> None:
        now = newest(client)[answer["kind"]]
        if now["run_id"] != answer["run_id"] or now["state"] != "running":
            st.rerun(scope="app")
        if now["started_at"]:
            bar(
                {
                    "run_id": now["run_id"],
                    "kind": now["kind"],
                    "done": 0,
                    "total": 0,
                    "started_at": now["started_at"],
                    "usual_s": now["usual_s"],
                }
            )

    watched()
