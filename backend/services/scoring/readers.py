"""Ask the two readers for a batch: cached answers first, then those that budget allows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Generic, TypeVar

from backend.config import ANSWER_WITHIN_S
from backend.errors import LeadlightError, OverBudget, Unanswerable
from backend.flat import flat
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
from backend.scoring.analyse import DONE, build_request, check_analysis
from backend.scoring.calculate import band
from backend.scoring.facts.segments import thresholds_of
from backend.scoring.next_action import allowed_actions
from backend.scoring.read_text import check_reading, text_for_reader
from backend.scoring.similar import Similar
from backend.services.scoring.budget import is_free, reserve, settle
from backend.storage.learning import analyses
from backend.storage.learning.analyses import Kept
from backend.storage.portals.portals import Portal
from backend.wiring import Product, Stores

T = TypeVar("T")


_OVER = OverBudget("the portal's AI budget for today is used up")


@dataclass(frozen=True, slots=True)
class Asked(Generic[T]):
    """One lead's answer, or why there is none; neither when there was nothing to ask, or when the
    model will not answer (`refused`)."""

    value: T | None = None
    error: LeadlightError | None = None
    refused: bool = False
    fresh: bool = False  # answered just now


@dataclass(frozen=True, slots=True)
class Asking:
    """Questions of one kind to one provider; ids, hashes and expected costs side by side.

    An answer stands while the question's `hashes` entry is the same; while only its `bases` entry
    is, it stands too, except for contacts of `anew`; for `kept` contacts it stands anyway.
    """

    kind: str  # "analyst", "text"
    provider: str
    contact_ids: Sequence[str]
    hashes: Sequence[str]
    bases: Sequence[str]
    costs: Sequence[Usage]
    kept: Collection[str] = ()
    anew: Collection[str] = ()
    shared: bool = False  # the same question of two leads is asked once

    def stands(self, place: int, stored: Kept) -> bool:
        """Whether a stored answer of a former question is good enough."""
        contact_id = self.contact_ids[place]
        if contact_id in self.anew or not _is_of(stored.body, self):
            return False
        return contact_id in self.kept or stored.basis_hash == self.bases[place]


def analyse_all(
    product: Product,
    portal: Portal,
    profile: Profile,
    snapshots: Sequence[Snapshot],
    baselines: Sequence[Baseline],
    neighbours: Sequence[Similar],
    kept: Collection[str] = (),
    anew: Collection[str] = (),
    within_s: float = ANSWER_WITHIN_S,
) -> list[Asked[Analysis]]:
    """One answer per lead, in order; over budget, the default scoring stands in.

    A stored answer stands while the baseline and the facts about who the lead is are those that it
    saw; for `kept` contacts always, for those of `anew` (a person asks) only while nothing of the
    question has changed. Where anything has, only its difference to the baseline it saw is taken,
    not its words: they may cite what no longer holds.
    """
    requests = [
        build_request(
            snapshot,
            base,
            similar.neighbours,
            profile.of(snapshot.segment),
            allowed_actions(
                snapshot,
                band(
                    base.points - base.similarity_points,
                    thresholds_of(portal.settings, snapshot.segment),
                ),
            ),
        )
        for snapshot, base, similar in zip(snapshots, baselines, neighbours, strict=True)
    ]
    ids = [snapshot.contact_id for snapshot in snapshots]
    name = product.ai.analyst.name
    hashes = [_hash(name, seen_by(request)) for request in requests]
    bases = [_hash(name, basis_of(request)) for request in requests]

    def ask(places: Sequence[int]) -> list[Analysis | LeadlightError]:
        answers = product.ai.analyst.analyse([requests[i] for i in places], within_s)
        return [
            _checked(answer, partial(check_analysis, request=requests[place]))
            for place, answer in zip(places, answers, strict=True)
        ]

    cost = product.ai.analyst.cost()
    asking = Asking("analyst", name, ids, hashes, bases, [cost] * len(ids), kept, anew)
    answers = _ask_all(product.stores, portal, asking, ask, _analysis_from)
    return [
        answer
        if answer.value is None or answer.fresh  # a fresh one has been checked
        else replace(answer, value=check_analysis(answer.value, request))
        for answer, request in zip(answers, requests, strict=True)
    ]


def read_all(
    product: Product,
    portal: Portal,
    snapshots: Sequence[Snapshot],
    within_s: float = ANSWER_WITHIN_S,
) -> list[Asked[TextReading]]:
    """One reading per lead that has free text; the others are not asked about."""
    texts = [text_for_reader(snapshot) for snapshot in snapshots]
    originals = ["\n".join(snapshot.free_text.values()) for snapshot in snapshots]
    with_text = [i for i, text in enumerate(texts) if text]
    ids = [snapshots[i].contact_id for i in with_text]
    hashes = [_hash(product.ai.reader.name, texts[i]) for i in with_text]

    def ask(places: Sequence[int]) -> list[TextReading | LeadlightError]:
        asked = [with_text[place] for place in places]
        answers = product.ai.reader.read([texts[i] for i in asked], within_s)
        return [
            _checked(answer, partial(check_reading, text=texts[i], original=originals[i]))
            for i, answer in zip(asked, answers, strict=True)
        ]

    costs = [product.ai.reader.cost(texts[i]) for i in with_text]
    asking = Asking("text", product.ai.reader.name, ids, hashes, hashes, costs, shared=True)
    found = _ask_all(product.stores, portal, asking, ask, _reading_from)
    readings: list[Asked[TextReading]] = [Asked() for _ in snapshots]
    for place, i in enumerate(with_text):
        readings[i] = found[place]
    return readings


def _ask_all(
    stores: Stores,
    portal: Portal,
    asking: Asking,
    ask: Callable[[Sequence[int]], list[T | LeadlightError]],
    restore: Callable[[Mapping[str, Any], bool], T],
) -> list[Asked[T]]:
    """Known answers, then fresh ones as far as the day's budget reaches, kept for the next time."""
    ids, hashes = asking.contact_ids, asking.hashes
    if not ids:
        return []
    answers, missing = _without_asking(stores, portal, asking, restore)
    stores.meter.count("cache", len(ids) - len(missing), cache=asking.kind, result="hit")
    stores.meter.count("cache", len(missing), cache=asking.kind, result="miss")
    first = _first_of_each(asking, missing)
    allowed = reserve(stores, portal, asking.provider, [asking.costs[i] for i in first])
    places = first[:allowed]
    fresh = dict(zip(places, _settled(stores, portal, asking, places, ask), strict=True))
    by_question = {hashes[i]: answer for i, answer in fresh.items()}
    remembered: dict[str, Kept] = {}
    refused: dict[str, str] = {}
    for i in missing:
        answer = fresh.get(i) or (by_question.get(hashes[i]) if asking.shared else None)
        if isinstance(answer, Unanswerable):
            answers[i] = Asked(refused=True, fresh=True)
            refused[ids[i]] = hashes[i]
        elif isinstance(answer, LeadlightError):
            answers[i] = Asked(error=answer)
        elif answer is not None:
            body = _plain(answer)
            answers[i] = Asked(answer if i in fresh else restore(body, True), fresh=True)
            remembered[ids[i]] = Kept(hashes[i], asking.bases[i], body)
    if remembered or refused:
        with stores.database.write() as conn:
            now = stores.clock.now()
            analyses.remember(conn, portal.portal_id, asking.kind, remembered, now)
            analyses.refuse(conn, portal.portal_id, asking.kind, refused, now)
    return answers


def _without_asking(
    stores: Stores,
    portal: Portal,
    asking: Asking,
    restore: Callable[[Mapping[str, Any], bool], T],
) -> tuple[list[Asked[T]], list[int]]:
    """What is known of each question, and the places of those that have to be asked; these are
    over budget until somebody has."""
    ids, hashes = asking.contact_ids, asking.hashes
    with stores.database.read() as conn:
        own = analyses.known(conn, portal.portal_id, asking.kind, ids)
        new = [h for cid, h in zip(ids, hashes, strict=True) if not _same(own.get(cid), h)]
        now = stores.clock.now()
        refused = analyses.refused(conn, portal.portal_id, asking.kind, new, now)
        others = (
            analyses.of_questions(conn, portal.portal_id, asking.kind, new) if asking.shared else {}
        )
    answers: list[Asked[T]] = [Asked(error=_OVER) for _ in ids]
    missing = []
    for i, contact_id in enumerate(ids):
        stored = own.get(contact_id)
        if stored is not None and stored.request_hash == hashes[i]:
            answers[i] = Asked(restore(stored.body, True))
        elif hashes[i] in others:
            answers[i] = Asked(restore(others[hashes[i]].body, True))
        elif stored is not None and asking.stands(i, stored):
            answers[i] = Asked(restore(stored.body, False))
        elif hashes[i] in refused:
            answers[i] = Asked(refused=True)
        else:
            missing.append(i)
    return answers, missing


def _same(stored: Kept | None, question: str) -> bool:
    return stored is not None and stored.request_hash == question


def _first_of_each(asking: Asking, places: Sequence[int]) -> list[int]:
    """One place for each question, where leads may share an answer; else all."""
    if not asking.shared:
        return list(places)
    return list({asking.hashes[i]: i for i in reversed(places)}.values())[::-1]


def _is_of(stored: Mapping[str, Any], asking: Asking) -> bool:
    """Whether an answer came from the model that would be asked today, and cost money."""
    provider, model = str(stored.get("provider", "")), str(stored.get("model", ""))
    same = asking.provider.startswith(provider) and model in asking.provider
    seen = asking.kind != "analyst" or stored.get("baseline") is not None
    return same and seen and not is_free(asking.costs)


def _settled(
    stores: Stores,
    portal: Portal,
    asking: Asking,
    places: Sequence[int],
    ask: Callable[[Sequence[int]], list[T | LeadlightError]],
) -> list[T | LeadlightError]:
    """The fresh answers, their cost booked. An escape (out of time) leaves the booking in place."""
    if not places:
        return []
    fresh = ask(places)
    used = [a if isinstance(a, LeadlightError) else _usage_of(a) for a in fresh]
    settle(stores, portal, asking.provider, [asking.costs[i] for i in places], used)
    return fresh


def _usage_of(answer: object) -> Usage:
    usage: Usage = answer.usage  # type: ignore[attr-defined]
    return usage


def _checked(answer: T | LeadlightError, check: Callable[[T], T]) -> T | LeadlightError:
    if isinstance(answer, LeadlightError):
        return answer
    try:
        return check(answer)
    except LeadlightError as error:
        return error


def _hash(name: str, content: object) -> str:
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(f"{name}\n{text}".encode()).hexdigest()


def seen_by(request: AnalystRequest) -> dict[str, Any]:
    """All that an analyst could have put into words about the lead: its facts, their points and
    the baseline. Whom else it is compared with is no reason to ask again."""
    return {
        "facts": dict(request.facts),
        "factors": [(f.field, f.value, f.points) for f in request.factors],
        "baseline": request.baseline,
        "actions": list(request.allowed_actions),
    }


def basis_of(request: AnalystRequest) -> dict[str, Any]:
    """What a judgement stands on: the baseline, the facts about who the lead is, and which kinds of
    things it has done. How often and when is in the baseline; one more page view that moves no
    point changes no judgement."""
    return {
        "facts": {name: "" if name in DONE else value for name, value in request.facts.items()},
        "baseline": request.baseline,
    }


def _plain(answer: object) -> dict[str, Any]:
    if not isinstance(answer, Analysis | TextReading):
        raise TypeError(type(answer).__name__)
    plain = flat(answer)
    plain.pop("usage", None)
    if isinstance(answer, Analysis):
        plain["reasons"] = [flat(reason) for reason in answer.reasons]
    return plain


def _analysis_from(stored: Mapping[str, Any], same_question: bool) -> Analysis:
    values = dict(stored)
    if not same_question:
        values |= {"reasons": (), "reasoning": ""}
    values["fit_level"] = Band(values["fit_level"])
    values["next_action"] = NextAction(values["next_action"])
    values["reasons"] = tuple(Reason(**reason) for reason in values["reasons"])
    return Analysis(**values)


def _reading_from(stored: Mapping[str, Any], _: bool) -> TextReading:
    return TextReading(**stored)
