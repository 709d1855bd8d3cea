"""Whatever the order of disconnecting, flushing and connecting, and wherever each of them dies: no
lead is lost, nothing is made again in a portal that has left, and connecting heals the rest."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from backend.errors import LeadlightError
from backend.jobs.flush_routes import flush_routes
from backend.jobs.flush_writes import flush_writes
from backend.jobs.score_due import score_due
from backend.jobs.setup import setup
from backend.model import Urgency
from backend.services.portals.disconnect import disconnect
from backend.storage import runs
from backend.storage.leads import due_leads
from backend.storage.outbox import due_rows
from backend.storage.portals import portals
from backend.storage.privacy import tombstones
from backend.wiring import Product
from tests.integration.conftest import PORTAL, Connected, install
from tests.integration.crashing import Killed, dying, with_tokens
from tests.support.missing import make_due, ours, write_again_without_flush
from tests.support.pipeline import settle
from tests.support.product import changed

STEPS = 6
EXAMPLES = 12
counted: Counter[str] = Counter()

at = st.one_of(st.none(), st.integers(1, 8), st.integers(1, 40))
steps = st.one_of(
    st.tuples(st.just("flush"), at),
    st.tuples(st.just("disconnect"), at, st.booleans()),
    st.tuples(st.just("disconnect_during_flush"), st.integers(1, 6), st.booleans()),
    st.tuples(st.just("routes"), at),
    st.tuples(st.just("score"), at),
    st.tuples(st.just("set_up"), at),
    st.tuples(st.just("expire")),
    st.tuples(st.just("connect")),
)


class DisconnectsAt:
    """The portal is disconnected in the middle of a job: when its token is asked for the n-th
    time."""

    def __init__(self, product: Product, at: int, archive: bool) -> None:
        self._product = product
        self._left = at
        self._archive = archive

    def access_token(self, portal_id: int, *, refused: str | None = None) -> str:
        self._left -= 1
        if self._left == 0:
            disconnect(quick(self._product), PORTAL, archive=self._archive, actor="t")
        return self._product.hubspot.keeper.access_token(portal_id, refused=refused)


def quick(product: Product) -> Product:
    """Waiting takes no time: a flusher of the same thread never ends meanwhile."""
    sure, _ = dying(product, None)
    return changed(
        sure,
        clock=Hasty(product.stores.clock),
        http=product.hubspot.http,
        database=product.stores.database,
    )


class Hasty:
    """A clock that goes on by what is slept."""

    def __init__(self, real: Any) -> None:
        self._real = real
        self._slept = 0.0

    def now(self) -> datetime:
        found: datetime = self._real.now() + timedelta(seconds=self._slept)
        return found

    def sleep(self, seconds: float) -> None:
        self._slept += seconds


def killed_at(product: Product, step: int | None) -> Product:
    """The same, with tokens and the token endpoint dying, too."""
    mortal, _ = dying(product, step)
    return with_tokens(product, mortal)


class Story:
    """A live portal to which all this happens."""

    def __init__(self, live: Connected) -> None:
        self.live = live
        self.before = set(live.scores())

    def do(self, job: Any, step: int | None, *arguments: Any, **more: Any) -> Any:
        try:
            return job(killed_at(self.live.product, step), PORTAL, *arguments, **more)
        except Killed:
            counted["killed"] += 1
        except LeadlightError as error:
            counted[error.code] += 1
        return None

    def flush(self, step: int | None) -> None:
        write_again_without_flush(self.live, sorted(self.before))
        self.do(flush_writes, step)

    def routes(self, step: int | None) -> None:
        self.do(flush_routes, step)

    def score(self, step: int | None) -> None:
        make_due(self.live, sorted(self.before)[:5])
        self.do(score_due, step, Urgency.EVENT.value)

    def set_up(self, step: int | None) -> None:
        with self.live.product.stores.database.write() as conn:
            runs.restart(conn, PORTAL, "setup", self.live.product.stores.clock.now())
        self.do(setup, step)

    def disconnect(self, step: int | None, archive: bool) -> None:
        had_left = self.state() == "disconnected"
        left = self.do(disconnect, step, archive=archive, actor="t")
        sure = left is not None and not left.not_archived and not had_left
        self.nothing_comes_back(archive and sure)

    def disconnect_during_flush(self, at: int, archive: bool) -> None:
        write_again_without_flush(self.live, sorted(self.before))
        was = self.state()
        keeper: Any = DisconnectsAt(self.live.product, at, archive)
        flush_writes(changed(self.live.product, keeper=keeper), PORTAL)
        self.nothing_comes_back(archive and was == "connected")

    def state(self) -> str:
        with self.live.product.stores.database.read() as conn:
            return portals.get(conn, PORTAL).state

    def nothing_comes_back(self, archived: bool) -> None:
        """Once it has left, no job makes anything again."""
        if self.state() != "disconnected":
            return
        counted["left"] += 1
        there = ours(self.live)
        assert not (archived and there), there
        for job in (flush_writes, flush_routes, setup):
            self.do(job, None)
        assert ours(self.live) == there

    def expire(self) -> None:
        self.live.sandbox.control("POST", "/tokens/expire", {})

    def connect(self) -> None:
        counted["connects"] += 1
        install(self.live, f"again-{counted['connects']}")
        self.live.product.stores.jobs.enqueue("flush_writes", portal_id=PORTAL)

    def heal(self) -> None:
        """Connected once more, everything goes on by itself."""
        self.connect()
        counted["stories"] += 1
        with self.live.product.stores.database.write() as conn:
            due_leads.release_all(conn)  # the claims of the dead lapse
            conn.exec_driver_sql("UPDATE pending_writes SET due_at = created_at")
            conn.exec_driver_sql("UPDATE leads SET due_at = due_since WHERE due_at IS NOT NULL")
        settle(self.live)

    def check(self) -> None:
        assert set(self.live.scores()) == self.before
        with self.live.product.stores.database.read() as conn:
            assert tombstones.by_cause(conn, PORTAL) == {}
            assert due_rows.count(conn, due_rows.WRITES, PORTAL, parked=True) == 0
        bare = [one for one in self.before if not self.live.properties(one).get("ai_lead_score")]
        assert bare == []


@pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)
def test_no_order_of_disconnect_and_flush_loses_a_lead(live: Connected) -> None:
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        print_blob=False,
        phases=(Phase.generate,),
        derandomize=True,
        report_multiple_bugs=False,
    )
    @given(st.lists(steps, min_size=STEPS, max_size=STEPS))
    def holds(story: list[tuple[Any, ...]]) -> None:
        portal = Story(live)
        try:
            for name, *arguments in story:
                counted[name] += 1
                getattr(portal, name)(*arguments)
            portal.heal()
            portal.check()
        except AssertionError as error:
            error.add_note(f"after {story}")
            raise

    counted.clear()
    holds()
    print(dict(counted))
    assert counted["killed"] > 3
    assert counted["left"] > 3
