"""Ask the two readers for a batch: cached answers first, then those that budget allows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Generic, TypeVar

from backend.errors import LeadlightError
from backend.model import (
    Analysis,
    AnalystRequest,
    Band,
    Baseline,
    NextAction,
    Profile,
    Reason,
    Snapshot,
    TextReading,
    Usage,
)
from backend.scoring.analyse import build_request, check_analysis
from backend.scoring.calculate import band
from backend.scoring.next_action import allowed_actions
from backend.scoring.read_text import check_reading, text_for_reader
from backend.scoring.similar import Similar
from backend.storage import analyses
from backend.storage.portals import Portal
from backend.wiring import Product

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Asked(Generic[T]):
    """One lead's answer, or why there is none; both None when there was nothing to ask."""

    value: T | None = None
    error: LeadlightError | None = None
    cached: bool = False
    usage: Usage = field(default_factory=Usage)


def analyse_all(
    product: Product,
    portal: Portal,
    profile: Profile,
    snapshots: Sequence[Snapshot],
    baselines: Sequence[Baseline],
    neighbours: Sequence[Similar],
) -> list[Asked[Analysis]]:
    """One answer per lead, in order; over budget, the default scoring stands in."""
    thresholds = portal.settings.thresholds
    requests = [
        build_request(
            snapshot,
            base,
            similar.neighbours,
            profile,
            allowed_actions(snapshot, band(base.points, thresholds)),
        )
        for snapshot, base, similar in zip(snapshots, baselines, neighbours, strict=True)
    ]
    ids = [snapshot.contact_id for snapshot in snapshots]
    hashes = [_hash(product.analyst.name, asdict_request(request)) for request in requests]

    def ask(places: Sequence[int]) -> list[Analysis | LeadlightError]:
        answers = product.analyst.analyse([requests[i] for i in places])
        return [
            _checked(lambda a=answer, i=place: check_analysis(a, requests[i]), answer)
            for place, answer in zip(places, answers, strict=True)
        ]

    return _ask_all(product, portal.portal_id, "analyst", ids, hashes, ask, _analysis_from)


def read_all(
    product: Product, portal_id: int, snapshots: Sequence[Snapshot]
) -> list[Asked[TextReading]]:
    """One reading per lead that has free text; the others are not asked about."""
    texts = [text_for_reader(snapshot) for snapshot in snapshots]
    originals = ["\n".join(snapshot.free_text.values()) for snapshot in snapshots]
    with_text = [i for i, text in enumerate(texts) if text]
    ids = [snapshots[i].contact_id for i in with_text]
    hashes = [_hash(product.reader.name, texts[i]) for i in with_text]

    def ask(places: Sequence[int]) -> list[TextReading | LeadlightError]:
        asked = [with_text[place] for place in places]
        answers = product.reader.read([texts[i] for i in asked])
        return [
            _checked(lambda a=answer, i=i: check_reading(a, texts[i], originals[i]), answer)
            for i, answer in zip(asked, answers, strict=True)
        ]

    found = _ask_all(product, portal_id, "text", ids, hashes, ask, _reading_from)
    readings: list[Asked[TextReading]] = [Asked() for _ in snapshots]
    for place, i in enumerate(with_text):
        readings[i] = found[place]
    return readings


def _ask_all(
    product: Product,
    portal_id: int,
    kind: str,
    contact_ids: Sequence[str],
    hashes: Sequence[str],
    ask: Callable[[Sequence[int]], list[T | LeadlightError]],
    restore: Callable[[Mapping[str, Any]], T],
) -> list[Asked[T]]:
    if not contact_ids:
        return []
    with product.database.read() as conn:
        known = analyses.known(conn, portal_id, kind, contact_ids)
    answers: list[Asked[T]] = [Asked() for _ in contact_ids]
    missing = []
    for i, contact_id in enumerate(contact_ids):
        stored = known.get(contact_id)
        if stored is not None and stored[0] == hashes[i]:
            answers[i] = Asked(restore(stored[1]), cached=True)
        else:
            missing.append(i)
    fresh = ask(missing) if missing else []
    remembered: dict[str, tuple[str, dict[str, Any]]] = {}
    for i, answer in zip(missing, fresh, strict=True):
        if isinstance(answer, LeadlightError):
            answers[i] = Asked(error=answer)
            continue
        answers[i] = Asked(answer, usage=answer.usage)  # type: ignore[attr-defined]
        remembered[contact_ids[i]] = (hashes[i], _plain(answer))
    with product.database.write() as conn:
        analyses.remember(conn, portal_id, kind, remembered, product.clock.now())
    return answers


def _checked(check: Callable[[], T], answer: object) -> T | LeadlightError:
    if isinstance(answer, LeadlightError):
        return answer
    try:
        return check()
    except LeadlightError as error:
        return error


def _hash(name: str, content: object) -> str:
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(f"{name}\n{text}".encode()).hexdigest()


def asdict_request(request: AnalystRequest) -> dict[str, Any]:
    """Plain values of a request, for its hash."""
    return {
        "facts": dict(request.facts),
        "similar": [(n.neighbour_id, n.kind, round(n.similarity, 2)) for n in request.similar],
        "ideal": {name: list(values) for name, values in request.ideal_profile.items()},
        "factors": [(f.field, f.value, f.points) for f in request.factors],
        "baseline": request.baseline,
        "actions": list(request.allowed_actions),
    }


def _plain(answer: object) -> dict[str, Any]:
    plain: dict[str, Any] = asdict(answer)  # type: ignore[call-overload]
    plain.pop("usage", None)
    return plain


def _analysis_from(stored: Mapping[str, Any]) -> Analysis:
    values = dict(stored)
    values["fit_level"] = Band(values["fit_level"])
    values["next_action"] = NextAction(values["next_action"])
    values["reasons"] = tuple(Reason(**reason) for reason in values["reasons"])
    return Analysis(**values)


def _reading_from(stored: Mapping[str, Any]) -> TextReading:
    return TextReading(**stored)
