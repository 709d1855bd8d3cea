"""docs/security.md says how long rows are kept; the rules say the same."""

from __future__ import annotations

import re

from backend.storage.privacy.retention import days_by_table
from tests.conftest import ROOT


def test_the_document_and_the_rules_agree() -> None:
    text = (ROOT / "docs" / "security.md").read_text()
    shown = re.findall(r"^\| `([a-z_]+)`[^|]* \| (\d+) \|$", text, re.MULTILINE)
    assert {table: int(days) for table, days in shown} == dict(days_by_table())
