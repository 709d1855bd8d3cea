"""Profiles over the API: checked row by row, drafts until somebody activates them."""

from __future__ import annotations

from typing import Any

from backend.jobs import reports
from backend.storage import runs
from backend.storage.learning import profiles
from backend.storage.portals import portals
from backend.storage.runs import REPORT
from tests.integration.api.conftest import ON_SQLITE, OWN, Desk

HEADER = "Industry,Company size,Revenue range,Geographic location,Technology stack,Budget range"
GOOD = "Banking,51-200,$1M,Germany,AWS,$10k"
BAD = "Banking,many,$1M,Germany,AWS,$10k"
P = f"/portals/{OWN}"
pytestmark = ON_SQLITE


def upload(desk: Desk, token: str, *rows: str, **more: Any) -> dict[str, Any]:
    body = {"name": "clients.csv", "content": "\n".join([HEADER, *rows]), **more}
    answer = desk.ask("POST", f"{P}/profiles", token, body)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.get_json()


def test_a_bad_row_is_named_and_nothing_is_stored_until_asked(desk: Desk) -> None:
    token = desk.token(desk.person("manager"))
    told = upload(desk, token, GOOD, BAD)
    assert (told["version"], told["accepted"], told["refused"]) == (0, 1, 1)
    assert "row 3, column 'Company size'" in told["problems"][0]
    assert desk.ask("GET", f"{P}/profiles", token).get_json()["versions"] == []
    told = upload(desk, token, GOOD, BAD, skip_invalid=True)
    assert (told["version"], told["accepted"]) == (1, 1)


def test_a_file_that_is_no_profile_says_which_columns_it_lacks(desk: Desk) -> None:
    token = desk.token(desk.person("manager"))
    answer = desk.ask(
        "POST", f"{P}/profiles", token, {"name": "x.csv", "content": "Industry,Size\nA,B"}
    )
    (problem,) = answer.get_json()["problems"]
    assert "lacks the columns Revenue range, " in problem and "it has 'Industry'" in problem


def test_an_upload_is_a_draft_until_it_is_activated_and_can_be_taken_back(desk: Desk) -> None:
    token = desk.token(desk.person("manager"))
    upload(desk, token, GOOD)
    assert desk.ask("GET", f"{P}/profiles", token).get_json()["active"] == 0
    with desk.product.stores.database.write() as conn:
        portals.set_pulled(conn, OWN, desk.clock.now())
    answer = desk.ask("POST", f"{P}/profiles/1/activate", token).get_json()
    assert answer == {"version": 1, "rescoring": True}
    upload(desk, token, GOOD, GOOD)
    for version in (2, 1):
        desk.clock.forward(1)
        desk.ask("POST", f"{P}/profiles/{version}/activate", token)
    found = desk.ask("GET", f"{P}/profiles", token).get_json()
    assert found["active"] == 1
    assert {row["state"] for row in found["versions"]} == {"active", "retired"}
    with desk.product.stores.database.read() as conn:
        assert runs.latest(conn, OWN, "population").state == "running"
    trail = desk.ask("GET", f"{P}/audit", desk.token(desk.person("auditor"))).get_json()["items"]
    assert "profile.activate" in {row["action"] for row in trail}


def test_accepted_suggestions_join_the_active_clients_in_a_draft(desk: Desk) -> None:
    token = desk.token(desk.person("manager"))
    refused = desk.ask("POST", f"{P}/profiles/suggestions/accept", token, {"client_ids": ["won-7"]})
    assert refused.status_code == 409
    upload(desk, token, GOOD)
    desk.ask("POST", f"{P}/profiles/1/activate", token)
    suggested = {
        "client_id": "won-7",
        "industry": "machinery",
        "company_size": "51-200",
        "revenue_range": "",
        "location": "germany",
        "technologies": ["sap"],
        "budget_range": "",
    }
    with desk.product.stores.database.write() as conn:
        now = desk.clock.now()
        run = reports.begin(conn, OWN, "suggest", now, {})
        runs.advance(conn, run, now, done=1, position={REPORT: {"clients": [suggested]}})
        runs.finish(conn, run, now)
    body = {"client_ids": ["won-7", "won-7"]}
    told = desk.ask("POST", f"{P}/profiles/suggestions/accept", token, body).get_json()
    assert (told["version"], told["accepted"]) == (2, 1)
    with desk.product.stores.database.read() as conn:
        assert profiles.active(conn, OWN).version == 1
        assert [c.client_id for c in profiles.version(conn, OWN, 2).clients] == ["row-2", "won-7"]
    unknown = desk.ask("POST", f"{P}/profiles/suggestions/accept", token, {"client_ids": ["won-8"]})
    assert unknown.status_code == 409


def test_the_same_question_is_joined_and_another_replaces_it(desk: Desk) -> None:
    with desk.product.stores.database.write() as conn:
        now = desk.clock.now()
        first = reports.begin(conn, OWN, "model_preview", now, {"version": 1})
        again = reports.begin(conn, OWN, "model_preview", now, {"version": 1})
        desk.clock.forward(1)
        other = reports.begin(conn, OWN, "model_preview", desk.clock.now(), {"version": 2})
        assert runs.get(conn, OWN, first.run_id).state == "cancelled"
    assert first.run_id == again.run_id != other.run_id
    token = desk.token(desk.person("manager"))
    assert desk.ask("POST", f"{P}/runs/{other.run_id}/cancel", token).status_code == 200
    kinds = {one["kind"]: one["state"] for one in _answers(desk, token)}
    assert kinds == {
        "backtest": "none",
        "outcomes": "none",
        "impact": "none",
        "suggest": "none",
        "profile_preview": "none",
        "model_preview": "cancelled",
    }


def _answers(desk: Desk, token: str) -> list[dict[str, Any]]:
    return desk.ask("GET", f"{P}/questions", token).get_json()["items"]
