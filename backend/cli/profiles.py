"""`profiles …`: import ideal clients, list versions, activate one."""

from __future__ import annotations

from pathlib import Path

import click
from rich.table import Table

from backend.cli.progress import say
from backend.cli.session import Session, command, portal_option, print_json
from backend.scoring.profile_csv import read_profile, refuse
from backend.storage import audit, portals, profiles, runs


def group(session: Session) -> click.Group:
    """The `profiles` commands."""

    @click.group("profiles", help="Ideal client profiles.")
    def commands() -> None:
        pass

    for add in (_import, _list, _activate):
        commands.add_command(add(session))
    return commands


def _import(session: Session) -> click.Command:
    @click.command("import")
    @click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @portal_option
    @click.option("--skip-invalid", is_flag=True, help="Import the good rows of a bad file.")
    @command
    def import_command(file: Path, portal_id: int, skip_invalid: bool) -> None:
        """Make FILE the portal's active profile and score its leads again."""
        product = session.product
        session.portal(portal_id)
        found = read_profile(file.read_bytes())
        if found.problems and not (skip_invalid and found.clients):
            raise refuse(found.problems)
        now = product.clock.now()
        with product.database.write() as conn:
            version = profiles.add(
                conn, portal_id, found.clients, source=file.name, made_by="cli:operator", now=now
            )
            audit.append(
                conn,
                now=now,
                actor="cli:operator",
                action="profile.import",
                subject=f"profile:{version}",
                portal_id=portal_id,
                detail={"rows": len(found.clients), "skipped": len(found.problems)},
            )
        for problem in found.problems:
            say(f"skipped: {problem}")
        say(f"Profile {version} with {len(found.clients)} ideal clients is active.")
        _rescore(session, portal_id)

    return import_command


def _rescore(session: Session, portal_id: int) -> None:
    product = session.product
    with product.database.write() as conn:
        if portals.get(conn, portal_id).pulled_at is None:
            say("Its leads are scored when the first pull has ended.")
            return
        runs.start(conn, portal_id, "population", product.clock.now())
    product.jobs.ring("population", portal_id=portal_id)
    say("Its leads are being scored again; see `backfill`.")


def _list(session: Session) -> click.Command:
    @click.command("list")
    @portal_option
    @click.option("--json", "as_json", is_flag=True)
    @command
    def list_command(portal_id: int, as_json: bool) -> None:
        """All versions, newest first."""
        session.portal(portal_id)
        with session.product.database.read() as conn:
            versions = profiles.listed(conn, portal_id)
        if as_json:
            for v in versions:
                print_json({"version": v.version, "state": v.state, "rows": v.rows})
            return
        table = Table("Version", "State", "Clients", "File", "By", "When")
        for v in versions:
            when = f"{v.created_at:%Y-%m-%d %H:%M}"
            table.add_row(str(v.version), v.state, str(v.rows), v.source, v.made_by, when)
        session.console.print(table)

    return list_command


def _activate(session: Session) -> click.Command:
    @click.command("activate")
    @portal_option
    @click.argument("version", type=int)
    @command
    def activate(portal_id: int, version: int) -> None:
        """Go back (or forward) to a stored version and score all leads again."""
        product = session.product
        session.portal(portal_id)
        with product.database.write() as conn:
            profiles.activate(conn, portal_id, version)
            audit.append(
                conn,
                now=product.clock.now(),
                actor="cli:operator",
                action="profile.activate",
                subject=f"profile:{version}",
                portal_id=portal_id,
            )
        say(f"Profile {version} is active.")
        _rescore(session, portal_id)

    return activate
