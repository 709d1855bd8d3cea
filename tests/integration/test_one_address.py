"""docs/operations.md shows how one proxy serves web and console: its paths are all of web's."""

from __future__ import annotations

import re

from tests.conftest import ROOT
from tests.integration.conftest import Connected
from tests.support.commands import ON_SQLITE

WEB = re.compile(r"location ~ (\S+) \{ proxy_pass http://127\.0\.0\.1:8000;")
CONSOLE = ("/", "/overview", "/leads?lead=1", "/mine", "/_stcore/stream", "/static/js/index.js")


@ON_SQLITE
def test_the_proxy_of_the_docs_sends_every_path_of_web_to_web(unconnected: Connected) -> None:
    text = (ROOT / "docs" / "operations.md").read_text()
    shown = WEB.search(text)
    assert shown is not None
    to_web = re.compile(shown.group(1))
    paths = {rule.rule for rule in unconnected.app.url_map.iter_rules()} - {
        "/static/<path:filename>"  # Flask's own; one file of it is used
    }
    assert {path for path in paths if not to_web.match(path)} == set()
    assert [path for path in CONSOLE if to_web.match(path)] == []


def test_no_location_of_it_has_a_header_of_its_own() -> None:
    """nginx then passes on none of the server's: the console refused every sign-in (403)."""
    text = (ROOT / "docs" / "operations.md").read_text()
    (block,) = re.findall(r"```nginx\n(.*?)```", text, re.DOTALL)
    before, *locations = block.split("  location ")
    assert "Host $http_host" in before  # $host has no port
    assert len(locations) == 2
    assert not any("proxy_set_header" in one for one in locations)
