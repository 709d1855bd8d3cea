"""Calls to vendors side by side, within a time that holds whatever a vendor does.

A read time-out bounds the silence between two bytes, not an answer: a vendor that sends a byte a
second would be waited for until it is done. So whoever waits stops waiting when the time is over;
the call's thread is a daemon, which ends with its process at the latest.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from threading import Condition, Thread
from typing import Generic, TypeVar

from backend.errors import LeadlightError, SlowAnswer

T = TypeVar("T")
Item = TypeVar("Item")


def side_by_side(
    ask: Callable[[Item], T], items: Sequence[Item], most: int, within_s: float
) -> list[T | LeadlightError]:
    """One answer or failure per item, in order, at most `most` at a time.

    An item without an answer after `within_s` gets SlowAnswer. Expected errors of `ask` are
    answers; any other is raised here.
    """
    return _Round(ask, items).run(min(most, len(items)), within_s)


def in_time(ask: Callable[[], T], within_s: float) -> T:
    """What `ask` returns or raises; SlowAnswer after `within_s`."""
    answer = side_by_side(lambda _: ask(), [None], 1, within_s)[0]
    if isinstance(answer, LeadlightError):
        raise answer
    return answer


class _Round(Generic[Item, T]):
    """One list of calls; whatever comes after its end is dropped."""

    def __init__(self, ask: Callable[[Item], T], items: Sequence[Item]) -> None:
        self._ask = ask
        self._items = items
        self._left = deque(range(len(items)))
        self._answers: dict[int, T | LeadlightError] = {}
        self._defect: BaseException | None = None
        self._over = False
        self._changed = Condition()

    def run(self, threads: int, within_s: float) -> list[T | LeadlightError]:
        for _ in range(threads):
            Thread(target=self._work, daemon=True).start()
        ends = time.monotonic() + within_s
        with self._changed:
            try:
                while len(self._answers) < len(self._items) and self._defect is None:
                    left_s = ends - time.monotonic()
                    if left_s <= 0:
                        break
                    self._changed.wait(left_s)
            finally:
                self._over = True
        if self._defect is not None:
            raise self._defect
        late = SlowAnswer(f"no answer within {within_s:.0f} s")
        return [self._answers.get(place, late) for place in range(len(self._items))]

    def _work(self) -> None:
        while True:
            with self._changed:
                if self._over or not self._left:
                    return
                place = self._left.popleft()
            try:
                answer: T | LeadlightError = self._ask(self._items[place])
            except LeadlightError as error:
                answer = error
            except BaseException as error:  # raised again in whoever waits
                with self._changed:
                    self._defect = error
                    self._changed.notify()
                return
            with self._changed:
                if not self._over:
                    self._answers[place] = answer
                self._changed.notify()
