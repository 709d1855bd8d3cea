"""The app's own page in HubSpot: the list of whoever HubSpot says looks at it."""

from __future__ import annotations

import sqlalchemy as sa

from backend.model import Person
from backend.storage.leads import feedback, people
from backend.storage.portals import owners
from backend.storage.tables.leads import lead_summaries
from tests.integration.conftest import PORTAL, Connected
from tests.support.card import ask


def own_all(connected: Connected, email: str) -> int:
    """Every lead with something to do is this person's; how many."""
    stores = connected.product.stores
    sealed = people.seal(stores.cipher, PORTAL, people.of_owner("77"), Person("Rep", email))
    with stores.database.write() as conn:
        owners.put(conn, PORTAL, {"77": sealed}, stores.clock.now())
        conn.execute(sa.update(lead_summaries).values(owner_id="77"))
        due = lead_summaries.c.next_action.in_(("Call", "Email"))
        query = sa.select(sa.func.count()).where(due, lead_summaries.c.score.is_not(None))
        return int(conn.execute(query).scalar_one())


def test_the_page_lists_the_leads_of_the_user_that_hubspot_names(connected: Connected) -> None:
    total = own_all(connected, "REP@x.example")
    status, found = ask(connected, "/card/mine")
    assert (status, found["is_owner"], found["total"]) == (200, True, total)
    assert len(found["items"]) == min(total, 50)
    first = found["items"][0]
    assert first["url"].endswith(f"/record/0-1/{first['contact_id']}")


def test_who_owns_nothing_is_told_so_and_sees_nobody_elses(connected: Connected) -> None:
    own_all(connected, "somebody.else@x.example")
    status, found = ask(connected, "/card/mine")
    assert (status, found["is_owner"], found["items"]) == (200, False, [])


def test_an_address_that_the_client_adds_itself_is_refused(connected: Connected) -> None:
    own_all(connected, "boss@x.example")
    for name in ("userEmail", "useremail"):
        assert ask(connected, f"/card/mine?{name}=boss%40x.example")[0] == 401


def test_a_lead_is_put_aside_in_one_click(connected: Connected) -> None:
    own_all(connected, "rep@x.example")
    first, second, third = (
        one["contact_id"] for one in ask(connected, "/card/mine")[1]["items"][:3]
    )
    for contact_id, kind in ((first, "done"), (second, "snoozed"), (third, "not_a_lead")):
        body = {"contactId": contact_id, "kind": kind}
        assert ask(connected, "/card/aside", method="POST", body=body) == (200, {"ok": True})
    left = {one["contact_id"] for one in ask(connected, "/card/mine")[1]["items"]}
    assert not {first, second, third} & left
    with connected.product.stores.database.read() as conn:
        said = feedback.of_lead(conn, PORTAL, third)
    assert [one.comment for one in said] == ["Not a lead"]


def test_what_is_wrong_is_named_and_a_stranger_finds_nothing(connected: Connected) -> None:
    body = {"contactId": "1", "kind": "done"}
    assert ask(connected, "/card/aside", method="POST", body=body)[0] == 404
    wrong = ask(connected, "/card/aside", method="POST", body={**body, "kind": "x"})[1]
    assert (wrong["code"], wrong["message"].split()[0]) == ("bad_input", "kind")
    assert ask(connected, "/card/mine", portal_id=777)[1]["code"] == "disconnected"
