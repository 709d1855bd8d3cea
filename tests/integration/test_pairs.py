"""Two things at once: one is stopped at a call or after a commit, another runs to its end, perhaps
past every lease, and the first goes on. Whatever the two are, the portal is right afterwards.

`make pairs` tries all of them; `make test` a sample that each day's date does not change.
"""

from __future__ import annotations

import itertools
import os
import random
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

import sqlalchemy as sa

from backend.errors import LeadlightError
from backend.jobs.backfill import backfill
from backend.jobs.erase_requested import erase_requested
from backend.jobs.fan_out import fan_out
from backend.jobs.flush_routes import flush_routes
from backend.jobs.flush_writes import flush_writes
from backend.jobs.population import population
from backend.jobs.pull import pull
from backend.jobs.reconcile import reconcile
from backend.jobs.score_due import score_due
from backend.jobs.setup import setup
from backend.model import Mode, Urgency
from backend.services.portals.disconnect import disconnect
from backend.storage import runs
from backend.storage.leads import due_leads, inbox
from backend.storage.leads.inbox import NewEvent
from backend.storage.outbox import due_rows
from backend.storage.portals import portals
from backend.storage.privacy import missing_contacts, tombstones
from backend.storage.tables.operations import leases
from backend.storage.tables.portals import portals as portal_rows
from backend.wiring import Product
from tests.conftest import until
from tests.integration.conftest import PORTAL, Connected, install
from tests.integration.crashing import Interruption, armed, with_tokens
from tests.integration.routes import open_tasks, score_as
from tests.support.events import everything_about
from tests.support.missing import make_due, write_again_without_flush

LONG_AGO: Final = datetime(2020, 1, 1, tzinfo=UTC)
SAMPLE: Final = 14  # pairs of a run, on each database
STEPS: Final = 24  # a thing is stopped at one of its first so many steps
ALWAYS: Final = [("flush_writes", "flush_writes")]
Thing = Callable[["Portal", Product], object]


class Portal:
    """A live portal to which all this happens."""

    def __init__(self, live: Connected) -> None:
        self.live = live
        self.erased: set[str] = set()
        self.before = set(live.scores())
        self.number = itertools.count()

    def write(self, work: Callable[[Any], object]) -> None:
        with self.live.product.stores.database.write() as conn:
            work(conn)

    def begin(self, kind: str) -> None:
        now = self.live.product.stores.clock.now()
        self.write(lambda conn: runs.restart(conn, PORTAL, kind, now))

    def leads(self) -> list[str]:
        return sorted(self.before - self.erased)

    def lapse(self) -> None:
        """Every lease and claim runs out while somebody still works on it."""

        def work(conn: Any) -> None:
            conn.execute(sa.update(leases).values(expires_at=LONG_AGO))
            conn.exec_driver_sql("UPDATE leads SET claim_expires_at = due_since")

        self.write(work)

    def settle(self) -> None:
        """Connected and live again, everything goes on by itself."""
        with self.live.product.stores.database.read() as conn:
            portal = portals.get(conn, PORTAL)
        if portal.state != "connected":
            install(self.live, f"again-{next(self.number)}")
        self.live.set_mode(Mode.LIVE)

        def due(conn: Any) -> None:
            due_leads.release_all(conn)
            conn.exec_driver_sql("UPDATE leads SET due_at = due_since WHERE due_at IS NOT NULL")
            conn.exec_driver_sql("UPDATE pending_writes SET due_at = created_at")
            conn.exec_driver_sql("UPDATE inbox_events SET due_at = received_at")
            conn.execute(sa.delete(leases))

        self.write(due)
        self.live.sandbox.control("POST", "/webhooks/flush", {})
        until(self._is_settled)

    def _is_settled(self) -> bool:
        self.live.run(sweeps=1)
        with self.live.product.stores.database.read() as conn:
            waiting = inbox.waiting(conn, PORTAL, self.live.product.stores.clock.now())
        return not waiting and self.live.unfinished() == 0

    def check(self) -> None:
        product = self.live.product
        found = self.live.scores()
        assert set(found) == self.before - self.erased
        with product.stores.database.read() as conn:
            assert due_rows.count(conn, due_rows.WRITES, PORTAL) == 0
            assert due_rows.count(conn, due_rows.WRITES, PORTAL, parked=True) == 0
            stones = tombstones.by_cause(conn, PORTAL)
            assert inbox.count(conn, PORTAL, "failed") == 0
        assert sum(len(some) for some in stones.values()) == len(self.erased)
        wrong = {
            one: (score.score, self.live.properties(one).get("ai_lead_score"))
            for one, score in found.items()
            if self.live.properties(one).get("ai_lead_score") != str(score.score)
        }
        assert wrong == {}
        assert all(len(open_tasks(self.live, one)) <= 1 for one in found)
        assert [everything_about(self.live, one) for one in self.erased if one] == [
            [] for _ in self.erased
        ]

    def check_left(self) -> None:
        """A portal that has left has no tokens."""
        with self.live.product.stores.database.read() as conn:
            row = conn.execute(sa.select(portal_rows)).one()
        if row.state == "disconnected":
            assert row.access_token_sealed is None
            assert row.refresh_token_sealed is None


def _score(portal: Portal, product: Product) -> None:
    make_due(portal.live, portal.leads()[:5])
    score_due(product, PORTAL, Urgency.EVENT.value)


def _fan_out(portal: Portal, product: Product) -> None:
    now = product.stores.clock.now()
    events = [
        NewEvent(
            PORTAL, f"{next(portal.number)}", "contacts", one, "associationChange", "", now, {}
        )
        for one in portal.leads()[3:8]
    ]
    portal.write(lambda conn: inbox.add(conn, events, now))
    fan_out(product, PORTAL)


def _flush(portal: Portal, product: Product) -> None:
    write_again_without_flush(portal.live, portal.leads()[:12])
    worth = 20 + next(portal.number) % 60
    score_as(portal.live, dict.fromkeys(portal.leads()[:3], worth))  # newer than any before
    flush_writes(product, PORTAL)


def _flush_routes(portal: Portal, product: Product) -> None:
    score_as(portal.live, dict.fromkeys(portal.leads()[:4], 97))
    flush_routes(product, PORTAL)


def _refresh_token(portal: Portal, product: Product) -> None:
    killed = with_tokens(portal.live.product, product)
    killed.hubspot.keeper.rotate(PORTAL)


def _erase(portal: Portal, product: Product) -> None:
    gone = portal.leads()[-1]
    portal.live.ui("POST", f"/contacts/{gone}/privacy-delete", {})
    portal.erased.add(gone)
    now = product.stores.clock.now()
    portal.write(lambda conn: missing_contacts.mark(conn, PORTAL, [gone], tombstones.PRIVACY, now))
    erase_requested(product, PORTAL)


def _of_run(kind: str, job: Callable[[Product, int], object]) -> Thing:
    def thing(portal: Portal, product: Product) -> None:
        portal.begin(kind)
        job(product, PORTAL)

    return thing


def _connect(portal: Portal, _: Product) -> None:
    install(portal.live, f"again-{next(portal.number)}")


THINGS: Final[dict[str, Thing]] = {
    "score": _score,
    "fan_out": _fan_out,
    "flush_writes": _flush,
    "flush_routes": _flush_routes,
    "erase": _erase,
    "pull": _of_run("pull", pull),
    "population": _of_run("population", population),
    "backfill": _of_run("backfill", backfill),
    "reconcile": _of_run("reconcile", reconcile),
    "set_up": _of_run("setup", setup),
    "refresh_token": _refresh_token,
    "disconnect": lambda _, product: disconnect(product, PORTAL, archive=False, actor="t"),
    "connect": _connect,
    "pause": lambda portal, _: portal.live.set_mode(Mode.PAUSED),
}
AT_A_STROKE: Final = {"connect", "pause"}  # nothing can come in between
PAIRS: Final = list(itertools.product(sorted(THINGS.keys() - AT_A_STROKE), THINGS))


def at_once(portal: Portal, first: str, second: str, step: int, *, lapses: bool) -> bool:
    """Whether the first one got as far as `step`."""

    def happens() -> None:
        if lapses:
            portal.lapse()
        tried(second, portal.live.product)

    def tried(name: str, product: Product) -> None:
        try:
            THINGS[name](portal, product)
        except LeadlightError:
            return  # said, and tried again by itself

    bomb = Interruption(step, happens)
    tried(first, armed(portal.live.product, bomb))
    portal.check_left()
    portal.settle()
    portal.check()
    return bomb.went_off


def test_any_two_things_at_once_leave_the_portal_right(live: Connected) -> None:
    portal = Portal(live)
    chosen = random.Random(24)
    every = os.environ.get("PAIRS") == "all"
    pairs = PAIRS if every else [*chosen.sample(PAIRS, SAMPLE), *ALWAYS]
    met = 0
    for first, second in pairs:
        few = range(1, 7) if (first, second) in ALWAYS else [chosen.randint(1, 3)]
        steps = range(1, STEPS + 1) if every else few
        for step, lapses in itertools.product(steps, (False, True)):
            try:
                went_off = at_once(portal, first, second, step, lapses=lapses)
            except AssertionError as error:
                error.add_note(f"{first} stopped at step {step} by {second}, lapses: {lapses}")
                raise
            met += went_off
            if not went_off:
                break
    assert met >= len(pairs)
