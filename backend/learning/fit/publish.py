"""A fitted model as a scorecard: tables centred so that 50 points are the base rate's odds."""

from __future__ import annotations

from math import log

import numpy as np

from backend.learning.arrays import Floats, Ints
from backend.learning.data.encoding import Encoded
from backend.learning.fit.additive import Additive
from backend.learning.fit.calibration import chance_bins
from backend.learning.fit.fit import VOICES, Fitted
from backend.learning.fit.overlap import shared_factors
from backend.learning.metrics import auc, log_loss
from backend.scoring.scorecard.scorecard import FieldPoints, PairPoints, Scorecard

_DIGITS = 9  # decimals of a log-odds: what is stored is what is applied, on every machine


def scorecard_of(
    fitted: Fitted,
    encoded: Encoded,
    won: Floats,
    *,
    groups: Ints,
    recent: float,
    outcome: str,
    seed: int,
    horizon_days: int,
    data_sha256: str,
) -> Scorecard:
    """The scorecard to publish; scoring a training row with it gives the model's log-odds. `recent`
    is what chances move by to suit the newest leads; points stay."""
    rate = float(won.mean())
    tables = _without_offset(fitted.model, encoded.codes, log(rate / (1 - rate)))
    fields = []
    for j, cells in enumerate(encoded.fields):
        rows = np.bincount(encoded.codes[:, j], minlength=cells.size)
        wins = np.bincount(encoded.codes[:, j], won, minlength=cells.size).astype(np.intp)
        fields.append(
            FieldPoints(
                cells=cells,
                logits=_rounded(tables[j]),
                rows=tuple(int(n) for n in rows),
                won=tuple(int(n) for n in wins),
            )
        )
    pairs = tuple(
        PairPoints(first=i, second=j, logits=tuple(_rounded(line) for line in matrix))
        for (i, j), matrix in sorted(fitted.model.pairs.items())
    )
    card = Scorecard(
        model=fitted.name,
        outcome=outcome,
        base_rate=rate,
        won=int(won.sum()),
        lost=int(len(won) - won.sum()),
        horizon_days=horizon_days,
        seed=seed,
        data_sha256=data_sha256,
        fields=tuple(fields),
        pairs=pairs,
        recent_shift=round(recent, _DIGITS),
        chances=chance_bins(fitted.out_of_fold, won, groups, recent),
        training={
            "auc_out_of_fold": auc(won, fitted.out_of_fold),
            "log_loss_out_of_fold": log_loss(won, fitted.out_of_fold),
            "calibration_slope": fitted.blend.slope,
            "calibration_shift": fitted.blend.shift,
        }
        | {f"weight of {v}": w for v, w in zip(VOICES, fitted.blend.weights, strict=True)},
    )
    return card.model_copy(update={"shared": shared_factors(card, encoded.codes, won)})


def _without_offset(model: Additive, codes: Ints, base: float) -> tuple[Floats, ...]:
    """Tables that add up to the log-odds over the base rate's, with no constant left.

    The mean log-odds of the leads lies below the base rate's log-odds (the sigmoid is curved), by
    about half the variance of what each field contributes; so each field carries its share.
    """
    spread = np.array([float(t[codes[:, j]].var()) for j, t in enumerate(model.tables)])
    total = float(spread.sum())
    share = spread / total if total > 0 else np.full(len(spread), 1 / len(spread))
    offset = model.intercept - base
    return tuple(table + offset * share[j] for j, table in enumerate(model.tables))


def _rounded(values: Floats) -> tuple[float, ...]:
    return tuple(float(x) for x in np.round(values, _DIGITS))
