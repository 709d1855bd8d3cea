"""The weekly report in Setup, and the comparison of months that a link shows again."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from backend.storage import runs
from tests.integration.api.conftest import ON_SQLITE, OWN, Desk
from tests.integration.api.fill import fill
from tests.integration.console.conftest import Open

pytestmark = ON_SQLITE


def press(page: AppTest, label: str) -> AppTest:
    button = next(one for one in page.button if one.label == label)
    found = button.click().run()
    assert not found.exception, found.exception
    return found


def asked(desk: Desk, token: str) -> Any:
    return desk.ask("GET", f"/portals/{OWN}/report", token).get_json()


def test_a_manager_chooses_when_the_report_goes_out_and_to_whom(desk: Desk, pages: Open) -> None:
    token = desk.token(desk.person("manager"))
    page = pages("setup", token)
    assert any("No mail server is set" in one.value for one in page.info)
    next(one for one in page.selectbox if one.label == "Weekday").set_value(2)
    next(one for one in page.checkbox if one.label == "Name leads in the report").check()
    press(page, "Save the report")
    found = asked(desk, token)
    assert (found["weekday"], found["hour"], found["names"]) == (2, 8, True)
    address = next(one for one in page.text_input if one.label == "Send it to this address, too")
    address.set_value("no address")
    press(page, "Add")
    assert "one email address" in page.error[0].value
    address = next(one for one in page.text_input if one.label == "Send it to this address, too")
    address.set_value("boss@x.example")
    press(page, "Add")
    assert [one["address"] for one in asked(desk, token)["recipients"]] == ["boss@x.example"]
    press(page, "Remove")
    assert asked(desk, token)["recipients"] == []


def test_other_settings_leave_the_report_as_it_was(desk: Desk) -> None:
    token = desk.token(desk.person("manager"))
    body = {"weekday": 4, "hour": 17, "names": True}
    assert desk.ask("PUT", f"/portals/{OWN}/report", token, body).status_code == 200
    settings = desk.ask("GET", f"/portals/{OWN}/settings", token).get_json()
    names = ("thresholds", "eligibility", "property_map", "read_free_text", "routing")
    kept = {name: settings[name] for name in (*names, "daily_ai_calls", "daily_ai_usd")}
    assert desk.ask("PUT", f"/portals/{OWN}/settings", token, kept).status_code == 200
    found = asked(desk, token)
    assert (found["weekday"], found["hour"], found["names"]) == (4, 17, True)


def test_the_preview_shows_the_report_and_sends_nothing(desk: Desk, pages: Open) -> None:
    fill(desk, [("1", 90, "Ada Secret")])
    token = desk.token(desk.person("manager"))
    made = desk.ask("GET", f"/portals/{OWN}/report/preview", token).get_json()
    assert "data:image/png;base64," in made["html"] and "Leads today: High" in made["text"]
    assert "Ada Secret" not in made["html"]
    page = press(pages("setup", token), "Show the report as it would go out now")
    assert any("Leads of the week until" in one.value for one in page.markdown)


@pytest.mark.parametrize("path", ["overview", "patterns", "impact"])
def test_a_link_shows_the_same_comparison(desk: Desk, pages: Open, path: str) -> None:
    fill(desk, [("1", 90, "Ada")])
    token = desk.token(desk.person("manager"))
    page = pages(path, token, compare="2026-10")
    assert not page.exception, page.exception
    assert any(
        "1 to 31 October 2026 against 1 to 30 September 2026" in c.value for c in page.caption
    )
    plain = pages(path, token)
    assert not any("against 1 to" in c.value for c in plain.caption)


def test_before_the_first_count_a_comparison_says_not_counted_and_no_zero(
    desk: Desk, pages: Open
) -> None:
    fill(desk, [("1", 90, "Ada")])
    token = desk.token(desk.person("manager"))

    def figures() -> dict[str, tuple[str, ...]]:
        page = pages("impact", token, compare="2026-10")
        frame = next(f.value for f in page.dataframe if "This month" in f.value.columns)
        return {row[0]: tuple(row[1:4]) for row in frame.to_numpy().tolist()}

    assert set(figures().values()) == {("not counted", "not counted", "")}
    now = desk.clock.now()
    with desk.product.stores.database.write() as conn:
        run = runs.start(conn, OWN, "impact", now)
        runs.advance(conn, run, now, done=0, position={runs.REPORT: {"horizon_days": 90}})
        runs.finish(conn, run, now)
    assert figures()["Became High"] == ("0", "0", "none")
