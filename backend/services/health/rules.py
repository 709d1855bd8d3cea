"""When an operator is called: thresholds over the health report, each with a runbook entry.

Every rule's name is a heading in docs/operations.md, and a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

EVENT_WAIT_S: Final = 300  # an event is scored in seconds: five minutes are an outage
BACKFILL_WAIT_S: Final = 6 * 3_600
QUEUE_WAIT_S: Final = 120  # workers look every second
RUN_OF_FAILURES: Final = 3  # leads in a row without a provider: a small portal has no share
FAILED_SHARE: Final = 0.1  # of jobs, requests and writes …
VENDOR_FAILED_SHARE: Final = 0.25  # … and of calls to a vendor, three tries included
ENOUGH: Final = 20  # measured in a quarter of an hour, before a share says anything
BAD_SIGNATURES: Final = 5  # in a quarter of an hour, and more than good ones
MISSED_SHARE: Final = 0.2
MISSED_ENOUGH: Final = 10
CLOCK_SKEW_S: Final = 30  # signatures are refused at 300 s
REPORT_LATE_S: Final = 36 * 3_600

Report = Mapping[str, Any]
Found = Iterator[tuple[str, str]]  # (what of: a portal, a vendor, or "", and the message)


def firing(found: Report, now: datetime) -> dict[str, str]:
    """Message by alert name ("rule" or "rule:subject"); {} when all is well."""
    alerts = {}
    for name, rule in RULES.items():
        for subject, message in rule(found, now):
            alerts[f"{name}:{subject}" if subject else name] = message
    return alerts


def _database_away(found: Report, _: datetime) -> Found:
    if not found["database"]["ok"]:
        yield "", f"The database is away: {_told(found['database'])}"


def _queue_away(found: Report, _: datetime) -> Found:
    if not found["queue"]["ok"]:
        yield "", f"Redis is away: {_told(found['queue'])}"


def _told(part: Report) -> str:
    cure = part.get("cure")
    return f"{part['problem']}; {cure}" if cure else str(part["problem"])


def _provider_away(found: Report, _: datetime) -> Found:
    for name, answer in found["connectivity"].items():
        if not answer["ok"]:
            yield name, f"{name} does not answer: {answer['problem']}"


WORK: Final = {
    "writes": "property writes",
    "lists": "list changes",
    "tasks": "tasks",
    "notifications": "notifications",
    "workflows": "answers to workflows",
    "events": "events",
    "leads": "leads to score",
}
PARTS: Final = {
    "analyst": "the analyst",
    "reader": "the text reader",
    "embeddings": "embeddings",
    "index": "similar clients",
}


def incomplete(found: Report) -> dict[str, str]:
    """What scores do without, in words with the cure, by part."""
    return {
        part: f"Scores do without {PARTS.get(part, part)} since {failure['since'][:16]} UTC "
        f"({failure['leads']} in a row): {failure['problem']}"
        for part, failure in found["provider_failures"].items()
    }


def _scores_incomplete(found: Report, _: datetime) -> Found:
    for part, told in incomplete(found).items():
        if found["provider_failures"][part]["leads"] >= RUN_OF_FAILURES:
            yield part, told


def _model_ends(found: Report, _: datetime) -> Found:
    for name, answer in found["connectivity"].items():
        for model, problem in answer.get("problems", {}).items():
            yield f"{name}:{model}", f"{name}: {problem}"


def _token_invalid(found: Report, _: datetime) -> Found:
    for portal in _portals(found):
        if portal["state"] in {"connected", "needs_reconnect"} and not portal["token_valid"]:
            yield (
                str(portal["portal_id"]),
                (f"Portal {portal['portal_id']} has no valid token: invite its admin again"),
            )


def _key_unknown(found: Report, _: datetime) -> Found:
    for key_id in found["database"].get("unknown_keys", ()):
        yield (
            key_id,
            f"Tokens are sealed with the key {key_id!r}, which is not in ENCRYPTION_KEYS: put it "
            "back behind the first one",
        )


def _leads_wait(found: Report, _: datetime) -> Found:
    limits = {"person": EVENT_WAIT_S, "event": EVENT_WAIT_S, "backfill": BACKFILL_WAIT_S}
    for urgency, waits in found["database"].get("due_by_urgency", {}).items():
        if waits["oldest_s"] > limits[urgency]:
            yield urgency, f"A lead ({urgency}) has been due for {waits['oldest_s']} s"


def _queue_waits(found: Report, _: datetime) -> Found:
    for queue in ("person", "event"):
        waited_s = found["queue"].get("oldest_s", {}).get(queue, 0)
        if waited_s > QUEUE_WAIT_S:
            yield queue, f"A job of queue {queue} has waited {waited_s} s: are workers running?"


def _stands_still(found: Report, _: datetime) -> Found:
    for one in found["standing_still"]:
        yield (
            f"{one['portal_id']}:{one['work']}",
            (
                f"Portal {one['portal_id']}: {WORK.get(one['work'], one['work'])} have been due "
                f"and have not moved since {one['since'][:16]} UTC"
            ),
        )


def _failed_work(found: Report, _: datetime) -> Found:
    for portal in _portals(found):
        counts = {what: portal[f"failed_{what}"] for what in ("leads", "writes", "events")}
        if any(counts.values()):
            yield (
                str(portal["portal_id"]),
                (
                    f"Portal {portal['portal_id']} has failed work: "
                    + ", ".join(f"{number} {what}" for what, number in counts.items() if number)
                ),
            )


def _contacts_missing(found: Report, _: datetime) -> Found:
    for portal in _portals(found):
        if portal.get("missing_contacts"):
            yield (
                str(portal["portal_id"]),
                (
                    f"Portal {portal['portal_id']}: HubSpot does not show "
                    f"{portal['missing_contacts']} contacts at once; nothing is erased until "
                    "somebody runs `privacy missing` with --confirm or --dismiss"
                ),
            )


def _account_refuses(found: Report, _: datetime) -> Found:
    for portal in _portals(found):
        for problem in portal["problems"]:
            yield (
                f"{portal['portal_id']}:{problem['area']}",
                (
                    f"Portal {portal['portal_id']} refuses our {problem['area']}: "
                    f"{problem['sentence']} {problem['cure']}."
                ),
            )


def _errors(found: Report, _: datetime) -> Found:
    for name, rate in found["error_rate"].items():
        if name == "signatures" or rate["total"] < ENOUGH:
            continue
        limit = VENDOR_FAILED_SHARE if name.startswith("provider_requests") else FAILED_SHARE
        if rate["share"] > limit:
            yield name, f"{rate['failed']} of {rate['total']} {name} failed in 15 minutes"


def _bad_signatures(found: Report, _: datetime) -> Found:
    rate = found["error_rate"].get("signatures", {"total": 0, "failed": 0, "share": 0.0})
    if rate["failed"] >= BAD_SIGNATURES and rate["share"] > 0.5:
        yield (
            "",
            (
                f"{rate['failed']} of {rate['total']} signed requests were refused in 15 minutes: "
                "is HUBSPOT_CLIENT_SECRET the app's current secret?"
            ),
        )


def _webhooks_missed(found: Report, _: datetime) -> Found:
    for portal in _portals(found):
        hooks = portal["webhooks"]
        if hooks["missed"] >= MISSED_ENOUGH and hooks["missed_share"] > MISSED_SHARE:
            yield (
                str(portal["portal_id"]),
                (f"Portal {portal['portal_id']}: {hooks['missed']} changes came without a webhook"),
            )


def _clock_skew(found: Report, _: datetime) -> Found:
    for other, seconds in found["clock_skew_s"].items():
        if abs(seconds) > CLOCK_SKEW_S:
            yield other, f"This machine's clock is {seconds} s away from that of {other}"


def _maintenance(found: Report, now: datetime) -> Found:
    last = found["database"].get("maintenance")
    if last is None:
        return
    age_s = (now - datetime.fromisoformat(last["started_at"])).total_seconds()
    if age_s > REPORT_LATE_S:
        yield "late", f"The last daily maintenance began {round(age_s / 3_600)} h ago"
    for task in last["failed"]:
        yield task, f"The daily maintenance found a problem: {task}"


def _portals(found: Report) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = found["database"].get("portals", [])
    return listed


RULES: Final[Mapping[str, Callable[[Report, datetime], Found]]] = {
    "database_away": _database_away,
    "queue_away": _queue_away,
    "provider_away": _provider_away,
    "model_ends": _model_ends,
    "scores_incomplete": _scores_incomplete,
    "token_invalid": _token_invalid,
    "key_unknown": _key_unknown,
    "leads_wait": _leads_wait,
    "queue_waits": _queue_waits,
    "stands_still": _stands_still,
    "failed_work": _failed_work,
    "contacts_missing": _contacts_missing,
    "account_refuses": _account_refuses,
    "errors": _errors,
    "bad_signatures": _bad_signatures,
    "webhooks_missed": _webhooks_missed,
    "clock_skew": _clock_skew,
    "maintenance": _maintenance,
}
