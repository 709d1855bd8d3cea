"""What an account has bought, and the scopes it therefore cannot grant.

Free and Starter have no workflows and no lead records; Free has no lists through the API and few
custom properties.
Which product opens which scope is HubSpot's price list and changes; these three are enough to meet
an account that refuses something.
"""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.errors import SandboxError


@dataclass(frozen=True, slots=True)
class Tier:
    """One product level."""

    name: str
    missing_scopes: frozenset[str]
    custom_properties_max: int  # per kind of record


_LEADS = ("crm.objects.leads.read", "crm.objects.leads.write")  # Sales Hub Professional
TIERS = {
    tier.name: tier
    for tier in (
        Tier(
            "free",
            frozenset(
                {"automation", "crm.lists.read", "crm.lists.write", "sales-email-read", *_LEADS}
            ),
            10,
        ),
        Tier("starter", frozenset({"automation", *_LEADS}), 1000),
        Tier("pro", frozenset(), 1000),
    )
}


def tier(name: str) -> Tier:
    """The tier of that name; SandboxError lists the known ones."""
    if name not in TIERS:
        raise SandboxError(f"unknown tier {name!r}: use one of {', '.join(TIERS)}")
    return TIERS[name]
