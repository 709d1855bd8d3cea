"""Is the challenger clearly better than the model in use, on the same leads?"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from backend.learning.arrays import Floats
from backend.learning.metrics import auc, log_loss
from backend.learning.numbers import (
    CLEAR_AUC_GAIN,
    CLEAR_DRAWS,
    CLEAR_SHARE,
    MIN_TEST_KIND,
    SUSPICIOUS_AUC,
)


@dataclass(frozen=True, slots=True)
class Duel:
    """Both models on the same test leads. `sure` is the share of paired bootstrap draws (Efron
    1979) in which the challenger ranks better; `clearly` asks for a gain that matters, that is
    sure, that does not worsen the chances, and that is not too good to be true."""

    leads: int
    won: int
    auc_now: float
    auc_challenger: float
    log_loss_now: float
    log_loss_challenger: float
    sure: float
    clearly: bool

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def duel(won: Floats, now: Floats, challenger: Floats, seed: int) -> Duel | None:
    """Compare log-odds (n,) of the same leads; None when they hold one kind of outcome only.

    The model in use may have been trained on some of these leads, the challenger was not: the
    comparison is unfair to the challenger, which is the safe side for publishing by itself.
    """
    before, after = auc(won, now), auc(won, challenger)
    if before is None or after is None:
        return None
    sure = sure_to_rank_better(won, challenger, now, seed)
    loss_now, loss_challenger = log_loss(won, now), log_loss(won, challenger)
    wins = int(won.sum())
    return Duel(
        leads=len(won),
        won=wins,
        auc_now=before,
        auc_challenger=after,
        log_loss_now=loss_now,
        log_loss_challenger=loss_challenger,
        sure=sure,
        clearly=min(wins, len(won) - wins) >= MIN_TEST_KIND
        and after - before >= CLEAR_AUC_GAIN
        and after <= SUSPICIOUS_AUC
        and sure >= CLEAR_SHARE
        and loss_challenger <= loss_now,
    )


def sure_to_rank_better(won: Floats, ours: Floats, theirs: Floats, seed: int) -> float:
    """Share of paired bootstrap draws in which `ours` (n,) has a higher AUC than `theirs`; .5 when
    every draw holds one kind of outcome only."""
    rng = np.random.default_rng(seed)
    order = np.lexsort((theirs, ours, won))  # in whatever order the leads were given
    won, ours, theirs = won[order], ours[order], theirs[order]
    better = drawn = 0
    for _ in range(CLEAR_DRAWS):
        rows = rng.integers(0, len(won), len(won))
        first, second = auc(won[rows], ours[rows]), auc(won[rows], theirs[rows])
        if first is not None and second is not None:
            drawn += 1
            better += first > second
    return better / drawn if drawn else 0.5
