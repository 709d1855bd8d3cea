"""`maintenance daily|weekly|monthly|show`: start it by hand, and read what it found."""

from __future__ import annotations

import json
from typing import Any

import click

from backend.cli.common.progress import follow, say
from backend.cli.common.session import OPERATOR, CliSession, command, print_json
from backend.jobs.upkeep.maintain import kinds_of
from backend.services import long_work
from backend.storage.operations.maintenance import INSTALLATION, KINDS, Report, last_reports
from backend.storage.portals import portals

any_portal = click.option("--portal", "portal_id", type=int, help="Only this portal.")
as_json_option = click.option("--json", "as_json", is_flag=True)


def group(session: CliSession) -> click.Group:
    """The `maintenance` commands."""

    @click.group("maintenance", help="What cron does by itself, and its reports.")
    def commands() -> None:
        pass

    for kind in KINDS:
        commands.add_command(_start(session, kind))
    commands.add_command(_show(session))
    return commands


def _start(session: CliSession, kind: str) -> click.Command:
    @click.command(kind)
    @any_portal
    @as_json_option
    @command
    def start(portal_id: int | None, as_json: bool) -> None:
        """Do it now, in every connected portal and for the installation."""
        product = session.product
        for one in _places(session, portal_id):
            if kind not in kinds_of(one):
                continue
            run = long_work.begin(product.stores, one, kind, actor=OPERATOR)
            follow(product.stores, run, f"{kind} maintenance of {_name(one)}", quiet=as_json)
            with product.stores.database.read() as conn:
                _print(one, last_reports(conn, one)[kind], as_json)

    start.help = f"The {kind} maintenance, now."
    return start


def _show(session: CliSession) -> click.Command:
    @click.command("show")
    @any_portal
    @as_json_option
    @command
    def show(portal_id: int | None, as_json: bool) -> None:
        """The last report of each kind."""
        for one in _places(session, portal_id):
            with session.product.stores.database.read() as conn:
                found = last_reports(conn, one)
            for report in found.values():
                _print(one, report, as_json)

    return show


def _places(session: CliSession, portal_id: int | None) -> list[int]:
    if portal_id is not None:
        return [session.portal(portal_id).portal_id]
    with session.product.stores.database.read() as conn:
        known = [p.portal_id for p in portals.listed(conn) if p.state == "connected"]
    return [INSTALLATION, *known]


def _name(portal_id: int) -> str:
    return "the installation" if portal_id == INSTALLATION else f"portal {portal_id}"


def _print(portal_id: int, report: Report, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "portal_id": portal_id,
                "kind": report.kind,
                "state": report.state,
                "started_at": report.started_at.isoformat(timespec="seconds"),
                "report": dict(report.body),
            }
        )
        return
    say(f"{report.kind} maintenance of {_name(portal_id)}, {report.started_at:%Y-%m-%d %H:%M}:")
    for task, found in report.body.items():
        rest: dict[str, Any] = {k: v for k, v in found.items() if k != "ok"}
        words = json.dumps(rest, ensure_ascii=False) if rest else ""
        click.echo(f"  {'ok     ' if found['ok'] else 'PROBLEM'} {task} {words}")
