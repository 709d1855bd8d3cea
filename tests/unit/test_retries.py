"""When a failed piece of work is tried again: one rule for leads, events and outboxes."""

from __future__ import annotations

from datetime import timedelta

import pytest

from backend.config import LEAD_RETRY_DELAYS_S, RETRY_JITTER
from backend.errors import LeadlightError, Permanent, Transient
from backend.retries import backoff_s, next_try, nth_try
from tests.conftest import FakeClock

NOW = FakeClock().now()


def waits_s(attempts: int, error: LeadlightError) -> float:
    at = next_try(attempts, error, NOW)
    assert at is not None
    return (at - NOW).total_seconds()


@pytest.mark.parametrize("attempts", range(len(LEAD_RETRY_DELAYS_S)))
def test_each_try_waits_its_delay_give_or_take_the_jitter(attempts: int) -> None:
    delay = LEAD_RETRY_DELAYS_S[attempts]
    found = [waits_s(attempts, Transient("away")) for _ in range(200)]
    assert delay * (1 - RETRY_JITTER) <= min(found) < max(found) <= delay * (1 + RETRY_JITTER)


def test_after_the_last_delay_a_person_has_to_look() -> None:
    assert next_try(len(LEAD_RETRY_DELAYS_S) - 1, Transient("away"), NOW) is not None
    assert next_try(len(LEAD_RETRY_DELAYS_S), Transient("away"), NOW) is None


def test_a_permanent_refusal_is_not_tried_again() -> None:
    assert next_try(0, Permanent("no"), NOW) is None


def test_nobody_is_asked_earlier_than_it_wants_and_a_short_wish_shortens_nothing() -> None:
    assert waits_s(0, Transient("busy", retry_after_s=500.0)) == 500.0
    shortest = LEAD_RETRY_DELAYS_S[0] * (1 - RETRY_JITTER)
    assert waits_s(0, Transient("busy", retry_after_s=0.1)) >= shortest


def test_delays_without_jitter_are_exact_and_end() -> None:
    assert nth_try((30, 300), 1, NOW) == NOW + timedelta(seconds=300)
    assert nth_try((30, 300), 2, NOW) is None


def test_within_a_call_pauses_double_and_obey_a_wish() -> None:
    for attempt, longest in ((1, 2.0), (2, 4.0), (3, 8.0)):
        found = [backoff_s(2.0, attempt) for _ in range(200)]
        assert longest / 2 <= min(found) < max(found) <= longest
    assert backoff_s(2.0, 1, 30.0) == 30.0
