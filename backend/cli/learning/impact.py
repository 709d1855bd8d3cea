"""`impact count|show|waiting|holdout|exploration`: the Impact page at a terminal."""

from __future__ import annotations

from dataclasses import asdict
from typing import get_args

import click
from rich.table import Table

from backend.cli.common.progress import say
from backend.cli.common.session import OPERATOR, CliSession, command, portal_option, print_json
from backend.jobs import reports
from backend.learning.judge.cohorts import Share, reached_by, share_of
from backend.model import Band
from backend.services.learning import cohorts
from backend.services.learning.cohorts import Filter, Group
from backend.services.routing import exploration, holdout
from backend.services.routing.ageing import ageing, spelled
from backend.storage.leads.band_entries import Cohort
from backend.storage.outbox import explorations, holdouts


def impact(session: CliSession) -> click.Group:
    """What became of the leads, who waits, experiments."""
    group = click.Group("impact", help=impact.__doc__)
    for one in (
        _count(session),
        _show(session),
        _waiting(session),
        _holdout(session),
        _exploration(session),
    ):
        group.add_command(one)
    return group


def _count(session: CliSession) -> click.Command:
    @click.command("count")
    @portal_option
    @command
    def count(portal_id: int) -> None:
        """Count again what became of the leads; it is done once a day anyway."""
        session.portal(portal_id)
        stores = session.product.stores
        with stores.database.write() as conn:
            reports.begin(conn, portal_id, "impact", stores.clock.now(), {})
        stores.jobs.enqueue("impact", portal_id=portal_id)
        say("The count has begun: `impact show` has it when it is done.")

    return count


def _show(session: CliSession) -> click.Command:
    @click.command("show")
    @portal_option
    @click.option("--band", type=click.Choice([one.value for one in Band]), default="High")
    @click.option("--by", type=click.Choice(get_args(Group)), default="week")
    @click.option("--weeks", default=26, type=click.IntRange(0, 520), help="0: all.")
    @click.option("--owner", default="", help="Only the leads of this owner id.")
    @click.option("--team", default="")
    @click.option("--source", default="")
    @click.option("--json", "as_json", is_flag=True)
    @command
    def show(
        portal_id: int,
        band: str,
        by: Group,
        weeks: int,
        owner: str,
        team: str,
        source: str,
        as_json: bool,
    ) -> None:
        """Leads by when they came into a band, what became of them, and what was expected."""
        portal, stores = session.portal(portal_id), session.product.stores
        wanted = Filter(owner, team, source, weeks)
        now = stores.clock.now()
        with stores.database.read() as conn:
            everything, groups = cohorts.cohorts(conn, portal, Band(band), by, wanted, now)
            told = [one.sentence for one in cohorts.money(conn, portal, wanted, now)]
        within = 60 * portal.settings.routing.touch_within_hours
        if as_json:
            found = {str(key): _json(one, within) for key, one in groups.items()}
            print_json({"groups": found, "all": _json(everything, within), "money": told})
            return
        drawn = Table(by, "Leads", "Open", "Contacted", "In time", "Won so far", "Win rate")
        for key in sorted(groups, reverse=True):
            drawn.add_row(*_line(str(key) or "none", groups[key], within))
        drawn.add_row(*_line("all", everything, within))
        session.console.print(drawn)
        for sentence in told:
            say(sentence)

    return show


def _json(one: Cohort, within: int) -> dict[str, object]:
    return {
        "leads": one.leads,
        "open": one.open,
        "touched": one.touched,
        "in_time": _in_time(one, within),
        "median_minutes": reached_by(one.minutes, one.leads, 0.5),
        "late_minutes": reached_by(one.minutes, one.leads, 0.9),
        "meetings": one.meetings,
        "opportunities": one.opportunities,
        "won_so_far": one.won_so_far,
        "won": asdict(share_of(one.won, one.decided)),
        "amount": one.amount,
    }


def _in_time(one: Cohort, within: int) -> int:
    return sum(n for minutes, n in one.minutes.items() if minutes <= within)


def _line(name: str, one: Cohort, within: int) -> tuple[str, ...]:
    return (
        name,
        f"{one.leads:,}",
        f"{one.open:,}",
        _share(share_of(one.touched, one.leads)),
        _share(share_of(_in_time(one, within), one.leads)),
        f"{one.won_so_far:,}",
        _share(share_of(one.won, one.decided)),
    )


def _share(one: Share) -> str:
    told = f"{one.count:,} of {one.of:,}"
    if one.share is None or one.low is None or one.high is None:
        return told
    return f"{told}, {one.share:.0%} ({one.low:.0%} to {one.high:.0%})"


def _waiting(session: CliSession) -> click.Command:
    @click.command("waiting")
    @portal_option
    @click.option("--top", default=20, type=click.IntRange(0, 200), help="So many leads to name.")
    @command
    def waiting(portal_id: int, top: int) -> None:
        """High leads that nobody has called, written to or met, oldest first."""
        found = ageing(session.product.stores, session.portal(portal_id))
        drawn = Table("Contact", "Owner", "Score", "Waits", "Record")
        for one in found.untouched[:top]:
            drawn.add_row(
                one.lead.contact_id,
                one.lead.owner_id or "nobody",
                str(one.lead.score),
                spelled(one.minutes),
                one.url,
            )
        session.console.print(drawn)
        say(f"{found.untouched_total:,} wait; {found.unowned_total:,} High leads have no owner.")
        for load in found.over:
            say(f"Owner {load.owner_id}: {load.waiting} new leads, room for {load.capacity}.")

    return waiting


def _holdout(session: CliSession) -> click.Command:
    @click.command("holdout")
    @portal_option
    @click.option(
        "--start", "share", type=click.IntRange(holdout.SHARE_MIN, holdout.SHARE_MAX), default=None
    )
    @click.option("--end", "ending", is_flag=True, help="Follow up everybody again.")
    @click.option("--yes", is_flag=True, help="Without asking.")
    @command
    def experiment(portal_id: int, share: int | None, ending: bool, yes: bool) -> None:
        """What the experiments say; --start a share (per cent) that is left without follow-up."""
        portal, stores = session.portal(portal_id), session.product.stores
        now = stores.clock.now()
        if ending:
            holdout.end(stores, portal_id, actor=OPERATOR)
        elif share is not None:
            with stores.database.read() as conn:
                found = holdout.preview(conn, portal, share, now)
            say(found.problem or f"{found.sentence} {_costs(found)}")
            if found.plan is None or not (yes or click.confirm("Start?", default=False)):
                return
            holdout.start(stores, portal_id, share, found.preview, actor=OPERATOR)
        with stores.database.read() as conn:
            known = holdouts.listed(conn, portal_id)
            told = [holdout.readout(conn, portal, one, now).sentence for one in known]
        for one, sentence in zip(known, told, strict=True):
            state = "ended" if one.ended_at else "running"
            say(f"{one.started_at:%Y-%m-%d}, {one.share} %, {state}: {sentence}")
        if not known:
            say("No holdout was ever started.")

    return experiment


def _exploration(session: CliSession) -> click.Command:
    @click.command("exploration")
    @portal_option
    @click.option(
        "--start",
        "share",
        type=click.IntRange(exploration.SHARE_MIN, exploration.SHARE_MAX),
        default=None,
    )
    @click.option("--per-week", default=10, type=click.IntRange(1, exploration.PER_WEEK_MAX))
    @click.option("--end", "ending", is_flag=True, help="Offer nobody new.")
    @click.option("--yes", is_flag=True, help="Without asking.")
    @command
    def explore(portal_id: int, share: int | None, per_week: int, ending: bool, yes: bool) -> None:
        """What came of Low leads that were offered; --start to offer a share (per cent) of them."""
        portal, stores = session.portal(portal_id), session.product.stores
        now = stores.clock.now()
        if ending:
            exploration.end(stores, portal_id, actor=OPERATOR)
        elif share is not None:
            with stores.database.read() as conn:
                found = exploration.preview(conn, portal, share, per_week, now)
            say(found.problem or found.sentence)
            if found.problem or not (yes or click.confirm("Start?", default=False)):
                return
            exploration.start(stores, portal_id, share, per_week, found.preview, actor=OPERATOR)
        with stores.database.read() as conn:
            known = explorations.listed(conn, portal_id)
            told = [exploration.readout(conn, portal, one, now).sentence for one in known]
        for one, sentence in zip(known, told, strict=True):
            state = "ended" if one.ended_at else "running"
            say(f"{one.started_at:%Y-%m-%d}, {one.share} %, {state}: {sentence}")
        if not known:
            say("No exploration was ever started.")

    return explore


def _costs(found: holdout.Preview) -> str:
    return (
        f"About {found.held_a_month:.1f} High leads a month get no follow-up; if it wins 30 % "
        f"more, that is {found.costs_wins:.1f} wins a month."
    )
