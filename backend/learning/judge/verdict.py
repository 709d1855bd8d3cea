"""A backtest in a sentence a manager understands."""

from __future__ import annotations

from dataclasses import dataclass

from backend.learning.metrics import Metrics
from backend.learning.numbers import CLEAR_SHARE, MIN_TEST_KIND, SUSPICIOUS_AUC

_SAME_AUC = 0.005  # less is the same to a person, however sure
_FURTHER_OFF = 0.02  # chances, on average
_CLOSE = 0.05
_RULES = {
    "naive_bayes": "naive Bayes",
    "recency": "newest first",
    "hubspotscore": "your HubSpot score",
    "random": "a random order",
}


@dataclass(frozen=True, slots=True)
class Strongest:
    """The simple rule that ranks the test leads best; `sure` is the share of paired bootstrap
    draws in which the model ranks them better."""

    name: str
    metrics: Metrics
    sure: float


def verdict(
    metrics: Metrics,
    strongest: Strongest | None,
    won: int,
    lost: int,
    suspects: int,
    missing: int = 0,
) -> str:
    """What the figures mean and whether to trust them. A difference that another draw of as many
    leads could turn round is not called one. `missing` fields of the model that the test leads
    lack: then the figures say nothing about the model."""
    if not won and not lost:
        return "The test leads have no outcomes: they were scored, but nothing can be judged."
    if metrics.auc is None:
        kind = "won" if not won else "lost"
        return f"The test leads hold no {kind} lead, so nothing can be said about the ranking."
    if missing:
        return (
            f"The test leads lack {missing} of the fields the score was trained on: what came out "
            "says little about the score. Make the column names match and run it again."
        )
    parts = []
    if min(won, lost) < MIN_TEST_KIND:
        parts.append(f"Only {won} won and {lost} lost leads were tested: take this as a hint.")
    parts.append(_ranking(metrics))
    if strongest:
        parts.append(_against(metrics, strongest))
    if metrics.ece is not None:
        parts.append(_promises(metrics.ece))
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


def _promises(ece: float) -> str:
    if ece <= _CLOSE:
        return f"Its chances are close to what happened (off by {_points(ece)} of 100 on average)."
    return f"Its chances miss what happened by {_points(ece)} of 100 on average."


def _against(metrics: Metrics, strongest: Strongest) -> str:
    auc, best = metrics.auc or 0.5, strongest.metrics.auc or 0.5
    shown = _RULES.get(strongest.name, strongest.name)
    if auc > best + _SAME_AUC and strongest.sure >= CLEAR_SHARE:
        return f"That beats every simple rule (next: {shown}, {best:.2f})."
    if auc < best - _SAME_AUC and strongest.sure <= 1 - CLEAR_SHARE:
        return f"A simple rule, {shown}, does better here ({best:.2f}): do not publish this model."
    same = f"On so many leads that cannot be told from a simple rule, {shown} ({best:.2f})"
    ours, theirs = metrics.ece, strongest.metrics.ece
    if ours is not None and theirs is not None and theirs > ours + _FURTHER_OFF:
        return f"{same}, but the chances that rule promises are off by {_points(theirs)}."
    return f"{same}."


def _points(share: float) -> str:
    points = round(100 * share)
    return "1 point" if points == 1 else f"{points} points"
