"""Every page against a real API: what it shows, to whom, and what it does when it is pressed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from streamlit.testing.v1 import AppTest

from backend.jobs.erase_requested import erase_requested
from backend.model import Segment
from backend.storage.leads import feedback
from backend.storage.leads.feedback import Feedback
from backend.storage.portals import portal_problems, portals
from backend.storage.portals.portal_problems import PortalProblem
from tests.integration.api.conftest import ON_SQLITE, OWN, PASSWORD, Desk
from tests.integration.api.fill import TRAITS, fill, moved, park, routed
from tests.integration.console.conftest import Open

PEOPLE = [("101", 92, "Ada Lovelace"), ("102", 61, "Grace [x](http://evil)"), ("103", 20, "Al")]
pytestmark = ON_SQLITE


def test_nothing_is_asked_before_signing_in(desk: Desk, pages: Open) -> None:
    asked = []
    desk.app.before_request(lambda: asked.append(1))
    page = pages("leads", "")
    assert [title.value for title in page.title] == ["Leadlight"]
    assert asked == []


def test_an_empty_portal_says_what_to_do_next(desk: Desk, pages: Open) -> None:
    page = pages("overview", desk.token(desk.person("manager")))
    assert "Import an ideal client profile" in page.info[0].value
    page = pages("leads", desk.token(desk.person("rep")))
    assert "needs a profile" in page.info[0].value


def test_the_overview_counts_bands_and_concludes(desk: Desk, pages: Open) -> None:
    fill(desk, PEOPLE)
    page = pages("overview", desk.token(desk.person("rep")))
    assert [(m.label, m.value) for m in page.metric][:3] == [
        ("High fit", "1"),
        ("Medium fit", "1"),
        ("Low fit", "1"),
    ]
    told = " ".join(caption.value for caption in page.caption)
    assert "every 15 points double" in told
    assert "1 High lead was never called" in told


def test_the_address_chooses_which_leads_are_listed(desk: Desk, pages: Open) -> None:
    fill(desk, PEOPLE)
    token = desk.token(desk.person("rep"))
    page = pages("leads", token, q="lovelace")
    assert list(page.dataframe[0].value["Name"]) == ["Ada Lovelace"]
    page = pages("leads", token, sort="worst", owner="77")
    assert list(page.dataframe[0].value["Score"]) == [20, 61, 92]
    page.selectbox(key="choice_sort").select("best").run()
    assert list(page.dataframe[0].value["Score"]) == [92, 61, 20]
    assert "sort" not in page.query_params
    fill(
        desk,
        [("104", 75, "New Lead")],
        traits=replace(TRAITS, lead_since=desk.product.stores.clock.now()),
    )
    page = pages("leads", token, days="7")
    assert list(page.dataframe[0].value["Score"]) == [75]
    page.selectbox(key="choice_days").select("0").run()
    assert list(page.dataframe[0].value["Score"]) == [92, 75, 61, 20]


def test_a_lead_is_explained_and_hostile_text_stays_text(desk: Desk, pages: Open) -> None:
    fill(desk, PEOPLE)
    moved(desk, "102", 75)
    page = pages("leads", desk.token(desk.person("rep")), lead="102")
    assert "](http" not in page.title[0].value.replace("\\]\\(", "")
    assert page.metric[0].value == "75"
    assert "+14" in page.metric[0].delta
    assert "+14" in page.dataframe[1].value["Why it changed"][0]
    assert any("lists and tasks follow" in one.value for one in page.info)
    routed(desk, "102")
    page = pages("leads", desk.token(desk.person("rep")), lead="102")
    followed = next(
        one.value for one in page.dataframe if "Cause" in one.value and "What" in one.value
    )
    assert list(followed["What"]) == ["follow up task"]
    assert list(followed["Cause"]) == ["Change in HubSpot"]


def test_a_rescore_is_watched_until_it_is_done(desk: Desk, pages: Open) -> None:
    fill(desk, PEOPLE)
    page = pages("leads", desk.token(desk.person("rep")), lead="101")
    press = next(button for button in page.button if button.label == "Rescore")
    press.click().run()
    assert not page.exception
    assert next(button for button in page.button if button.label == "Rescore").disabled


def test_a_session_that_ended_leads_to_signing_in(desk: Desk, pages: Open) -> None:
    token = desk.token(desk.person("rep"))
    desk.ask("DELETE", "/session", token)
    assert "ended" in pages("overview", token).markdown[0].value
    auditor = pages("overview", desk.token(desk.person("auditor")))
    assert not auditor.metric


def test_an_admin_invites_somebody_by_a_link_that_is_shown_once(desk: Desk, pages: Open) -> None:
    page = pages("access", desk.token(desk.person("admin")))
    page.text_input[0].input("new@x.example")
    button(page, "Invite").click().run()
    body = {"code": page.code[0].value.partition("code=")[2], "password": PASSWORD}
    assert desk.ask("POST", "/invitation/accepted", body=body).status_code == 201
    page.run()
    assert "new@x.example" in list(page.dataframe[0].value["Email"])
    page.run()
    assert not page.code


def test_an_admin_erases_a_contact_and_keeps_the_receipt(desk: Desk, pages: Open) -> None:
    fill(desk, PEOPLE)
    page = pages("access", desk.token(desk.person("admin")))
    page.text_input(key="erase_contact").input("101")
    page.text_input(key="erase_confirmation").input("102")
    button(page, "Erase for ever").click().run()
    assert "not the same" in page.error[0].value
    page.text_input(key="erase_confirmation").input("101")
    button(page, "Erase for ever").click().run()
    assert "Asked for" in page.success[0].value
    assert receipts_shown(page)["State"] == ["is being erased"]
    erase_requested(desk.product, OWN)
    page.run()
    assert receipts_shown(page)["State"] == ["erased"]
    assert any("nothing left" in text.value for text in page.markdown)
    page.text_input(key="receipt_contact").input("102").run()
    assert any("No receipt for this" in one.value for one in page.info)
    page.text_input(key="erase_contact").input("101")
    button(page, "Erase for ever").click().run()
    assert "erased before" in page.error[0].value


def receipts_shown(page: AppTest) -> dict[str, list[Any]]:
    shown = next(one.value for one in page.dataframe if "Rows erased" in one.value)
    return {name: list(shown[name]) for name in shown}


def test_a_person_gets_a_copy_of_what_is_held_about_them(desk: Desk, pages: Open) -> None:
    fill(desk, PEOPLE)
    page = pages("access", desk.token(desk.person("admin")))
    page.text_input(key="export_contact").input("999")
    button(page, "Prepare the copy").click().run()
    assert "Nothing is held" in page.error[0].value
    page.text_input(key="export_contact").input("101")
    button(page, "Prepare the copy").click().run()
    assert "places" in page.success[0].value
    assert [one.label for one in page.get("download_button")][:1] != []


def test_an_auditor_sees_the_trail_and_nothing_else(desk: Desk, pages: Open) -> None:
    desk.ask(
        "POST",
        f"/portals/{OWN}/api-keys",
        desk.token(desk.person("admin")),
        {"label": "x", "role": "rep"},
    )
    page = pages("access", desk.token(desk.person("auditor")))
    assert list(page.dataframe[0].value["What"]) == ["Made an API key"]
    assert not page.button


def test_going_live_is_previewed_before_it_can_be_chosen(desk: Desk, pages: Open) -> None:
    fill(desk, PEOPLE)
    page = pages("setup", desk.token(desk.person("manager")))
    page.radio[0].set_value("live").run()
    assert any("writes 3 contacts" in text.value for text in page.markdown)
    button(page, "Switch to live").click().run()
    assert not page.exception
    assert page.success[0].value == "Saved."
    page = pages("setup", desk.token(desk.person("rep")))
    assert not page.radio  # a rep is led elsewhere


def test_other_bands_show_what_they_mean_before_they_are_saved(desk: Desk, pages: Open) -> None:
    fill(desk, PEOPLE)
    page = pages("setup", desk.token(desk.person("manager")))
    page.number_input[0].set_value(60).run()
    assert list(page.dataframe[0].value["Leads"]) == [2, 0, 1]
    button(page, "Save these bands and score again").click().run()
    assert "scored again" in page.success[1].value


def test_advice_on_bands_comes_with_its_button(desk: Desk, pages: Open) -> None:
    fill(desk, PEOPLE)
    page = pages("setup", desk.token(desk.person("manager")))
    advice = next(one for one in page.button if one.label.startswith("Use "))
    advice.click().run()
    assert not page.exception
    high, medium = (int(word) for word in advice.label.split() if word.isdigit())
    assert [one.value for one in page.number_input[:2]] == [high, medium]
    assert not any(one.label.startswith("Use ") for one in page.button)
    button(page, "Save these bands and score again").click().run()
    with desk.product.stores.database.read() as conn:
        edges = portals.get(conn, OWN).settings.thresholds
    assert (edges.high, edges.medium) == (high, medium)


def test_what_an_older_version_stored_does_not_close_the_page(desk: Desk, pages: Open) -> None:
    with desk.product.stores.database.write() as conn:
        portals.set_installation(conn, OWN, {"learnable": 5})  # a count, before labels were kept
    page = pages("setup", desk.token(desk.person("manager")))
    assert not page.exception
    assert next(one for one in page.multiselect if one.label == "Learn from").options == []


def test_own_properties_are_allowed_by_name_and_a_wrong_name_is_told(
    desk: Desk, pages: Open
) -> None:
    with desk.product.stores.database.write() as conn:
        portals.set_state(conn, OWN, "needs_reconnect")  # nobody to ask about definitions
        portals.set_installation(conn, OWN, {"learnable": {"contacts.seats": "Seats [x](y)"}})
    page = pages("setup", desk.token(desk.person("manager")))
    for name, told in (("contacts.email", "who a person is"), ("contacts.seats", "pulled anew")):
        field = next(one for one in page.multiselect if one.label == "Learn from")
        assert field.options == ["Seats [x](y) (contacts.seats)"]
        field.set_value([name])
        button(page, "Save").click().run()
        assert not page.exception
        assert any(told in one.value for one in [*page.error, *page.success])
    with desk.product.stores.database.read() as conn:
        assert portals.get(conn, OWN).settings.learn_from == ("contacts.seats",)
    page = pages("setup", desk.token(desk.person("manager")))
    field = next(one for one in page.multiselect if one.label == "Learn from")
    assert field.value == ["contacts.seats"]
    assert field.options == ["Seats [x](y) (contacts.seats)"]  # still by its label


def button(page: AppTest, label: str) -> Any:
    return next(found for found in page.button if found.label == label)


def test_what_was_given_up_is_replayed_from_the_page(desk: Desk, pages: Open) -> None:
    fill(desk, PEOPLE)
    park(desk, "103", "HubSpot answered 502")
    rep = pages("operations", desk.token(desk.person("rep")))
    assert list(rep.dataframe[0].value["Name"]) == ["Al"]
    assert not any(found.label.startswith("Replay") for found in rep.button)
    page = pages("operations", desk.token(desk.person("manager")))
    button(page, "Replay all").click().run()
    assert not page.exception
    assert page.success[0].value == "1 taken up again."
    assert not any(found.label.startswith("Replay") for found in page.button)


def test_setup_says_what_the_account_refuses_and_what_stopped_going_live(
    desk: Desk, pages: Open
) -> None:
    now = desk.product.stores.clock.now()
    problem = PortalProblem(
        "writes", "INVALID_OPTION", "ai_lead_fit", "High is [no](http://x) option.", True, now, now
    )
    with desk.product.stores.database.write() as conn:
        portal_problems.keep(conn, OWN, problem, [])
        stopped = {
            "setup_problems": ["Property ai_lead_score is there already."],
            "refused": ["lists"],
            "refused_why": {"lists": "No room."},
            "wanted_mode": "live",
        }
        portals.set_installation(conn, OWN, stopped)
    page = pages("setup", desk.token(desk.person("admin")))
    refused, stopped_by = (one.value for one in page.error)
    assert "option" in refused and "](http" not in refused
    assert "ai_lead_fit" in refused.replace("\\", "")
    assert "ai_lead_score" in stopped_by.replace("\\", "")
    assert any("No room" in one.value for one in page.warning)
    prefix = next(one for one in page.text_input if one.label == "Names begin with")
    prefix.input("acme_")
    button(page, "Save").click().run()
    with desk.product.stores.database.read() as conn:
        assert portals.get(conn, OWN).settings.property_prefix == "acme_"
    button(page, "Stay in shadow").click().run()
    with desk.product.stores.database.read() as conn:
        assert not portals.get(conn, OWN).installation["wanted_mode"]


def test_segments_are_added_counted_saved_and_removed(desk: Desk, pages: Open) -> None:
    page = pages("setup", desk.token(desk.person("manager")))
    button(page, "Add a segment").click().run()
    name = next(one for one in page.text_input if one.label == "Name")
    name.input("=DACH").run()
    next(one for one in page.selectbox if one.label == "Property").set_value("owner.team").run()
    values = next(one for one in page.multiselect if one.label == "has one of")
    values.set_value(["Team A"]).run()
    button(page, "Count their leads").click().run()
    assert [list(t.value["Segment"]) for t in page.dataframe if "Segment" in t.value][-1] == [
        "=DACH",
        "Outside all segments",
    ]
    button(page, "Save the segments").click().run()
    with desk.product.stores.database.read() as conn:
        (kept,) = portals.get(conn, OWN).settings.segments
    assert kept == Segment("=DACH", "owner.team", ("Team A",))
    button(page, "Add a segment").click().run()
    button(page, "Save the segments").click().run()
    assert "fewer than 1" in page.error[0].value  # refused: what was typed is still there
    assert len([one for one in page.text_input if one.label == "Name"]) == 2
    for _ in range(2):
        button(page, "Remove").click().run()
    button(page, "Save the segments").click().run()
    with desk.product.stores.database.read() as conn:
        assert portals.get(conn, OWN).settings.segments == ()


def test_team_shows_disagreements_and_workflows(desk: Desk, pages: Open) -> None:
    fill(desk, PEOPLE)
    with desk.product.stores.database.write() as conn:
        word = Feedback(False, "too_high", 75, comment="only wants a job")
        feedback.save(conn, OWN, "101", "u1", word, desk.clock.now())
    page = pages("team", desk.token(desk.person("rep")))
    (disputes,) = [t.value for t in page.dataframe if "Score then" in t.value]
    assert list(disputes["Why"]) == ["The score is too high"]
    assert any("Leadlight > Score lead" in code.value for code in page.code)


def test_a_view_is_saved_and_opened_by_its_address(desk: Desk, pages: Open) -> None:
    fill(desk, PEOPLE)
    token = desk.token(desk.person("rep"))
    page = pages("leads", token, state="waiting")
    next(t for t in page.text_input if t.label == "Name of the view").set_value("Late")
    page.run()
    next(b for b in page.button if b.label == "Save the view").click().run()
    page = pages("leads", token)
    links = [h.body for h in page.get("html") if "My views" in h.body]
    assert ['href="leads?state=waiting"' in link for link in links] == [True]


def test_a_page_that_the_role_does_not_have_is_told(desk: Desk, pages: Open) -> None:
    page = pages("setup", desk.token(desk.person("rep")))
    assert [title.value for title in page.title] == ["Setup"]
    assert "Your role here is rep" in page.info[0].value
    assert not page.button
