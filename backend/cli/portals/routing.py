"""`portals routes|workflows|capacity|tasks`: what happens in HubSpot because of the bands."""

from __future__ import annotations

import click
from rich.table import Table

from backend.cli.common.progress import say
from backend.cli.common.session import OPERATOR, CliSession, command, portal_option, print_json
from backend.cli.leads.scoring import table as lead_table
from backend.clients.hubspot.oauth import OPTIONAL_SCOPES
from backend.model import Band
from backend.services.portals.workflow_steps import NO_LISTS, workflows
from backend.services.routing.capacity import Load, capacity, top_of_the_week
from backend.services.routing.confirm import Proposal, confirm, propose
from backend.storage.leads import scores
from backend.storage.outbox import routes
from backend.storage.portals import owners, portal_problems
from backend.storage.portals.portals import Portal


def commands(session: CliSession) -> list[click.Command]:
    """To be added to the `portals` group."""
    return [_routes(session), _workflows(session), _capacity(session), _tasks(session)]


def _routes(session: CliSession) -> click.Command:
    @click.command("routes")
    @portal_option
    @command
    def routes_view(portal_id: int) -> None:
        """Lists, tasks, notifications and workflow answers that wait or failed."""
        portal = session.portal(portal_id)
        with session.product.stores.database.read() as conn:
            waiting = routes.counts(conn, portal_id)
            parked = routes.counts(conn, portal_id, parked=True)
            problems = portal_problems.of_portal(conn, portal_id)
        drawn = Table("What", "Waiting", "Failed")
        for kind, number in waiting.items():
            drawn.add_row(kind, str(number), str(parked[kind]))
        session.console.print(drawn)
        for one in problems:
            say(f"The account refuses our {one.area}: {one.sentence} {one.cure}.")
        for line in hints(portal, sum(parked.values())):
            say(line)

    return routes_view


def hints(portal: Portal, parked: int = 0) -> list[str]:
    """What keeps routes from being done, each with its cure."""
    why = portal.installation.get("refused_why", {})
    found = [
        f"{feature} are off: {why.get(feature) or 'the portal did not grant the scope'}; "
        "fix it or install again, then `portals setup`"
        for feature in portal.installation.get("refused", ())
    ]
    found += [
        f"{use} is off: the portal did not grant {scope}; install again to grant it"
        for scope, use in OPTIONAL_SCOPES.items()
        if scope not in portal.scopes
    ]
    if portal.settings.mode.value != "live":
        found.append(f"The portal is {portal.settings.mode.value}: nothing is written to HubSpot.")
    if not portal.settings.routing.fallback_owner_id:
        found.append(
            "No fallback owner: tasks of leads without an owner belong to nobody; "
            "`portals settings fallback-owner=ID`"
        )
    if parked:
        found.append(f"{parked} failed: fix the cause, then `writes replay`")
    return found


def _workflows(session: CliSession) -> click.Command:
    @click.command("workflows")
    @portal_option
    @command
    def workflows_view(portal_id: int) -> None:
        """The steps of each workflow to build in HubSpot, ready to copy."""
        portal = session.portal(portal_id)
        if not portal.installation.get("lists"):
            click.echo(NO_LISTS)
        for one in workflows(portal):
            click.echo(one.title)
            for number, step in enumerate(one.steps, 1):
                click.echo(f"  {number}. {step}")
            click.echo()

    return workflows_view


def _capacity(session: CliSession) -> click.Command:
    @click.command("capacity")
    @portal_option
    @click.option("--top", default=10, type=click.IntRange(0, 200), help="So many leads to name.")
    @click.option("--owner", default=None, help="Only the leads of this owner id.")
    @click.option("--json", "as_json", is_flag=True)
    @command
    def capacity_view(portal_id: int, top: int, owner: str | None, as_json: bool) -> None:
        """This week's demand by owner against what the team can work, and the best leads."""
        product, portal = session.product, session.portal(portal_id)
        found = capacity(product.stores.database, product.stores.clock, portal)
        best = top_of_the_week(
            product.stores.database, product.stores.clock, portal, number=top, owner_id=owner
        )
        if as_json:
            print_json({"owners": [_load_json(load) for load in found], "top": best})
            return
        names = _owner_names(session, portal_id)
        drawn = Table("Owner", "New High", "New Medium", "Capacity", "Too many", "Open tasks")
        for load in found:
            drawn.add_row(
                names.get(load.owner_id, load.owner_id) or "nobody",
                str(load.demand.entered_high),
                str(load.demand.entered_medium),
                "not set" if load.capacity is None else str(load.capacity),
                str(load.over) if load.over else "",
                str(load.demand.open_tasks),
            )
        session.console.print(drawn)
        with product.stores.database.read() as conn:
            stored = scores.current(conn, portal_id, best)
        session.console.print(
            lead_table(session, portal_id, [stored[c] for c in best if c in stored])
        )

    return capacity_view


def _load_json(load: Load) -> dict[str, object]:
    return {
        "owner_id": load.owner_id,
        "high": load.demand.high,
        "medium": load.demand.medium,
        "new_high": load.demand.entered_high,
        "new_medium": load.demand.entered_medium,
        "open_tasks": load.demand.open_tasks,
        "capacity": load.capacity,
        "over": load.over,
    }


def _owner_names(session: CliSession, portal_id: int) -> dict[str, str]:
    stores = session.product.stores
    with stores.database.read() as conn:
        return owners.names(conn, stores.cipher, portal_id)


def _tasks(session: CliSession) -> click.Command:
    @click.command("tasks")
    @portal_option
    @click.option(
        "--band",
        "names",
        multiple=True,
        type=click.Choice([Band.HIGH.value, Band.MEDIUM.value]),
        default=[Band.HIGH.value],
    )
    @click.option("--yes", is_flag=True, help="Make them without asking.")
    @command
    def tasks_command(portal_id: int, names: tuple[str, ...], yes: bool) -> None:
        """Tasks for leads that a run moved: shown by owner, made only when confirmed."""
        portal, bands = session.portal(portal_id), [Band(name) for name in names]
        proposal = propose(session.product.stores.database, portal, bands)
        _show(session, portal, proposal)
        number = len(proposal.tasks)
        if not number or not (yes or click.confirm(f"Make {number} tasks?", default=False)):
            return
        made = confirm(session.product.stores, portal_id, bands, expected=number, actor=OPERATOR)
        say(f"{made} tasks are being made.")

    return tasks_command


def _show(session: CliSession, portal: Portal, proposal: Proposal) -> None:
    names = _owner_names(session, portal.portal_id)
    drawn = Table("Owner", "Tasks")
    for owner_id, number in sorted(proposal.by_owner().items()):
        drawn.add_row(names.get(owner_id, owner_id) or "fallback owner", str(number))
    session.console.print(drawn)
    if proposal.left_out:
        cap = portal.settings.routing.tasks_per_owner
        say(f"{proposal.left_out} more are beyond {cap} per owner (`portals settings task-cap=N`).")
