"""Where the labels come from that a model learns from, before any is trained."""

from __future__ import annotations

import streamlit as st

from console.api import Answered, Api
from console.tables import safe, table
from console.views import questions

LABELS = {"result": "Label", "leads": "Leads", "text": "Because"}
PIPELINES = {"label": "Pipeline", "sales": "Sales", "won": "Won deals", "why": "Because"}
WHOSE = {
    "nobody": "count for nobody",
    "primary": "count for the company's first contact",
    "all": "count for all contacts of the company",
}


def draw(client: Api, answer: Answered) -> None:
    """The newest answer, and the button for another."""
    report = answer["report"]
    title = "Who counts as won and lost, and why"
    if report is not None:
        title = (
            f"{report['won']:,} won, {report['lost']:,} lost, {report['held_out']:,} left out: "
            "where the labels come from"
        )
    with st.expander(title, expanded=bool(report and report["warnings"])):
        if st.button("Read them now" if report is None else "Read them again"):
            questions.ask(client, "/models/outcomes")
        if answer["state"] == "none" or questions.waiting(client, answer) or report is None:
            return
        for warning in report["warnings"]:
            st.warning(safe(warning))
        table(report["labels"], "labels", columns=LABELS, empty="No contact was ever a lead.")
        st.caption(
            f"{questions.answered_at(answer)} A win counts within {report['horizon_days']} days "
            "of becoming a lead: nine of ten wins come in that time. Won deals of a company "
            f"without a contact {WHOSE[report['company_deals']]}."
        )
        rows = [
            {**one, "sales": "yes" if one["sales"] else "no", "why": one["why"] or "—"}
            for one in report["pipelines"]
        ]
        table(rows, "pipelines", columns=PIPELINES, empty="No deal pipeline is known.")
