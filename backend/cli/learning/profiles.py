"""`profiles …`: import ideal clients, list versions, activate one."""

from __future__ import annotations

from pathlib import Path

import click
from rich.table import Table

from backend.cli.common.progress import say
from backend.cli.common.session import OPERATOR, CliSession, command, portal_option, print_json
from backend.errors import BadInput
from backend.model import PROFILE_FIELDS
from backend.scoring.points.profile_csv import refuse
from backend.services.learning import profile_changes
from backend.storage.learning import profiles


def group(session: CliSession) -> click.Group:
    """The `profiles` commands."""

    @click.group("profiles", help="Ideal client profiles.")
    def commands() -> None:
        pass

    for add in (_import, _list, _activate):
        commands.add_command(add(session))
    return commands


def _import(session: CliSession) -> click.Command:
    @click.command("import")
    @click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @portal_option
    @click.option("--skip-invalid", is_flag=True, help="Import the good rows of a bad file.")
    @click.option(
        "--column",
        "columns",
        multiple=True,
        metavar="FIELD=TITLE",
        help="Which column is which, where its title is not known; FIELD= alone: there is none.",
    )
    @command
    def import_command(
        file: Path, portal_id: int, skip_invalid: bool, columns: tuple[str, ...]
    ) -> None:
        """Make FILE the portal's active profile and score its leads again."""
        stores = session.product.stores
        session.portal(portal_id)
        found = profile_changes.import_file(
            stores.database,
            stores.clock,
            portal_id,
            file.read_bytes(),
            source=file.name,
            actor=OPERATOR,
            skip_invalid=skip_invalid,
            columns=_chosen(columns),
        )
        if not found.version:
            raise refuse(found.problems)
        for problem in found.problems:
            say(f"skipped: {problem}")
        say(f"Profile {found.version} has {found.accepted} ideal clients.")
        for warning in found.warnings:
            say(warning)
        _activate_it(session, portal_id, found.version)

    return import_command


def _chosen(columns: tuple[str, ...]) -> dict[str, str]:
    found = dict(text.partition("=")[::2] for text in columns)
    unknown = [field for field in found if field not in PROFILE_FIELDS]
    if unknown:
        raise BadInput(
            f"--column {unknown[0]!r}: write FIELD=TITLE with one of {', '.join(PROFILE_FIELDS)}"
        )
    return found


def _activate_it(session: CliSession, portal_id: int, version: int) -> None:
    pulled = profile_changes.activate(session.product.stores, portal_id, version, actor=OPERATOR)
    say(f"Profile {version} is active.")
    if pulled:
        say("Its leads are being scored again; see `backfill`.")
    else:
        say("Its leads are scored when the first pull has ended.")


def _list(session: CliSession) -> click.Command:
    @click.command("list")
    @portal_option
    @click.option("--json", "as_json", is_flag=True)
    @command
    def list_command(portal_id: int, as_json: bool) -> None:
        """All versions, newest first."""
        session.portal(portal_id)
        with session.product.stores.database.read() as conn:
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


def _activate(session: CliSession) -> click.Command:
    @click.command("activate")
    @portal_option
    @click.argument("version", type=int)
    @command
    def activate(portal_id: int, version: int) -> None:
        """Go back (or forward) to a stored version and score all leads again."""
        session.portal(portal_id)
        _activate_it(session, portal_id, version)

    return activate
