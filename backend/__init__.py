"""Leadlight: AI lead scoring inside HubSpot."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from backend.cli.common.session import CliSession


def create_app() -> Flask:
    """What `flask --app backend …` loads: the commands, wired only when one needs it.

    The web server starts from `backend.wsgi`. Imports stay in here so that
    `import backend.model` is light.
    """
    from flask import Flask

    from backend.cli.app import register

    def session() -> CliSession:
        from backend.cli.common.session import CliSession

        return CliSession(os.environ)

    app = Flask("backend")
    register(app, session)
    return app
