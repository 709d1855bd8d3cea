"""`api-keys …`: for the console and other programs; a key is shown once."""

from __future__ import annotations

from datetime import timedelta

import click
from rich.table import Table

from backend.cli.common.progress import say
from backend.cli.common.session import Session, command, portal_option
from backend.errors import NotFound
from backend.security import api_keys as secrets_of
from backend.storage.access import api_keys, audit

ROLES = ("rep", "manager", "admin", "auditor")


def group(session: Session) -> click.Group:
    """The `api-keys` commands."""

    @click.group("api-keys", help="Keys for programs.")
    def commands() -> None:
        pass

    for add in (_create, _list, _revoke):
        commands.add_command(add(session))
    return commands


def _create(session: Session) -> click.Command:
    @click.command("create")
    @portal_option
    @click.option("--role", type=click.Choice(ROLES), default="rep")
    @click.option("--label", default="", help="What it is for.")
    @click.option("--days", type=click.IntRange(1, 3650), help="Expires after so many days.")
    @command
    def create(portal_id: int, role: str, label: str, days: int | None) -> None:
        """Make a key; it is printed once and stored as a hash."""
        product = session.product
        session.portal(portal_id)
        now = product.stores.clock.now()
        made = secrets_of.make()
        with product.stores.database.write() as conn:
            api_keys.add(
                conn,
                api_keys.ApiKey(
                    prefix=made.prefix,
                    key_hash=made.key_hash,
                    portal_id=portal_id,
                    role=role,
                    label=label,
                    created_at=now,
                    expires_at=None if days is None else now + timedelta(days=days),
                    revoked_at=None,
                    last_used_at=None,
                    made_by="cli:operator",
                ),
            )
            audit.append(
                conn,
                now=now,
                actor="cli:operator",
                action="api_key.create",
                subject=f"api-key:{made.prefix}",
                portal_id=portal_id,
                detail={"role": role},
            )
        say("Keep this key now; it is not shown again:")
        click.echo(made.text)

    return create


def _list(session: Session) -> click.Command:
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


def _revoke(session: Session) -> click.Command:
    @click.command("revoke")
    @portal_option
    @click.argument("prefix")
    @command
    def revoke(portal_id: int, prefix: str) -> None:
        """Refuse this key from now on."""
        product = session.product
        now = product.stores.clock.now()
        with product.stores.database.write() as conn:
            if not api_keys.revoke(conn, portal_id, prefix, now):
                raise NotFound(f"portal {portal_id} has no open key {prefix}")
            audit.append(
                conn,
                now=now,
                actor="cli:operator",
                action="api_key.revoke",
                subject=f"api-key:{prefix}",
                portal_id=portal_id,
            )
        say(f"Key {prefix} is revoked.")

    return revoke
