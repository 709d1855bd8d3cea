"""The Impact page as a manager reads it, and as an admin switches the holdout on."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from streamlit.testing.v1 import AppTest

from backend.model import Mode
from backend.services.routing.holdout_arms import is_held
from backend.storage import runs
from backend.storage.outbox import explorations, holdouts
from backend.storage.outbox.explorations import Exploration, Explored
from backend.storage.outbox.holdouts import Member
from backend.storage.portals import portals
from backend.storage.runs import REPORT
from backend.storage.tables.leads import band_entries
from backend.storage.tables.outbox import routings
from backend.storage.tables.portals import portals as portal_rows
from tests.integration.api.conftest import ON_SQLITE, OWN, Desk
from tests.integration.api.fill import fill
from tests.integration.console.conftest import Open

pytestmark = ON_SQLITE
MONDAY = date(2026, 9, 7)


def entry(desk: Desk, number: int, **values: Any) -> dict[str, Any]:
    return {
        "portal_id": OWN,
        "contact_id": f"c{number}",
        "band": "High",
        "entered_at": desk.clock.now() - timedelta(days=number % 80),
        "week": MONDAY + timedelta(weeks=number % 2),
        "month": date(2026, 9, 1),
        "chance": 0.3,
        "owner_id": "77",
        "touched_at": desk.clock.now() if number % 2 else None,
        "touch_minutes": number if number % 2 else None,
        "amount": 1_000.0 if number % 3 == 0 else 0.0,
        "deals": int(number % 3 == 0),
        "won_at": desk.clock.now() if number % 3 == 0 else None,
        "result": "won" if number % 3 == 0 else "lost",
        **values,
    }


def counted(desk: Desk, number: int = 240, **values: Any) -> None:
    """So many High leads, counted; every second contacted, a third won."""
    now = desk.clock.now()
    report = {"horizon_days": 30, "deal_sizes": {"deals": 50, "mean": 1_000.0, "variance": 1e5}}
    with desk.product.stores.database.write() as conn:
        conn.execute(sa.update(portal_rows).values(created_at=now - timedelta(days=400)))
        run = runs.start(conn, OWN, "impact", now)
        runs.advance(conn, run, now, done=1, position={REPORT: report})
        runs.finish(conn, run, now)
        rows = [entry(desk, n, **values) for n in range(number)]
        conn.execute(sa.insert(band_entries), rows)


def texts(page: AppTest) -> str:
    parts = (page.markdown, page.caption, page.info, page.warning, page.success, page.error)
    return "\n".join(one.value for part in parts for one in part).replace("\\", "")


def cohorts_of(page: AppTest) -> Any:
    return next(one.value for one in page.dataframe if "Win rate" in one.value)


def press(page: AppTest, label: str) -> AppTest:
    return next(one for one in page.button if one.label == label).click().run()


def test_a_portal_that_was_never_counted_says_so_and_counts(desk: Desk, pages: Open) -> None:
    token = desk.token(desk.person("manager"))
    page = pages("impact", token)
    assert "Nobody has counted yet" in texts(page)
    assert "Nobody waits" in texts(page)
    press(page, "Count now")
    with desk.product.stores.database.read() as conn:
        run = runs.latest(conn, OWN, "impact")
    assert run is not None and run.state == "running"


def test_cohorts_money_and_waiting_leads_are_told(desk: Desk, pages: Open) -> None:
    counted(desk)
    fill(desk, [("101", 92, "Ada Lovelace")])
    with desk.product.stores.database.write() as conn:
        row = {"portal_id": OWN, "contact_id": "101", "band": "High", "settled": "High"}
        at = desk.clock.now() - timedelta(days=14)
        conn.execute(sa.insert(routings).values(**row, entered_at=at, list_maybe=[]))
    page = pages("impact", desk.token(desk.person("rep")), weeks="0")
    told = texts(page)
    assert "240 leads became High: 120 of them were contacted, 120 within 4 working hours" in told
    shown = cohorts_of(page)
    assert list(shown["Leads"]) == [120, 120, 240]
    assert shown["Win rate"].iloc[2].startswith("33% [28-40] 80 of 240")
    assert list(shown["Half within (h)"])[2] == "4.0"
    assert "High leads of September 2026: 58 to 86 wins were expected of 240 leads, 80 came" in told
    assert "as promised" in told
    assert "1 High lead has not been contacted since becoming High" in told
    waits = next(one.value for one in page.dataframe if "Waits (working time)" in one.value)
    assert (list(waits["Lead"]), list(waits["Waits (working time)"])) == (
        ["Ada Lovelace"],
        ["10 working days"],
    )
    page = pages("impact", desk.token(desk.person("rep")), by="owner", weeks="8")
    assert "No lead became High" in texts(page)


def test_few_leads_are_no_rate_and_no_model_no_expectation(desk: Desk, pages: Open) -> None:
    counted(desk, 8, chance=None)
    page = pages("impact", desk.token(desk.person("rep")), weeks="0")
    assert "%" not in "".join(map(str, cohorts_of(page).to_numpy().ravel()))
    assert "under 10" in cohorts_of(page)["Contacted"].iloc[0]
    assert "no model with a chance was in use" in texts(page)


def test_an_admin_sees_the_costs_first_and_a_manager_cannot_start(desk: Desk, pages: Open) -> None:
    counted(desk)
    with desk.product.stores.database.write() as conn:
        settings = portals.get(conn, OWN).settings
        portals.set_settings(conn, OWN, type(settings)(mode=Mode.LIVE))
    page = pages("impact", desk.token(desk.person("manager")))
    assert "An admin of the portal can switch it on" in texts(page)
    page = pages("impact", desk.token(desk.person("admin")))
    told = texts(page)
    assert "High leads a month a lift of 30%" in told
    assert "get no task, no notification, no list and no workflow" in told
    start = next(one for one in page.button if one.label == "Start the holdout")
    assert start.disabled
    agreed = next(box for box in page.checkbox if box.label.startswith("Leave 10 %"))
    agreed.check().run()
    press(page, "Start the holdout")
    with desk.product.stores.database.read() as conn:
        one = holdouts.running(conn, OWN)
    assert one is not None and (one.share, one.window_days) == (10, 30)
    page = pages("impact", desk.token(desk.person("admin")))
    assert "It cannot be told yet" in texts(page)
    press(page, "End the holdout and follow up everybody")
    with desk.product.stores.database.read() as conn:
        assert holdouts.running(conn, OWN) is None


def test_a_holdout_that_is_clear_says_that_it_pays(desk: Desk, pages: Open) -> None:
    counted(desk)
    now = desk.clock.now()
    with desk.product.stores.database.write() as conn:
        at = now - timedelta(days=200)
        holdouts.begin(conn, OWN, holdouts.Holdout("h1", 20, 30, 800, "t", at))
        macs = [f"{2**32 * n // 1_000:08x}" for n in range(1_000)]
        members = [Member(f"m{n}", mac, is_held(mac, 20), at) for n, mac in enumerate(macs)]
        holdouts.assign(conn, OWN, "h1", members)
        rows = [
            {
                "cid": one.contact_id,
                "result": "won" if n % (10 if one.held else 3) == 0 else "lost",
                "touch_minutes": None if one.held else 60,
                "amount": 0.0,
            }
            for n, one in enumerate(members)
        ]
        holdouts.counted(conn, OWN, "h1", rows)
    page = pages("impact", desk.token(desk.person("manager")))
    assert "Following up High leads pays: of 100 leads 23 more are won" in texts(page)
    arms = next(one.value for one in page.dataframe if "Companies" in one.value)
    assert list(arms["Leads"]) == [799, 201]


def test_an_admin_sees_what_an_exploration_costs_starts_and_ends_it(
    desk: Desk, pages: Open
) -> None:
    counted(desk, 240, band="Low")
    with desk.product.stores.database.write() as conn:
        settings = portals.get(conn, OWN).settings
        portals.set_settings(conn, OWN, replace(settings, mode=Mode.LIVE))
    page = pages("impact", desk.token(desk.person("manager")))
    assert "more follow-ups a week: 5 % of the" in texts(page)
    assert "An admin of the portal can switch it on" in texts(page)
    page = pages("impact", desk.token(desk.person("admin")))
    assert next(one for one in page.button if one.label == "Start the exploration").disabled
    agree = next(one for one in page.checkbox if one.label.startswith("Offer 5 %"))
    agree.check().run()
    press(page, "Start the exploration")
    with desk.product.stores.database.read() as conn:
        one = explorations.running(conn, OWN)
    assert one is not None and (one.share, one.per_week, one.window_days) == (5, 10, 30)
    page = pages("impact", desk.token(desk.person("admin")))
    assert "It cannot be told yet: 0 of 0 offered leads" in texts(page)
    press(page, "End the exploration")
    with desk.product.stores.database.read() as conn:
        assert explorations.running(conn, OWN) is None


def test_what_became_of_offered_leads_is_told_with_intervals(desk: Desk, pages: Open) -> None:
    counted(desk)
    at = desk.clock.now() - timedelta(days=200)
    with desk.product.stores.database.write() as conn:
        explorations.begin(conn, OWN, Exploration("x1", 5, 10, 30, "t", at))
        members = [Explored(f"m{n}", f"{n:064x}", n % 4 == 0, at) for n in range(800)]
        explorations.assign(conn, OWN, "x1", members)
        rows = [
            {
                "cid": one.contact_id,
                "result": "won" if one.offered and n % 8 == 0 else "lost",
                "touch_minutes": 60 if one.offered else None,
                "amount": 0.0,
            }
            for n, one in enumerate(members)
        ]
        explorations.counted(conn, OWN, "x1", rows)
    page = pages("impact", desk.token(desk.person("manager")))
    assert (
        "Of 100 Low leads that were offered 50.0 are won, of 100 that were not 0.0. That is no "
        "accident"
    ) in texts(page)
    arms = next(one.value for one in page.dataframe if "Group" in one.value and len(one.value) == 2)
    assert list(arms["Contacted"]) == ["100% [98-100] 200 of 200", "0% [0-1] 0 of 600"]
