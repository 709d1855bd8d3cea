"""`audit verify|export`: proof that nobody altered the trail, and a copy of it."""

from __future__ import annotations

import click

from backend.cli.common.progress import say
from backend.cli.common.session import CliSession, command, print_json
from backend.errors import BadInput, LeadlightError
from backend.services import audit_anchor
from backend.storage.access import audit


class ChainBroken(LeadlightError):
    """The audit trail is not what was written."""

    code = "chain_broken"


def group(session: CliSession) -> click.Group:
    """The `audit` commands."""

    @click.group("audit", help="Who did what.")
    def commands() -> None:
        pass

    commands.add_command(_verify(session))
    commands.add_command(_export(session))
    return commands


def _verify(session: CliSession) -> click.Command:
    @click.command("verify")
    @click.option("--anchor", metavar="SEQ:HASH", help="A row known from elsewhere.")
    @command
    def verify_command(anchor: str | None) -> None:
        """Find any altered, removed or reordered row; exit code 1 when there is one.

        Rows cut off at the end show against the anchors kept in Redis, beside the backups and in
        the log, and against the one you name.
        """
        breaks = audit_anchor.check(session.product.stores, _anchor(anchor))
        with session.product.stores.database.read() as conn:
            last = audit.last(conn)
        for found in breaks:
            say(f"row {found.seq}: {found.problem}")
        if breaks:
            raise ChainBroken(f"{len(breaks)} places where the audit trail does not hold")
        say("The audit trail holds. Keep this anchor elsewhere:")
        click.echo("0:" if last is None else f"{last[0]}:{last[1]}")

    return verify_command


def _anchor(text: str | None) -> set[tuple[int, str]]:
    if text is None:
        return set()
    found = audit_anchor.parse(text)
    if found is None:
        raise BadInput(f"--anchor {text!r}: write SEQ:HASH as `audit verify` printed it")
    return {found} if found[0] else set()


def _export(session: CliSession) -> click.Command:
    @click.command("export")
    @click.option("--portal", "portal_id", type=int, help="Only what concerns this portal.")
    @click.option("--after", type=int, default=0, help="Only rows after this number.")
    @command
    def export(portal_id: int | None, after: int) -> None:
        """The trail as JSON Lines, hashes included: a copy to compare with later."""
        with session.product.stores.database.read() as conn:
            for row, row_hash in audit.chain(conn, after_seq=after):
                if portal_id in (None, row.portal_id):
                    print_json(
                        {
                            "seq": row.seq,
                            "at": row.at.isoformat(timespec="microseconds"),
                            "portal_id": row.portal_id,
                            "actor": row.actor,
                            "action": row.action,
                            "subject": row.subject,
                            "detail": dict(row.detail),
                            "previous_hash": row.previous_hash,
                            "hash": row_hash,
                        }
                    )

    return export
