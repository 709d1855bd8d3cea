"""`db upgrade|grants|backup|restore|size`."""

from __future__ import annotations

from pathlib import Path

import click
from redis import Redis
from redis.exceptions import RedisError
from rq import Worker

from backend.cli.common.progress import say
from backend.cli.common.session import CliSession, command
from backend.errors import BadInput, Conflict
from backend.jobs.upkeep.restored import carried_over, take_up
from backend.storage.access import audit
from backend.storage.migrate import upgrade
from backend.storage.operations import backup as backups
from backend.storage.operations import maintain_tables
from backend.storage.operations.grants import grant


def group(session: CliSession) -> click.Group:
    """The `db` commands."""

    @click.group("db", help="Database schema and backups.")
    def db() -> None:
        pass

    @db.command("upgrade")
    @command
    def upgrade_command() -> None:
        """Apply missing migrations; safe to repeat."""
        upgrade(session.product.stores.settings.database_url)
        with session.product.stores.database.write() as conn:
            audit.seal(conn, session.product.stores.clock.now())
        click.echo("The database is up to date.")

    db.add_command(_grants(session))
    db.add_command(_backup(session))
    db.add_command(_restore(session))
    db.add_command(_size(session))
    return db


def _grants(session: CliSession) -> click.Command:
    @click.command("grants")
    @click.option("--role", required=True, help="The role in the product's own DATABASE_URL.")
    @command
    def grants(role: str) -> None:
        """Let a role that does not own the tables run the product; after each `db upgrade`."""
        with session.product.stores.database.write() as conn:
            grant(conn, role)
        click.echo(f"{role} reads and writes rows, adds to the audit trail, and changes no table.")

    return grants


def _backup(session: CliSession) -> click.Command:
    @click.command("backup")
    @click.option("--to", "folder", type=click.Path(path_type=Path), help="Else BACKUP_FOLDER.")
    @command
    def backup(folder: Path | None) -> None:
        """A consistent copy of everything, while everything runs; prints its path."""
        settings = session.product.stores.settings
        if folder is None and not settings.backup_folder:
            raise BadInput("say where: --to FOLDER, or set BACKUP_FOLDER")
        place = folder or Path(settings.backup_folder)
        click.echo(backups.backup(settings.database_url, place, session.product.stores.clock.now()))

    return backup


def _size(session: CliSession) -> click.Command:
    @click.command("size")
    @command
    def size() -> None:
        """What the database's bytes are: every table, the largest first."""
        with session.product.stores.database.read() as conn:
            found = maintain_tables.sizes(conn)
        click.echo(f"{'table':<20}{'rows':>12}{'MB':>10}{'indexes':>10}")
        for one in found:
            row_mb, index_mb = one.row_bytes / 1e6, one.index_bytes / 1e6
            click.echo(f"{one.table:<20}{one.rows:>12,}{row_mb:>10.1f}{index_mb:>10.1f}")

    return size


def _restore(session: CliSession) -> click.Command:
    @click.command("restore")
    @click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @click.confirmation_option(prompt="Replace the whole database by this backup?")
    @command
    def restore(file: Path) -> None:
        """Replace the database; what was erased since the backup is erased again.

        Stop web, workers and cron first. The queue may be empty: it is rebuilt from the database.
        """
        product = session.product
        _nobody_works(product.stores.redis)
        carried = carried_over(product.stores.database, file.parent)
        product.stores.database.engine.dispose()
        backups.restore(product.stores.settings.database_url, file)
        found = take_up(product, carried, file.name)
        say(
            f"Restored. Erased again: {found.erased}; disconnected again: {found.disconnected}; "
            f"{found.due} leads are read from HubSpot and scored again when workers run."
        )

    return restore


def _nobody_works(redis: Redis) -> None:
    try:
        workers = Worker.count(connection=redis)
    except RedisError:
        return
    if workers:
        raise Conflict(f"{workers} workers are running: stop web, workers and cron first")
