"""The `leads` commands, put together."""

from __future__ import annotations

import click

from backend.cli.common.session import CliSession
from backend.cli.leads.why import why_command
from backend.cli.operations import admin


def leads(session: CliSession) -> click.Group:
    """What failed, and why a score changed."""
    group = admin.leads_group(session)
    group.add_command(why_command(session))
    return group
