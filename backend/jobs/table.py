"""Every job by its name. A name on the queue that is not here is refused, not imported."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from backend.jobs.backfill import backfill
from backend.jobs.drift import drift
from backend.jobs.erase_requested import erase_requested
from backend.jobs.fan_out import fan_out
from backend.jobs.flush_routes import flush_routes
from backend.jobs.flush_writes import flush_writes
from backend.jobs.forget_portal import forget_portal
from backend.jobs.population import population
from backend.jobs.pull import pull
from backend.jobs.reconcile import reconcile
from backend.jobs.reports import ANSWERS
from backend.jobs.score_due import score_due
from backend.jobs.setup import setup
from backend.jobs.train import train
from backend.jobs.upkeep.maintain import daily, monthly, weekly
from backend.services.workflow_action import answer_workflows

JOBS: Mapping[str, Callable[..., Any]] = {
    "answer_workflows": answer_workflows,
    "backfill": backfill,
    "daily": daily,
    "drift": drift,
    "erase_requested": erase_requested,
    "fan_out": fan_out,
    "flush_routes": flush_routes,
    "flush_writes": flush_writes,
    "forget_portal": forget_portal,
    "monthly": monthly,
    "population": population,
    "pull": pull,
    "reconcile": reconcile,
    "score_due": score_due,
    "setup": setup,
    "train": train,
    "weekly": weekly,
    **ANSWERS,
}
PREFIX = "leadlight."
