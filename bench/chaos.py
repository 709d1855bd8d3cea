"""A storm over real processes: `make chaos SEED=7 MINUTES=3`, or `python -m bench.chaos`.

On each database in turn: contacts change all the time, while at random processes are killed, Valkey
loses its memory or its disk, the disk fills up, Postgres loses its connections or takes no writes,
and HubSpot answers late, wrong, by halves or not at all. After the storm everything may settle;
then the reckoning: every lead's property in HubSpot is its score (`lost`), nothing stands twice in
the history, the audit trail holds, nothing has failed for good, and no log has a traceback. Prints
one JSON object per database; exit code 1 for anything that does not hold.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from typing import Any

import psycopg
import requests
from redis import Redis
from redis.exceptions import RedisError

from bench import soak
from bench.console import database_url
from bench.small_disk import SmallDisk, mounted
from bench.stage import Running, running

DISK_MB = 160
LASTS_S = (3.0, 8.0)  # a fault that is not a kill
APART_S = (2.0, 6.0)
HUBSPOT = (
    {"effect": "error", "status": 500},
    {"effect": "error", "status": 503, "after": True},
    {"effect": "rate_limit", "policy": "SECONDLY"},
    {"effect": "latency", "ms": 2_000},
    {"effect": "drop"},
    {"effect": "half"},
    {"effect": "html"},
    {"effect": "expired_token"},
)
CALM = ("web", "cron", "worker1", "worker2")  # whose logs hold no traceback

Fault = Callable[[], Any]  # makes a context that lasts as long as the fault


def main() -> int:
    """Both databases, or the named one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=3)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--database", choices=("sqlite", "postgres"), action="append")
    parser.add_argument("--contacts", type=int, default=soak.CONTACTS)
    chosen = parser.parse_args()
    well = True
    for kind in chosen.database or ["sqlite", "postgres"]:
        found = stormed(kind, chosen.seed, chosen.minutes, chosen.contacts)
        print(json.dumps(found), flush=True)
        well = well and holds(found)
    return 0 if well else 1


def holds(found: dict[str, Any]) -> bool:
    """Whether the reckoning is as it has to be."""
    nothing = ("lost", "parked", "history_twice", "audit_breaks", "tracebacks")
    return found["settled_s"] is not None and not any(found[name] for name in nothing)


def stormed(kind: str, seed: int, minutes: float, contacts: int) -> dict[str, Any]:
    """One storm of so many minutes, and its reckoning."""
    rng = random.Random(seed)
    with mounted(DISK_MB) as disk, database_url(kind) as url:
        environ = {} if url is None else {"DATABASE_URL": url}
        folder = disk.folder if disk else None
        with running(
            environ=environ, folder=folder, contacts=contacts, rate_limit=False, parts=soak.PARTS
        ) as stage:
            scenario = stage.scenario
            for step in (scenario.connect, scenario.import_profile, scenario.go_live):
                step()
            scenario.score_all()
            changes, faults = _storm(stage, rng, minutes * 60, _faults(stage, disk, url, rng))
            settled_s = soak.until(lambda: soak.quiet(stage), soak.SETTLE_S)
            found = soak.reckoning(stage)
            scenario.product.stores.database.engine.dispose()
            return {
                "bench": "chaos",
                "database": kind,
                "seed": seed,
                "minutes": minutes,
                "changes": changes,
                "faults": dict(faults),
                "settled_s": settled_s,
                "tracebacks": sum(_tracebacks(stage, name) for name in CALM),
            } | found


def _storm(
    stage: Running, rng: random.Random, seconds: float, faults: dict[str, Fault]
) -> tuple[int, Counter[str]]:
    ids = soak.contact_ids(stage)
    told: Counter[str] = Counter()
    ends_at, changes = time.monotonic() + seconds, 0
    coming: list[str] = []
    while time.monotonic() < ends_at:
        if not coming:  # each of them before any comes again
            coming = [*faults, *["kill"] * 3]
            rng.shuffle(coming)
        name = coming.pop()
        if name == "kill":
            name = soak.kill_something(stage, rng)
            context = nullcontext()
        else:
            context = faults[name]()
        told[name] += 1
        with context:
            changes += _change_for(stage, rng, ids, rng.uniform(*LASTS_S))
        soak.restart_the_dead(stage)
        changes += _change_for(stage, rng, ids, rng.uniform(*APART_S))
    return changes, told


def _change_for(stage: Running, rng: random.Random, ids: list[str], seconds: float) -> int:
    ends_at, changes = time.monotonic() + seconds, 0
    while time.monotonic() < ends_at:
        changes += soak.change(stage, rng.choice(ids), rng.choice(soak.TITLES))
        time.sleep(0.1)
    return changes


def _faults(
    stage: Running, disk: SmallDisk | None, url: str | None, rng: random.Random
) -> dict[str, Fault]:
    found: dict[str, Fault] = {
        "valkey full": lambda: _valkey_full(stage),
        "hubspot": lambda: _hubspot(stage, dict(rng.choice(HUBSPOT))),
    }
    if disk is not None:
        found["disk full"] = lambda: _full(disk)
    if url is not None:
        found["postgres connections lost"] = lambda: _connections_lost(url)
        found["postgres read-only"] = lambda: _read_only(url)
    return found


@contextmanager
def _full(disk: SmallDisk) -> Iterator[None]:
    disk.fill()
    try:
        yield
    finally:
        disk.free()


@contextmanager
def _valkey_full(stage: Running) -> Iterator[None]:
    redis = Redis.from_url(stage.env["REDIS_URL"])
    with suppress(RedisError):
        redis.config_set("maxmemory", "1")
    try:
        yield
    finally:
        with suppress(RedisError):
            redis.config_set("maxmemory", "0")
        redis.close()


@contextmanager
def _hubspot(stage: Running, rule: dict[str, Any]) -> Iterator[None]:
    address = f"{stage.stage.sandbox}/sandbox/faults"
    rules = {"rules": [rule | {"path": "/crm/*"}]}
    requests.put(address, json=rules, timeout=30).raise_for_status()
    try:
        yield
    finally:
        requests.delete(address, timeout=30).raise_for_status()


@contextmanager
def _connections_lost(url: str) -> Iterator[None]:
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
    yield


@contextmanager
def _read_only(url: str) -> Iterator[None]:
    """For everybody, connected already or not."""
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute("ALTER SYSTEM SET default_transaction_read_only = on")
        admin.execute("SELECT pg_reload_conf()")
        try:
            yield
        finally:
            admin.execute("ALTER SYSTEM RESET default_transaction_read_only")
            admin.execute("SELECT pg_reload_conf()")


def _tracebacks(stage: Running, name: str) -> int:
    log = stage.stage.log_of(name)
    return log.read_text(errors="replace").count("Traceback (most") if log.exists() else 0


if __name__ == "__main__":
    sys.exit(main())
