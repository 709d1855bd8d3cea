"""The portal's own properties, as an admin would have made them.

Companies: `technologies` (text, messy), `budget_range` (enumeration). Contacts: `team_size` (text)
is a field nobody keeps up to date.
"""

from __future__ import annotations

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
    stamp = {"created_ms": portal.created_ms, "updated_ms": portal.created_ms}
    for name in ("contacts", "companies"):
        portal.catalogs[name].add_group(Group(GROUP, "Our fields", 90))
    options = tuple(
        Option(value, label, order) for order, (value, label) in enumerate(BUDGET_LABELS.items())
    )
    companies = portal.catalogs["companies"]
    companies.add(Definition("technologies", "Technologies", "string", "textarea", GROUP, **stamp))
    companies.add(
        Definition(
            "budget_range", "Budget range", "enumeration", "select", GROUP, "", options, **stamp
        )
    )
    portal.catalogs["contacts"].add(
        Definition("team_size", "Team size", "string", "text", GROUP, **stamp)
    )
