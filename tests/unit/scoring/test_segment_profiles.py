"""Ideal clients of a segment's own, by their tags."""

from __future__ import annotations

from dataclasses import replace

from backend.model import IdealClient, Profile, Segment
from backend.scoring.baseline import baseline
from backend.scoring.points.profile_points import compare
from backend.scoring.points.segment_profiles import in_segments
from backend.scoring.population import build_population, centring_points
from tests.unit.scoring.make import lead

SEGMENTS = (Segment("DACH", "companies.region", ("x",)), Segment("Rest", "owner.team", ("y",)))
BANK = {"industry": "banking"}
FARM = {"industry": "agriculture"}


def client(number: int, industry: str, *tags: str) -> IdealClient:
    return IdealClient(str(number), industry=industry, tags=tags)


def profile(*clients: IdealClient) -> Profile:
    return in_segments(Profile(1, 1, clients), SEGMENTS)


BANKS = [client(i, "banking", "dách", "vip") for i in range(20)]
FARMS = [client(100 + i, "agriculture", "vip") for i in range(20)]


def points(found: Profile, segment: str | None, facts: dict[str, str]) -> int:
    people = [lead(company=BANK), lead(company=FARM)] * 20
    population = build_population(1, ((one, None) for one in people), found)
    one = replace(lead(company=facts), segment=segment)
    return baseline(one, compare(found, population)).points


def test_a_segment_is_compared_with_the_clients_that_carry_its_name() -> None:
    found = profile(*BANKS, *FARMS)
    assert points(found, "DACH", BANK) > points(found, "DACH", FARM)
    for other in ("Rest", "", None):  # all others have the clients of no segment
        assert points(found, other, FARM) > points(found, other, BANK)


def test_without_clients_of_no_segment_the_others_have_all_of_them() -> None:
    found = profile(*BANKS)
    assert points(found, "", BANK) == points(Profile(1, 1, tuple(BANKS)), "", BANK)
    assert found.of("Rest").clients == tuple(BANKS)


def test_a_client_of_two_segments_counts_in_both_and_other_tags_in_none() -> None:
    both = client(1, "banking", "DACH", "rest")
    found = profile(both, *FARMS)
    assert found.of("DACH").clients == found.of("Rest").clients == (both,)
    assert profile(*FARMS).segments == {}


def test_a_portal_without_segments_has_one_profile() -> None:
    whole = Profile(1, 1, (*BANKS, *FARMS))
    assert in_segments(whole, ()) is whole
    assert whole.of("DACH") is whole


def test_centring_takes_every_lead_by_its_own_segment() -> None:
    found = profile(*BANKS, *FARMS)
    people = [replace(lead(company=BANK), contact_id=str(i), segment="DACH") for i in range(30)]
    people += [replace(lead(company=FARM), contact_id=str(100 + i), segment="") for i in range(30)]
    population = build_population(1, ((one, None) for one in people), found)
    comparison = compare(found, population)
    totals = [baseline(one, comparison).points - 50.0 for one in people]
    assert abs(centring_points(totals)) < 0.6  # whole points
