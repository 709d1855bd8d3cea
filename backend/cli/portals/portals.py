"""`portals …`: invite, list, pull, set up, choose a mode, disconnect."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import click
from rich.table import Table

from backend.cli.common.outlook_view import print_outlook
from backend.cli.common.progress import follow, say
from backend.cli.common.session import Session, command, portal_option, print_json
from backend.cli.learning.own_properties import own_line
from backend.cli.portals.portal_check import check
from backend.cli.portals.preview import print_preview
from backend.cli.portals.routing import hints
from backend.config import INVITATION_S
from backend.errors import BadInput
from backend.model import PROFILE_FIELDS, Mode
from backend.scoring.write_back import OPTIONAL, PREFIX_FORM, PREFIX_RULE
from backend.security.hashes import token_hash
from backend.services.learning.thresholds import current_outlook
from backend.services.mirror.definitions import unknown_properties
from backend.services.portals.disconnect import disconnect as leave
from backend.services.portals.portal_mode import preview_of, set_mode
from backend.storage import runs
from backend.storage.access import audit
from backend.storage.portals import portals


def group(session: Session) -> click.Group:
    """The `portals` commands."""

    @click.group("portals", help="Connected HubSpot accounts.")
    def commands() -> None:
        pass

    for add in (_invite, _list, _pull, _setup, _mode, check, _disconnect):
        commands.add_command(add(session))
    return commands


def _invite(session: Session) -> click.Command:
    @click.command("invite")
    @click.option("--by", default="operator", help="Who invites, for the audit trail.")
    @command
    def invite(by: str) -> None:
        """Make a link with which a HubSpot admin can connect an account once."""
        product = session.product
        token = secrets.token_urlsafe(32)
        now = product.stores.clock.now()
        expires_at = now + timedelta(seconds=INVITATION_S)
        with product.stores.database.write() as conn:
            hashed = token_hash(token)
            portals.make_invitation(conn, hashed, made_by=by, now=now, expires_at=expires_at)
            audit.append(
                conn, now=now, actor=f"cli:{by}", action="portal.invite", subject="invitation"
            )
        say(f"Valid once, until {expires_at:%Y-%m-%d %H:%M} UTC:")
        click.echo(f"{product.stores.settings.public_base_url[0]}/oauth/install?invitation={token}")

    return invite


def _list(session: Session) -> click.Command:
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


def _pull(session: Session) -> click.Command:
    @click.command("pull")
    @portal_option
    @command
    def pull(portal_id: int) -> None:
        """Read the whole portal into the mirror; goes on where an earlier pull stopped."""
        product = session.product
        session.portal(portal_id)
        with product.stores.database.write() as conn:
            run = runs.start(conn, portal_id, "pull", product.stores.clock.now())
        product.stores.jobs.ring("pull", portal_id=portal_id)
        done = follow(product.stores, run, "Pulling")
        say(f"{done.done} objects pulled.")

    return pull


def _setup(session: Session) -> click.Command:
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
    @command
    def setup(
        portal_id: int,
        mappings: tuple[str, ...],
        prefix: str | None,
        use: tuple[str, ...],
        without: tuple[str, ...],
    ) -> None:
        """Create our properties and lists, and map your own properties; safe to repeat."""
        product = session.product
        portal = session.portal(portal_id)
        asked = _parsed(mappings)
        _must_exist(session, portal_id, asked)
        mapped = dict(portal.settings.property_map) | asked
        if prefix is not None and not PREFIX_FORM.fullmatch(prefix):
            raise BadInput(f"--prefix {prefix!r}: {PREFIX_RULE}")
        settings = replace(
            portal.settings,
            property_map=mapped,
            property_prefix=portal.settings.property_prefix if prefix is None else prefix,
            use_existing=tuple(dict.fromkeys([*portal.settings.use_existing, *use])),
            without_properties=without or portal.settings.without_properties,
        )
        with product.stores.database.write() as conn:
            portals.set_settings(conn, portal_id, settings)
            run = runs.start(conn, portal_id, "setup", product.stores.clock.now())
        product.stores.jobs.ring("setup", portal_id=portal_id)
        follow(product.stores, run, "Setting up")
        for fact, name in sorted(mapped.items()):
            say(f"{fact} is read from {name}")
        if mappings:
            say("Run `portals pull` to read the mapped properties of every record.")
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


def _must_exist(session: Session, portal_id: int, asked: Mapping[str, str]) -> None:
    unknown = (
        unknown_properties(session.product.hubspot, portal_id, asked.values()) if asked else []
    )
    if unknown:
        raise BadInput(
            f"--map: portal {portal_id} has no contact or company property "
            f"{', '.join(unknown)}; use the internal name (Settings → Properties → </>)"
        )


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


def _mode(session: Session) -> click.Command:
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
        with product.stores.database.write() as conn:
            portal = portals.get(conn, portal_id)
            if yes and seen:  # nobody looks, and leads may be scored meanwhile
                seen = preview_of(conn, portal)
            run = set_mode(
                conn, product.stores.clock, portal, Mode(mode), actor="cli:operator", seen=seen
            )
        if run is not None:
            product.stores.jobs.ring("setup", portal_id=portal_id)
            follow(product.stores, run, "Setting up")
        for line in hints(session.portal(portal_id)) if run is not None else ():
            say(line)
        say(f"Portal {portal_id} is {mode}.")

    return mode_command


def _disconnect(session: Session) -> click.Command:
    @click.command("disconnect")
    @portal_option
    @click.option("--archive", is_flag=True, help="Also archive our properties and lists.")
    @click.confirmation_option(prompt="Uninstall the app and erase its tokens?")
    @command
    def disconnect(portal_id: int, archive: bool) -> None:
        """Uninstall the app in HubSpot; tokens are erased at once, the rest after 30 days.

        Nothing is written to HubSpot from the first moment. After a crash, run it again.
        """
        left = leave(session.product, portal_id, archive=archive, actor="cli:operator")
        for one in left.not_archived:
            say(f"Not archived in HubSpot: {one}")
        if archive and not left.not_archived:
            say("Our properties and lists are archived in HubSpot.")
        if left.problem:
            say(f"HubSpot did not confirm the uninstall: {left.problem}")
        say(f"Portal {portal_id} is disconnected.")

    return disconnect
