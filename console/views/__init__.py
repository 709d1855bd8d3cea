"""The console's pages in the order of its navigation, each with the right that it needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from console.api import Api, PortalAccess
from console.views import (
    access,
    impact,
    leads,
    mine,
    model,
    operations,
    overview,
    patterns,
    profile,
    setup,
    start,
    team,
)

Draw = Callable[[Api, PortalAccess], None]


@dataclass(frozen=True, slots=True)
class Page:
    """`draw` gets a client of the chosen portal, and what the person may do there."""

    title: str
    path: str
    icon: str
    needs: str  # a permission's name, as `/session` lists them
    draw: Draw


PAGES = (
    Page("Overview", "overview", ":material/insights:", "read_reports", overview.draw),
    Page("My leads", "mine", ":material/checklist:", "read_leads", mine.draw),
    Page("Leads", "leads", ":material/groups:", "read_leads", leads.draw),
    Page("Impact", "impact", ":material/trending_up:", "read_reports", impact.draw),
    Page("Team", "team", ":material/diversity_3:", "read_reports", team.draw),
    Page("Patterns", "patterns", ":material/query_stats:", "read_reports", patterns.draw),
    Page("Model", "model", ":material/model_training:", "read_reports", model.draw),
    Page("Profile", "profile", ":material/person_search:", "read_reports", profile.draw),
    Page("Operations", "operations", ":material/monitor_heart:", "read_reports", operations.draw),
    Page("Access", "access", ":material/lock:", "read_audit", access.draw),
    Page("Start", "start", ":material/flag:", "edit_settings", start.draw),
    Page("Setup", "setup", ":material/tune:", "edit_settings", setup.draw),
)
