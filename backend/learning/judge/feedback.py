"""Whether what reps say about scores makes a better model."""

from __future__ import annotations

from dataclasses import dataclass

from backend.learning.data.encoding import encode_columns
from backend.learning.data.labels import parse_outcomes
from backend.learning.data.table import Table
from backend.learning.fit.training import TrainingChoices, train
from backend.learning.metrics import log_loss
from backend.learning.numbers import FEEDBACK_MIN_GAIN
from backend.scoring.scorecard.scorecard import apply_codes


@dataclass(frozen=True, slots=True)
class FeedbackTrial:
    """Log loss on leads with real outcomes, without and with the reps' word as labels."""

    without: float
    with_feedback: float
    better: bool


def try_feedback(
    outcomes: Table, feedback: Table, test: Table, outcome: str, choices: TrainingChoices
) -> FeedbackTrial:
    """Train without and with the feedback rows and judge both on leads with real outcomes. Only if
    the log loss falls by more than `FEEDBACK_MIN_GAIN` may feedback be used as labels."""
    names = outcomes.names
    absent: list[str | None] = [None] * len(feedback)
    both = Table({n: [*outcomes.column(n), *feedback.columns.get(n, absent)] for n in names})
    without = _loss(outcomes, test, outcome, choices)
    with_feedback = _loss(both, test, outcome, choices)
    return FeedbackTrial(without, with_feedback, without - with_feedback > FEEDBACK_MIN_GAIN)


def _loss(table: Table, test: Table, outcome: str, choices: TrainingChoices) -> float:
    card = train(table, outcome, choices).scorecard
    judged = parse_outcomes(test, outcome)
    codes = encode_columns([f.cells for f in card.fields], test.take(judged.rows))
    return log_loss(judged.won, apply_codes(card, codes).logits)
