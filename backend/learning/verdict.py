"""A backtest in a sentence a manager understands."""

from __future__ import annotations

from collections.abc import Mapping

from backend.learning.metrics import Metrics
from backend.learning.numbers import MIN_TEST_KIND, SUSPICIOUS_AUC


def verdict(
    metrics: Metrics, baselines: Mapping[str, Metrics], won: int, lost: int, suspects: int
) -> str:
    """What the figures mean and whether to trust them."""
    if not won and not lost:
        return "The test leads have no outcomes: they were scored, but nothing can be judged."
    if metrics.auc is None:
        kind = "won" if not won else "lost"
        return f"The test leads hold no {kind} lead, so nothing can be said about the ranking."
    parts = [_ranking(metrics), _against(metrics, baselines)]
    if metrics.ece is not None:
        close = "close to" if metrics.ece <= 0.05 else "off"
        parts.append(
            f"Its chances are {close} what happened (off by {100 * metrics.ece:.0f} points of "
            "100 on average)."
        )
    if min(won, lost) < MIN_TEST_KIND:
        parts.append(f"Only {won} won and {lost} lost leads were tested: take it as a hint.")
    if metrics.auc > SUSPICIOUS_AUC:
        parts.append("This is too good to be usual: look for a field written after the outcome.")
    if suspects:
        parts.append(f"{suspects} field(s) that seem to know the outcome were left out.")
    return " ".join(parts)


def _ranking(metrics: Metrics) -> str:
    lift, capture = metrics.lift_at_20 or 0.0, metrics.capture_at_20 or 0.0
    auc = metrics.auc or 0.5
    if auc < 0.55:
        return "The score hardly ranks leads better than chance."
    return (
        f"Working the best 20 % of the leads first finds {100 * capture:.0f} % of the wins, "
        f"{lift:.1f} times as many as working any 20 % (AUC {auc:.2f})."
    )


def _against(metrics: Metrics, baselines: Mapping[str, Metrics]) -> str:
    auc = metrics.auc or 0.5
    rivals = {n: m.auc for n, m in baselines.items() if m.auc is not None and n != "base_rate"}
    name = max(rivals, key=lambda n: rivals[n] or 0.0, default="")
    if not name:
        return ""
    best, shown = rivals[name] or 0.5, name.replace("_", " ")
    if auc > best + 0.005:
        return f"That beats every simple rule (next: {shown}, {best:.2f})."
    if auc >= best - 0.005:
        return f"That is no better than {shown} ({best:.2f}), which is simpler."
    return f"A simple rule, {shown}, does better here ({best:.2f}): do not publish this model."
