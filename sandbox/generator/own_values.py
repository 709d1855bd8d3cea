"""Values of the portal's own properties, drawn apart so that no other draw shifts."""

from __future__ import annotations

import random

from sandbox.generator.custom import PACKAGES, PROGRAMS
from sandbox.generator.sketches import Company, Person
from sandbox.generator.taste import person_pull
from sandbox.state.portal import Portal
from sandbox.state.records import Record, Version, ui

HOUR_MS = 3_600_000
_SERIOUS = 0.8  # spread of the noise around what a person really wants
_CUTS = (1.2, 0.2, -0.8)  # from the certified program down to just looking
_GOALS = (
    "We want to bring our reporting to one place before the audit in spring",
    "Fewer spreadsheets and a way to see every shipment that is late at once",
    "Our old vendor raised the prices, so we look for something that grows with us",
    "Train the new colleagues in the north faster and keep what the old ones know",
)


def fill_own(
    rng: random.Random, portal: Portal, companies: list[Company], people: list[Person]
) -> None:
    """Written when the record was made, except what sales fill in after a deal is won."""
    for company in companies:
        record = portal.record("companies", company.record_id)
        seats = max(1, round(company.employees * rng.uniform(0.05, 0.4)))
        _set(record, "number_of_seats", str(seats) if rng.random() < 0.8 else "")
        _set(record, "credit_check", "rating B" if rng.random() < 0.3 else "")
    for person in people:
        record = portal.record("contacts", person.record_id)
        wish = person_pull(person) + rng.gauss(0.0, _SERIOUS)
        step = next((place for place, cut in enumerate(_CUTS) if wish > cut), len(_CUTS))
        _set(record, "program_interest", tuple(PROGRAMS)[step] if rng.random() < 0.85 else "")
        goal = f"{rng.choice(_GOALS)}, and {rng.randrange(2, 900)} people wait for it"
        _set(record, "goals", goal if rng.random() < 0.4 else "")
        for deal in person.deals:
            package = rng.choice(tuple(PACKAGES))
            if deal.won and rng.random() < 0.9:
                hours = rng.randint(1, 20)
                _after(record, "onboarding_package", package, deal.closed_ms + hours * HOUR_MS)


def _set(record: Record, name: str, value: str) -> None:
    if value:
        record.properties[name] = value


def _after(record: Record, name: str, value: str, at_ms: int) -> None:
    """With a history that says when. The record's time of change stays: others count on it."""
    record.properties[name] = value
    record.history[name] = [Version(value, at_ms, ui(7_000_001))]
