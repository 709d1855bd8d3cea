"""docs/security.md cites tests that exist."""

from __future__ import annotations

import re

from tests.conftest import ROOT


def test_every_test_that_the_document_cites_exists() -> None:
    cited = set(re.findall(r"`(test_\w+)`", (ROOT / "docs/security.md").read_text()))
    files = (ROOT / "tests").rglob("test_*.py")
    made = {name for file in files for name in re.findall(r"def (test_\w+)", file.read_text())}
    assert len(cited) > 30
    assert cited - made == set()


def test_every_file_that_the_document_cites_exists() -> None:
    text = (ROOT / "docs/security.md").read_text()
    cited = set(re.findall(r"\b((?:tests|bench|backend)/[\w/]+\.py)", text))
    assert {path for path in cited if not (ROOT / path).exists()} == set()
