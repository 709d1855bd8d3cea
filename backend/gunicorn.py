"""Gunicorn's settings; `PORT` and `WEB_WORKERS` are the platform's."""

import os
import sys

from backend.config import port_of
from backend.errors import BadSettings

try:
    port = port_of(os.environ, "PORT", 8000)
except BadSettings as error:
    sys.exit(f"cannot start: {error}")

bind = f"{os.environ.get('WEB_HOST', '127.0.0.1')}:{port}"
workers = int(os.environ.get("WEB_WORKERS", "2"))
worker_class = "backend.web.worker.BufferingWorker"  # threads see whole requests only
threads = 8
worker_connections = 4000  # open at once in one process; the oldest waiting one makes room
timeout = 30  # a hung process is replaced; requests bound their own waits at 3.5 s
graceful_timeout = 10
keepalive = 5
preload_app = True  # one copy of the code for all workers
limit_request_line = 8190
accesslog = None  # query strings carry user ids: our own log has what is needed
