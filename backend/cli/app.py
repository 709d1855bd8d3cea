"""`flask --app backend …`: the operator's commands, each imported when it is used.

What scores and trains takes seconds to import, so the list of commands must not need it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

import click
from flask import Flask

from backend.version import VERSION

if TYPE_CHECKING:
    from backend.cli.common.session import CliSession

    Session = Callable[[], CliSession]

# name → (module and function that make it, what the list of commands says)
COMMANDS: Final = {
    "api-keys": ("operations.keys:group", "Keys for programs."),
    "audit": ("operations.audit_trail:group", "Who did what."),
    "backfill": ("leads.scoring:backfill", "Score every lead from the mirror."),
    "db": ("operations.database:group", "Database schema and backups."),
    "health": ("operations.admin:health", "Print the health report as JSON."),
    "events": ("operations.admin:events_group", "Changes in HubSpot that could not be read."),
    "impact": (
        "learning.impact:impact",
        "What became of the leads, who waits, experiments.",
    ),
    "keys": ("operations.rotation:group", "Encryption keys."),
    "leads": ("leads.groups:leads", "Leads that failed, and why a score changed."),
    "maintenance": ("operations.maintenance:group", "What cron does by itself, and its reports."),
    "model": ("learning.groups:model", "Train, judge, publish and roll back scoring models."),
    "portals": ("portals.groups:portals", "Connected HubSpot accounts."),
    "privacy": ("operations.privacy:group", "Erase and export what is held about a lead."),
    "profiles": ("learning.groups:profiles", "Ideal client profiles."),
    "score": ("leads.scoring:score", "Score the named contacts now, or all leads."),
    "users": ("operations.users:group", "People who sign in to the console."),
    "writes": ("operations.admin:writes_group", "Pending writes to HubSpot."),
}


def register(app: Flask, session: Session) -> None:
    """Add every command; the product is wired only when one needs it."""
    for name, (path, help_text) in COMMANDS.items():
        app.cli.add_command(Lazy(name, path, help_text, session))
    app.cli.add_command(_version)


class Lazy(click.Command):
    """Stands in the list; its module is imported when the command is called or asked for help."""

    def __init__(self, name: str, path: str, help_text: str, session: Session) -> None:
        super().__init__(name, short_help=help_text)
        self._path = path
        self._session = session

    @cached_property
    def loaded(self) -> click.Command:
        """The command itself."""
        module, _, function = self._path.partition(":")
        make = getattr(import_module(f"backend.cli.{module}"), function)
        made: click.Command = make(self._session())
        return made

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        """The loaded command's: whoever invokes goes on with that."""
        return self.loaded.make_context(info_name, args, parent, **extra)


@click.command("version", help="Which release this is.")
def _version() -> None:
    click.echo(f"Leadlight {VERSION}")
