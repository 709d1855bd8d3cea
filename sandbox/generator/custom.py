"""The portal's own properties, as an admin would have made them.

Companies: `technologies` (text, messy), `budget_range` (enumeration). Contacts: `team_size` (text)
is a field nobody keeps up to date.
"""

from __future__ import annotations

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


def add_custom_properties(portal: Portal) -> None:
    """Group and definitions."""
    for name in ("contacts", "companies"):
        portal.catalogs[name].add_group(Group(GROUP, "Our fields", 90))
    options = tuple(
        Option(value, label, order) for order, (value, label) in enumerate(BUDGET_LABELS.items())
    )
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


def _made(portal: Portal, definition: Definition) -> Definition:
    return replace(definition, created_ms=portal.created_ms, updated_ms=portal.created_ms)
