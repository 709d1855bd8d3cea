"""My leads as a rep sees them: one press puts a lead aside, the keys press the first one's."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from streamlit.testing.v1 import AppTest

from backend.model import Person
from backend.storage.leads import people
from backend.storage.portals import owners
from tests.integration.api.conftest import ON_SQLITE, OWN, Desk
from tests.integration.api.fill import TRAITS, fill
from tests.integration.console.conftest import Open

pytestmark = ON_SQLITE
HOSTILE = "Bo](http://evil) **x**"


def button(page: AppTest, key: str) -> Any:
    return next(one for one in page.button if one.key == key)


def text(page: AppTest) -> str:
    return " ".join(one.value for one in page.markdown)


def rep(desk: Desk) -> str:
    leads = [("1", 60, "Ada"), ("2", 90, HOSTILE)]
    fill(desk, leads, traits=replace(TRAITS, owner_id="77"))
    subject = people.of_owner("77")
    person = Person("Renate", f"rep@{OWN}.example")
    sealed = people.seal(desk.product.stores.cipher, OWN, subject, person)
    with desk.product.stores.database.write() as conn:
        owners.put(conn, OWN, {"77": sealed}, desk.clock.now())
    return desk.token(desk.person("rep"))


def test_a_rep_works_through_the_list(desk: Desk, pages: Open) -> None:
    page = pages("mine", rep(desk))
    assert "2 leads to call or write to" in page.caption[0].value
    assert "](http://evil)" not in text(page) and "evil" in text(page)
    assert text(page).index("90") < text(page).index("60")
    button(page, "done_2").click().run()
    assert not page.exception, page.exception
    assert "Ada" in text(page) and page.expander[-1].label == "Put aside (1)"
    button(page, "back_2").click().run()
    assert button(page, "done_2")


def test_a_list_that_is_done_says_so_and_a_stranger_is_told(desk: Desk, pages: Open) -> None:
    token = rep(desk)
    page = pages("mine", token)
    button(page, "snooze_1").click().run()
    button(page, "never_2").click().run()
    assert "Nothing to do" in page.success[0].value
    stranger = pages("mine", desk.token(desk.person("manager")))
    assert "not that of an owner" in stranger.info[0].value


def test_a_rep_sets_a_lead_by_hand_and_withdraws_it_on_its_page(desk: Desk, pages: Open) -> None:
    token = rep(desk)
    page = pages("mine", token)
    next(one for one in page.button if one.form_id == "pin_2").click().run()
    assert "reason" in page.error[0].value.casefold()
    reason = next(one for one in page.text_input if one.form_id == "pin_2")
    reason.set_value("met **her** at the fair")
    next(one for one in page.button if one.form_id == "pin_2").click().run()
    assert not page.exception, page.exception
    assert "Set by hand" in page.toast[0].value
    lead = pages("leads", token, lead="2")
    assert any("Set to High by hand until" in one.value for one in lead.info)
    assert not any("**her**" in one.value for one in lead.info)
    button(lead, "unpin_2").click().run()
    assert not any("by hand until" in one.value for one in lead.info)
