"""`model drift --portal ID`: the newest weekly report, or a fresh one."""

from __future__ import annotations

from typing import Any

import click

from backend.cli.common.progress import follow, say
from backend.cli.common.session import OPERATOR, CliSession, command, portal_option, print_json
from backend.errors import NotFound
from backend.services import long_work
from backend.storage import runs
from backend.storage.runs import REPORT

SHOWN_FIELDS = 10


def drift_command(session: CliSession) -> click.Command:
    """To be added to the `model` group."""

    @click.command("drift")
    @portal_option
    @click.option("--fresh", is_flag=True, help="Measure now instead of showing the last report.")
    @click.option("--json", "as_json", is_flag=True)
    @command
    def drift(portal_id: int, fresh: bool, as_json: bool) -> None:
        """Whether today's leads still look like those the model was trained on."""
        product = session.product
        session.portal(portal_id)
        if fresh:
            run = long_work.begin(product.stores, portal_id, "drift", actor=OPERATOR)
            follow(product.stores, run, "Measuring drift")
        with product.stores.database.read() as conn:
            latest = runs.latest(conn, portal_id, "drift")
        if latest is None or REPORT not in latest.position:
            raise NotFound(
                f"portal {portal_id} has no drift report yet: one comes a week after a model is "
                "published, or with --fresh"
            )
        report = latest.position[REPORT]
        if as_json:
            print_json({"measured_at": latest.started_at.isoformat(), **report})
            return
        say(f"Measured {latest.started_at:%Y-%m-%d %H:%M} UTC")
        print_drift(report)

    return drift


def print_drift(report: dict[str, Any]) -> None:
    """Level, fields by PSI, scores, promises."""
    click.echo(
        f"{report['level']}: model {report['model_version']} over {report['leads']} current leads"
    )
    scores = report["scores"]
    for one in [*([scores] if scores else []), *report["fields"][:SHOWN_FIELDS]]:
        click.echo(
            f"  {one['field']:<22} PSI {one['psi']:.3f} {one['level']:<7} "
            f"{one['most_moved']}: {100 * one['share_before']:.0f} % → "
            f"{100 * one['share_now']:.0f} %"
        )
    if scores is None:
        click.echo("  the model was stored without its leads: train again to watch fields")
    found = report["calibration"]
    if found is None:
        click.echo("  promises: no lead was decided since the model was trained")
        return
    word = "drifted" if found["drifted"] else "as predicted"
    click.echo(
        f"  promises: {found['expected']:.1f} wins expected among {found['leads']} leads decided "
        f"since, {found['won']} came (z {found['z']:+.1f}): {word}"
    )
