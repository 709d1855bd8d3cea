"""`portals …`: invite, list, pull, set up, choose a mode, disconnect."""

from __future__ import annotations

from dataclasses import replace

import click
from rich.table import Table

from backend.cli.common.outlook_view import print_outlook
from backend.cli.common.progress import follow, say
from backend.cli.common.session import OPERATOR, CliSession, command, portal_option, print_json
from backend.cli.learning.own_properties import own_line
from backend.cli.portals.portal_check import check
from backend.cli.portals.preview import print_preview
from backend.cli.portals.routing import hints
from backend.errors import BadInput
from backend.model import PROFILE_FIELDS, Mode, PortalSettings
from backend.scoring.write_back import OPTIONAL
from backend.services import long_work, settings
from backend.services.learning.thresholds import current_outlook
from backend.services.portals.disconnect import disconnect as leave
from backend.services.portals.invitations import invite as make_invitation
from backend.services.portals.portal_mode import choose_mode, preview_of
from backend.storage.portals import portals


def group(session: CliSession) -> click.Group:
    """The `portals` commands."""

    @click.group("portals", help="Connected HubSpot accounts.")
    def commands() -> None:
        pass

    for add in (_invite, _list, _pull, _setup, _mode, check, _disconnect):
        commands.add_command(add(session))
    return commands


def _invite(session: CliSession) -> click.Command:
    @click.command("invite")
    @click.option("--by", default="operator", help="Who invites, for the audit trail.")
    @command
    def invite(by: str) -> None:
        """Make a link with which a HubSpot admin can connect an account once."""
        made = make_invitation(session.product.stores, actor=f"cli:{by}")
        say(f"Valid once, until {made.expires_at:%Y-%m-%d %H:%M} UTC:")
        click.echo(made.link)

    return invite


def _list(session: CliSession) -> click.Command:
    @click.command("list")
    @click.option("--json", "as_json", is_flag=True)
    @command
    def list_command(as_json: bool) -> None:
        """Every portal with its state and mode."""
        with session.product.stores.database.read() as conn:
            known = portals.listed(conn)
        if as_json:
            for portal in known:
                print_json(
                    {
                        "portal_id": portal.portal_id,
                        "state": portal.state,
                        "mode": portal.settings.mode.value,
                        "client_id": portal.client_id,
                        "created_at": portal.created_at.isoformat(),
                        "last_refresh_at": portal.last_refresh_at
                        and portal.last_refresh_at.isoformat(),
                        "scopes": list(portal.scopes),
                    }
                )
            return
        table = Table("Portal", "State", "Mode", "Connected", "Token refreshed", "Pulled")
        for portal in known:
            table.add_row(
                str(portal.portal_id),
                portal.state,
                portal.settings.mode.value,
                f"{portal.created_at:%Y-%m-%d}",
                f"{portal.last_refresh_at:%Y-%m-%d %H:%M}" if portal.last_refresh_at else "never",
                f"{portal.pulled_at:%Y-%m-%d %H:%M}" if portal.pulled_at else "not yet",
            )
        session.console.print(table)

    return list_command


def _pull(session: CliSession) -> click.Command:
    @click.command("pull")
    @portal_option
    @command
    def pull(portal_id: int) -> None:
        """Read the whole portal into the mirror; goes on where an earlier pull stopped."""
        stores = session.product.stores
        run = long_work.begin(stores, portal_id, "pull", actor=OPERATOR)
        done = follow(stores, run, "Pulling")
        say(f"{done.done} objects pulled.")

    return pull


def _setup(session: CliSession) -> click.Command:
    @click.command("setup")
    @portal_option
    @click.option(
        "--map",
        "mappings",
        multiple=True,
        metavar="FACT=PROPERTY",
        help="Read one of the six profile fields from your own property.",
    )
    @click.option("--prefix", help="How the names of our properties begin there (ai_).")
    @click.option(
        "--use", multiple=True, metavar="PROPERTY", help="A property of our name that was there."
    )
    @click.option(
        "--without", multiple=True, type=click.Choice(OPTIONAL), help="Do not make or write it."
    )
    @click.option(
        "--grid/--no-grid",
        default=None,
        help="Also write fit points, engagement points and the A1-C3 grid (off by default).",
    )
    @command
    def setup(
        portal_id: int,
        mappings: tuple[str, ...],
        prefix: str | None,
        use: tuple[str, ...],
        without: tuple[str, ...],
        grid: bool | None,
    ) -> None:
        """Create our properties and lists, and map your own properties; safe to repeat."""
        product = session.product
        session.portal(portal_id)
        asked = _parsed(mappings)

        def wanted(before: PortalSettings) -> PortalSettings:
            return replace(
                before,
                property_map=dict(before.property_map) | asked,
                property_prefix=before.property_prefix if prefix is None else prefix,
                use_existing=tuple(dict.fromkeys([*before.use_existing, *use])),
                without_properties=without or before.without_properties,
                grid_properties=before.grid_properties if grid is None else grid,
            )

        begun = settings.change(product, portal_id, wanted, actor=OPERATOR)
        run = long_work.begin(product.stores, portal_id, "setup", actor=OPERATOR)
        follow(product.stores, run, "Setting up")
        for fact, name in sorted(session.portal(portal_id).settings.property_map.items()):
            say(f"{fact} is read from {name}")
        if "pull" in begun:
            say("Every record is being read again, for the mapped properties.")
        say("Properties are in place.")
        portal = session.portal(portal_id)
        for line in filter(None, [*hints(portal), own_line(portal)]):
            say(line)
        say("Workflow steps to copy for each list: `portals workflows`.")
        found = current_outlook(product.stores.database, product.stores.clock, portal_id)
        if sum(band.leads for band in found.bands):
            print_outlook(found, title="Leads by band")
        else:
            say("Bands are shown when the first leads are scored: `portals thresholds`.")

    return setup


def _parsed(mappings: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for text in mappings:
        fact, equals, name = text.partition("=")
        if not equals or not name or fact not in PROFILE_FIELDS:
            raise BadInput(
                f"--map {text!r}: write FACT=PROPERTY with one of {', '.join(PROFILE_FIELDS)}"
            )
        found[fact] = name
    return found


def _mode(session: CliSession) -> click.Command:
    @click.command("mode")
    @portal_option
    @click.argument("mode", type=click.Choice([m.value for m in Mode]))
    @click.option("--yes", is_flag=True, help="Go live without being asked after the preview.")
    @command
    def mode_command(portal_id: int, mode: str, yes: bool) -> None:
        """shadow: score, write nothing · live: score and write · paused: stand still."""
        product = session.product
        portal = session.portal(portal_id)
        seen = ""
        if mode == Mode.LIVE.value and portal.settings.mode is not Mode.LIVE:
            with product.stores.database.read() as conn:
                seen = preview_of(conn, portal)
            print_preview(product.stores.database, product.stores.clock, portal)
            if not yes and not click.confirm("Write this to HubSpot?", default=False):
                say(f"Portal {portal_id} stays {portal.settings.mode.value}.")
                return
        looked = "" if yes else seen
        run = choose_mode(
            product.stores, portal_id, Mode(mode), actor=OPERATOR, seen=looked, unseen=yes
        )
        if run is not None:
            follow(product.stores, run, "Setting up")
        for line in hints(session.portal(portal_id)) if run is not None else ():
            say(line)
        say(f"Portal {portal_id} is {mode}.")

    return mode_command


def _disconnect(session: CliSession) -> click.Command:
    @click.command("disconnect")
    @portal_option
    @click.option("--archive", is_flag=True, help="Also archive our properties and lists.")
    @click.confirmation_option(prompt="Uninstall the app and erase its tokens?")
    @command
    def disconnect(portal_id: int, archive: bool) -> None:
        """Uninstall the app in HubSpot; tokens are erased at once, the rest after 30 days.

        Nothing is written to HubSpot from the first moment. After a crash, run it again.
        """
        left = leave(session.product, portal_id, archive=archive, actor=OPERATOR)
        for one in left.not_archived:
            say(f"Not archived in HubSpot: {one}")
        if archive and not left.not_archived:
            say("Our properties and lists are archived in HubSpot.")
        if left.problem:
            say(f"HubSpot did not confirm the uninstall: {left.problem}")
        say(f"Portal {portal_id} is disconnected.")

    return disconnect
