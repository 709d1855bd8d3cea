"""How much a score moves when nothing that counts has changed.

`python -m bench.stability` prints one JSON object. 100 leads are scored five times each under an
analyst as noisy as real ones are (at temperature 0, 7 % of leads changed class between five
identical runs, ../shared/reference/quality.md point 7): neighbours shuffled, free text paraphrased
and padded. The noise goes by the request, as it does when an answer is kept under its hash; a
second figure has fresh noise on every call, as if no answer were kept.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from backend.clients.openai.analyst import content_of
from backend.embedded.rule_analyst import judge
from backend.embedded.rule_reader import read_one
from backend.model import (
    ActivityFact,
    Analysis,
    AnalystRequest,
    IdealClient,
    Neighbour,
    Profile,
    Score,
    Snapshot,
    Thresholds,
)
from backend.scoring.analyse import build_request, check_analysis
from backend.scoring.baseline import baseline
from backend.scoring.calculate import Versions, band, calculate
from backend.scoring.next_action import allowed_actions
from backend.scoring.points.profile_points import Comparison, compare
from backend.scoring.population import build_population
from backend.scoring.read_text import check_reading, text_for_reader

LEADS, RUNS = 100, 5
TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
NOISE_POINTS = 1.0  # of the analyst's 0-100: 7 % of leads then change class by its number
SAYINGS = (
    "Hello, we would like a quote for twenty seats.",
    "Hi there, could you send us a price for 20 users?",
    "Good morning, what is your pricing for about twenty people?",
    "Hello! Please let me have a quotation, twenty seats.",
    "We need a quote. It would be for twenty seats.",
)
PADDING = " Thank you very much and have a wonderful day. Kind regards from all of us." * 20
Noise = Callable[[AnalystRequest], float]


def main() -> None:
    """Score, compare, print."""
    profile, leads = _profile(), [_lead(i) for i in range(LEADS)]
    population = build_population(1, ((lead, None) for lead in leads), profile)
    comparison = compare(profile, population)
    kept = _moves(profile, leads, comparison, _by_request)
    fresh = _moves(profile, leads, comparison, _every_time())
    print(
        json.dumps(
            {
                "bench": "stability",
                "leads": LEADS,
                "runs": RUNS,
                **kept,
                "without_kept_answers": fresh,
            }
        )
    )


def _moves(
    profile: Profile, leads: list[Snapshot], comparison: Comparison, noise: Noise
) -> dict[str, float]:
    changed, largest, alone = 0, 0, 0
    for lead in leads:
        runs = [_score(profile, _varied(lead, run), comparison, noise, run) for run in range(RUNS)]
        points = [score.score for score in runs]
        changed += len({score.band for score in runs}) > 1
        largest = max(largest, max(points) - min(points))
        raw = {band(_ai_score(score), Thresholds()) for score in runs}
        alone += len(raw) > 1
    return {
        "share_of_bands_changed": changed / LEADS,
        "largest_move": largest,
        "share_changed_by_the_model_s_own_number": alone / LEADS,
    }


def _score(
    profile: Profile, lead: Snapshot, comparison: Comparison, noise: Noise, run: int
) -> Score:
    base = baseline(lead, comparison)
    near = _neighbours()
    random.Random(run).shuffle(near)
    rest = base.points - base.similarity_points
    allowed = allowed_actions(lead, band(rest, Thresholds()))
    request = build_request(lead, base, near, profile, allowed)
    analysis = check_analysis(_noisy(request, noise(request)), request)
    text = text_for_reader(lead)
    reading = check_reading(read_one(text), text, "\n".join(lead.free_text.values()))
    return calculate(
        lead,
        base,
        analysis=analysis,
        reading=reading,
        neighbours=near,
        thresholds=Thresholds(),
        versions=Versions("bench"),
        scored_at=NOW,
    )


def _noisy(request: AnalystRequest, noise: float) -> Analysis:
    judged = judge(request)
    return replace(judged, ai_score=int(min(max(judged.ai_score + noise, 0), 100)))


def _by_request(request: AnalystRequest) -> float:
    """The same noise for the same request, whatever the order of its neighbours."""
    return random.Random(content_of(request)).gauss(0.0, NOISE_POINTS)


def _every_time() -> Noise:
    generator = random.Random(7)
    return lambda _request: generator.gauss(0.0, NOISE_POINTS)


def _ai_score(score: Score) -> int:
    value = next(f.value for f in score.factors if f.field == "analyst")
    return int(value.split()[0])


def _varied(lead: Snapshot, run: int) -> Snapshot:
    """The same lead, its message said in other words, or at length."""
    padding = PADDING if run % 2 else ""
    return replace(lead, free_text={"message": SAYINGS[run] + padding})


def _neighbours() -> list[Neighbour]:
    facts = {"industry": "machinery", "size": "51-200", "location": "germany"}
    ideal = [Neighbour(f"ideal:{i}", "ideal_client", 0.9 - i / 50, "", facts) for i in range(5)]
    past = [Neighbour(f"lead:{k}", k, 0.7, "", facts) for k in ("won", "lost")]
    return [*ideal, *past]


def _profile() -> Profile:
    sizes, places = ("51-200", "201-500"), ("germany", "france", "italy")
    return Profile(
        1,
        1,
        tuple(
            IdealClient(
                str(i),
                "logistics and supply chain" if i % 3 else "machinery",
                company_size=sizes[i % 2],
                location=places[i % 3],
                technologies=("aws",),
            )
            for i in range(24)
        ),
    )


def _lead(i: int) -> Snapshot:
    chance = random.Random(i)
    industries = ("logistics and supply chain", "machinery", "banking", "retail", "computer games")
    activity = ActivityFact("email", NOW - timedelta(days=chance.randint(0, 80)), "in")
    return Snapshot(
        1,
        str(i),
        TODAY,
        contact={
            "has_email": "yes",
            "has_phone": "yes",
            "email_kind": "company",
            "seniority": chance.choice(("executive", "director", "staff", "junior")),
        },
        company={
            "industry": chance.choice(industries),
            "company_size": chance.choice(("1-10", "51-200", "201-500", "1001-5000")),
            "location": chance.choice(("germany", "france", "united states")),
        },
        activities=(activity,) if i % 2 else (),
    )


if __name__ == "__main__":
    main()
