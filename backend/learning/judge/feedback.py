"""What reps say about scores: agreement by band and reason, the queue of false alarms, and whether
their word makes a better model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from backend.learning.data.encoding import encode_columns
from backend.learning.data.labels import parse_outcomes
from backend.learning.data.table import Table
from backend.learning.fit.training import TrainingChoices, train
from backend.learning.metrics import log_loss
from backend.learning.numbers import FEEDBACK_MIN_GAIN
from backend.model import Band
from backend.scoring.scorecard.scorecard import apply_codes


@dataclass(frozen=True, slots=True)
class Opinion:
    """A rep's agree or disagree with one score. `reason` is one of the card's closed list."""

    contact_id: str
    band: Band
    score: int
    agrees: bool
    reason: str
    said_at: datetime


@dataclass(frozen=True, slots=True)
class Agreement:
    """How often reps agreed with scores of one band, and why they did not."""

    band: Band
    opinions: int
    agreed: int
    reasons: tuple[tuple[str, int], ...]  # of disagreement, the commonest first

    @property
    def share(self) -> float | None:
        return self.agreed / self.opinions if self.opinions else None


@dataclass(frozen=True, slots=True)
class FeedbackTrial:
    """Log loss on leads with real outcomes, without and with the reps' word as labels."""

    without: float
    with_feedback: float
    better: bool


def agreement(opinions: Iterable[Opinion]) -> tuple[Agreement, ...]:
    """Agreement by band; the last word of a rep on a lead counts."""
    latest = _latest(opinions)
    found = []
    for band in Band:
        said = [o for o in latest if o.band is band]
        reasons = Counter(o.reason for o in said if not o.agrees and o.reason)
        ranked = sorted(reasons.items(), key=lambda entry: (-entry[1], entry[0]))
        found.append(Agreement(band, len(said), sum(o.agrees for o in said), tuple(ranked)))
    return tuple(found)


def false_alarms(opinions: Iterable[Opinion], *, limit: int = 50) -> tuple[Opinion, ...]:
    """Leads scored High that a rep disagreed with, highest score first: a person looks at them."""
    wrong = [o for o in _latest(opinions) if o.band is Band.HIGH and not o.agrees]
    return tuple(sorted(wrong, key=lambda o: (-o.score, o.contact_id))[:limit])


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


def _latest(opinions: Iterable[Opinion]) -> Sequence[Opinion]:
    latest: dict[str, Opinion] = {}
    for opinion in sorted(opinions, key=lambda o: (o.said_at, o.contact_id)):
        latest[opinion.contact_id] = opinion
    return list(latest.values())
