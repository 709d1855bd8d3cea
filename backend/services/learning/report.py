"""What a training reports, as the console and the command line show it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from backend.learning.data.arms import Arm
from backend.learning.fit.calibration import calibration_bins
from backend.learning.judge.backtest import Backtest
from backend.learning.numbers import ROW_WEIGHT_MAX
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


def arms_sentence(report: Mapping[str, Any]) -> str:
    """What experiments did with the leads that a model was trained on; "" where none ran."""
    arms = report.get("arms", {})
    told = []
    if tried := arms.get(Arm.EXPLORED):
        told.append(
            f"{tried:,} Low leads were tried because chance chose them; each counts for up to "
            f"{ROW_WEIGHT_MAX:.0f} like it, and all outcomes together say as much as "
            f"{report['worth']:,} that count alike."
        )
    if held := arms.get(Arm.HELD_OUT):
        told.append(f"{held:,} High leads were left alone by a holdout.")
    return " ".join(told)
