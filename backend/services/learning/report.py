"""What a training reports, as the console and the command line show it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from backend.learning.fit.calibration import calibration_bins
from backend.learning.judge.backtest import Backtest
from backend.services.learning.gather import Gathered, formula_metrics, judged_rows
from backend.storage.portals.portals import Portal
from backend.wiring import Product


def report_of(
    product: Product, portal: Portal, gathered: Gathered, judged: Backtest
) -> dict[str, Any]:
    """The backtest's fixed JSON with what only a portal knows: horizon, formula, calibration."""
    _, won = judged_rows(gathered, judged)
    chances = np.array([prediction.chance for prediction in judged.predictions])
    late = {fact: share for fact, share in gathered.filled_after.items() if share > 0}
    return (
        judged.report()
        | gathered.summary()
        | {
            "formula": formula_metrics(product, portal, gathered, judged),
            "calibration": [asdict(part) for part in calibration_bins(chances, won)],
            "filled_after": late,
        }
    )
