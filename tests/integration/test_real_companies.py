"""Real input: 882 real companies with messy fields, a contact each, all scored and written back."""

from __future__ import annotations

import csv
import io
import subprocess
from urllib.parse import urlsplit

import pytest

from backend.scoring.points.profile_csv import read_profile
from backend.storage.leads import due_leads
from backend.storage.learning import profiles
from tests.conftest import DATA, PYTHON, ROOT
from tests.integration.conftest import PORTAL, Connected, install

COMPANIES = DATA / "companies_remoteintech" / "companies.csv"
HEADER = [
    "Industry",
    "Company size",
    "Revenue range",
    "Geographic location",
    "Technology stack",
    "Budget range",
    "Name",
    "Description",
]


def profile_file(rows: list[dict[str, str]]) -> bytes:
    """An ideal client file of 25 of the companies, as a manager would write it."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(HEADER)
    for row in rows:
        writer.writerow(
            [
                "",
                row["company_size"],
                "",
                row["region"],
                row["technologies"],
                "",
                row["name"],
                row["blurb"][:500],
            ]
        )
    return text.getvalue().encode()


@pytest.mark.needs_data
@pytest.mark.skipif(not COMPANIES.is_file(), reason="../shared/data is not on this machine")
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_882_real_companies_are_scored_and_written_back(unconnected: Connected) -> None:
    with COMPANIES.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    line = [PYTHON, "-m", "sandbox", "import", str(COMPANIES), "--as", "companies"]
    line += ["--with-contacts", "--port", str(urlsplit(unconnected.sandbox.url).port)]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    install(unconnected)
    chosen = [row for row in rows if "python" in row["technologies"]][:25]
    found = read_profile(profile_file(chosen))
    assert found.problems == ()
    with unconnected.product.stores.database.write() as conn:
        now = unconnected.product.stores.clock.now()
        profiles.add(conn, PORTAL, found.clients, source="real", made_by="t", now=now)
    unconnected.run()
    unconnected.go_live()
    scored = unconnected.scores()
    with unconnected.product.stores.database.read() as conn:
        out = due_leads.ineligible(conn, PORTAL)
        assert due_leads.parked(conn, PORTAL) == 0
        assert len(scored) + out == due_leads.count(conn, PORTAL)
    assert len(scored) >= 882
    assert all(s.score == 50 + sum(f.points for f in s.factors) for s in scored.values())
    assert all(
        unconnected.properties(contact_id)["ai_lead_score"] == str(score.score)
        for contact_id, score in scored.items()
    )
    with_python = [
        s.score
        for s in scored.values()
        if any(f.field == "technologies" and "python" in f.value.casefold() for f in s.factors)
    ]
    others = [s.score for s in scored.values()]
    assert sum(with_python) / len(with_python) > sum(others) / len(others)
