"""`flask --app backend …`: the operator's commands, in one list."""

from __future__ import annotations

import click
from flask import Flask

from backend.cli.common.session import CliSession
from backend.cli.leads import scoring
from backend.cli.leads.why import why_command
from backend.cli.learning import model, portal_models, profiles
from backend.cli.learning.outcomes import outcomes_command
from backend.cli.learning.own_properties import properties_command
from backend.cli.learning.suggest import suggest_command
from backend.cli.operations import (
    admin,
    audit_trail,
    database,
    keys,
    maintenance,
    privacy,
    rotation,
    users,
)
from backend.cli.portals import portals, routing
from backend.cli.portals.portal_settings import settings_command
from backend.cli.portals.thresholds import thresholds_command
from backend.version import VERSION


def register(app: Flask, session: CliSession) -> None:
    """Add every group; the product is wired only when a command needs it."""
    models = model.group(portal_models.backtest_of(session))
    for one in portal_models.commands(session):
        models.add_command(one)
    portal_commands = portals.group(session)
    portal_commands.add_command(thresholds_command(session))
    portal_commands.add_command(settings_command(session))
    portal_commands.add_command(properties_command(session))
    portal_commands.add_command(outcomes_command(session))
    for one in routing.commands(session):
        portal_commands.add_command(one)
    profile_commands = profiles.group(session)
    profile_commands.add_command(suggest_command(session))
    lead_commands = admin.leads_group(session)
    lead_commands.add_command(why_command(session))
    for group in (
        database.group(session),
        portal_commands,
        profile_commands,
        keys.group(session),
        users.group(session),
        models,
        scoring.score(session),
        scoring.backfill(session),
        admin.writes_group(session),
        lead_commands,
        admin.health(session),
        audit_trail.group(session),
        maintenance.group(session),
        privacy.group(session),
        rotation.group(session),
        _version,
    ):
        app.cli.add_command(group)


@click.command("version", help="Which release this is.")
def _version() -> None:
    click.echo(f"Leadlight {VERSION}")
