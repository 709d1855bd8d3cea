"""Which contact survives several merges that arrive in one batch."""

from __future__ import annotations

import itertools

import pytest

from backend.jobs.fan_out import merges_of
from backend.storage.leads.inbox import WaitingEvent


def merge(number: int, gone: str, into: str) -> WaitingEvent:
    related = {"primary": into, "merged": [gone]}
    return WaitingEvent(number, "contacts", into, "merge", related, 0)


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_a_chain_of_merges_ends_at_the_last_survivor_in_any_order(order: tuple[int, ...]) -> None:
    events = [merge(1, "1", "2"), merge(2, "2", "3"), merge(3, "8", "9")]
    assert merges_of([events[place] for place in order]) == {"3": {"1", "2"}, "9": {"8"}}


def test_merges_that_contradict_each_other_end() -> None:
    found = merges_of([merge(1, "1", "2"), merge(2, "2", "1")])
    assert {survivor for survivor, _ in found.items()} <= {"1", "2"}
