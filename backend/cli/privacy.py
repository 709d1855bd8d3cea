"""`privacy erase|receipt|export`: what a data subject may ask for."""

from __future__ import annotations

from typing import Any

import click

from backend import privacy
from backend.cli.progress import need_workers
from backend.cli.session import Session, command, portal_option, print_json
from backend.errors import NotFound, Transient
from backend.storage import erasures
from backend.storage.erasures import Receipt

OPERATOR = "cli:operator"
WAIT_S = 60.0
POLL_S = 0.2


def group(session: Session) -> click.Group:
    """The `privacy` commands."""

    @click.group("privacy", help="Erase and export what is held about a lead.")
    def commands() -> None:
        pass

    for add in (_erase, _receipt, _export):
        commands.add_command(add(session))
    return commands


def _erase(session: Session) -> click.Command:
    @click.command("erase")
    @portal_option
    @click.argument("contacts", nargs=-1, required=True)
    @click.confirmation_option(prompt="Erase everything held about these contacts?")
    @command
    def erase(portal_id: int, contacts: tuple[str, ...]) -> None:
        """Erase everything about these contacts, also while jobs run; print a receipt each."""
        session.portal(portal_id)
        need_workers(session.product)
        asked = privacy.ask(session.product, portal_id, contacts, actor=OPERATOR)
        for receipt in asked:
            print_json(shown(_finished(session, receipt)))

    return erase


def _finished(session: Session, asked: Receipt) -> Receipt:
    product = session.product
    deadline = product.clock.now().timestamp() + WAIT_S
    while product.clock.now().timestamp() < deadline:
        with product.database.read() as conn:
            found = erasures.get(conn, asked.portal_id, asked.receipt_id)
        if found is not None and found.finished_at is not None:
            return found
        product.clock.sleep(POLL_S)
    raise Transient(
        f"not erased within {WAIT_S:.0f} s; it goes on by itself: "
        f"`privacy receipt {asked.receipt_id} --portal {asked.portal_id}`"
    )


def _receipt(session: Session) -> click.Command:
    @click.command("receipt")
    @portal_option
    @click.argument("name")
    @command
    def receipt(portal_id: int, name: str) -> None:
        """Receipts by their number or by the contact's id, as JSON."""
        session.portal(portal_id)
        found = privacy.receipts(session.product, portal_id, name)
        if not found:
            raise NotFound(f"portal {portal_id} has no receipt for {name}")
        for each in found:
            print_json(shown(each))

    return receipt


def shown(receipt: Receipt) -> dict[str, Any]:
    """A receipt as JSON: it names no contact, only the keyed hash of its id."""
    return {
        "receipt_id": receipt.receipt_id,
        "portal_id": receipt.portal_id,
        "contact_mac": receipt.contact_mac,
        "requested_by": receipt.requested_by,
        "reason": receipt.reason,
        "requested_at": receipt.requested_at.isoformat(timespec="seconds"),
        "finished_at": receipt.finished_at and receipt.finished_at.isoformat(timespec="seconds"),
        **receipt.detail,
    }


def _export(session: Session) -> click.Command:
    @click.command("export")
    @portal_option
    @click.argument("contact")
    @command
    def export(portal_id: int, contact: str) -> None:
        """Everything held about one lead, names opened, as one JSON object."""
        session.portal(portal_id)
        print_json(privacy.export(session.product, portal_id, contact, actor=OPERATOR))

    return export
