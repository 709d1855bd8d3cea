"""What the analyst is told, and what of its answer is believed.

The request holds typed facts only: enumerations, bins, dates, counts. Every open vocabulary is
closed here (an industry or technology counts only when listed or in the profile), so nothing that
a visitor wrote reaches the analyst; nor does anything that free text takes part in, such as
similarity points: the same lead without its texts gives the same request.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Final

from backend.errors import BadAnswer
from backend.model import (
    Analysis,
    AnalystRequest,
    Band,
    Baseline,
    Factor,
    Neighbour,
    NextAction,
    Profile,
    Snapshot,
)
from backend.scoring.explain import factor_text
from backend.scoring.facts.own_facts import is_own
from backend.scoring.points.engagement import INPUTS, engagement_parts, history_parts
from backend.scoring.points.profile_points import client_values
from backend.scoring.points.scale import on_scale
from backend.scoring.points.vocabulary import closed_values, is_closed, profile_vocabulary
from backend.scoring.same_object import Same
from backend.scoring.text.plain_text import plain
from backend.scoring.values.words import NOT_HAPPENED, label, shown, statement
from backend.scoring.wording import prose
from backend.scoring.wording.prose import facts_of

REASONS_MAX: Final = 3
REASON_LENGTH: Final = 200  # characters
REASONING_LENGTH: Final = 1_200  # characters
OWN_PROPERTIES: Final = "own_properties"  # the factor that stands for all of them
IDEAL_VALUES: Final = 8  # most frequent values of a field of the ideal profile

# HubSpot's own enumerations; a portal's custom option is not told.
_CLOSED: Final[Mapping[str, frozenset[str]]] = {
    "source": frozenset(
        {
            "organic_search",
            "paid_search",
            "email_marketing",
            "social_media",
            "referrals",
            "other_campaigns",
            "direct_traffic",
            "offline",
            "paid_social",
            "ai_referrals",
        }
    ),
    "lifecycle_stage": frozenset(
        {
            "subscriber",
            "lead",
            "marketingqualifiedlead",
            "salesqualifiedlead",
            "opportunity",
            "customer",
            "evangelist",
            "other",
        }
    ),
    "lead_status": frozenset(
        {
            "new",
            "open",
            "in_progress",
            "open_deal",
            "unqualified",
            "attempted_to_contact",
            "connected",
            "bad_timing",
        }
    ),
    "buying_role": frozenset(
        {
            "blocker",
            "budget_holder",
            "champion",
            "decision_maker",
            "end_user",
            "executive_sponsor",
            "influencer",
            "legal_and_compliance",
            "other",
        }
    ),
}
_NUMBERED: Final = frozenset({"known_since", "visits"})
_TYPED: Final = ("seniority", "department", "email_kind", "has_phone", "opted_out", "bounced")

DONE: Final = frozenset(INPUTS) - frozenset(_TYPED)  # facts about what a lead did


def build_request(
    snapshot: Snapshot,
    baseline: Baseline,
    neighbours: Sequence[Neighbour],
    profile: Profile | None,
    allowed_actions: Sequence[NextAction],
) -> AnalystRequest:
    """Typed facts, similar clients, ideal profile and factors of one lead."""
    vocabulary = ideal_profile(profile)
    allowed = profile_vocabulary(profile)
    facts = typed_facts(snapshot, profile)
    return AnalystRequest(
        facts=facts,
        similar=tuple(_bare(neighbour, allowed) for neighbour in sorted(neighbours, key=_order)),
        ideal_profile=vocabulary,
        factors=_typed_factors(baseline.factors, facts),
        baseline=shown_baseline(baseline),
        allowed_actions=tuple(allowed_actions),
    )


def shown_baseline(baseline: Baseline) -> int:
    """The formula's score as the analyst sees it: without free text's part, and on its scale."""
    return on_scale(baseline.points - baseline.similarity_points)


def typed_facts(snapshot: Snapshot, profile: Profile | None) -> dict[str, str]:
    """Known facts by field, values as people read them; closed vocabularies only."""
    facts = {
        field: ", ".join(shown(field, value) for value in values)
        for field, values in closed_values(snapshot, profile_vocabulary(profile)).items()
        if values
    }
    for name, options in _CLOSED.items():
        value = snapshot.contact.get(name, "")
        if value in options:
            facts[name] = value
    facts |= {n: v for n in _TYPED if (v := snapshot.contact.get(n, ""))}
    for part in [*engagement_parts(snapshot), *history_parts(snapshot)]:
        facts.setdefault(part.field, part.value)
    return facts


def ideal_profile(profile: Profile | None) -> Mapping[str, tuple[str, ...]]:
    """The most frequent values of each field among the ideal clients, as people read them."""
    return _ideal(Same(profile))


@lru_cache(maxsize=8)
def _ideal(same: Same[Profile | None]) -> Mapping[str, tuple[str, ...]]:
    profile = same.value
    counts: dict[str, dict[str, int]] = {}
    for client in profile.clients if profile else ():
        for field, values in client_values(client).items():
            for value in values:
                table = counts.setdefault(field, {})
                table[value] = table.get(value, 0) + 1
    return {
        field: tuple(shown(field, v) for v in _most_frequent(table))
        for field, table in counts.items()
    }


def check_analysis(analysis: Analysis, request: AnalystRequest) -> Analysis:
    """The analysis with only what holds; raises BadAnswer when the score is no 0-100 integer.

    A reason stays when it cites a field of the request with exactly its value; at most three, of
    at most 200 characters of plain text. Sentences that claim what is not among the facts go
    (`wording.prose`); a reason then says its field and value. An action that is not allowed becomes
    the first that is.
    """
    score = analysis.ai_score
    if isinstance(score, bool) or not isinstance(score, int) or not 0 <= score <= 100:
        raise BadAnswer("the analyst's score is not a whole number from 0 to 100")
    cited = {(name, value) for name, value in request.facts.items()}
    cited |= {(factor.field, factor.value) for factor in request.factors}
    facts = facts_of(_shown_to_analyst(request))
    ours = {factor_text(factor) for factor in request.factors}
    allowed = request.allowed_actions or (NextAction.NURTURE,)

    def holds(text: str) -> bool:
        return prose.holds(text, facts, actions=allowed, bands=tuple(Band))

    reasons = []
    for reason in analysis.reasons:
        text = plain(reason.text, REASON_LENGTH)
        if (reason.field, reason.value) in cited and text:
            kept = text if text in ours or holds(text) else statement(reason.field, reason.value)
            reasons.append(replace(reason, text=kept))
    action = analysis.next_action
    return replace(
        analysis,
        baseline=request.baseline if analysis.baseline is None else analysis.baseline,
        fit_level=Band(analysis.fit_level),
        next_action=action if action in allowed else allowed[0],
        reasons=tuple(reasons[:REASONS_MAX]),
        reasoning=" ".join(
            sentence
            for sentence in prose.sentences(plain(analysis.reasoning, REASONING_LENGTH))
            if holds(sentence)
        ),
    )


def _shown_to_analyst(request: AnalystRequest) -> Iterator[str]:
    """Every value that a sentence may speak of."""
    yield from (f"{label(field)} {value}" for field, value in request.facts.items())
    yield from (f"{label(f.field)} {f.value} {f.comparison}" for f in request.factors)
    yield from (value for values in request.ideal_profile.values() for value in values)
    yield from (value for near in request.similar for value in near.facts.values())


def _typed_factors(factors: Sequence[Factor], facts: Mapping[str, str]) -> tuple[Factor, ...]:
    """Without text. What the portal's own properties are called and say stays here: their points
    come as one sum."""
    told = [_typed_factor(f, facts) for f in factors if f.group != "text" and not is_own(f.field)]
    own = [f.points for f in factors if is_own(f.field)]
    return (*told, *([Factor(OWN_PROPERTIES, "", sum(own), "model")] if own else []))


def _typed_factor(factor: Factor, facts: Mapping[str, str]) -> Factor:
    """A factor without any value that is not itself typed, or a word or number of ours."""
    if factor.group not in {"profile", "model"}:
        return factor
    ours = factor.value == NOT_HAPPENED or factor.field in _NUMBERED
    return replace(factor, value=facts.get(factor.field, factor.value if ours else ""))


def _bare(neighbour: Neighbour, allowed: Mapping[str, set[str]]) -> Neighbour:
    """A neighbour without its name and without any value outside the lists."""
    facts = {
        name: shown(name, value)
        for name, value in neighbour.facts.items()
        if name in _NEIGHBOUR_FACTS and is_closed(name, value, allowed)
    }
    return replace(neighbour, label="", facts=facts)


def _order(neighbour: Neighbour) -> tuple[str, float, str]:
    """Whatever order an index answers in, the request is the same."""
    return neighbour.kind, -neighbour.similarity, neighbour.neighbour_id


_NEIGHBOUR_FACTS: Final = frozenset({"industry", "size", "location", "outcome"})


def _most_frequent(table: Mapping[str, int]) -> list[str]:
    return sorted(table, key=lambda value: (-table[value], value))[:IDEAL_VALUES]
