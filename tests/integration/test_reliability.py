"""Promises about queue, workers, clocks and the web that no single feature's tests hold."""

from __future__ import annotations

import pickle
import threading
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory
from rq import Queue
from rq.serializers import JSONSerializer
from rq.timeouts import JobTimeoutException
from sqlalchemy.pool import NullPool

from backend.clients.redis.job_queue import QUEUES
from backend.errors import Transient
from backend.jobs.score_due import score_due
from backend.jobs.sweep import sweep
from backend.jobs.worker import job_class
from backend.model import MirrorRecord, Urgency, Usage
from backend.ports import Tokens
from backend.retries import next_try
from backend.storage import leases
from backend.storage.database import Database
from backend.storage.leads import due_leads, inbox, mirror, scores
from backend.storage.migrate import SCRIPTS, upgrade
from backend.storage.portals import portals
from backend.storage.tables.leads import inbox_events
from backend.wiring import Product
from tests.conftest import FakeClock
from tests.integration.api.conftest import ON_SQLITE, OTHER, OWN, Desk, desk
from tests.integration.conftest import QuietWorker
from tests.support.product import changed

__all__ = ["desk"]
ADVANCE = timedelta(seconds=1)


def two_portals(desk: Desk, many: int) -> None:
    """Mirrored leads in both: `many` in the first, one in the second."""
    now = desk.clock.now()
    facts = {"lifecycle_stage": "lead", "created_on": "2026-11-01", "has_email": "yes"}
    with desk.product.stores.database.write() as conn:
        for portal_id, number in ((OWN, many), (OTHER, 1)):
            portals.set_pulled(conn, portal_id, now)
            ids = [str(i) for i in range(1, number + 1)]
            mirror.save(
                conn, portal_id, [MirrorRecord("contacts", i, facts, updated_at=now) for i in ids]
            )


def due(desk: Desk, portal_id: int, ids: list[str], urgency: Urgency, cause: str) -> None:
    with desk.product.stores.database.write() as conn:
        due_leads.mark_due(
            conn,
            portal_id,
            ids,
            urgency,
            desk.clock.now(),
            cause=cause,
            refresh=False,
            coalesce=False,
        )
    desk.product.stores.jobs.enqueue("score_due", portal_id=portal_id, urgency=urgency.value)


def work(product: Product, most: int) -> None:
    """One worker answers at most so many rings."""
    own = job_class(product)
    connection = product.stores.redis
    queues = [
        Queue(n, connection=connection, serializer=JSONSerializer, job_class=own) for n in QUEUES
    ]
    worker = QuietWorker(queues, connection=connection, serializer=JSONSerializer, job_class=own)
    worker.log_job_description = False
    worker.work(burst=True, max_jobs=most, logging_level="ERROR")


def scored(desk: Desk, portal_id: int) -> int:
    with desk.product.stores.database.read() as conn:
        return len(scores.top(conn, portal_id, 100_000))


@pytest.mark.parametrize("flood", [Urgency.BACKFILL, Urgency.EVENT])
@ON_SQLITE
def test_fault_49_a_noisy_portal_costs_the_other_one_batch_at_most(
    desk: Desk, flood: Urgency
) -> None:
    two_portals(desk, 600)
    due(desk, OWN, [str(i) for i in range(1, 601)], flood, "x")
    work(desk.product, 1)  # the flood has begun, and rings for its next batch
    already = scored(desk, OWN)
    assert 0 < already < 600
    desk.clock.forward(1)
    due(desk, OTHER, ["1"], Urgency.EVENT, "event")
    desk.clock.forward(1)
    work(desk.product, 2)
    assert scored(desk, OTHER) == 1
    assert scored(desk, OWN) <= already + 100


@ON_SQLITE
def test_fault_44_a_pickled_payload_is_never_unpickled(desk: Desk) -> None:
    class Bomb:
        def __reduce__(self) -> tuple[Any, ...]:
            return (Path.touch, (Path("/tmp/leadlight-bomb"),))

    Path("/tmp/leadlight-bomb").unlink(missing_ok=True)
    queue = Queue("event", connection=desk.product.stores.redis, serializer=JSONSerializer)
    job = queue.enqueue("leadlight.score_due", kwargs={})
    desk.product.stores.redis.hset(job.key, "data", pickle.dumps(Bomb()))
    two_portals(desk, 1)
    due(desk, OTHER, ["1"], Urgency.EVENT, "event")
    desk.clock.forward(1)
    work(desk.product, 3)
    assert not Path("/tmp/leadlight-bomb").exists()
    assert scored(desk, OTHER) == 1


@ON_SQLITE
def test_fault_48_a_job_of_another_version_is_refused_and_its_leads_stay_due(desk: Desk) -> None:
    two_portals(desk, 1)
    desk.product.stores.jobs.enqueue("a_name_of_last_year", portal_id=OTHER)
    with desk.product.stores.database.write() as conn:
        due_leads.mark_due(
            conn, OTHER, ["1"], Urgency.EVENT, desk.clock.now(), cause="event", refresh=False
        )
    work(desk.product, 5)
    assert scored(desk, OTHER) == 0
    desk.clock.forward(1)
    sweep(desk.product)
    work(desk.product, 5)
    assert scored(desk, OTHER) == 1


@ON_SQLITE
def test_fault_38_a_job_that_is_out_of_time_ends_although_a_step_catches_errors(
    desk: Desk,
) -> None:
    class Hangs:
        name = "rules"

        def cost(self) -> Usage:
            return Usage()

        def analyse(self, requests: Any, within_s: float = 15) -> Any:
            raise JobTimeoutException("out of time")

    two_portals(desk, 1)
    due(desk, OTHER, ["1"], Urgency.EVENT, "event")
    desk.clock.forward(1)
    with pytest.raises(JobTimeoutException):
        score_due(changed(desk.product, analyst=Hangs()), OTHER, "event")


def test_fault_37_a_thousand_retries_are_spread_by_a_fifth() -> None:
    now = FakeClock().now()
    delays = [(next_try(0, Transient("away"), now) - now).total_seconds() for _ in range(1_000)]  # type: ignore[operator]
    assert 12 <= min(delays) < 12.5
    assert 17.5 < max(delays) <= 18
    assert len({round(delay, 2) for delay in delays}) > 300


def test_fault_47_a_clock_set_back_an_hour_sticks_no_lease_and_scores_nothing_twice(
    desk: Desk,
) -> None:
    two_portals(desk, 1)
    now = desk.clock.now()
    with desk.product.stores.database.write() as conn:
        due_leads.mark_due(
            conn, OTHER, ["1"], Urgency.PERSON, now - timedelta(hours=2), cause="x", refresh=False
        )
        (late,) = due_leads.claim(conn, OTHER, Urgency.PERSON, now)
        assert due_leads.claim(conn, OTHER, Urgency.PERSON, now) == []
        held = leases.take(conn, "work", now, seconds=60)
        back = now - timedelta(hours=1)
        (taken,) = due_leads.claim(conn, OTHER, Urgency.PERSON, back)
        due_leads.finish(conn, OTHER, [late])  # the old holder's late save counts for nothing
        assert due_leads.held(conn, OTHER, taken.token) == {"1"}
        assert held is not None
        assert leases.take(conn, "work", back, seconds=60) is not None
        assert leases.take(conn, "work", back, seconds=60) is None


@ON_SQLITE
def test_fault_85_a_token_of_2000_characters_is_kept_whole(desk: Desk) -> None:
    tokens = Tokens("a" * 2_000, "r" * 2_000, desk.clock.now() + ADVANCE, ("oauth",))
    desk.product.hubspot.tokens.save(OWN, tokens)
    assert desk.product.hubspot.tokens.load(OWN) == tokens


@ON_SQLITE
def test_fault_94_and_109_no_cors_no_debug_and_a_500_that_says_nothing(desk: Desk) -> None:
    @desk.app.get("/breaks")
    def breaks() -> str:
        raise ZeroDivisionError("SECRET of pat-eu1-x")

    answer = desk.app.test_client().get("/breaks", headers={"Origin": "https://evil.example"})
    assert answer.status_code == 500
    assert "SECRET" not in answer.get_data(as_text=True)
    assert not [name for name, _ in answer.headers if name.startswith("Access-Control")]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert not desk.app.debug


ON_POSTGRES = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)


@ON_POSTGRES
def test_fault_27_a_database_that_takes_too_long_is_a_503_within_four_seconds(
    database_url: str, desk: Desk
) -> None:
    quick = Database(database_url, wait_s=1.0)  # a web process waits 3.5 s
    blocker = Database(database_url)
    with blocker.engine.connect() as conn:
        conn.execute(sa.text("LOCK TABLE inbox_events IN ACCESS EXCLUSIVE MODE"))
        began = time.monotonic()
        with pytest.raises(Transient), quick.write() as waiting:
            waiting.execute(sa.select(inbox_events)).all()
        assert time.monotonic() - began < 3
    for one in (quick, blocker):
        one.engine.dispose()


@ON_POSTGRES
def test_fault_67_a_connection_dropped_in_a_transaction_rolls_back(database_url: str) -> None:
    database, killer = Database(database_url), Database(database_url)
    event = inbox.NewEvent(OWN, "k", "contacts", "1", "creation", "", datetime_now(), {})
    with pytest.raises(Transient), database.write() as conn:
        inbox.add(conn, [event], datetime_now())
        pid = conn.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
        with killer.write() as other:
            other.execute(sa.select(sa.func.pg_terminate_backend(pid)))
        conn.exec_driver_sql("SELECT 1")
    with database.write() as conn:  # the next one gets a connection that lives
        assert inbox.count(conn) == 0
    for one in (database, killer):
        one.engine.dispose()


@ON_POSTGRES
def test_fault_68_an_exhausted_pool_is_a_transient_after_its_wait(database_url: str) -> None:
    database = Database(database_url, wait_s=0.3)
    taken = [database.engine.connect() for _ in range(15)]
    with pytest.raises(Transient), database.read():
        pass
    for connection in taken:
        connection.close()
    with database.read():
        pass
    database.engine.dispose()


def test_fault_69_eight_writers_at_once_all_commit(database: Database) -> None:
    with database.write() as conn:
        portals.install(conn, OWN, client_id="c", name="", now=datetime_now())

    def write(writer: int) -> None:
        for number in range(20):
            with database.write() as conn:
                key = f"{writer}-{number}"
                event = inbox.NewEvent(
                    OWN, key, "contacts", key, "creation", "", datetime_now(), {}
                )
                inbox.add(conn, [event], datetime_now())

    threads = [threading.Thread(target=write, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as conn:
        assert inbox.count(conn) == 160


def datetime_now() -> datetime:
    return FakeClock().now()


def test_fault_71_migrations_only_add_so_that_old_workers_go_on(tmp_path: Path) -> None:
    """Every table and column of one version is there in the next; what is new in an old table may
    be left out of an insert."""
    revisions = [s.revision for s in ScriptDirectory(str(SCRIPTS)).walk_revisions()][::-1]
    url = f"sqlite:///{tmp_path / 'steps.db'}"
    before: dict[str, dict[str, Any]] = {}
    for revision in revisions:
        upgrade(url, revision)
        engine = sa.create_engine(url, poolclass=NullPool)
        found = sa.inspect(engine)
        now = {t: {c["name"]: c for c in found.get_columns(t)} for t in found.get_table_names()}
        engine.dispose()
        for table, columns in before.items():
            assert set(columns) <= set(now[table]), (revision, table)
            for name in set(now[table]) - set(columns):
                column = now[table][name]
                assert column["nullable"] or column["default"] is not None, (revision, table, name)
            for name, column in columns.items():
                assert str(column["type"]) == str(now[table][name]["type"]), (revision, table, name)
        before = now


def test_fault_72_a_transaction_pooler_gets_neither_pool_nor_prepared_statements() -> None:
    url = "postgresql://u:p@aws-0-eu-central-1.pooler.supabase.com:6543/postgres?sslmode=require"
    pooled = Database(url)
    direct = Database(url.replace(":6543", ":5432"))
    assert isinstance(pooled.engine.pool, NullPool)
    assert not isinstance(direct.engine.pool, NullPool)
    _, arguments = pooled.engine.dialect.create_connect_args(pooled.engine.url)
    assert arguments["sslmode"] == "require"
    pooled.engine.dispose()
    direct.engine.dispose()
