"""Workers on hosts of their own: one that is cut off in the middle of its work loses nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest

from bench import hosts, soak
from bench.console import database_url
from bench.hosts import Host
from bench.ports import free_port
from bench.stage import Running, running
from tests.conftest import until
from tests.support.stage import all_due, history_rows, nothing_left

WORKERS = 4


@pytest.fixture(scope="module")
def apart(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Running, list[Host]]]:
    if not hosts.possible():
        pytest.skip("hosts of their own: making a network namespace needs root")
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
    with database_url("postgres") as url:
        assert url is not None
        socket = parse_qs(urlsplit(url).query)["host"][0]
        port = free_port()
        with running(
            environ={"DATABASE_URL": url},
            contacts=200,
            workers=WORKERS,
            parts=("valkey", "sandbox", "web", "cron"),
        ) as found:
            ports = found.stage.ports
            services = {
                ports.valkey: f"127.0.0.1:{ports.valkey}",
                ports.sandbox: f"127.0.0.1:{ports.sandbox}",
                port: f"{socket}/.s.PGSQL.5432",
            }
            with hosts.hosts(WORKERS, services) as made:
                far = f"postgresql://postgres:@127.0.0.1:{port}/postgres"
                for host in made:
                    found.start_worker_on(host.name, host.prefix, {"DATABASE_URL": far})
                scenario = found.scenario
                for step in (scenario.connect, scenario.import_profile, scenario.go_live):
                    step()
                scenario.score_all()
                yield found, made
                for host in made:
                    host.join()
                    found.kill(host.name)
                scenario.product.stores.database.engine.dispose()


def claims(stage: Running) -> int:
    with stage.scenario.product.stores.database.read() as conn:
        query = "SELECT count(*) FROM leads WHERE claim_token IS NOT NULL"
        return int(conn.exec_driver_sql(query).scalar_one())


def test_hosts_that_are_cut_off_and_joined_again_lose_and_double_nothing(
    apart: tuple[Running, list[Host]],
) -> None:
    stage, made = apart
    rows = history_rows(stage)
    cut = made[: WORKERS // 2]
    all_due(stage)
    until(lambda: claims(stage) > 0, 60)
    for host in cut:
        host.cut()
    until(lambda: nothing_left(stage), 200)  # leases of those that are gone pass on
    for host in cut:
        host.join()
    all_due(stage)
    until(lambda: nothing_left(stage), 200)
    stage.scenario.wait_until_written()
    found = soak.reckoning(stage)
    assert (found["lost"], found["parked"], found["history_twice"]) == (0, 0, 0)
    assert history_rows(stage) == rows  # nothing had changed
    assert stage.stats()["rate_limited"] == 0  # all together kept to the portal's limit
