"""`portals check`: ask the live account what only it can answer, one line each, and keep it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta

import click

from backend.cli.common.session import CliSession, command, portal_option, print_json
from backend.cli.portals.portal_sightings import contact_heard, seen
from backend.clients.hubspot.probe import Finding
from backend.services.records import queues_of
from backend.storage.leads import inbox
from backend.storage.portals import portals

WEBHOOKS_QUIET_DAYS = 7
_COLOURS = {"ok": "green", "off": "yellow", "open": "yellow", "wrong": "red"}


def check(session: CliSession) -> click.Command:
    """To be added to the `portals` group."""

    @click.command("check")
    @portal_option
    @click.option(
        "--test-contact",
        is_flag=True,
        help="Make a contact, wait for its webhook, delete it.",
    )
    @click.option("--json", "as_json", is_flag=True)
    @command
    def check_command(portal_id: int, test_contact: bool, as_json: bool) -> None:
        """Verify scopes, properties, lists, reading, webhooks and the clock against HubSpot."""
        product = session.product
        portal = session.portal(portal_id)
        now = product.stores.clock.now()
        lists = dict(portal.installation.get("lists", {}))
        token = product.hubspot.keeper.access_token(portal_id)
        kinds = ["contacts", *(queue.object_type for queue in queues_of(portal))]
        found = product.hubspot.probe(portal_id, kinds).ask(portal.scopes, lists, token, now)
        if test_contact:
            found.append(contact_heard(product, portal_id))
        found.append(_webhooks(session, portal_id))
        found += seen(product.stores.last_seen.read(portal_id))
        answers = [asdict(finding) for finding in found]
        with product.stores.database.write() as conn:
            kept = {"check": {"at": now.isoformat(), "answers": answers}}
            portals.set_installation(conn, portal_id, kept)
        for finding in found:
            if as_json:
                print_json(asdict(finding))
            else:
                session.console.print(
                    f"[{_COLOURS[finding.verdict]}]{finding.verdict:<6}[/] "
                    f"{finding.question:<36} {finding.answer}",
                    highlight=False,
                )
        if any(finding.verdict == "wrong" for finding in found):
            raise SystemExit(1)

    return check_command


def _webhooks(session: CliSession, portal_id: int) -> Finding:
    product = session.product
    with product.stores.database.read() as conn:
        last = inbox.last_received_at(conn, portal_id)
    if last is None:
        answer = "none came yet: change a contact in HubSpot, wait a minute, ask again"
        return Finding("webhooks", "off", answer)
    age = product.stores.clock.now() - last
    verdict = "ok" if age < timedelta(days=WEBHOOKS_QUIET_DAYS) else "wrong"
    return Finding("webhooks", verdict, f"the last one came at {last:%Y-%m-%d %H:%M} UTC")
