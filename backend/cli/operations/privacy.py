"""`privacy …`: what a data subject may ask for, and whom HubSpot no longer shows."""

from __future__ import annotations

from typing import Any

import click

from backend.cli.common.progress import need_workers, say
from backend.cli.common.session import OPERATOR, CliSession, command, portal_option, print_json
from backend.errors import NotFound, Transient
from backend.ports import Clock
from backend.services.privacy import requests
from backend.storage import runs
from backend.storage.access import audit
from backend.storage.database import Connection
from backend.storage.privacy import erased_ledger, erasures, missing_contacts, tombstones
from backend.storage.privacy.erasures import Receipt

WAIT_S = 60.0
POLL_S = 0.2


def group(session: CliSession) -> click.Group:
    """The `privacy` commands."""

    @click.group("privacy", help="Erase and export what is held about a lead.")
    def commands() -> None:
        pass

    for add in (_erase, _receipt, _export, _missing, _tombstones):
        commands.add_command(add(session))
    return commands


def _erase(session: CliSession) -> click.Command:
    @click.command("erase")
    @portal_option
    @click.argument("contacts", nargs=-1, required=True)
    @click.confirmation_option(prompt="Erase everything held about these contacts?")
    @command
    def erase(portal_id: int, contacts: tuple[str, ...]) -> None:
        """Erase everything about these contacts, also while jobs run; print a receipt each."""
        session.portal(portal_id)
        need_workers(session.product.stores.redis)
        asked = requests.ask(session.product.stores, portal_id, contacts, actor=OPERATOR)
        for receipt in asked:
            print_json(shown(_finished(session, receipt)))

    return erase


def _finished(session: CliSession, asked: Receipt) -> Receipt:
    product = session.product
    deadline = product.stores.clock.now().timestamp() + WAIT_S
    while product.stores.clock.now().timestamp() < deadline:
        with product.stores.database.read() as conn:
            found = erasures.get(conn, asked.portal_id, asked.receipt_id)
        if found is not None and found.finished_at is not None:
            return found
        product.stores.clock.sleep(POLL_S)
    raise Transient(
        f"not erased within {WAIT_S:.0f} s; it goes on by itself: "
        f"`privacy receipt {asked.receipt_id} --portal {asked.portal_id}`"
    )


def _receipt(session: CliSession) -> click.Command:
    @click.command("receipt")
    @portal_option
    @click.argument("name")
    @command
    def receipt(portal_id: int, name: str) -> None:
        """Receipts by their number or by the contact's id, as JSON."""
        session.portal(portal_id)
        found = requests.receipts(session.product.stores, portal_id, name)
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


def _export(session: CliSession) -> click.Command:
    @click.command("export")
    @portal_option
    @click.argument("contact")
    @command
    def export(portal_id: int, contact: str) -> None:
        """Everything held about one lead, names opened, as one JSON object."""
        session.portal(portal_id)
        print_json(requests.export(session.product.stores, portal_id, contact, actor=OPERATOR))

    return export


def _missing(session: CliSession) -> click.Command:
    @click.command("missing")
    @portal_option
    @click.option("--confirm", "answer", flag_value="confirm", help="They may be gone.")
    @click.option("--dismiss", "answer", flag_value="dismiss", help="They are not gone.")
    @command
    def missing_command(portal_id: int, answer: str | None) -> None:
        """Contacts that HubSpot does not show. Too many at once are erased only after --confirm,
        and only those that HubSpot names as not found then."""
        product = session.product
        session.portal(portal_id)
        now = product.stores.clock.now()
        with product.stores.database.write() as conn:
            asked, number = (
                missing_contacts.alarming(conn, portal_id),
                missing_contacts.how_many(conn, portal_id),
            )
            if answer == "confirm":
                number = missing_contacts.confirm(conn, portal_id, now)
            elif answer == "dismiss":
                number = missing_contacts.dismiss(conn, portal_id)
            if answer:
                detail = {"contacts": number}
                _audit(conn, product.stores.clock, portal_id, f"privacy.missing.{answer}", detail)
        product.stores.jobs.enqueue("erase_requested", portal_id=portal_id)
        print_json({"portal_id": portal_id, "missing": number, "asks": asked > 0, "answer": answer})

    return missing_command


def _tombstones(session: CliSession) -> click.Command:
    @click.command("tombstones")
    @portal_option
    @click.option("--take-back", is_flag=True, help="Remove those of --cause, and pull again.")
    @click.option(
        "--cause",
        type=click.Choice([c for c in tombstones.CAUSES if c not in tombstones.PROTECTED]),
        default=tombstones.BELIEF,
        show_default=True,
        help="Whose: our own belief, HubSpot's word, or unknown (from before causes were kept).",
    )
    @command
    def tombstones_command(portal_id: int, take_back: bool, cause: str) -> None:
        """Erased contacts by who had them erased. What a person asked for and privacy deletions
        cannot be taken back; a contact that HubSpot no longer has stays gone."""
        product = session.product
        session.portal(portal_id)
        macs: list[str] = []
        with product.stores.database.write() as conn:
            if take_back:
                macs = tombstones.take_back(conn, portal_id, cause)
                detail = {"cause": cause, "tombstones": len(macs)}
                _audit(
                    conn, product.stores.clock, portal_id, "privacy.tombstones.take_back", detail
                )
                runs.start(conn, portal_id, "pull", product.stores.clock.now())
            left = {
                name: len(found) for name, found in tombstones.by_cause(conn, portal_id).items()
            }
        if take_back:
            folder = product.stores.settings.backup_folder
            erased_ledger.append(folder, portal_id, macs, taken_back=True)
            product.stores.jobs.enqueue("pull", portal_id=portal_id)
            say("The portal is pulled again: those that HubSpot still has become leads again.")
        print_json({"portal_id": portal_id, "tombstones": left, "taken_back": len(macs)})

    return tombstones_command


def _audit(
    conn: Connection, clock: Clock, portal_id: int, action: str, detail: dict[str, Any]
) -> None:
    audit.of_portal(conn, portal_id, action, actor=OPERATOR, now=clock.now(), detail=detail)
