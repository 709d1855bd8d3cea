"""The `model` and `profiles` commands, put together."""

from __future__ import annotations

import click

from backend.cli.common.session import CliSession
from backend.cli.learning import model as models
from backend.cli.learning import portal_models
from backend.cli.learning import profiles as profiles_commands
from backend.cli.learning.suggest import suggest_command


def model(session: CliSession) -> click.Group:
    """Train, judge, publish and roll back."""
    group = models.group(portal_models.backtest_of(session))
    for one in portal_models.commands(session):
        group.add_command(one)
    return group


def profiles(session: CliSession) -> click.Group:
    """Import, list, activate, suggest."""
    group = profiles_commands.group(session)
    group.add_command(suggest_command(session))
    return group
