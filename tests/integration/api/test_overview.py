"""The figures of one page agree with each other at any moment."""

from __future__ import annotations

from backend.storage.leads import score_days
from tests.integration.api.conftest import ON_SQLITE, OWN, Desk
from tests.integration.api.fill import fill

PEOPLE = [("101", 92, "Ada Lovelace"), ("102", 61, "Grace Hopper"), ("103", 12, "Ada Palmer")]


@ON_SQLITE
def test_today_s_bar_holds_the_same_leads_as_the_tiles(desk: Desk) -> None:
    manager = desk.token(desk.person("manager"))

    def today() -> float | None:
        answer = desk.ask("GET", f"/portals/{OWN}/overview", manager).get_json()
        days = [day for day in answer["trend"] if day["day"] == f"{desk.clock.now():%Y-%m-%d}"]
        assert len(days) == (1 if sum(answer["distribution"]) else 0)
        bands = answer["bands"]
        for day in days:
            assert [day["high"], day["medium"], day["low"]] == [
                bands["High"],
                bands["Medium"],
                bands["Low"],
            ]
        return days[0]["mean_score"] if days else None

    assert today() is None
    fill(desk, PEOPLE)
    with desk.product.stores.database.write() as conn:
        score_days.count_today(conn, OWN, desk.clock.now())
    fill(desk, [("104", 35, "Alan Turing")])  # after the count
    assert today() == 50
