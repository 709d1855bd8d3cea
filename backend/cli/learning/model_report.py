"""A backtest's report as a person reads it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from backend.services.learning.report import arms_sentence

_METRICS = ("auc", "pr_auc", "brier", "ece", "lift_at_10", "lift_at_20")


def print_report(report: Mapping[str, Any]) -> None:
    """Verdict, metrics against baselines, conversion by band, fields."""
    click.echo(report["verdict"])
    for warning in report["warnings"]:
        click.echo(f"warning: {warning}")
    click.echo(
        f"\ntrained on {report['n_train']} leads in {report['train_s']:.1f} s, tested on "
        f"{report['n_test']} ({report['split']})"
    )
    if report["left_out_open"]:
        click.echo(f"left out, not decided yet: {report['left_out_open']} rows")
    if "horizon_days" in report:
        click.echo(
            f"{report['won']} won and {report['lost']} lost within {report['horizon_days']} days, "
            f"{report['censored']} leads are held out (`portals outcomes` says why)"
        )
    if told := arms_sentence(report):
        click.echo(told)
    _metrics(report)
    for band in report["bands"]:
        share = "-" if band["share_won"] is None else f"{100 * band['share_won']:.0f} %"
        click.echo(
            f"{band['band']:<8}{band['rows']:>7} leads, won {share} "
            f"({100 * band['low']:.0f}-{100 * band['high']:.0f} %)"
        )
    for month in report.get("months", ()):
        auc = month["metrics"]["auc"]
        click.echo(
            f"{month['as_of'][:7]} {month['n_test']:>6} leads, {month['n_test_won']} won, "
            f"AUC {'-' if auc is None else f'{auc:.3f}'} (trained on {month['n_train']})"
        )
    print_fields(report)


def print_fields(report: Mapping[str, Any]) -> None:
    """What was used, and why the rest was not."""
    suspects = {s["field"]: s for s in report["fields"]["suspected_leaks"]}
    click.echo("\nused: " + ", ".join(report["fields"]["used"]))
    for entry in report["fields"]["excluded"]:
        what = "suspected leak" if entry["field"] in suspects else "left out"
        click.echo(f"{what}: {entry['field']} ({entry['reason']})")
    for name in report["fields"]["used"]:
        if name in suspects:
            click.echo(f"kept although suspected: {name} ({suspects[name]['reason']})")
    for name, share in report.get("filled_after", {}).items():
        click.echo(f"written after the outcome: {name} in {100 * share:.0f} % of the leads with it")


def _metrics(report: Mapping[str, Any]) -> None:
    click.echo(f"\n{'':<22}" + "".join(f"{name:>11}" for name in _METRICS))
    rows = {"this model": report["metrics"], **report["baselines"]}
    if "formula" in report:
        rows["formula without wins"] = report["formula"]
    for label, metrics in rows.items():
        cells = ("-" if metrics[n] is None else f"{metrics[n]:.3f}" for n in _METRICS)
        click.echo(f"{label:<22}" + "".join(f"{cell:>11}" for cell in cells))
    click.echo("")
