"""What thresholds and a new model mean for the team, drawn."""

from __future__ import annotations

from collections.abc import Sequence

import click

from backend.learning.judge.band_moves import Migration
from backend.learning.judge.bands import BandsOutlook


def print_outlook(found: BandsOutlook, *, title: str) -> None:
    """Leads and expected wins per band, warnings, proposed thresholds."""
    edges = found.thresholds
    click.echo(f"\n{title} (High from {edges.high}, Medium from {edges.medium})")
    for band in found.bands:
        wins = "" if band.expected_wins is None else f", {band.expected_wins:.1f} expected wins"
        click.echo(f"  {band.band.value:<7}{band.leads:>7} leads {100 * band.share:>5.1f} %{wins}")
    for warning in found.warnings:
        click.echo(f"  warning: {warning}")
    click.echo(f"  proposed: High from {found.proposed.high}, Medium from {found.proposed.medium}")


def print_migration(found: Migration) -> None:
    """From which band to which, and the largest changes by contact id."""
    click.echo("\nFrom band (rows) to band (columns)")
    click.echo(_line("", found.bands))
    for band, counts in zip(found.bands, found.matrix, strict=True):
        click.echo(_line(band, [str(n) for n in counts]))
    click.echo(
        f"  {100 * found.share_moved:.0f} % of the leads change band; "
        f"scores change by {found.mean_change:+.1f} on average"
    )
    for move in found.examples:
        click.echo(f"  contact {move.lead}: {move.before} → {move.after}")


def _line(head: str, cells: Sequence[str]) -> str:
    return f"  {head:<8}" + "".join(f"{cell:>8}" for cell in cells)
