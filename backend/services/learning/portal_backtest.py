"""The backtest of a portal on its own outcomes: newest leads as test, and month by month."""

from __future__ import annotations

from typing import Any

from backend.errors import BadInput
from backend.learning.data.outcomes import BECAME_LEAD_COLUMN, OUTCOME_COLUMN
from backend.learning.data.table import Table
from backend.learning.fit.training import TrainingChoices
from backend.learning.judge.backtest import backtest
from backend.learning.judge.rolling import Month, rolling_months
from backend.services.learning.gather import gather
from backend.services.learning.report import report_of
from backend.storage.portals.portals import Portal
from backend.wiring import Product


def portal_backtest(
    product: Product, portal: Portal, *, keep: tuple[str, ...] = (), ignore: tuple[str, ...] = ()
) -> dict[str, Any]:
    """The fixed JSON of a backtest, with the portal's horizon, formula and rolling months.

    Writes no model and no score; HubSpot is read only for the history of leads with an outcome,
    which is cached. Raises BadInput while there are too few outcomes.
    """
    gathered = gather(product, portal)
    choices = gathered.choices(keep, ignore)
    judged = backtest(
        gathered.table, OUTCOME_COLUMN, choices, thresholds=portal.settings.thresholds
    )
    months = _months(gathered.table, choices)
    return report_of(product, portal, gathered, judged) | {"months": months}


def _months(table: Table, choices: TrainingChoices) -> list[dict[str, Any]]:
    try:
        found = rolling_months(table, OUTCOME_COLUMN, BECAME_LEAD_COLUMN, choices)
    except BadInput:
        return []  # too young a portal: no month has enough outcomes before it
    return [_month(month) for month in found]


def _month(month: Month) -> dict[str, Any]:
    result = month.result
    return {
        "as_of": month.as_of,
        "n_train": result.trained.scorecard.won + result.trained.scorecard.lost,
        "n_test": result.n_test,
        "n_test_won": result.n_test_won,
        "metrics": result.metrics.as_dict(),
    }
