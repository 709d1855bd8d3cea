"""Ideal clients mined from the companies that were really won."""

from __future__ import annotations

from sandbox.generator.custom import BUDGET_LABELS
from sandbox.generator.portals import fill, new_portal
from sandbox.generator.sketches import Company
from sandbox.generator.taste import win_chance
from sandbox.generator.vocabulary import TECHNOLOGIES

HEADERS = (
    "Name",
    "Industry",
    "Company size",
    "Revenue range",
    "Geographic location",
    "Technology stack",
    "Budget range",
)
_SIZES = (
    (10, "1-10"),
    (50, "11-50"),
    (200, "51-200"),
    (500, "201-500"),
    (1000, "501-1000"),
    (5000, "1001-5000"),
)
_REVENUES = (
    (10**6, "Under $1M"),
    (10**7, "$1M-$10M"),
    (5 * 10**7, "$10M-$50M"),
    (10**8, "$50M-$100M"),
    (5 * 10**8, "$100M-$500M"),
)


def ideal_clients(
    portal_id: int, seed: int | str, contacts: int, now_ms: int
) -> list[tuple[str, ...]]:
    """One row per won company, by how many of its people would buy."""
    portal = new_portal(portal_id, seed, 0, "pro", now_ms)
    people = fill(portal, seed, contacts, now_ms)
    won: dict[str, tuple[float, Company]] = {}
    for person in people:
        if person.company is not None and any(deal.won for deal in person.deals):
            pull = win_chance(person.company, person)
            known = won.get(person.company.name, (0.0, person.company))
            won[person.company.name] = (max(pull, known[0]), person.company)
    ranked = sorted(won.values(), key=lambda pair: (-pair[0], pair[1].name))
    return [_row(company) for _, company in ranked]


def _row(company: Company) -> tuple[str, ...]:
    return (
        company.name,
        company.industry.replace("_", " ").capitalize(),
        _step(company.employees, _SIZES, "5000+"),
        _step(company.revenue, _REVENUES, "Over $500M"),
        company.country,
        "; ".join(TECHNOLOGIES[name][0] for name in company.technologies),
        BUDGET_LABELS[company.budget],
    )


def _step(number: int, steps: tuple[tuple[int, str], ...], beyond: str) -> str:
    return next((label for most, label in steps if number <= most), beyond)
