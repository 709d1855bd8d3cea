"""What the documents point to exists."""

from __future__ import annotations

import re

import pytest

from tests.conftest import ROOT

FOLDERS = ("", "backend/", "hubspot-card/src/app/cards/", "tests/integration/", "tests/contract/")
DOCUMENTS = (
    "CONTRIBUTING.md",
    "README.md",
    "docs/architecture.md",
    "docs/glossary.md",
    "docs/operations.md",
    "docs/setup.md",
)
PATH = re.compile(r"`([A-Za-z_-][\w./-]*(?:\.py|\.ts|\.tsx|\.md|/))`")


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_path_in_a_document_exists(document: str) -> None:
    named = PATH.findall((ROOT / document).read_text())
    here = (*FOLDERS, "backend/scoring/facts/", "backend/services/routing/", "backend/scoring/")
    missing = [
        path for path in named if not any((ROOT / folder / path).exists() for folder in here)
    ]
    assert missing == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_link_in_a_document_leads_somewhere(document: str) -> None:
    text = (ROOT / document).read_text()
    links = [link.partition("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", text)]
    local = [link for link in links if link and "://" not in link]
    folder = (ROOT / document).parent
    assert [link for link in local if not (folder / link).exists()] == []
