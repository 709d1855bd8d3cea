"""Leads as the console sees them: found, filtered, page by page, explained, and only one's own."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest

from backend.storage.leads import summary_rows
from backend.storage.tables.leads import person_words
from tests.integration.api.conftest import ON_SQLITE, OTHER, OWN, Desk
from tests.integration.api.fill import TRAITS, fill, moved, park, score_of

LEADS = f"/portals/{OWN}/leads"
PEOPLE = [
    ("101", 92, "Ada Lovelace"),
    ("102", 61, "Grace Hopper"),
    ("103", 61, "Ada Palmer"),
    ("104", 12, '=HYPERLINK("http://evil.example")'),
]


@pytest.fixture
def rep(desk: Desk) -> str:
    fill(desk, PEOPLE)
    fill(desk, [("101", 33, "Ada Stranger")], portal_id=OTHER)
    return desk.token(desk.person("rep"))


def found(desk: Desk, token: str, query: str = "") -> list[str]:
    answer = desk.ask("GET", f"{LEADS}?{query}", token)
    assert answer.status_code == 200, answer.get_data()
    return [row["contact_id"] for row in answer.get_json()["items"]]


def test_leads_are_found_by_band_score_owner_source_and_id(desk: Desk, rep: str) -> None:
    other = replace(TRAITS, owner_id="78", lead_source="paid_social")
    fill(desk, [("105", 70, "Alan Turing")], traits=other)
    assert found(desk, rep) == ["101", "105", "103", "102", "104"]
    assert found(desk, rep, "band=High&band=Low") == ["101", "104"]
    assert found(desk, rep, "score_min=60&score_max=70") == ["105", "103", "102"]
    assert found(desk, rep, "owner=78") == ["105"]
    assert found(desk, rep, "source=organic_search&sort=worst") == ["104", "102", "103", "101"]
    assert found(desk, rep, "q=103") == ["103"]


def test_leads_are_found_by_how_long_they_are_known(desk: Desk, rep: str) -> None:
    today = desk.product.stores.clock.now()
    for contact_id, days in (("105", 2), ("106", 7), ("107", 8)):
        known = replace(TRAITS, lead_since=today - timedelta(days=days))
        fill(desk, [(contact_id, 90, "New Lead")], traits=known)
    assert found(desk, rep, "days=7&band=High") == ["106", "105"]
    assert desk.ask("GET", f"{LEADS}/summary?days=7", rep).get_json()["leads"] == 2
    assert found(desk, rep, "days=8&q=new") == ["107", "106", "105"]
    assert desk.ask("GET", f"{LEADS}?days=-1", rep).status_code == 400


def test_leads_are_found_by_the_words_of_a_name_or_an_address(desk: Desk, rep: str) -> None:
    assert found(desk, rep, "q=ada") == ["101", "103"]
    assert found(desk, rep, "q=LOVELACE ada") == ["101"]
    assert found(desk, rep, "q=102@X.example") == ["102"]
    assert found(desk, rep, "q=Stranger") == []  # the other portal's
    assert found(desk, rep, "q=%20,%20") == []
    with desk.product.stores.database.read() as conn:
        assert "ada" not in repr(conn.execute(person_words.select()).all()).lower()


def test_pages_follow_each_other_without_gaps_or_repeats(desk: Desk, rep: str) -> None:
    fill(desk, [(str(1_000 + i), 40 + i % 7, f"Lead {i}") for i in range(23)])
    for sort in ("best", "worst", "changed"):
        whole = found(desk, rep, f"limit=200&sort={sort}")
        walked: list[str] = []
        cursor = ""
        while True:
            query = f"limit=5&sort={sort}&cursor={cursor}"
            page = desk.ask("GET", f"{LEADS}?{query}", rep).get_json()
            walked += [row["contact_id"] for row in page["items"]]
            cursor = page["next"]
            if cursor is None:
                break
        assert walked == whole and len(whole) == 27
    first = desk.ask("GET", f"{LEADS}?limit=5&sort=best", rep).get_json()["next"]
    assert desk.ask("GET", f"{LEADS}?sort=changed&cursor={first}", rep).status_code == 400


def test_the_summary_counts_what_the_filter_finds(desk: Desk, rep: str) -> None:
    summary = desk.ask("GET", f"{LEADS}/summary?band=Medium", rep).get_json()
    assert summary["leads"] == 2
    assert summary["distribution"][61] == 2
    choices = desk.ask("GET", f"{LEADS}/choices", rep).get_json()
    assert choices["owners"] == [{"value": "77", "label": "Owner 77", "leads": 4}]


def test_a_segment_is_a_filter_a_column_and_a_choice_and_its_name_runs_nothing(
    desk: Desk, rep: str
) -> None:
    name = "=1+1 <b>DACH</b>"
    with desk.product.stores.database.write() as conn:
        score = score_of("102", 61)
        summary_rows.save(conn, [score], {}, {"102": replace(TRAITS, segment=name)})
    assert found(desk, rep, f"segment={quote(name)}") == ["102"]
    assert found(desk, rep, "segment=DACH") == []
    choices = desk.ask("GET", f"{LEADS}/choices", rep).get_json()
    assert choices["segments"] == [{"value": name, "label": name, "leads": 1}]
    text = desk.ask("GET", f"{LEADS}.csv?segment={quote(name)}", rep).get_data(as_text=True)
    assert ",=1" not in text and '"=1' not in text and "'=1+1 <b>DACH</b>" in text


def test_parked_and_waiting_leads_and_those_that_are_none_are_lists_too(
    desk: Desk, rep: str
) -> None:
    park(desk, "102", "HubSpot answered 502")
    assert found(desk, rep, "state=parked") == ["102"]
    with desk.product.stores.database.write() as conn:
        summary_rows.leave(conn, OWN, {"104": replace(TRAITS, outcome="won")})
    assert "104" not in found(desk, rep)
    assert found(desk, rep, "state=waiting") == found(desk, rep, "state=not_a_lead") == []


@ON_SQLITE
def test_a_download_holds_every_row_and_runs_nothing(desk: Desk, rep: str) -> None:
    answer = desk.ask("GET", f"{LEADS}.csv", rep)
    rows = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True))))
    assert [row["contact_id"] for row in rows] == ["101", "103", "102", "104"]
    assert rows[3]["name"].startswith("'=")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="leads.csv"'


@ON_SQLITE
def test_a_lead_says_why_it_has_its_score_and_why_that_changed(desk: Desk, rep: str) -> None:
    moved(desk, "102", 75)
    lead: Any = desk.ask("GET", f"{LEADS}/102", rep).get_json()
    assert (lead["name"], lead["company"], lead["lead"]["score"]) == (
        "Grace Hopper",
        "Cogwheel",
        75,
    )
    assert lead["lead"]["trend"]["points"] == 14
    assert sum(change["points"] for change in lead["lead"]["trend"]["changes"]) == 14
    assert [moment["score"] for moment in lead["history"]["moments"]] == [75, 61]
    stranger = desk.token(desk.person("admin", OTHER))
    assert desk.ask("GET", f"{LEADS}/102", stranger).status_code == 404
    assert desk.ask("GET", f"/portals/{OTHER}/leads/102", stranger).status_code == 404


def test_a_rescore_waits_and_pressing_twice_is_once(desk: Desk, rep: str) -> None:
    first = desk.ask("POST", f"{LEADS}/101/rescore", rep)
    assert first.status_code == 202
    rescore_id = first.get_json()["rescore_id"]
    assert desk.ask("POST", f"{LEADS}/101/rescore", rep).get_json()["rescore_id"] == rescore_id
    path = f"/portals/{OWN}/rescores/{rescore_id}"
    assert desk.ask("GET", path, rep).get_json()["state"] == "waiting"
    stranger = desk.token(desk.person("admin", OTHER))
    foreign = desk.ask("GET", f"/portals/{OTHER}/rescores/{rescore_id}", stranger)
    assert foreign.status_code == 404
