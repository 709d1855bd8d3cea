"""Jobs that may take minutes are given them, or they would be killed and begun anew for ever."""

from __future__ import annotations

from backend.clients.redis.job_queue import LONG_JOBS, QUESTIONS
from backend.jobs import reports
from backend.jobs.table import JOBS


def test_every_question_and_training_may_take_its_time() -> None:
    assert set(reports.QUESTIONS) == QUESTIONS
    assert {"train", "population", *QUESTIONS} <= LONG_JOBS <= set(JOBS)
