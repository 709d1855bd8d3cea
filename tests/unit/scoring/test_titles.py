"""One rank has one level, however it is written."""

from __future__ import annotations

import pytest

from backend.scoring.values.titles import department, seniority

VICE_PRESIDENTS = (
    "VP",
    "vp sales",
    "V.P. Sales",
    "SVP",
    "EVP Operations",
    "AVP",
    "RVP, EMEA",
    "Sr. VP Finance",
    "Vice President",
    "vice  president of sales",
    "Vice-President",
    "Senior Vice President, IT",
    "Executive Vice President",
    "Vicepresident",
    "Vice Pres. Marketing",
    "Vicepresidente",
)


@pytest.mark.parametrize("title", VICE_PRESIDENTS)
def test_every_way_to_write_vice_president_is_one_level(title: str) -> None:
    assert seniority(title) == "director"
    assert department(title) != "general management"


@pytest.mark.parametrize("title", ["President", "Co-Founder and Vice President", "C.E.O.", "CEO"])
def test_who_leads_the_firm_is_an_executive(title: str) -> None:
    assert seniority(title) == "executive"
