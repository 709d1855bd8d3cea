"""One hash over everything a score depends on: same hash, same score, and no second request."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from backend.model import Snapshot
from backend.scoring.facts.contact_facts import EMAILS, STAGE_DAYS
from backend.scoring.points.engagement import deals, happened
from backend.scoring.values.times import bucket, day_of

# Shown to people, used to route or to label, never scored: a new value needs no new score.
_NOT_SCORED = frozenset(
    {"company_name", "domain", "owner_id", "email_domain", "company_id", EMAILS, *STAGE_DAYS}
)


def input_hash(snapshot: Snapshot, **versions: str | int | float) -> str:
    """SHA-256 (hex) over the snapshot with bucketed ages, and over the given versions.

    `versions` names what else decides: `profile_version`, `population_version`,
    `model_version`, `thresholds`, prompt versions, the analyst's and the embedder's name. The
    order of deals, activities and facts does not matter; a day more matters only when an age
    moves to the next bucket (0-2, 3-7, 8-30, 31-90, more days). The caller leaves in `snapshot.own`
    only what the model in use looks at: nothing else of it can change a score.
    """
    today = snapshot.today
    content: dict[str, Any] = {
        "contact": _facts(snapshot.contact, today),
        "company": _facts(snapshot.company, today),
        "activities": _counted(
            f"{a.kind}|{a.direction}|{a.outcome}|{_age(a.occurred_at.date(), today)}"
            for a in snapshot.activities
        ),
        # dates that are shown in reasons
        "last": {
            field: str(what.last)
            for field, what in {**happened(snapshot), **deals(snapshot)}.items()
        },
        "deals": _counted(
            f"{d.outcome}|{_age((d.closed_at or d.created_at).date(), today)}"
            for d in snapshot.deals
        ),
        "text": dict(snapshot.free_text),
        "lead": [snapshot.portal_id, snapshot.contact_id],
        "versions": {name: str(version) for name, version in versions.items()},
    }
    stages = [f"{d.stage}|{d.probability}|{d.closes_on}" for d in snapshot.deals if d.stage]
    if stages:
        content["stages"] = sorted(stages)
    if snapshot.text_sources:
        content["written"] = {name: str(one) for name, one in snapshot.text_sources.items()}
    if snapshot.own:  # absent elsewhere, so that a portal without any keeps its hashes
        content["own"] = dict(snapshot.own)
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _facts(facts: Mapping[str, str], today: date) -> dict[str, str]:
    return {
        name: _bucketed(name, text, today)
        for name, text in facts.items()
        if name not in _NOT_SCORED
    }


def _bucketed(name: str, text: str, today: date) -> str:
    day = day_of(text) if name.endswith("_on") else None
    return text if day is None else _age(day, today)


def _age(day: date, today: date) -> str:
    return "ahead" if day > today else bucket((today - day).days)


def _counted(keys: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(keys).items()))
