"""`profiles suggest --portal ID [--csv OUT]`: ideal clients from won deals, to be accepted."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import click

from backend import private_files
from backend.cli.common.progress import say
from backend.cli.common.session import CliSession, command, portal_option
from backend.errors import BadInput
from backend.model import PROFILE_FIELDS, IdealClient
from backend.scoring.points.profile_csv import TITLES
from backend.scoring.values.words import label, shown
from backend.services.learning.suggest import Suggestions, suggest

SHOWN_CRITERIA = 20


def suggest_command(session: CliSession) -> click.Command:
    """To be added to the `profiles` group."""

    @click.command("suggest")
    @portal_option
    @click.option(
        "--csv", "out", type=click.Path(dir_okay=False, path_type=Path), help="Write them here."
    )
    @command
    def suggest_profiles(portal_id: int, out: Path | None) -> None:
        """What won clients have in common; nothing changes until the file is imported."""
        found = suggest(session.product, session.portal(portal_id))
        _print(found)
        if out is None or not found.clients:
            return
        write_clients(out, found.clients)
        say(f"Look through {out}, then `profiles import {out} --portal {portal_id}`.")

    return suggest_profiles


def write_clients(path: Path, clients: Sequence[IdealClient]) -> None:
    """A CSV file that `profiles import` takes. Raises BadInput when it cannot be written."""
    try:
        with private_files.open_to_write(path, newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["Client id", *(TITLES[field] for field in PROFILE_FIELDS)])
            for client in clients:
                writer.writerow([client.client_id, *(_cell(client, f) for f in PROFILE_FIELDS)])
    except OSError as error:
        raise BadInput(f"cannot write {path}: {error.strerror or error}") from error


def _cell(client: IdealClient, field: str) -> str:
    value = getattr(client, field)
    return "; ".join(value) if isinstance(value, tuple) else str(value)


def _print(found: Suggestions) -> None:
    click.echo(f"From {found.won} won and {found.lost} lost leads")
    if not found.criteria:
        click.echo("No value of the profile fields is surely commoner among the won.")
        return
    for one in found.criteria[:SHOWN_CRITERIA]:
        field = one.field.partition(":")[0]
        click.echo(
            f"  {label(field)}: {shown(field, one.value)}  wins {one.lift:.1f} times as often as "
            f"average (at least {one.low:.1f}; {one.won} of {one.leads})"
        )
    click.echo(f"{len(found.clients)} ideal clients suggested:")
    for client, mined in zip(found.clients, found.mined, strict=True):
        values = ", ".join(v for v in (_cell(client, f) for f in PROFILE_FIELDS) if v)
        click.echo(f"  {client.client_id}: {values} ({mined.alike} won alike, {mined.lift:.1f}x)")
