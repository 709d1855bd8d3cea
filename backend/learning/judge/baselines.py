"""What a model has to beat: chance, recency, naive Bayes as Odoo CRM does it, the portal's own
score, and always saying the base rate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backend.learning.arrays import Floats, Ints
from backend.learning.data.encoding import Encoded
from backend.learning.data.table import Table
from backend.learning.metrics import Metrics, measure
from backend.scoring.scorecard.cells import OTHER_CELL, UNKNOWN_CELL, number_of

PORTAL_SCORES = ("hubspotscore", "hubspot_score", "HubSpot Score", "hs_predictivescoringtier")
_ODOO_FLOOR = 0.1  # Odoo's count for "never seen with this outcome"
_ODOO_TENTHS = 10  # Odoo has no numbers among its fields; ours are cut into tenths


@dataclass(frozen=True, slots=True)
class ReferenceScore:
    """A simple rule on the test rows: what it ranks them by, (n,), and how it did."""

    scores: Floats
    metrics: Metrics


def naive_bayes(train: Encoded, won: Floats, codes: Ints) -> Floats:
    """Chances (n,) by Odoo CRM's predictive lead scoring (`crm.lead._pls_get_naive_bayes_…`):
    P(won) · Π P(value | won) against the same for lost, a count of 0 replaced by 0.1, unknown and
    unseen values skipped, cut to 0.01-99.99 %."""
    wins, losses = float(won.sum()), float(len(won) - won.sum())
    logits = np.full(len(codes), np.log(wins / losses))
    for j, cells in enumerate(train.fields):
        seen, asked = train.codes[:, j], codes[:, j]
        if cells.kind == "number":
            seen, asked = _tenths(seen, cells.size)[seen], _tenths(seen, cells.size)[asked]
        size = int(max(seen.max(initial=0), asked.max(initial=0))) + 1
        of_won = np.bincount(seen, won, minlength=size)
        of_lost = np.bincount(seen, 1 - won, minlength=size)
        known = (of_won + of_lost) > 0
        known[UNKNOWN_CELL] = False
        if cells.kind == "levels" and size > OTHER_CELL:
            known[OTHER_CELL] = False
        ratio = np.log(np.maximum(of_won, _ODOO_FLOOR) / wins)
        ratio -= np.log(np.maximum(of_lost, _ODOO_FLOOR) / losses)
        logits += np.where(known, ratio, 0.0)[asked]
    chances: Floats = np.clip(1 / (1 + np.exp(-np.clip(logits, -500, 500))), 0.0001, 0.9999)
    return chances


def baselines(
    bayes: Floats,
    rates: Floats,
    test: Table,
    test_won: Floats,
    *,
    times: Floats | None,
    seed: int,
) -> dict[str, ReferenceScore]:
    """The rules on the test rows by name; recency and the portal's score where they exist. `bayes`
    and `rates`, (n,): what naive Bayes and the share won in training say of each row."""
    found = {
        "random": _judged(test_won, np.random.default_rng(seed).random(len(test_won))),
        "base_rate": _judged(test_won, np.zeros(len(test_won)), rates),
        "naive_bayes": _judged(test_won, bayes, bayes),
    }
    if times is not None:
        found["recency"] = _judged(test_won, np.nan_to_num(times, nan=-np.inf))
    for name in PORTAL_SCORES:
        if name in test.columns:
            scores = [number_of(cell) for cell in test.column(name)]
            known = [s for s in scores if s is not None]
            if known:
                lowest = min(known)
                filled = np.array([lowest - 1 if s is None else s for s in scores])
                found["hubspotscore"] = _judged(test_won, filled)
                break
    return found


def _judged(won: Floats, scores: Floats, chances: Floats | None = None) -> ReferenceScore:
    return ReferenceScore(scores, measure(won, scores, chances))


def _tenths(seen: Ints, size: int) -> Ints:
    """For each cell of a number the tenth of the training rows it lies in, from 1; 0 unknown."""
    rows = np.bincount(seen, minlength=size).astype(np.float64)
    rows[UNKNOWN_CELL] = 0.0
    middle = (np.cumsum(rows) - rows / 2) / max(rows.sum(), 1.0)
    tenth: Ints = np.minimum((middle * _ODOO_TENTHS).astype(np.intp), _ODOO_TENTHS - 1) + 1
    tenth[UNKNOWN_CELL] = UNKNOWN_CELL
    return tenth
