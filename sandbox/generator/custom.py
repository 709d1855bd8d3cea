"""The portal's own properties, as an admin would have made them.

Companies: `technologies` (text, messy), `budget_range` (enumeration), `number_of_seats` and
`credit_check` (marked as sensitive data). Contacts: `team_size` (text) is a field nobody keeps
up to date; `program_interest` tells who is serious, `onboarding_package` is filled in when won,
`goals` is free text. Free accounts have room for ten, and six more are ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sandbox.generator.vocabulary import BUDGETS
from sandbox.state.portal import Portal
from sandbox.state.properties import Definition, Group, Option

GROUP = "portal_custom"
BUDGET_LABELS = dict(
    zip(
        BUDGETS,
        ("Under $10K", "$10K - $50K", "$50K - $100K", "$100K - $250K", "Over $250K"),
        strict=True,
    )
)


PROGRAMS = {
    "p_cert": "Certified program",
    "p_team": "Team program",
    "p_trial": "Free trial",
    "p_info": "Just looking",
}
PACKAGES = {"pk_1": "Self-service", "pk_2": "Guided", "pk_3": "White glove"}


def _options(labels: Mapping[str, str]) -> tuple[Option, ...]:
    pairs = enumerate(labels.items())
    return tuple(Option(value, label, order) for order, (value, label) in pairs)


_OWN = (
    (
        "contacts",
        Definition(
            "program_interest",
            "Program interest",
            "enumeration",
            "select",
            GROUP,
            options=_options(PROGRAMS),
        ),
    ),
    (
        "contacts",
        Definition(
            "onboarding_package",
            "Onboarding package",
            "enumeration",
            "select",
            GROUP,
            options=_options(PACKAGES),
        ),
    ),
    ("contacts", Definition("goals", "What do you want to achieve?", "string", "textarea", GROUP)),
    ("companies", Definition("number_of_seats", "Number of seats", "number", "number", GROUP)),
    (
        "companies",
        Definition(
            "credit_check", "Credit check", "string", "text", GROUP, sensitivity="sensitive"
        ),
    ),
)


def add_custom_properties(portal: Portal) -> None:
    """Group and definitions."""
    for name in ("contacts", "companies"):
        portal.catalogs[name].add_group(Group(GROUP, "Our fields", 90))
    options = _options(BUDGET_LABELS)
    companies, contacts = portal.catalogs["companies"], portal.catalogs["contacts"]
    companies.add(
        _made(portal, Definition("technologies", "Technologies", "string", "textarea", GROUP))
    )
    companies.add(
        _made(
            portal,
            Definition(
                "budget_range", "Budget range", "enumeration", "select", GROUP, options=options
            ),
        )
    )
    contacts.add(_made(portal, Definition("team_size", "Team size", "string", "text", GROUP)))
    for owner, definition in _OWN:
        portal.catalogs[owner].add(_made(portal, definition))


def _made(portal: Portal, definition: Definition) -> Definition:
    return replace(definition, created_ms=portal.created_ms, updated_ms=portal.created_ms)
