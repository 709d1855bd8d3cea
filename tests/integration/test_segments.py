"""Several businesses in one portal: from the rule to bands, HubSpot, the card and the lists."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from backend.errors import BadChoice
from backend.model import Band, PortalSettings, Score, Segment, Thresholds
from backend.scoring.calculate import band
from backend.scoring.traits import fit_points
from backend.services import settings
from backend.services.learning.gather import gather
from backend.services.portals.segments import caught
from backend.services.scoring.pipeline import context_of
from backend.storage.leads import lead_list, mirror, scores
from backend.storage.learning import models, profiles
from backend.storage.portals import owners, portals
from tests.integration.conftest import PORTAL, Connected
from tests.support.pipeline import hear, waiting_events
from tests.support.training import LARGE, ON_SQLITE, score_all, train

EDGES = Thresholds(48, 44)


def save(connected: Connected, *segments: Segment) -> list[str]:
    """As an admin does in Setup."""

    def wanted(before: PortalSettings) -> PortalSettings:
        return replace(before, segments=segments)

    begun = settings.change(connected.product, PORTAL, wanted, actor="t")
    connected.run()
    return begun


def country_of(connected: Connected) -> str:
    """The commonest country of companies."""
    companies = connected.sandbox.portal.stores["companies"]
    counts = Counter(c.properties["country"] for c in companies if c.properties.get("country"))
    return counts.most_common(1)[0][0]


def stored(connected: Connected) -> dict[str, Score]:
    with connected.product.stores.database.read() as conn:
        return scores.current(conn, PORTAL, list(connected.scores()))


def segments_now(connected: Connected) -> dict[str, int]:
    with connected.product.stores.database.read() as conn:
        return dict(lead_list.values_of(conn, PORTAL, "segment"))


def test_a_segment_has_its_own_bands_in_hubspot_too_and_others_are_left_alone(
    live: Connected,
) -> None:
    before = stored(live)
    home = Segment("Home", "Country/Region (company)", (country_of(live),), EDGES)
    expected = caught(live.product, PORTAL, [home])  # read from HubSpot: it is not mirrored yet
    assert save(live, home) == ["pull"]
    after = stored(live)
    mine = {cid for cid, score in after.items() if score.segment == "Home"}
    assert 3 < len(mine) < len(after)
    assert segments_now(live) == {"Home": len(mine)} == {"Home": expected.leads["Home"]}
    for contact_id, score in after.items():
        edges = EDGES if contact_id in mine else Thresholds()
        assert score.band is band(score.score, edges) or score.band is Band.LOW
        assert live.properties(contact_id)["ai_lead_fit"] == score.band.value
    moved = {cid for cid in after if after[cid].band is not before[cid].band}
    assert moved and moved <= mine


def test_an_event_moves_a_lead_into_a_segment_and_its_removal_gives_it_back(
    live: Connected,
) -> None:
    save(live, Segment("Ours", "contacts.country", ("Liechtenstein",), Thresholds(3, 2)))
    first = min(live.scores())
    live.ui("POST", f"/contacts/{first}/properties", {"country": "Liechtenstein"})
    hear(live, waiting_events(live))
    score = stored(live)[first]
    assert (score.segment, score.band) == ("Ours", Band.HIGH)
    assert save(live) == ["pull"]  # what is no longer asked about is no longer kept
    score = stored(live)[first]
    assert (score.segment, score.band) == ("", band(score.score, Thresholds()))
    with live.product.stores.database.read() as conn:
        facts = mirror.records(conn, PORTAL, "contacts", [first])[first].facts
    assert "own.country" not in facts
    assert segments_now(live) == {}


def test_a_pipeline_and_a_team_are_named_as_people_call_them(connected: Connected) -> None:
    with connected.product.stores.database.write() as conn:
        ids = {s.contact_id for s in stored(connected).values()}
        known = mirror.records(conn, PORTAL, "contacts", sorted(ids))
        owner = Counter(r.facts.get("owner_id", "") for r in known.values()).most_common(1)[0][0]
        sealed = owners.sealed(conn, PORTAL)
        now = connected.product.stores.clock.now()
        owners.put(conn, PORTAL, {owner: sealed.get(owner, "")}, now, {owner: "Key accounts"})
    team = Segment("Key", "team of the owner", ("key accounts",))
    assert save(connected, team) == ["population"]  # nothing more is read
    assert save(connected, replace(team, thresholds=EDGES)) == ["backfill"]
    with connected.product.stores.database.read() as conn:
        (kept,) = portals.get(conn, PORTAL).settings.segments
    assert kept == Segment("Key", "owner.team", ("Key accounts",), EDGES)
    mine = [cid for cid, r in known.items() if r.facts.get("owner_id") == owner]
    assert segments_now(connected) == {"Key": len(mine)}
    with pytest.raises(BadChoice, match="deal pipeline"):
        save(connected, Segment("Odd", "Deal pipeline", ("No such pipeline",)))


@pytest.mark.parametrize(
    ("segment", "said"),
    [
        (Segment("A", "Regoin", ("x",)), "no property"),
        (Segment("A", "contacts.email", ("x",)), "no property"),
        (Segment("A", "contacts.ai_lead_fit", ("High",)), "no property"),
        (Segment(" ", "companies.country", ("x",)), "printable"),
        (Segment("A\u202eB", "companies.country", ("x",)), "printable"),
        (Segment("A" * 41, "companies.country", ("x",)), "printable"),
        (Segment("All others", "companies.country", ("x",)), "in no segment"),
        (Segment("A", "companies.country", ("?",)), "values"),
        (Segment("A", "companies.country", ("x",), Thresholds(40, 50)), "bands"),
        (Segment("A", "lifecyclestage", ("x",)), "no property"),
    ],
)
def test_what_no_segment_can_be_is_refused_with_the_reason(
    connected: Connected, segment: Segment, said: str
) -> None:
    with pytest.raises(BadChoice, match=said):
        save(connected, segment)
    with pytest.raises(BadChoice, match="two segments"):
        one = Segment("Café", "companies.country", ("x",))
        save(connected, one, replace(one, name="CAFE"))
    with connected.product.stores.database.read() as conn:
        assert portals.get(conn, PORTAL).settings.segments == ()


@ON_SQLITE
def test_a_segment_is_held_against_the_ideal_clients_that_carry_its_name(
    connected: Connected,
) -> None:
    save(connected, Segment("Home", "companies.country", (country_of(connected),)))
    before = stored(connected)
    with connected.product.stores.database.write() as conn:
        clients = profiles.active(conn, PORTAL).clients
        first = clients[0].industry
        tagged = tuple(replace(c, tags=("HOME",) if c.industry == first else ()) for c in clients)
        now = connected.product.stores.clock.now()
        profiles.add(conn, PORTAL, tagged, source="t", made_by="t", now=now)
    score_all(connected)
    after = stored(connected)
    with connected.product.stores.database.read() as conn:
        portal = portals.get(conn, PORTAL)
    context = context_of(connected.product, portal)
    assert set(context.comparison.segments) == {"Home", ""}
    mine = [cid for cid in after if after[cid].segment == "Home"]
    moved = [cid for cid in mine if fit_points(after[cid]) != fit_points(before[cid])]
    assert moved
    for score in after.values():
        assert score.unclamped == 50 + sum(f.points for f in score.factors if f.group != "limit")


@ON_SQLITE
@LARGE
def test_a_segments_own_base_rate_is_a_factor_of_the_next_model(connected: Connected) -> None:
    field = "Program interest (contact)"
    known = Segment("Known <b>", field, ("Certified program", "Team program", "Free trial"))
    save(connected, known, Segment("Few", "contacts.country", ("Liechtenstein",)))
    first = min(connected.scores())
    connected.ui("POST", f"/contacts/{first}/properties", {"country": "Liechtenstein"})
    connected.ui("POST", f"/contacts/{first}/properties", {"program_interest": ""})
    hear(connected, waiting_events(connected))
    with connected.product.stores.database.read() as conn:
        portal = portals.get(conn, PORTAL)
    gathered = gather(connected.product, portal)
    assert set(gathered.table.column("segment")) == {"Known <b>", "all others"}
    assert "contacts.program_interest" not in gathered.table.names  # asked about, not learned from
    run = train(connected)
    assert run.state == "done", run.problem
    with connected.product.stores.database.write() as conn:
        (version,) = models.listed(conn, PORTAL)
        models.publish(conn, PORTAL, 1, connected.product.stores.clock.now())
    assert "segment" in version.report["fields"]["used"]
    score_all(connected)
    found = stored(connected)
    assert found[first].segment == "Few"
    for score in found.values():
        (factor,) = [f for f in score.factors if f.field == "segment"]
        assert factor.value == (score.segment if score.segment == known.name else "all others")
        assert score.unclamped == 50 + sum(f.points for f in score.factors if f.group != "limit")
        assert "segment" not in {gap.field for gap in score.missing}
    save(connected)  # a model that knows segments, in a portal that has none any more
    for score in connected.scores().values():
        assert "segment" not in {f.field for f in score.factors}
        assert "segment" not in {gap.field for gap in score.missing}
