"""Fault rules: which calls they hit and what happens to those."""

from __future__ import annotations

import random
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from fnmatch import fnmatchcase
from typing import Any

from sandbox.errors import Json, invalid

CALL_EFFECTS = (
    "latency",
    "error",
    "rate_limit",
    "drop",
    "half",
    "html",
    "expired_token",
    "revoked_token",
    "missing_scope",
    "uninstalled",
)
WEBHOOK_EFFECTS = (
    "webhook_skew",
    "webhook_duplicate",
    "webhook_reorder",
    "webhook_delay",
    "webhook_drop",
    "webhook_bad_signature",
)
EFFECTS = (*CALL_EFFECTS, *WEBHOOK_EFFECTS)


@dataclass(frozen=True, slots=True)
class Rule:
    """One fault.

    `path` is a glob over the request path, `share` the part of matching calls that is hit,
    `times` how often at most. `ms` is the time of latency, delay and skew (skew may be negative),
    `status`, `category` and `message` those of an error, `retry_after_s` the header and `policy`
    the limit of a 429 (`DAILY`, `SECONDLY`, …), `after` true means that the call takes effect and
    only its answer is lost (error, drop, html; half always does).
    """

    effect: str
    path: str = "*"
    method: str = "*"
    portal: int | None = None
    share: float = 1.0
    times: int | None = None
    ms: int = 0
    status: int = 500
    retry_after_s: float | None = None
    after: bool = False
    category: str = "INTERNAL_ERROR"
    message: str = "internal error (fault panel)"
    policy: str = "TEN_SECONDLY_ROLLING"


def parse_rule(entry: Any) -> Rule:
    """A rule from JSON; ApiError 400 names the key that is wrong."""
    if not isinstance(entry, Mapping):
        raise invalid("a fault rule is an object with at least an `effect`")
    unknown = set(entry) - {f.name for f in fields(Rule)} - {"applied"}
    if unknown:
        raise invalid(f"unknown keys in fault rule: {', '.join(sorted(unknown))}")
    if entry.get("effect") not in EFFECTS:
        raise invalid(f"`effect` must be one of {', '.join(EFFECTS)}")
    rule = Rule(**{key: value for key, value in entry.items() if key != "applied"})
    if not isinstance(rule.share, int | float) or not 0 <= rule.share <= 1:
        raise invalid("`share` is a number from 0 to 1")
    if not all(isinstance(v, int) for v in (rule.ms, rule.status)):
        raise invalid("`ms` and `status` are whole numbers")
    if rule.portal is not None and not isinstance(rule.portal, int):
        raise invalid("`portal` is a portal id or null")
    return rule


class FaultBoard:
    """The rules in force, with how often each has hit."""

    def __init__(self, seed: int | str) -> None:
        self._lock = threading.Lock()
        self._random = random.Random(seed)
        self._rules: list[Rule] = []
        self._applied: list[int] = []

    def replace(self, rules: Sequence[Rule]) -> None:
        """Put these rules in force and no others."""
        with self._lock:
            self._rules = list(rules)
            self._applied = [0] * len(rules)

    def as_json(self) -> Json:
        """The answer of `GET /sandbox/faults`."""
        with self._lock:
            pairs = zip(self._rules, self._applied, strict=True)
            return {"rules": [asdict(rule) | {"applied": count} for rule, count in pairs]}

    def hits(self, method: str, path: str, portal_id: int | None) -> list[Rule]:
        """The call faults that strike this call, each counted."""
        return self._strike(CALL_EFFECTS, method, path, portal_id)

    def webhook_hits(self, portal_id: int | None) -> list[Rule]:
        """The webhook faults that strike this delivery, each counted."""
        return self._strike(WEBHOOK_EFFECTS, "*", "*", portal_id)

    def _strike(
        self, effects: Sequence[str], method: str, path: str, portal_id: int | None
    ) -> list[Rule]:
        with self._lock:
            struck = []
            for index, rule in enumerate(self._rules):
                if rule.effect not in effects or not _matches(rule, method, path, portal_id):
                    continue
                spent = rule.times is not None and self._applied[index] >= rule.times
                if spent or self._random.random() >= rule.share:
                    continue
                self._applied[index] += 1
                struck.append(rule)
            return struck


def _matches(rule: Rule, method: str, path: str, portal_id: int | None) -> bool:
    return (
        rule.portal in (None, portal_id)
        and (method == "*" or rule.method in ("*", method))
        and (path == "*" or fnmatchcase(path, rule.path))
    )
