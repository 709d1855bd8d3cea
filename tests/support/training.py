"""Portals with enough outcomes to train on."""

from __future__ import annotations

from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from backend.cli.app import register
from backend.cli.common.session import CliSession
from backend.services.learning import training
from backend.storage import runs
from tests.integration.conftest import PORTAL, Connected

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

LARGE = pytest.mark.parametrize("contacts", [300])  # 15 won and 15 lost, and some to judge by


def operator(connected: Connected, *arguments: str) -> Result:
    """A command of the operator, in this process."""
    app, session = Flask("cli"), CliSession({})
    session.__dict__["product"] = connected.product  # wired already
    register(app, lambda: session)
    return CliRunner().invoke(app.cli, [*arguments, "--portal", str(PORTAL)])


def train(connected: Connected, **choices: Any) -> runs.Run:
    product = connected.product
    with product.stores.database.write() as conn:
        training.begin(conn, PORTAL, product.stores.clock.now(), **choices)
    product.stores.jobs.enqueue("train", portal_id=PORTAL)
    connected.run()
    with product.stores.database.read() as conn:
        run = runs.latest(conn, PORTAL, "train")
    assert run is not None
    return run


def score_all(connected: Connected) -> None:
    product = connected.product
    with product.stores.database.write() as conn:
        runs.restart(conn, PORTAL, "population", product.stores.clock.now())
    product.stores.jobs.enqueue("population", portal_id=PORTAL)
    connected.run()
