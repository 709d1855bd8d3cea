"""Baseline, analysis and reading → the score, whose factors always add up.

What holds by construction, whatever a model answers: the analyst moves a score by at most 10
points and sees typed facts only; everything that free text takes part in (similarity and reading)
stays within -2 and +3 together, so no text moves a score by more than 5; and whether a score is in
High is decided without that part: text neither lifts it into High nor drops it out. A job search
or a complaint leaves the number where it is and makes the band Low.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal

from backend.config import (
    ANALYST_CAP,
    ANALYST_SHARE,
    POINTS_AVERAGE,
    ROUTE_HYSTERESIS,
    TEXT_MAX,
    TEXT_MIN,
)
from backend.model import (
    Analysis,
    Band,
    Baseline,
    Chance,
    Factor,
    Neighbour,
    NextAction,
    Pin,
    Population,
    Score,
    Snapshot,
    TextReading,
    Thresholds,
    Usage,
)
from backend.scoring import explain
from backend.scoring.facts.contact_facts import SUSPICION
from backend.scoring.next_action import choose_action, is_set_aside
from backend.scoring.points.parts import SIMILARITY_FIELD
from backend.scoring.points.scale import least_points, on_scale
from backend.scoring.read_text import quote_of, reading_points, reading_words
from backend.scoring.text.manipulation import suspected
from backend.scoring.values.numbers import clamp, nearest
from backend.scoring.values.times import day_text
from backend.scoring.wording import prose
from backend.scoring.wording.sentences import paragraph
from backend.vocabulary import Flag

PIN_FIELD = "pinned"
LITTLE_KNOWN = 2  # fewer known facts than this: the card says that little is known
WORDS_MIN = 4  # a sentence of fewer says nothing that band and action do not


@dataclass(frozen=True, slots=True)
class Versions:
    """What a score was made of. `model` 0 is the formula without outcomes."""

    input_hash: str
    profile: int = 0
    population: int = 0
    model: int = 0


def calculate(
    snapshot: Snapshot,
    baseline: Baseline,
    *,
    analysis: Analysis | None,
    reading: TextReading | None,
    neighbours: Sequence[Neighbour],
    thresholds: Thresholds,
    versions: Versions,
    scored_at: datetime,
    population: Population | None = None,
    chance: Chance | None = None,
    flags: Iterable[str] = (),
    found_for: str = "",
    pin: Pin | None = None,
) -> Score:
    """The score of one lead. `analysis` and `reading` have passed their checks. `pin`: what a
    person set by hand decides the band, and that nothing is to be done with a lead set aside."""
    suspicion = _suspicious(snapshot, reading)
    factors, analyst_points = _all_factors(baseline, analysis, reading, thresholds, suspicion)
    unclamped = POINTS_AVERAGE + sum(factor.points for factor in factors)
    own_score = score = on_scale(unclamped)
    if score != unclamped:
        value = "points count less" + (" above 80" if unclamped > score else " below 20")
        factors = (*factors, Factor("scale_limit", value, score - unclamped, "limit"))
    # who looks for a job or complains is nobody to sell to, whatever the number says
    own_band = level = Band.LOW if is_set_aside(reading) else band(score, thresholds)
    if pin is not None:
        by_hand = _pinned(pin, score, thresholds, snapshot.today)
        factors, score = (*factors, by_hand), score + by_hand.points
        level = band(score, thresholds)
    words = "" if pin is None else factors[-1].value
    action, why = choose_action(snapshot, level, analysis, reading, by_hand=level is not own_band)
    if pin is not None and pin.kind == "aside":
        action, why = NextAction.NONE, f"{words[:1].lower()}{words[1:]}"
    percentile = percentile_of(baseline.points, population)
    text_points = sum(f.points for f in factors if f.field == "text")
    return Score(
        portal_id=snapshot.portal_id,
        contact_id=snapshot.contact_id,
        score=score,
        unclamped=unclamped,
        band=level,
        next_action=action,
        action_reason=why,
        reasoning=paragraph(
            own_band,
            action,
            why,
            factors=factors,
            neighbours=neighbours,
            percentile=percentile,
            prose=_prose(analysis, action, own_band),
            by_hand=words,
        ),
        reasons=(analysis.reasons if analysis else ()) or explain.reasons(factors),
        baseline=unclamped - analyst_points - text_points,
        analyst_points=analyst_points,
        text_points=text_points,
        factors=factors,
        missing=tuple(
            replace(gap, could_add=on_scale(unclamped + gap.could_add) - own_score)
            for gap in baseline.missing
        ),
        neighbours=tuple(neighbours),
        source=_source(analysis),
        flags=_flags(snapshot, reading, neighbours, flags),
        chance=chance,
        percentile=percentile,
        model_version=versions.model,
        profile_version=versions.profile,
        population_version=versions.population,
        input_hash=versions.input_hash,
        scored_at=scored_at,
        usage=_usage(analysis, reading),
        found_for=found_for,
        quote=quote_of(snapshot, reading),
        own_band=own_band if pin is not None else None,
        segment=snapshot.segment or "",
    )


def band(score: int, thresholds: Thresholds) -> Band:
    """High at `thresholds.high` and above, Medium at `thresholds.medium` and above, else Low."""
    if score >= thresholds.high:
        return Band.HIGH
    return Band.MEDIUM if score >= thresholds.medium else Band.LOW


def _pinned(pin: Pin, score: int, thresholds: Thresholds, today: date) -> Factor:
    """The points to the pinned band: to High's edge, or so far under Medium's that no task of that
    band stays; 0 where the score is there already."""
    day = day_text(pin.until_on, today)
    if pin.kind == "high":
        words, points = f"Set to High until {day}", max(0, thresholds.high - score)
    else:
        low = max(0, thresholds.medium - ROUTE_HYSTERESIS - 1)
        words, points = f"Set aside until {day}", min(0, low - score)
    return Factor(PIN_FIELD, f"{words}: {pin.reason}", points, "pin")


def percentile_of(points: int, population: Population | None) -> int | None:
    """The share of the portal's leads with a lower baseline, 0-100; None when there are none."""
    known = population.points_sorted if population else ()
    return bisect_left(known, points) * 100 // len(known) if known else None


def _all_factors(
    baseline: Baseline,
    analysis: Analysis | None,
    reading: TextReading | None,
    thresholds: Thresholds,
    suspicion: bool,
) -> tuple[tuple[Factor, ...], int]:
    """The baseline's factors, then text and analyst; and the analyst's points."""
    rest = baseline.points - baseline.similarity_points
    # under suspicion, what a text says about itself is not believed in either way
    similarity = 0 if suspicion else baseline.similarity_points
    said = 0 if suspicion else reading_points(reading)
    analyst = _analyst_points(analysis, rest)
    text = int(clamp(similarity + said, TEXT_MIN, TEXT_MAX)) - similarity
    similarity, text = _same_side(similarity, text, rest + analyst, least_points(thresholds.high))
    factors = [_with_similarity(factor, similarity) for factor in baseline.factors]
    kept = [factor for factor in factors if factor.field != SIMILARITY_FIELD or factor.points]
    if text and reading is not None:
        kept.append(Factor("text", reading_words(reading), text, "text"))
    if analysis is not None:
        value = _judgement(_difference(analysis, rest))
        kept.append(Factor("analyst", value, analyst, "analyst"))
    return tuple(kept), analyst


def _suspicious(snapshot: Snapshot, reading: TextReading | None) -> bool:
    """True when a free text or a typed field of lead or company tries to steer the score."""
    if snapshot.contact.get(SUSPICION) or snapshot.company.get(SUSPICION):
        return True
    if reading is not None:
        return reading.manipulation_suspected
    return suspected("\n".join(snapshot.free_text.values()))  # the reader is away


def _analyst_points(analysis: Analysis | None, baseline_points: int) -> int:
    if analysis is None:
        return 0
    points = nearest(_difference(analysis, baseline_points) / ANALYST_SHARE)
    return int(clamp(points, -ANALYST_CAP, ANALYST_CAP))


def _difference(analysis: Analysis, baseline_points: int) -> int:
    """How much higher the analyst sees the lead than the formula's score that it was shown."""
    seen = analysis.baseline
    return analysis.ai_score - (on_scale(baseline_points) if seen is None else seen)


def _judgement(difference: int) -> str:
    if not difference:
        return "agrees with the formula"
    return f"{abs(difference)} {'higher' if difference > 0 else 'lower'} than the formula"


def _same_side(similarity: int, text: int, rest: int, high: int) -> tuple[int, int]:
    """Both, cut so that they take `rest` to no other side of High, which begins at `high` points.

    A lead is High or not whatever is written: otherwise an attack that hides a lead's own bad
    words could lift it.
    """
    together = similarity + text
    allowed = max(together, high - rest) if rest >= high else min(together, high - 1 - rest)
    excess = together - allowed
    from_text = min(excess, max(text, 0)) if excess > 0 else max(excess, min(text, 0))
    return similarity - (excess - from_text), text - from_text


def _with_similarity(factor: Factor, points: int) -> Factor:
    if factor.field != SIMILARITY_FIELD:
        return factor
    return Factor(factor.field, factor.value, points, factor.group, factor.comparison)


def _source(analysis: Analysis | None) -> Literal["ai", "rules", "model"]:
    if analysis is None:
        return "model"
    return "rules" if analysis.provider == "rules" else "ai"


def _prose(analysis: Analysis | None, action: NextAction, level: Band) -> list[str]:
    """The analyst's sentences that go with the band and the action that came of it, and say more
    than "Email them."; the factors' own text stands where none is left."""
    told = prose.sentences(analysis.reasoning) if analysis else []
    return [
        s
        for s in told
        if len(s.split()) >= WORDS_MIN and prose.agrees(s, actions=(action,), bands=(level,))
    ]


def _flags(
    snapshot: Snapshot,
    reading: TextReading | None,
    neighbours: Sequence[Neighbour],
    given: Iterable[str],
) -> tuple[str, ...]:
    flags = list(given)
    flags += [SUSPICION] if _suspicious(snapshot, reading) else []
    if reading is not None:
        flags += [Flag.JOB_SEEKER] if reading.job_seeker else []
        flags += [Flag.COMPLAINT] if reading.complaint else []
    flags += [] if neighbours else [Flag.NO_NEIGHBOURS]
    flags += [Flag.LITTLE_KNOWN] if explain.known_facts(snapshot) < LITTLE_KNOWN else []
    return tuple(dict.fromkeys(flags))


def _usage(analysis: Analysis | None, reading: TextReading | None) -> Usage:
    used = [answer.usage for answer in (analysis, reading) if answer is not None]
    return Usage(
        calls=sum(usage.calls for usage in used),
        prompt_tokens=sum(usage.prompt_tokens for usage in used),
        completion_tokens=sum(usage.completion_tokens for usage in used),
        cost_micro_usd=sum(usage.cost_micro_usd for usage in used),
    )
