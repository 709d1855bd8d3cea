"""The command line as an operator runs it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from backend.cli.app import register
from backend.cli.common.session import CliSession
from tests.integration.conftest import ENVIRON, Connected

Command = Callable[..., Result]


ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def commands(connected: Connected) -> Command:
    """Run one command as an operator with this portal's environment."""
    settings = connected.product.stores.settings
    environ = {
        **ENVIRON,
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "HUBSPOT_API_BASE": settings.hubspot_api_base,
        "HUBSPOT_AUTHORIZE_BASE": settings.hubspot_api_base,
        "PUBLIC_BASE_URL": settings.public_base_url[0],
        "LOG_LEVEL": "ERROR",
    }

    def run(*arguments: str) -> Result:
        app = Flask("backend")
        session = CliSession(environ)
        register(app, lambda: session)
        try:
            return CliRunner().invoke(app.cli, list(arguments), obj=None)
        finally:
            if "product" in session.__dict__:
                session.product.stores.database.engine.dispose()
                session.product.stores.redis.close()
                session.product.hubspot.http.close()

    return run
