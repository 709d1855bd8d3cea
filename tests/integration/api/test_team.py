"""What the team sees: disagreements and their leads, owners' loads, missing facts, views."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from backend.storage.leads import feedback
from backend.storage.leads.feedback import Feedback
from backend.storage.portals import portals
from tests.integration.api.conftest import OTHER, OWN, Desk
from tests.integration.api.fill import AT, TRAITS, fill

PORTAL = f"/portals/{OWN}"
PEOPLE = [("101", 92, "Ada Lovelace"), ("102", 61, "Grace Hopper"), ("103", 12, "Alan Turing")]


@pytest.fixture
def rep(desk: Desk) -> str:
    fill(desk, PEOPLE[:2])
    fill(desk, PEOPLE[2:], traits=replace(TRAITS, company_name="Bletchley Park", industry=""))
    return desk.token(desk.person("rep"))


def ask(desk: Desk, token: str, path: str) -> dict:
    answer = desk.ask("GET", f"{PORTAL}/{path}", token)
    assert answer.status_code == 200, answer.get_data()
    return answer.get_json()


def test_disagreements_are_listed_with_what_became_of_the_lead(desk: Desk, rep: str) -> None:
    won = replace(TRAITS, outcome="won", outcome_at=AT)
    fill(desk, [("104", 40, "Edith Clarke")], traits=won)
    with desk.product.stores.database.write() as conn:
        for minutes, (contact_id, word) in enumerate(
            [
                ("101", Feedback(True, "", 92)),
                ("102", Feedback(False, "too_high", 75, comment="they only wanted a job")),
                ("104", Feedback(False, "known_otherwise", 40)),
                ("999", Feedback(False, "bad_timing", 50)),
            ]
        ):
            at = AT + timedelta(minutes=minutes)
            feedback.save(conn, OWN, contact_id, "u1", word, at)
        feedback.save(conn, OTHER, "101", "u1", Feedback(False, "too_low", 1), AT)
    gone, decided, open_ = ask(desk, rep, "disputes")["items"]
    assert (open_["name"], open_["score"], open_["score_now"], open_["band_now"]) == (
        "Grace Hopper",
        75,
        61,
        "Medium",
    )
    assert open_["reason"] == "The score is too high"
    assert open_["comment"] == "they only wanted a job"
    assert (decided["outcome"], decided["reason"]) == ("won", "I know better from talking to them")
    assert (gone["score_now"], gone["band_now"], gone["outcome"]) == (None, "", "")


def test_owners_workflows_and_missing_facts_are_answered(desk: Desk, rep: str) -> None:
    assert ask(desk, rep, "owners")["items"] == []
    found = ask(desk, rep, "workflows")
    assert not found["lists"]
    assert [one["title"] for one in found["items"]] == ["On the moment a lead becomes High"]
    with desk.product.stores.database.write() as conn:
        portals.set_installation(conn, OWN, {"lists": {"priority": "11"}})
    found = ask(desk, rep, "workflows")
    assert found["lists"]
    assert "list 11" in found["items"][0]["title"]
    by_field = {one["field"]: one for one in ask(desk, rep, "fields")["items"]}
    industry = by_field["industry"]
    assert (industry["label"], industry["known"], industry["unknown"]) == ("Industry", 2, 1)


def test_leads_are_found_by_a_part_of_the_company(desk: Desk, rep: str) -> None:
    def ids(text: str) -> list[str]:
        return [row["contact_id"] for row in ask(desk, rep, f"leads?q={text}")["items"]]

    assert ids("bletchley") == ["103"]
    assert ids("cogwheel") == ["101", "102"]
    assert ids("lovelace") == ["101"]
    assert ids("100%25") == []  # a percent sign is no wildcard
    assert ids("_") == []


def test_a_lead_names_its_colleagues(desk: Desk, rep: str) -> None:
    fill(desk, [("101", 33, "Ada Stranger")], portal_id=OTHER)
    assert [one["name"] for one in ask(desk, rep, "leads/101")["colleagues"]] == ["Grace Hopper"]
    assert ask(desk, rep, "leads/103")["colleagues"] == []
    fill(
        desk,
        [("105", 50, "No Company"), ("106", 50, "Nor This")],
        traits=replace(TRAITS, company_name=""),
    )
    assert ask(desk, rep, "leads/105")["colleagues"] == []


def test_views_belong_to_one_person_and_hold_no_search(desk: Desk, rep: str) -> None:
    path, manager = f"{PORTAL}/views", desk.token(desk.person("manager"))
    view = {"name": "My High", "filters": "band=High&owner=77"}
    assert desk.ask("PUT", path, rep, view).status_code == 200
    assert ask(desk, rep, "views")["items"] == [view]
    assert ask(desk, manager, "views")["items"] == []
    again = view | {"filters": "band=Low"}
    desk.ask("PUT", path, rep, again)
    assert ask(desk, rep, "views")["items"] == [again]
    for filters in ("q=Ada", "lead=101", "band=High&q=Ada", "&"):
        answer = desk.ask("PUT", path, rep, {"name": "x", "filters": filters})
        assert answer.status_code == 400, filters
    assert desk.ask("POST", f"{path}/removal", manager, {"name": "My High"}).status_code == 404
    assert desk.ask("POST", f"{path}/removal", rep, {"name": "My High"}).status_code == 200
    assert ask(desk, rep, "views")["items"] == []
    assert desk.ask("POST", f"{path}/removal", rep, {"name": "My High"}).status_code == 404


def test_views_go_with_the_role(desk: Desk, rep: str) -> None:
    desk.ask("PUT", f"{PORTAL}/views", rep, {"name": "x", "filters": "band=High"})
    admin, subject = desk.token(desk.person("admin")), desk.person("rep")
    desk.ask("DELETE", f"{PORTAL}/users/{subject.removeprefix('user:')}", admin)
    again = desk.token(desk.person("rep"))
    assert ask(desk, again, "views")["items"] == []
