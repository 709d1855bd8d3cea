"""Real processes that run out of something: none ends, each says it once a minute, work goes on."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from redis import Redis

from bench.small_disk import SmallDisk
from bench.stage import Running, running
from tests.conftest import until
from tests.support.small_disk import small_disk
from tests.support.stage import all_due, nothing_left

PARTS = ("valkey", "sandbox", "web", "cron", "worker")


@pytest.fixture(scope="module")
def disk() -> Iterator[SmallDisk]:
    with small_disk() as found:
        yield found


@pytest.fixture(scope="module")
def stage(disk: SmallDisk) -> Iterator[Running]:
    """Everything on the small disk: the database, Valkey's files and the logs."""
    with running(folder=disk.folder, contacts=150, rate_limit=False, parts=PARTS) as found:
        for step in (
            found.scenario.connect,
            found.scenario.import_profile,
            found.scenario.go_live,
            found.scenario.score_all,
        ):
            step()
        yield found


def status(stage: Running, path: str) -> int:
    return requests.get(stage.stage.web + path, timeout=30).status_code


def said(log: Path) -> list[str]:
    return log.read_text().splitlines() if log.exists() else []


def check_quiet(stage: Running, seen: dict[str, int]) -> None:
    """Since `seen` lines: no traceback, and each outage at most once a minute and process."""
    for name in ("web", "worker1", "worker2", "cron"):
        lines = said(stage.stage.log_of(name))[seen[name] :]
        assert not any("Traceback" in line for line in lines), "\n".join([name, *lines])
        told: Counter[tuple[str, str]] = Counter()
        for line in lines:
            if line.startswith("{") and line.endswith("}") and "outage" in line:
                event = json.loads(line)
                told[event.get("outage", ""), event["timestamp"][:16]] += 1
        assert all(times <= 2 for times in told.values()), (name, told)  # a minute has two ends


@pytest.fixture
def watched(stage: Running) -> Iterator[None]:
    """Whatever happens in the test: the same processes go on, and their logs are calm."""
    pids = {name: process.pid for name, process in stage.processes.items()}
    seen = {name: len(said(stage.stage.log_of(name))) for name in pids}
    yield
    assert {name: p.pid for name, p in stage.processes.items() if p.poll() is None} == pids
    check_quiet(stage, seen)


@pytest.mark.usefixtures("watched")
def test_a_full_disk_ends_no_process_and_no_event_is_lost(stage: Running, disk: SmallDisk) -> None:
    with stage.scenario.product.stores.database.read() as conn:
        ids = [
            str(row[0]) for row in conn.exec_driver_sql("SELECT contact_id FROM scores LIMIT 20")
        ]
    disk.fill()
    try:
        for contact_id in ids:
            requests.post(
                f"{stage.stage.sandbox}/sandbox/portals/{stage.scenario.portal_id}"
                f"/contacts/{contact_id}/properties",
                json={"jobtitle": "Head of Logistics"},
                timeout=30,
            ).raise_for_status()
        until(lambda: status(stage, "/health/ready") == 503, 60)
        assert status(stage, "/health/live") == 200
        health = requests.get(f"{stage.stage.web}/health", timeout=30).json()
        parts = [health[name] for name in ("database", "queue") if not health[name]["ok"]]
        assert {part["cause"] for part in parts} <= {"database_full", "redis_full"}
        assert all(part["cure"] for part in parts)
    finally:
        disk.free()
    until(lambda: status(stage, "/health/ready") == 200, 120)
    all_due(stage)
    until(lambda: nothing_left(stage), 120)


@pytest.mark.usefixtures("watched")
def test_redis_without_memory_ends_no_process(stage: Running) -> None:
    redis = Redis.from_url(stage.env["REDIS_URL"])
    redis.config_set("maxmemory-policy", "noeviction")
    redis.config_set("maxmemory", "1")
    try:
        all_due(stage)
        until(lambda: status(stage, "/health/ready") == 503, 60)
        until(lambda: "Redis has no memory" in stage.stage.log_of("worker1").read_text(), 60)
    finally:
        redis.config_set("maxmemory", "0")
    until(lambda: nothing_left(stage), 120)
    until(lambda: status(stage, "/health/ready") == 200, 60)
