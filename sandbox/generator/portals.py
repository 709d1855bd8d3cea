"""Makes a whole portal from a seed."""

from __future__ import annotations

import random

from sandbox.generator import inventing, real_portal
from sandbox.generator.custom import add_custom_properties
from sandbox.generator.own_values import fill_own
from sandbox.generator.scribe import Scribe
from sandbox.generator.sketches import Person
from sandbox.generator.vocabulary import FIRST_NAMES, LAST_NAMES
from sandbox.state.people import Owner
from sandbox.state.portal import Portal
from sandbox.state.tiers import tier
from sandbox.times import DAY_MS

OWNERS = 6
TEAMS = ("Inbound", "Enterprise")


def new_portal(
    portal_id: int, seed: int | str, contacts: int, tier_name: str, now_ms: int
) -> Portal:
    """A portal with owners, custom properties and that many invented contacts (0: empty).

    Of the seed "real" it is as accounts are that have been in use for years."""
    portal = Portal(
        portal_id,
        f"Demo company {portal_id}",
        f"demo-{portal_id}.example",
        tier(tier_name),
        now_ms - 900 * DAY_MS,
    )
    portal.owners.extend(_owners(random.Random(f"owners {seed}"), portal))
    add_custom_properties(portal)
    if contacts:
        fill(portal, seed, contacts, now_ms)
    if seed == real_portal.SEED:
        real_portal.age(portal, now_ms)
    return portal


def fill(portal: Portal, seed: int | str, contacts: int, now_ms: int) -> list[Person]:
    """Invent the market and write it into the portal; returns the people with the truth."""
    rng = random.Random(f"market {seed}")
    count = max(1, round(contacts / inventing.PEOPLE_PER_COMPANY))
    companies = inventing.invent_companies(rng, count, now_ms)
    people = inventing.invent_people(rng, companies, contacts, len(portal.owners), now_ms)
    deals = inventing.invent_deals(rng, people, now_ms)
    inventing.invent_activities(rng, people, now_ms)
    scribe = Scribe(portal, rng, now_ms)
    scribe.write_companies(companies)
    scribe.write_people(people)
    scribe.write_deals(deals)
    scribe.write_activities(people)
    scribe.write_leads(people)
    fill_own(random.Random(f"own properties {seed}"), portal, companies, people)
    return people


def _owners(rng: random.Random, portal: Portal) -> list[Owner]:
    pairs = zip(rng.sample(FIRST_NAMES, OWNERS), rng.sample(LAST_NAMES, OWNERS), strict=True)
    return [
        Owner(
            51_000_001 + number,
            7_000_001 + number,
            f"{first}.{last}@{portal.domain}".lower(),
            first,
            last,
            TEAMS[number % len(TEAMS)],
            portal.created_ms,
        )
        for number, (first, last) in enumerate(pairs)
    ]
