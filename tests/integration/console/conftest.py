"""Pages as Streamlit runs them, against the API in a real server."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash
from werkzeug.serving import make_server

from bench.ports import free_port
from tests.integration.api.conftest import Desk, desk

__all__ = ["desk"]
APP = Path(__file__).resolve().parents[3] / "console/app.py"
Open = Callable[..., AppTest]


@pytest.fixture
def pages(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """`open("leads", token, lead="101")`: one run of a page with its address."""
    port = free_port()
    server = make_server("127.0.0.1", port, desk.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    monkeypatch.setenv("CONSOLE_API_URL", f"http://127.0.0.1:{port}")

    def open_page(path: str, token: str, **address: str) -> AppTest:
        page = AppTest.from_file(APP, default_timeout=20)
        page._page_hash = calc_hash(path)  # as a browser that opens this address
        if token:
            page.session_state["token"] = token
        for name, value in address.items():
            page.query_params[name] = value
        page.run()
        assert not page.exception, page.exception
        return page

    yield open_page
    server.shutdown()
    thread.join()
    server.server_close()
