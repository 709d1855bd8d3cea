"""What gunicorn serves."""

from __future__ import annotations

import os
import sys

from flask import Flask

from backend.config import WEB_DB_WAIT_S, Settings
from backend.errors import LeadlightError
from backend.logs import set_up_logs
from backend.services.starting import check_start
from backend.web.app import create
from backend.wiring import build as wire


def build() -> Flask:
    """The web app; exits with a plain list when the environment is not complete."""
    try:
        settings = Settings.from_env(os.environ)
        set_up_logs(settings.log_level)
        product = wire(settings, db_wait_s=WEB_DB_WAIT_S, process="web")
        check_start(product.stores)
    except LeadlightError as error:
        sys.exit(f"cannot start: {error}")
    app = create(product)
    os.register_at_fork(after_in_child=product.after_fork)
    return app
