"""`users …`: people who sign in to the console; a one-time password is printed once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click
from rich.table import Table
from sqlalchemy.engine import Connection

from backend.cli.common.progress import say
from backend.cli.common.session import Session, command, portal_option
from backend.config import INVITATION_DAYS
from backend.errors import BadInput, NotFound
from backend.security.roles import Role
from backend.services import accounts
from backend.services.accounts import email_mac, email_of, new_password
from backend.storage.access import audit, sessions, users
from backend.storage.access.users import User
from backend.storage.portals import portals

ACTOR = "cli:operator"
email_option = click.option("--email", required=True, help="Whom.")


def group(session: Session) -> click.Group:
    """The `users` commands."""

    @click.group("users", help="People who sign in to the console.")
    def commands() -> None:
        pass

    for add in (_create, _list, _reset, _disable, _delete):
        commands.add_command(add(session))
    return commands


def _create(session: Session) -> click.Command:
    @click.command("create")
    @portal_option
    @email_option
    @click.option("--role", type=click.Choice([role.value for role in Role]), default="manager")
    @command
    def create(portal_id: int, email: str, role: str) -> None:
        """Give somebody a role in a portal.

        A new account's one-time password is printed. Whoever has a role there already gets this
        one instead. An account of other portals has to accept: the code of its link is printed.
        """
        product = session.product
        session.portal(portal_id)
        now, chosen = product.stores.clock.now(), Role(role)
        with product.stores.database.write() as conn:
            known = users.by_email(conn, email_mac(product.stores.settings, email))
            if known is None:
                told = "One-time password, to be changed after signing in; it is not shown again:"
                user, secret = accounts.create(conn, product, email, now)
                portals.add_member(conn, portal_id, user.subject, role, now)
                _record(session, conn, "user.add", user, portal_id, {"role": role})
            elif portal_id in users.roles(conn, known.subject):
                accounts.change_role(conn, portal_id, known.subject, chosen, made_by=ACTOR, now=now)
                secret, told = "", f"This person is now {role} in portal {portal_id}."
            else:
                secret = accounts.invite(
                    conn,
                    product.stores.settings,
                    product.stores.cipher,
                    portal_id,
                    email,
                    chosen,
                    made_by=ACTOR,
                    now=now,
                )
                told = (
                    "This address has an account of another portal, whose owner has to accept. "
                    "Send them this, to be opened on the console's address within "
                    f"{INVITATION_DAYS} days:"
                )
        say(told)
        if secret:
            click.echo(secret if known is None else f"/welcome?code={secret}")

    return create


def _list(session: Session) -> click.Command:
    @click.command("list")
    @portal_option
    @command
    def list_command(portal_id: int) -> None:
        """People with a role in a portal."""
        with session.product.stores.database.read() as conn:
            found = users.of_portal(conn, portal_id)
        table = Table("User", "Email", "Role", "Last sign-in", "State")
        for user, role in found:
            last = f"{user.last_sign_in_at:%Y-%m-%d}" if user.last_sign_in_at else "never"
            state = "disabled" if user.disabled_at else "open"
            table.add_row(
                user.user_id, email_of(session.product.stores.cipher, user), role, last, state
            )
        session.console.print(table)

    return list_command


def _reset(session: Session) -> click.Command:
    @click.command("reset")
    @email_option
    @command
    def reset(email: str) -> None:
        """Print a new one-time password; ends every session of this person."""
        product = session.product
        if product.sign_in is not None:
            raise BadInput("passwords are kept by Supabase Auth: reset it there")
        user = _known(session, email)
        with product.stores.database.write() as conn:
            password = new_password(conn, user)
            _record(session, conn, "user.password_reset", user)
        click.echo(password)

    return reset


def _disable(session: Session) -> click.Command:
    @click.command("disable")
    @email_option
    @click.option("--undo", is_flag=True, help="Allow sign-in again.")
    @command
    def disable(email: str, undo: bool) -> None:
        """Refuse this person from now on, in every portal."""
        product = session.product
        now = product.stores.clock.now()
        user = _known(session, email)
        with product.stores.database.write() as conn:
            users.set_disabled(conn, user.user_id, None if undo else now)
            sessions.end_all(conn, user.user_id)
            _record(session, conn, "user.enable" if undo else "user.disable", user)
        say("Sign-in is allowed again." if undo else "Signed out everywhere; sign-in is refused.")

    return disable


def _delete(session: Session) -> click.Command:
    @click.command("delete")
    @email_option
    @command
    def delete(email: str) -> None:
        """Remove an account with its roles, sessions, keys and links; nothing of it is left but
        its number on the audit trail."""
        product = session.product
        user = _known(session, email)
        with product.stores.database.write() as conn:
            accounts.delete(conn, product, user, made_by=ACTOR, now=product.stores.clock.now())
        say("The account is gone.")

    return delete


def _known(session: Session, email: str) -> User:
    with session.product.stores.database.read() as conn:
        user = users.by_email(conn, email_mac(session.product.stores.settings, email))
    if user is None:
        raise NotFound("there is no account with this email address")
    return user


def _record(
    session: Session,
    conn: Connection,
    action: str,
    user: User,
    portal_id: int | None = None,
    detail: Mapping[str, Any] | None = None,
) -> None:
    audit.append(
        conn,
        now=session.product.stores.clock.now(),
        actor=ACTOR,
        action=action,
        subject=user.subject,
        portal_id=portal_id,
        detail=detail,
    )
