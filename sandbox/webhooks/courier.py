"""Delivers events: gathers them into batches, signs, sends, retries (ref 4.2)."""

from __future__ import annotations

import heapq
import itertools
import json
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import requests

from sandbox import numbers
from sandbox.errors import Json
from sandbox.faults.rules import FaultBoard
from sandbox.settings import SandboxSettings
from sandbox.stats import Stats
from sandbox.times import Clock
from sandbox.webhooks.faulty import Delivery, with_faults


@dataclass(order=True, slots=True)
class _Waiting:
    due_s: float
    number: int
    delivery: Delivery = field(compare=False)


class Courier:
    """Threads that deliver; `start()` and `stop()` are for whoever owns the process."""

    def __init__(
        self, settings: SandboxSettings, stats: Stats, faults: FaultBoard, clock: Clock
    ) -> None:
        self.target_url = settings.app.webhook_url
        self.window_s = settings.webhook_window_s
        self.retry_delays_s = settings.webhook_retry_delays_s
        self.timeout_s = numbers.WEBHOOK_TIMEOUT_S
        self._secret = settings.app.client_secret
        self._stats = stats
        self._faults = faults
        self._clock = clock
        self._random = random.Random(settings.seed)
        self._ready = threading.Condition()
        self._fresh: list[Json] = []
        self._fresh_since_s = 0.0
        self._waiting: list[_Waiting] = []
        self._numbers = itertools.count()
        self._in_flight = 0
        self._stopped = True
        self._thread: threading.Thread | None = None
        self._pool: ThreadPoolExecutor | None = None
        self._session = requests.Session()

    def start(self) -> None:
        """Begin to deliver."""
        self._stopped = False
        self._pool = ThreadPoolExecutor(numbers.WEBHOOK_IN_FLIGHT, "webhook")
        adapter = requests.adapters.HTTPAdapter(pool_maxsize=numbers.WEBHOOK_IN_FLIGHT)
        self._session.mount("http://", adapter)
        self._session.mount("https://", adapter)
        self._session.trust_env = False
        self._thread = threading.Thread(target=self._run, name="courier", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the threads; what was not delivered is lost."""
        with self._ready:
            self._stopped = True
            self._ready.notify_all()
        if self._thread is not None:
            self._thread.join(numbers.WEBHOOK_TIMEOUT_S)
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
        self._session.close()

    def add(self, event: Json) -> None:
        """Queue one event; it leaves with its batch within the window. No target: no event."""
        if not self.target_url:
            return
        with self._ready:
            if not self._fresh:
                self._fresh_since_s = time.monotonic()
            self._fresh.append(event)
            self._ready.notify_all()

    def pending(self) -> Json:
        """What is under way."""
        with self._ready:
            retries = sum(len(waiting.delivery.events) for waiting in self._waiting)
            return {
                "queued": len(self._fresh),
                "waiting_for_retry": retries,
                "in_flight": self._in_flight,
            }

    def flush(self, timeout_s: float, retries: bool) -> bool:
        """Send at once what is queued, with `retries` also what waits; True when all is out."""
        end = time.monotonic() + timeout_s
        with self._ready:
            self._fresh_since_s = 0.0
            while not self._is_idle(retries):
                if retries:
                    for waiting in self._waiting:
                        waiting.due_s = 0.0
                self._fresh_since_s = 0.0
                self._ready.notify_all()
                self._ready.wait(0.05)
                if time.monotonic() >= end:
                    return False
            return True

    def _is_idle(self, retries: bool) -> bool:
        return not self._fresh and not self._in_flight and not (retries and self._waiting)

    def _run(self) -> None:
        while True:
            with self._ready:
                deliveries = self._due()
                while not deliveries and not self._stopped:
                    self._ready.wait(self._nap_s())
                    deliveries = self._due()
                if self._stopped:
                    return
                self._in_flight += len(deliveries)
            for delivery in deliveries:
                self._submit(delivery)

    def _nap_s(self) -> float:
        now = time.monotonic()
        times = [self._fresh_since_s + self.window_s] if self._fresh else []
        times += [self._waiting[0].due_s] if self._waiting else []
        return max(0.001, min(times) - now) if times else 60.0

    def _due(self) -> list[Delivery]:
        now = time.monotonic()
        due: list[Delivery] = []
        full = len(self._fresh) >= numbers.WEBHOOK_BATCH_MAX
        if self._fresh and (full or now >= self._fresh_since_s + self.window_s):
            for start in range(0, len(self._fresh), numbers.WEBHOOK_BATCH_MAX):
                batch = self._fresh[start : start + numbers.WEBHOOK_BATCH_MAX]
                for delivery in with_faults(Delivery(tuple(batch)), self._faults, self._random):
                    if delivery.delay_s:
                        self._wait(delivery, delivery.delay_s)
                    else:
                        due.append(delivery)
            self._fresh = []
        while self._waiting and self._waiting[0].due_s <= now:
            due.append(heapq.heappop(self._waiting).delivery)
        return due

    def _submit(self, delivery: Delivery) -> None:
        if self._pool is not None and not self._stopped:
            self._pool.submit(self._deliver, delivery)

    def _deliver(self, delivery: Delivery) -> None:
        attempt = delivery.attempt
        events = [event | {"attemptNumber": attempt} for event in delivery.events]
        body = json.dumps(events, separators=(",", ":")).encode()
        ok = self._post(delivery, body)
        self._stats.count_webhooks(
            requests=1,
            sent=len(events),
            acknowledged=len(events) if ok else 0,
            retried=len(events) if attempt else 0,
        )
        with self._ready:
            if not ok:
                self._retry(delivery)
            self._in_flight -= 1
            self._ready.notify_all()

    def _post(self, delivery: Delivery, body: bytes) -> bool:
        headers = delivery.headers(self._secret, self.target_url, body, self._clock())
        try:
            answer = self._session.post(
                self.target_url,
                data=body,
                headers=headers,
                timeout=self.timeout_s,
                allow_redirects=False,
            )
        except requests.RequestException:
            return False
        return 200 <= answer.status_code < 300

    def _retry(self, delivery: Delivery) -> None:
        if delivery.attempt >= len(self.retry_delays_s):
            self._stats.count_webhooks(given_up=len(delivery.events))
            return
        spread = 1 + self._random.uniform(-numbers.WEBHOOK_JITTER, numbers.WEBHOOK_JITTER)
        delay_s = self.retry_delays_s[delivery.attempt] * spread
        for attempt in with_faults(delivery.next_attempt(), self._faults, self._random):
            self._wait(attempt, delay_s + attempt.delay_s)

    def _wait(self, delivery: Delivery, seconds: float) -> None:
        due = time.monotonic() + seconds
        heapq.heappush(self._waiting, _Waiting(due, next(self._numbers), delivery))
