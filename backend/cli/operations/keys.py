"""`api-keys …`: for the console and other programs; a key is shown once."""

from __future__ import annotations

import click
from rich.table import Table

from backend.cli.common.progress import say
from backend.cli.common.session import OPERATOR, CliSession, command, portal_option
from backend.security.roles import Role
from backend.services import api_keys as keys
from backend.storage.access import api_keys


def group(session: CliSession) -> click.Group:
    """The `api-keys` commands."""

    @click.group("api-keys", help="Keys for programs.")
    def commands() -> None:
        pass

    for add in (_create, _list, _revoke):
        commands.add_command(add(session))
    return commands


def _create(session: CliSession) -> click.Command:
    @click.command("create")
    @portal_option
    @click.option("--role", type=click.Choice([role.value for role in Role]), default="rep")
    @click.option("--label", default="made by the operator", help="What it is for.")
    @click.option("--days", type=int, default=keys.DAYS, help="Expires after so many days.")
    @command
    def create(portal_id: int, role: str, label: str, days: int) -> None:
        """Make a key; it is printed once and stored as a hash."""
        stores = session.product.stores
        made = keys.create(
            stores.database,
            stores.clock,
            portal_id,
            role=Role(role),
            label=label,
            days=days,
            actor=OPERATOR,
        )
        say(f"Good until {made.expires_at:%Y-%m-%d}. Keep this key now; it is not shown again:")
        click.echo(made.text)

    return create


def _list(session: CliSession) -> click.Command:
    @click.command("list")
    @portal_option
    @command
    def list_command(portal_id: int) -> None:
        """Keys without their secrets."""
        with session.product.stores.database.read() as conn:
            keys = api_keys.listed(conn, portal_id)
        table = Table("Prefix", "Role", "Label", "Created", "State")
        for key in keys:
            state = "revoked" if key.revoked_at else "open"
            made = f"{key.created_at:%Y-%m-%d}"
            table.add_row(key.prefix, key.role, key.label, made, state)
        session.console.print(table)

    return list_command


def _revoke(session: CliSession) -> click.Command:
    @click.command("revoke")
    @portal_option
    @click.argument("prefix")
    @command
    def revoke(portal_id: int, prefix: str) -> None:
        """Refuse this key from now on."""
        stores = session.product.stores
        keys.revoke(stores.database, stores.clock, portal_id, prefix, actor=OPERATOR)
        say(f"Key {prefix} is revoked.")

    return revoke
