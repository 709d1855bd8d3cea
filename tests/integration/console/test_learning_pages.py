"""Patterns, Model and Profile: what they conclude, who may press what, what pressing does."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from backend.jobs import reports
from backend.learning.data.table import table_of
from backend.learning.judge.backtest import backtest
from backend.model import IdealClient
from backend.storage import runs
from backend.storage.learning import models, profiles
from backend.storage.runs import REPORT
from tests.integration.api.conftest import ON_SQLITE, OWN, Desk
from tests.integration.api.fill import AT, TRAITS, fill
from tests.integration.console.conftest import Open

pytestmark = ON_SQLITE
HOSTILE = "Bank](http://evil) **x**"


def button(page: AppTest, label: str) -> Any:
    return next(one for one in page.button if one.label == label)


def markdown(page: AppTest) -> str:
    return " ".join(one.value for one in page.markdown)


@pytest.fixture(scope="module")
def trained() -> tuple[Any, dict[str, Any]]:
    """A small model and its report, as training leaves them."""
    rng = np.random.default_rng(3)
    rows = [
        {
            "outcome": "won" if rng.random() < (0.7 if i % 2 else 0.2) else "lost",
            "industry": "banking" if i % 2 else "farming",
            "company": f"c{i}",
        }
        for i in range(240)
    ]
    judged = backtest(table_of(rows), "outcome")
    card = judged.trained.scorecard
    report = judged.report() | {
        "won": card.won,
        "lost": card.lost,
        "censored": 0,
        "horizon_days": 90,
        "formula": judged.baselines["base_rate"].as_dict(),
        "filled_after": {},
        "calibration": [
            {"leads": 40, "promised": 0.3, "won": 12, "share_won": 0.3, "low": 0.2, "high": 0.45}
        ],
    }
    return card, report


def store(desk: Desk, trained: tuple[Any, dict[str, Any]]) -> None:
    with desk.product.stores.database.write() as conn:
        models.add(conn, OWN, trained[0], trained[1], made_by="training", now=desk.clock.now())


def answered(desk: Desk, kind: str, ask: dict[str, Any], report: dict[str, Any]) -> None:
    with desk.product.stores.database.write() as conn:
        now = desk.clock.now()
        run = reports.begin(conn, OWN, kind, now, ask)
        runs.advance(conn, run, now, done=1, position={**run.position, REPORT: report})
        runs.finish(conn, run, now)


CHANGE = {
    "version": 1,
    "leads": 3,
    "warnings": ["only 1.0 % of the leads would be High"],
    "proposed": {"high": 80, "medium": 50},
    "bands": [{"band": "High", "leads": 1, "share": 0.33, "expected_wins": None}],
    "migration": {
        "bands": ["High", "Medium", "Low"],
        "matrix": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
        "share_moved": 0.0,
        "mean_change": 1.5,
        "examples": [{"lead": "1", "before": 40, "after": 60}],
    },
    "distribution_before": [0] * 101,
    "distribution_after": [0] * 101,
    "cost": {
        "leads": 3,
        "calls": 3,
        "prompt_tokens": 900,
        "cost_micro_usd": 4_000_000,
        "daily_cap_micro_usd": 5_000_000,
    },
}


def test_patterns_conclude_against_the_average_and_keep_hostile_text_plain(
    desk: Desk, pages: Open
) -> None:
    won = replace(TRAITS, industry=HOSTILE, outcome="won", outcome_at=AT)
    lost = replace(TRAITS, industry="farming", outcome="lost", outcome_at=AT)
    fill(desk, [(str(n), 60, "A") for n in range(20)], traits=won)
    fill(desk, [(str(n), 60, "B") for n in range(20, 40)], traits=lost)
    page = pages("patterns", desk.token(desk.person("rep")))
    told = markdown(page)
    assert "50% of the leads with a closed deal were won." in told
    assert "](http" not in told.replace("\\]\\(", "")
    assert "Farming surely wins less often" in told
    assert any("No lead was decided since scoring began" in one.value for one in page.info)
    page = pages("patterns", desk.token(desk.person("rep")), by="company_size")
    assert page.selectbox(key="choice_by").value == "company_size"


def test_an_empty_portal_has_no_patterns_and_says_what_to_do(desk: Desk, pages: Open) -> None:
    page = pages("patterns", desk.token(desk.person("rep")))
    assert "pull the portal" in page.info[0].value
    page = pages("model", desk.token(desk.person("rep")))
    assert "Training needs 15 won and 15 lost" in page.info[0].value
    assert not [one for one in page.button if one.label == "Train"]  # a rep only looks
    page = pages("profile", desk.token(desk.person("rep")))
    assert "upload your ideal clients" in page.info[0].value


def test_training_and_backtest_are_begun_once_and_watched(desk: Desk, pages: Open) -> None:
    page = pages("model", desk.token(desk.person("manager")))
    button(page, "Train").click().run()
    button(page, "Backtest").click().run()
    assert not page.exception
    with desk.product.stores.database.read() as conn:
        assert runs.latest(conn, OWN, "train").state == "running"
        assert runs.latest(conn, OWN, "backtest").state == "running"


def test_a_model_is_shown_in_full_and_published_only_after_a_preview(
    desk: Desk, pages: Open, trained: tuple[Any, dict[str, Any]]
) -> None:
    store(desk, trained)
    token = desk.token(desk.person("manager"))
    page = pages("model", token)
    assert not page.error
    assert list(page.dataframe[0].value["State"]) == ["challenger"]
    assert button(page, "Publish").disabled
    button(page, "Preview").click().run()
    with desk.product.stores.database.read() as conn:
        assert runs.latest(conn, OWN, "model_preview").position["ask"] == {"version": 1}
    desk.clock.forward(1)
    answered(desk, "model_preview", {"version": 1}, {**CHANGE, "cost": None})
    page = pages("model", token)
    assert not button(page, "Publish").disabled
    assert "mean score would move by +1.5 points" in markdown(page)
    assert any("would be High" in one.value for one in page.warning)
    answer = desk.ask("POST", f"/portals/{OWN}/models/1/publish", token, {"force": False})
    assert answer.status_code == 200, answer.get_json()
    page = pages("model", token)
    assert "Model 1 scores" in markdown(page)
    assert desk.ask("POST", f"/portals/{OWN}/models/rollback", token).get_json() == {"published": 0}


def test_a_profile_is_activated_after_its_preview_with_its_cost(desk: Desk, pages: Open) -> None:
    client = IdealClient("a", "banking", "51-200", "1M-10M", "germany", ("aws",), name=HOSTILE)
    with desk.product.stores.database.write() as conn:
        profiles.add(
            conn,
            OWN,
            (client,),
            source="c.csv",
            made_by="t",
            now=desk.clock.now(),
            activate_it=False,
        )
    token = desk.token(desk.person("manager"))
    page = pages("profile", token)
    assert button(page, "Activate").disabled
    answered(desk, "profile_preview", {"version": 1}, CHANGE)
    page = pages("profile", token)
    assert any("at most 3 calls and \\$4.00" in one.value for one in page.caption)
    button(page, "Activate").click().run()
    with desk.product.stores.database.read() as conn:
        assert profiles.active(conn, OWN).version == 1


def test_columns_of_a_file_that_nobody_knows_are_asked_for(desk: Desk, pages: Open) -> None:
    """As after an upload: what the API answered to the file stands in the session."""
    token = desk.token(desk.person("manager"))
    titles = f"Tätigkeit {HOSTILE};Mitarbeiter;Umsatz;Land;Technologien;Budget"
    content = f"{titles}\nBanking;50-200;$1M-$10M;Germany;Python;$10k-$50k\n".encode()
    body = {"name": "c.csv", "file": b64encode(content).decode()}
    told = desk.ask("POST", f"/portals/{OWN}/profiles", token, body).get_json()
    page = pages("profile", token)
    page.session_state["profile_told"] = told
    page.session_state["profile_asked"] = ("c.csv", content, False)
    page.run()
    (industry,) = (one for one in page.selectbox if one.label == "Industry")
    assert industry.options == [f"Tätigkeit {HOSTILE} (Banking)"]
    assert "Which column is which?" in markdown(page)
    industry.select_index(0)
    button(page, "Use these columns").click().run()
    assert not page.exception, page.exception
    assert any("stored as a draft with 1 ideal client" in one.value for one in page.success)
    with desk.product.stores.database.read() as conn:
        (version,) = profiles.listed(conn, OWN)
    assert (version.state, version.rows) == ("draft", 1)


def test_suggestions_are_accepted_by_hand(desk: Desk, pages: Open) -> None:
    suggested = asdict(IdealClient("won-7", "machinery", "51-200", "", "germany", ("sap",)))
    report = {
        "won": 20,
        "lost": 30,
        "criteria": [],
        "clients": [{**suggested, "technologies": ["sap"], "alike": 4, "lift": 2.0}],
    }
    answered(desk, "suggest", {}, report)
    token = desk.token(desk.person("manager"))
    page = pages("profile", token)
    page.multiselect(key="suggested").set_value(["won-7"]).run()
    button(page, "Store a draft with them").click().run()
    assert "stored as a draft with 1" in page.success[0].value
    with desk.product.stores.database.read() as conn:
        assert [v.state for v in profiles.listed(conn, OWN)] == ["draft"]


OUTCOMES = {
    "horizon_days": 120,
    "leads": 9,
    "won": 3,
    "lost": 4,
    "held_out": 2,
    "labels": [
        {"result": "won", "why": "deal", "text": "a won deal of the contact", "leads": 3},
        {"result": "lost", "why": "no_win", "text": "no win in time", "leads": 4},
        {"result": "held out", "why": "company_won", "text": "its company has one", "leads": 2},
    ],
    "pipelines": [
        {"pipeline": "77", "label": HOSTILE, "won": 2, "contacts": 2, "customers": 0}
        | {"sales": False, "why": "its name says that it is not sales"}
    ],
    "pipelines_named": False,
    "company_deals": "nobody",
    "customers": 3,
    "customers_lost": 1,
    "warnings": ["1 of 3 customers are labelled lost"],
}


def test_the_model_page_says_where_labels_come_from_before_any_model(
    desk: Desk, pages: Open
) -> None:
    answered(desk, "outcomes", {}, OUTCOMES)
    page = pages("model", desk.token(desk.person("manager")))
    assert any("3 won, 4 lost, 2 left out" in one.label for one in page.expander)
    assert page.warning[0].value.startswith("1 of 3 customers are labelled lost")
    assert list(page.dataframe[0].value["Leads"]) == [3, 4, 2]
    assert list(page.dataframe[1].value["Sales"]) == ["no"]
    button(page, "Read them again").click().run()
    assert not page.exception
