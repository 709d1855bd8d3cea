"""What became of similar past leads says more of a lead than it did when all fields were one text:
on the demo's portal and on the public sets (`bench.similar` prints the figures)."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

import pytest

from backend.embedded.use_embedder import UseEmbedder
from backend.model import PROFILE_FIELDS, CrmRecord, IdealClient, Profile
from backend.scoring.collect import mirror_record
from backend.scoring.points.profile_csv import read_profile
from bench.similar import COLUMNS, Past, measure, of_file, population_of
from sandbox.commands.ideal_clients import write
from sandbox.generator.portals import new_portal

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
NOW = datetime(2026, 11, 23, tzinfo=UTC)
NOW_MS = int(NOW.timestamp() * 1_000)


def demo_portal() -> Past:
    """Contacts of the demo's portal with a won or lost deal, by their companies."""
    portal = new_portal(1, 7, 1_500, "pro", NOW_MS)
    leads, won, companies = [], [], []
    for contact in portal.stores["contacts"]:
        ids = portal.associations.of("contacts", contact.record_id, "deals")
        deals = [record for i in ids if (record := portal.stores["deals"].get(i)) is not None]
        closed = [d.properties for d in deals if d.properties.get("hs_is_closed") == "true"]
        company = portal.associations.primary("contacts", contact.record_id, "companies")
        if not closed or company is None:
            continue
        leads.append(client(str(contact.record_id), portal.stores["companies"].get(company)))
        won.append(int(any(deal["hs_is_closed_won"] == "true" for deal in closed)))
        companies.append(str(company))
    file = io.StringIO()
    write(file, 7, 1_500, 25)
    profile = Profile(1, 1, read_profile(file.getvalue().encode()).clients)
    return Past(tuple(leads), tuple(won), tuple(companies), profile, population_of(leads))


def client(client_id: str, company) -> IdealClient:
    record = CrmRecord("companies", "1", company.properties, NOW)
    facts = mirror_record(record)[0].facts
    single = {f: facts.get(f, "") for f in PROFILE_FIELDS if f != "technologies"}
    technologies = tuple(t for t in facts.get("technologies", "").split(";") if t)
    return IdealClient(client_id, technologies=technologies, **single)


def test_on_the_demo_s_portal_neighbours_say_more_and_are_of_the_industry() -> None:
    found = measure(demo_portal(), UseEmbedder())
    assert found["leads"] > 200
    assert found["auc_fields"] > found["auc_text"]
    assert found["industry_fields"] > found["industry_text"]


@pytest.mark.needs_data
@pytest.mark.parametrize("name", ["it_win_prediction", "salvirt_b2b"])
def test_on_public_deals_neighbours_say_more(name: str) -> None:
    path = DATA / name / "dev.csv"
    if not path.exists():
        pytest.skip(f"{path} is absent")
    found = measure(of_file(path, COLUMNS[name]), UseEmbedder())
    assert found["auc_fields"] > found["auc_text"]
