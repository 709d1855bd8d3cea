from __future__ import annotations

import re

import pytest
from starlette.requests import HTTPConnection

from console.doorway import is_page, needs_session
from console.forms import local
from console.tables import csv_of, safe


@pytest.mark.parametrize(
    "address",
    [
        "",
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "evil",
        "javascript:x",
        "/a\nb",
        "http:/x",
    ],
)
def test_signing_in_leads_back_into_the_console_only(address: str) -> None:
    assert local(address) == "/"


def test_a_path_with_its_filters_is_kept() -> None:
    assert local("/leads?band=High&q=ada") == "/leads?band=High&q=ada"


@pytest.mark.parametrize(
    ("path", "kind", "page"),
    [
        ("/", "http", True),
        ("/leads", "http", True),
        ("/static/js/index.js", "http", False),
        ("/_stcore/health", "http", False),
        ("/leads/_stcore/host-config", "http", True),
        ("/favicon.png", "http", False),
        ("/sign-in", "http", False),
        ("/_stcore/stream", "websocket", False),
    ],
)
def test_pages_need_a_session_and_files_do_not(path: str, kind: str, page: bool) -> None:
    scope = {"type": kind, "path": path, "headers": [], "query_string": b"", "server": ("h", 1)}
    assert is_page(HTTPConnection(scope)) is page


@pytest.mark.parametrize(
    ("method", "path", "kind", "needed"),
    [
        ("GET", "/_stcore/stream", "websocket", True),
        ("GET", "/sign-in", "websocket", True),
        ("PUT", "/_stcore/upload_file/a/b", "http", True),
        ("POST", "/leads/_stcore/upload_file/a/b", "http", True),
        ("PUT", "/_stcore/anything.that/comes", "http", True),
        ("GET", "/leads", "http", True),
        ("POST", "/sign-in", "http", False),
        ("GET", "/static/js/index.js", "http", False),
        ("GET", "/_stcore/health", "http", False),
    ],
)
def test_what_is_sent_or_kept_open_needs_a_session(
    method: str, path: str, kind: str, needed: bool
) -> None:
    scope = {
        "type": kind,
        "method": method,
        "path": path,
        "headers": [],
        "query_string": b"",
        "server": ("h", 1),
    }
    assert needs_session(HTTPConnection(scope)) is needed


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", " ="])
def test_a_download_runs_nothing_in_a_spreadsheet(start: str) -> None:
    text = csv_of([{"a": f"{start}1+1", "n": -3}], {"a": "A", "n": "N"})
    assert f"'{start}" in text
    assert text.rstrip().endswith(",-3")  # a number stays one


def test_text_of_a_lead_is_no_markdown() -> None:
    shown = safe("[x](http://evil) <b> **now** :smile: $a$")
    assert "\\[x\\]\\(http\\:\u2060//evil\\)" in shown
    assert "\\*\\*now\\*\\*" in shown and "\\<b\\>" in shown and "\\:smile\\:" in shown


# What Markdown's GitHub form turns into links in finished text (its autolink literals).
AUTOLINKS = re.compile(r"(?:https?://|www\.)[-.\w]+|[-.\w+]+@[-\w]+(?:\.[-\w]+)+", re.IGNORECASE)


@pytest.mark.parametrize(
    "name",
    [
        "www.evil.example",
        "WWW.evil.example Ltd",
        "https://evil.example/x",
        "hTTp://evil.example",
        "Ana http://a.example www.b.example c@d.example",
        "ana@evil.example",
        "mailto:ana@evil.example",
        "[Ana](https://evil.example)",
        "<https://evil.example>",
        "www.www.evil.example",
        "a@b@c.example",
    ],
)
def test_a_name_never_becomes_a_link(name: str) -> None:
    finished = re.sub(r"\\(.)", r"\1", safe(name))
    assert not AUTOLINKS.search(finished)
    assert finished.replace("\u2060", "") == name
