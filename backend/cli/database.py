"""`db upgrade`: bring the database to the newest schema."""

from __future__ import annotations

import click

from backend.cli.session import Session, command
from backend.storage.migrate import upgrade


def group(session: Session) -> click.Group:
    """The `db` commands."""

    @click.group("db", help="Database schema.")
    def db() -> None:
        pass

    @db.command("upgrade")
    @command
    def upgrade_command() -> None:
        """Apply missing migrations; safe to repeat."""
        upgrade(session.product.settings.database_url)
        click.echo("The database is up to date.")

    return db
