"""What are the bytes of a contact? `python -m bench.size [--contacts 2000]` prints one JSON object.

Contacts with a company and ten activities each, scored twice (the second time by another profile),
on SQLite and on Postgres: bytes per contact by table, rows and indexes apart.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import tempfile
from dataclasses import replace
from pathlib import Path

import structlog

from backend.jobs.population import population
from backend.storage import runs
from backend.storage.learning import profiles
from backend.storage.operations.maintain_tables import sizes, vacuum
from backend.wiring import Product
from bench.backfill import backfilled
from bench.console import database_url
from bench.provider_bound import CLIENTS, PORTAL, seed, valkey, wired


def main() -> None:
    """Seed, score, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contacts", type=int, default=2_000)
    contacts = parser.parse_args().contacts
    logging.disable(logging.CRITICAL)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    found = {}
    with valkey() as redis_url, tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)
        for kind in ("sqlite", "postgres"):
            with database_url(kind) as url:
                environ = {"REDIS_URL": redis_url} | ({"DATABASE_URL": url} if url else {})
                found[kind] = _measured(wired(Path(folder), **environ), contacts)
    print(json.dumps({"bench": "size", "contacts": contacts, "bytes_per_contact": found}))


def _measured(product: Product, contacts: int) -> dict[str, object]:
    stores = product.stores
    stores.redis.flushall()
    seed(product, contacts)
    now = stores.clock.now()
    with stores.database.write() as conn:
        runs.start(conn, PORTAL, "population", now)
    population(product, PORTAL)
    backfilled(product, contacts)
    with stores.database.write() as conn:
        others = tuple(replace(client, location="france") for client in CLIENTS)
        profiles.add(conn, PORTAL, others, source="bench", made_by="bench", now=now)
    backfilled(product, contacts)
    vacuum(stores.database)
    with stores.database.read() as conn:
        known = sizes(conn)
    stores.redis.close()
    stores.database.engine.dispose()
    tables = {
        size.table: {
            "rows": round(size.rows / contacts, 2),
            "bytes": round(size.row_bytes / contacts),
            "index_bytes": round(size.index_bytes / contacts),
        }
        for size in known
        if size.rows >= contacts / 10
    }
    total = sum(size.row_bytes + size.index_bytes for size in known)
    return {"all": round(total / contacts), **tables}


if __name__ == "__main__":
    main()
