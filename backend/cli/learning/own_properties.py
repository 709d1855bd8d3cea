"""`portals properties --portal ID`: what the model could learn from, and what it may."""

from __future__ import annotations

from dataclasses import asdict

import click
from rich.table import Table

from backend.cli.common.progress import say, wait_for
from backend.cli.common.session import OPERATOR, CliSession, command, portal_option, print_json
from backend.services.mirror.definitions import more_to_learn
from backend.services.portals.own_properties import (
    PortalProperty,
    Survey,
    calls_to_read_again,
    cautions,
    checked,
    survey,
)
from backend.services.settings import set_learn_from
from backend.storage.portals.portals import Portal


def properties_command(session: CliSession) -> click.Command:
    """To be added to the `portals` group."""

    @click.command("properties")
    @portal_option
    @click.option("--learn", multiple=True, metavar="NAME", help="Let the model learn from it.")
    @click.option("--not", "drop", multiple=True, metavar="NAME", help="No longer.")
    @click.option("--yes", is_flag=True, help="Without being asked.")
    @click.option("--json", "as_json", is_flag=True)
    @command
    def properties(
        portal_id: int, learn: tuple[str, ...], drop: tuple[str, ...], yes: bool, as_json: bool
    ) -> None:
        """Your own contact and company properties: how full they are, and whether the model may
        learn from them. Nothing is read until you allow it by name."""
        portal = session.portal(portal_id)
        if learn or drop:
            _change(session, portal, learn, drop, yes=yes)
            return
        found = survey(session.product, portal)
        if as_json:
            print_json(
                {
                    "calls": found.calls,
                    "sample": found.sample,
                    "properties": [asdict(one) for one in found.properties],
                }
            )
        else:
            _print(session, found)

    return properties


def own_line(portal: Portal) -> str:
    """How many more there are to learn from and the command, "" when there are none."""
    more = len(more_to_learn(portal))
    if not more:
        return ""
    return (
        f"The model could learn from {more} of your own properties: "
        f"`portals properties --portal {portal.portal_id}` lists them."
    )


def _change(
    session: CliSession, portal: Portal, learn: tuple[str, ...], drop: tuple[str, ...], *, yes: bool
) -> None:
    product, allowed = session.product, portal.settings.learn_from
    for name in (name for name in drop if name not in allowed):
        say(f"note: {name} is not learned from")
    names = checked(product.hubspot, portal, [n for n in (*allowed, *learn) if n not in drop])
    if set(names) == set(allowed):
        say("Nothing changes.")
        return
    for line in cautions([name for name in names if name not in allowed]):
        say(f"warning: {line}")
    calls = calls_to_read_again(product.stores.database, portal.portal_id)
    say(
        f"Every contact and company is read again ({calls:,} HubSpot calls), "
        "then every lead is scored again."
    )
    if not yes and not click.confirm("Go on?", default=True):
        say("Nothing was changed.")
        return
    begun = set_learn_from(product, portal.portal_id, names, actor=OPERATOR)
    say(f"Learned from: {', '.join(names) or 'none of your own properties'}.")
    if begun:
        wait_for(product.stores, portal.portal_id, "pull", "Reading again")
    say(f"`model train --portal {portal.portal_id}` trains with them.")


def _print(session: CliSession, found: Survey) -> None:
    table = Table("Property", "Label", "Type", "Filled", "To learn from")
    for one in found.in_order:
        table.add_row(one.field, one.label, one.type, _filled(one), _verdict(one))
    session.console.print(table)
    sample = " and ".join(f"{n} {owner}" for owner, n in found.sample.items())
    say(f"Filled: of a sample of {sample}. {found.calls} HubSpot calls; no value was kept.")
    suggested = [one.field for one in found.properties if one.suggested]
    if suggested:
        say("To allow: " + " ".join(f"--learn {field}" for field in suggested))


def _filled(one: PortalProperty) -> str:
    return "not read" if one.filled is None else f"{one.filled:.0%}"


def _verdict(one: PortalProperty) -> str:
    if one.allowed:
        return f"allowed, but {one.why_not}" if one.why_not else "allowed"
    if one.why_not:
        return f"no: {one.why_not}"
    return f"not suggested: {one.caution}" if one.caution else "yes"
