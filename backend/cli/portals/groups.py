"""The `portals` commands, put together."""

from __future__ import annotations

import click

from backend.cli.common.session import CliSession
from backend.cli.learning.outcomes import outcomes_command
from backend.cli.learning.own_properties import properties_command
from backend.cli.portals import portals as portals_commands
from backend.cli.portals import routing
from backend.cli.portals.portal_settings import settings_command
from backend.cli.portals.segments import segments_command
from backend.cli.portals.thresholds import thresholds_command


def portals(session: CliSession) -> click.Group:
    """Connect, pull, set up, set, route."""
    group = portals_commands.group(session)
    made = (thresholds_command, settings_command, segments_command)
    for make in (*made, properties_command, outcomes_command):
        group.add_command(make(session))
    for one in routing.commands(session):
        group.add_command(one)
    return group
