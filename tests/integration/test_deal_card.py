"""The card on a deal: each contact's score when it was created, and now. SQLite and Postgres."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from backend.storage.leads import mirror, scores
from backend.storage.portals import portals
from backend.storage.tables.leads import score_history
from tests.integration.conftest import PORTAL, Connected
from tests.support.card import ask


def deal_with_a_lead(connected: Connected) -> tuple[str, str]:
    """(deal, one of its contacts with a score)."""
    scored = connected.scores()
    ids = [str(one.record_id) for one in connected.sandbox.portal.stores["deals"]]
    with connected.product.stores.database.read() as conn:
        found = mirror.contacts_of(conn, PORTAL, "deals", ids)
    return next((d, c) for d, contacts in found.items() for c in contacts if c in scored)


def card(connected: Connected, deal_id: str) -> Any:
    status, answer = ask(connected, f"/card/deal?dealId={deal_id}")
    assert (status, answer["ok"]) == (200, True), answer
    return answer["deal"]


def test_then_is_the_newest_score_from_before_the_deal_and_now_is_the_leads(
    connected: Connected,
) -> None:
    deal_id, contact_id = deal_with_a_lead(connected)
    (lead,) = [one for one in card(connected, deal_id)["leads"] if one["contact_id"] == contact_id]
    assert (lead["then"], lead["now"]) == (None, connected.scores()[contact_id].score)
    with connected.product.stores.database.read() as conn:
        created_at = mirror.records(conn, PORTAL, "deals", [deal_id])[deal_id].facts["created_at"]
    from_before(connected, contact_id, created_at, {-9: 41, -2: 63, 3: 77})
    (lead,) = [one for one in card(connected, deal_id)["leads"] if one["contact_id"] == contact_id]
    assert (lead["then"], lead["now"]) == (63, connected.scores()[contact_id].score)


def from_before(
    connected: Connected, contact_id: str, created_at: str, by_day: dict[int, int]
) -> None:
    """Past scores, days before and after the deal."""
    at = datetime.fromisoformat(created_at.replace("Z", "+00:00"))
    with connected.product.stores.database.write() as conn:
        conn.execute(score_history.delete().where(score_history.c.contact_id == contact_id))
        for days, score in by_day.items():
            conn.execute(
                score_history.insert().values(
                    portal_id=PORTAL,
                    contact_id=contact_id,
                    score=score,
                    band="Medium",
                    cause="event",
                    model_version=0,
                    profile_version=1,
                    input_hash=f"h{days}",
                    scored_at=at + timedelta(days=days),
                )
            )
        assert scores.at(conn, PORTAL, [contact_id], at) == {contact_id: 63}
        moments = [at + timedelta(days=days) for days in (-20, -5, 0, 5)]
        asked = [(contact_id, moment) for moment in moments]
        known = dict(zip(asked[1:], (41, 63, 77), strict=True))
        assert scores.at_moments(conn, PORTAL, asked) == known


def test_a_deal_without_scores_and_one_nobody_knows_say_the_same(connected: Connected) -> None:
    for deal_id in ("999999999", "", "x", "1'--", "9" * 40):
        status, answer = ask(connected, f"/card/deal?dealId={quote(deal_id)}")
        assert (status, answer["ok"], answer["code"]) == (200, False, "not_scored")


def test_another_portal_does_not_see_it(connected: Connected) -> None:
    deal_id, _ = deal_with_a_lead(connected)
    with connected.product.stores.database.write() as conn:
        now = connected.product.stores.clock.now()
        portals.install(conn, 555, client_id="c", name="", now=now)
    _, answer = ask(connected, f"/card/deal?dealId={deal_id}", portal_id=555)
    assert (answer["ok"], answer["code"]) == (False, "not_scored")
