"""`score` and `backfill`: ask the workers, wait, show."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Any

import click
from rich.table import Table

from backend.cli.common.progress import follow, need_workers, say
from backend.cli.common.session import OPERATOR, CliSession, command, portal_option, print_json
from backend.cli.leads.route_lines import route_lines
from backend.errors import Transient
from backend.model import Score
from backend.scoring.values.words import label
from backend.services import long_work
from backend.services.rescore import must_score, rescore_all, rescore_some
from backend.services.scoring.forecast import Forecast, forecast
from backend.storage.leads import due_leads, people, scores
from backend.storage.outbox import routes

WAIT_S = 600
POLL_S = 0.25


def score(session: CliSession) -> click.Command:
    """`score --portal ID [CONTACT…] [--json]`."""

    @click.command("score")
    @portal_option
    @click.argument("contacts", nargs=-1)
    @click.option("--json", "as_json", is_flag=True, help="One object per lead.")
    @command
    def score_command(portal_id: int, contacts: tuple[str, ...], as_json: bool) -> None:
        """Score the named contacts now, or all leads of the portal."""
        with session.product.stores.database.read() as conn:
            must_score(conn, portal_id, pulled=True)
        wanted = _due(session, portal_id, contacts)
        _wait(session, portal_id, wanted)
        found, reasons = _stored(session, portal_id, wanted)
        if as_json:
            for one in found:
                print_json(score_json(one))
        else:
            session.console.print(table(session, portal_id, found))
            for contact_id in contacts:
                _print_routes(session, portal_id, contact_id)
        for contact_id, reason in reasons.items():
            say(f"contact {contact_id} is not scored: {reason}")

    return score_command


def _print_routes(session: CliSession, portal_id: int, contact_id: str) -> None:
    with session.product.stores.database.read() as conn:
        decided = routes.of_lead(conn, portal_id, contact_id, limit=5)
    for line in route_lines(decided):
        click.echo(line)


def _due(session: CliSession, portal_id: int, contacts: tuple[str, ...]) -> list[str]:
    stores = session.product.stores
    need_workers(stores.redis)
    if not contacts:
        return rescore_all(stores, portal_id)
    rescore_some(stores, portal_id, contacts, actor=OPERATOR)
    return list(contacts)


def _wait(session: CliSession, portal_id: int, wanted: list[str]) -> None:
    product = session.product
    deadline = product.stores.clock.now() + timedelta(seconds=WAIT_S)
    told = False
    while True:
        with product.stores.database.read() as conn:
            must_score(conn, portal_id, pulled=True)
            left = due_leads.still_due(conn, portal_id, wanted)
        if not left:
            return
        if not told:
            say(f"Waiting until workers have scored {left} leads, at most {WAIT_S // 60} minutes.")
            told = True
        if product.stores.clock.now() > deadline:
            raise Transient(f"{left} leads are not scored after {WAIT_S} s; see the worker's log")
        product.stores.clock.sleep(POLL_S)


def _stored(
    session: CliSession, portal_id: int, wanted: list[str]
) -> tuple[list[Score], dict[str, str]]:
    with session.product.stores.database.read() as conn:
        found = scores.current(conn, portal_id, wanted)
        reasons = due_leads.problems(conn, portal_id, wanted)
    return [found[c] for c in wanted if c in found], reasons


def score_json(score: Score) -> dict[str, Any]:
    """The stable shape of `score --json`."""
    return {
        "contact_id": score.contact_id,
        "score": score.score,
        "fit_level": score.band.value,
        "next_action": score.next_action.value,
        "reasoning": score.reasoning,
        "chance": None if score.chance is None else asdict(score.chance),
        "baseline": score.baseline,
        "analyst_points": score.analyst_points,
        "factors": [
            {"field": f.field, "value": f.value, "points": f.points} for f in score.factors
        ],
        "missing": [m.field for m in score.missing],
        "source": score.source,
        "model_version": score.model_version,
        "profile_version": score.profile_version,
        "input_hash": score.input_hash,
    }


def table(session: CliSession, portal_id: int, found: list[Score]) -> Table:
    """Leads by name with score, fit, action and the first reason."""
    product = session.product
    with product.stores.database.read() as conn:
        names = people.names(conn, product.stores.cipher, portal_id, [s.contact_id for s in found])
    drawn = Table("Lead", "Score", "Fit", "Next", "Why", title="Leads")
    for one in found:
        drawn.add_row(
            names.get(one.contact_id) or f"contact {one.contact_id}",
            str(one.score),
            one.band.value,
            one.next_action.value or "none",
            why(one),
        )
    return drawn


def why(score: Score) -> str:
    """The three factors with the most points, in one line."""
    telling = [f for f in score.factors if f.points and f.group not in {"portal", "limit"}]
    best = sorted(telling, key=lambda f: -abs(f.points))[:3]
    return " · ".join(f"{f.points:+d} {label(f.field, f.title)}: {f.value}" for f in best)


def told(found: Forecast) -> str:
    """A forecast in one sentence."""
    if not found.calls and not found.cost_micro_usd:
        return f"{found.leads} leads, free: no provider is configured that costs money."
    half = found.half_price_micro_usd
    slower = "" if half is None else f" or ${half / 1e6:.2f} at half the price, which takes longer"
    return (
        f"{found.leads} leads: at most {found.calls} calls, {found.prompt_tokens:,} prompt tokens, "
        f"${found.cost_micro_usd / 1e6:.2f}{slower} (the portal's cap is "
        f"${found.daily_cap_micro_usd / 1e6:.2f} a day). Stored answers that still fit are reused."
    )


def backfill(session: CliSession) -> click.Command:
    """`backfill --portal ID [--dry-run]`."""

    @click.command("backfill")
    @portal_option
    @click.option("--dry-run", is_flag=True, help="Say what it would cost; ask and write nothing.")
    @command
    def backfill_command(portal_id: int, dry_run: bool) -> None:
        """Score every lead from the mirror; joins a backfill that runs already."""
        product = session.product
        if dry_run:
            say(told(forecast(product, session.portal(portal_id))))
            return
        run = long_work.begin(product.stores, portal_id, "backfill", actor=OPERATOR)
        done = follow(product.stores, run, "Scoring")
        say(f"{done.total} contacts looked at.")

    return backfill_command
