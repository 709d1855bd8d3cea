"""`users …`: people who sign in to the console; a one-time password is printed once."""

from __future__ import annotations

import click
from rich.table import Table

from backend.cli.common.progress import say
from backend.cli.common.session import OPERATOR, CliSession, command, portal_option
from backend.config import INVITATION_DAYS
from backend.security.roles import Role
from backend.services import accounts
from backend.services.accounts import email_of
from backend.storage.access import users

email_option = click.option("--email", required=True, help="Whom.")


def group(session: CliSession) -> click.Group:
    """The `users` commands."""

    @click.group("users", help="People who sign in to the console.")
    def commands() -> None:
        pass

    for add in (_create, _list, _reset, _disable, _delete):
        commands.add_command(add(session))
    return commands


def _create(session: CliSession) -> click.Command:
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
        given = accounts.give_role(session.product, portal_id, email, Role(role), actor=OPERATOR)
        if given.before == role:
            say(f"This person is {role} in portal {portal_id} already.")
        elif given.before:
            say(f"This person was {given.before} in portal {portal_id} and is now {role}.")
        elif given.code:
            say(
                "This address has an account of another portal, whose owner has to accept. "
                "Send them this, to be opened on the console's address within "
                f"{INVITATION_DAYS} days:"
            )
            click.echo(f"/welcome?code={given.code}")
        elif given.password:
            say("One-time password, to be changed after signing in; it is not shown again:")
            click.echo(given.password)
        else:
            say(f"This person is {role} in portal {portal_id}; Supabase Auth keeps the password.")

    return create


def _list(session: CliSession) -> click.Command:
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


def _reset(session: CliSession) -> click.Command:
    @click.command("reset")
    @email_option
    @command
    def reset(email: str) -> None:
        """Print a new one-time password; ends every session of this person."""
        click.echo(accounts.reset_password(session.product, email, actor=OPERATOR))

    return reset


def _disable(session: CliSession) -> click.Command:
    @click.command("disable")
    @email_option
    @click.option("--undo", is_flag=True, help="Allow sign-in again.")
    @command
    def disable(email: str, undo: bool) -> None:
        """Refuse this person from now on, in every portal."""
        stores = session.product.stores
        accounts.set_disabled(stores, email, disabled=not undo, actor=OPERATOR)
        say("Sign-in is allowed again." if undo else "Signed out everywhere; sign-in is refused.")

    return disable


def _delete(session: CliSession) -> click.Command:
    @click.command("delete")
    @email_option
    @command
    def delete(email: str) -> None:
        """Remove an account with its roles, sessions, keys and links; nothing of it is left but
        its number on the audit trail."""
        product = session.product
        with product.stores.database.write() as conn:
            user = accounts.account_of(conn, product.stores, email)
            now = product.stores.clock.now()
            accounts.delete(conn, product, user, made_by=OPERATOR, now=now)
        say("The account is gone.")

    return delete
