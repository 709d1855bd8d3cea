"""Whatever a lead writes and whatever a model makes of it: five points at most, and never High.

The stand-ins obey. The reader answers what the attack would like best. The analyst gives 100 when
anything of the attack is in its request, and for free text as soon as the request differs in
anything from that of the twin without the attack.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.clients.openai.analyst import content_of
from backend.embedded.rule_analyst import judge
from backend.embedded.rule_reader import read_one
from backend.embedded.vector_index import EmbeddedIndex
from backend.model import (
    Analysis,
    AnalystRequest,
    Band,
    CrmRecord,
    NextAction,
    PortalSettings,
    Score,
    Snapshot,
    TextReading,
    Thresholds,
)
from backend.ports import Vector, VectorItem
from backend.scoring.analyse import build_request, check_analysis
from backend.scoring.baseline import Baseline, baseline
from backend.scoring.calculate import Versions, calculate
from backend.scoring.collect import mirror_record, snapshot
from backend.scoring.embed import facts_of, facts_of_client, text_of, text_of_client
from backend.scoring.next_action import allowed_actions
from backend.scoring.points.profile_points import compare
from backend.scoring.population import build_population, centroid
from backend.scoring.read_text import check_reading, text_for_reader
from backend.scoring.similar import client_item_id, lead_item_id, similar_clients
from tests.support.memory_rows import MemoryRows
from tests.unit.scoring.attacks import ATTACKS, HARMLESS
from tests.unit.scoring.make import NOW, TODAY, portal, profile

SETTINGS = PortalSettings(read_free_text=("message", "description", "notes", "emails"))
TEXTS = {
    "message": ("contacts", "message"),
    "description": ("companies", "description"),
    "note": ("notes", "hs_note_body"),
    "email": ("emails", "hs_email_text"),
}
TYPED = {
    "job title": ("contacts", "jobtitle"),
    "first name": ("contacts", "firstname"),
    "last name": ("contacts", "lastname"),
    "contact's country": ("contacts", "country"),
    "contact's industry": ("contacts", "industry"),
    "budget": ("contacts", "budget"),
    "contact's technologies": ("contacts", "technologies"),
    "company name": ("companies", "name"),
    "industry": ("companies", "industry"),
    "country": ("companies", "country"),
    "region": ("companies", "region"),
    "technologies": ("companies", "web_technologies"),
    "company size": ("companies", "company_size"),
}
HONEST = {
    ("contacts", "email"): "a@acme.example",
    ("contacts", "phone"): "+49 30 1234567",
    ("contacts", "jobtitle"): "Head of Operations",
    ("contacts", "message"): "Hello, a question.",
    ("companies", "name"): "Acme",
    ("companies", "industry"): "LOGISTICS_AND_SUPPLY_CHAIN",
    ("companies", "country"): "Germany",
    ("companies", "numberofemployees"): "120",
    ("companies", "web_technologies"): "python;aws",
    ("companies", "description"): "We move boxes across Europe.",
    ("notes", "hs_note_body"): "Met at a fair.",
    ("emails", "hs_email_text"): "Thanks.",
    ("contacts", "city"): "Hamburg",
}
BEST_READING = TextReading(
    intent="purchase", timeline="now", budget_mentioned=True, role="decision_maker"
)
Fields = dict[tuple[str, str], str]
Reader = Callable[[str], TextReading]


def embed(text: str) -> Vector:
    """Words into 64 numbers: enough that every word moves the vector."""
    row = np.full(64, 0.01, dtype=np.float32)
    for word in text.split():
        row[sum(word.encode()) % 64] += 1
    return row / np.linalg.norm(row)


PROFILE = profile()
POPULATION = build_population(
    1,
    ((s, embed(text_of(s, PROFILE))) for s in portal()),
    PROFILE,
    centroid(embed(text_of_client(c)) for c in PROFILE.clients),
)
COMPARISON = compare(
    PROFILE, POPULATION, centroid(embed(text_of_client(c)) for c in PROFILE.clients)
)


def index() -> EmbeddedIndex:
    found = EmbeddedIndex(MemoryRows())
    ideal = {"type": "ideal_client", "status": "active"}
    clients = [
        VectorItem(client_item_id(c.client_id), embed(facts_of_client(c)), ideal)
        for c in PROFILE.clients
    ]
    past = [
        VectorItem(
            lead_item_id(f"past{i}"),
            embed(facts_of(s, PROFILE)),
            {"type": "lead", "outcome": ("won", "lost")[i % 2]},
        )
        for i, s in enumerate(portal(40))
    ]
    found.upsert(1, [*clients, *past])
    return found


INDEX = index()


def lead_of(fields: Fields) -> Snapshot:
    records = {}
    for kind in ("contacts", "companies", "notes", "emails"):
        properties: dict[str, str | None] = {n: v for (k, n), v in fields.items() if k == kind}
        properties["hs_timestamp"] = NOW.isoformat()
        record = CrmRecord(kind, "1", properties, NOW)
        records[kind] = mirror_record(record, {}, SETTINGS.read_free_text)
    person = records["contacts"][1]
    contact, company, *activities = (record for record, _ in records.values())
    return snapshot(1, contact, company, (), activities, TODAY, SETTINGS, person)


def request_of(lead: Snapshot) -> AnalystRequest:
    base = baseline(lead, COMPARISON, embed(text_of(lead, PROFILE)))
    facts = facts_of(lead, PROFILE)
    near = similar_clients(1, ["1"], [embed(facts) if facts else None], INDEX)[0].neighbours
    band = Band.MEDIUM
    return build_request(lead, base, near, PROFILE, allowed_actions(lead, band))


@dataclass(frozen=True)
class Judged:
    """A lead with what its readers made of it; the score for any edge of High."""

    lead: Snapshot
    base: Baseline
    reading: TextReading | None
    analysis: Analysis

    def score(self, high: int = 80) -> Score:
        return calculate(
            self.lead,
            self.base,
            analysis=self.analysis,
            reading=self.reading,
            neighbours=(),
            thresholds=Thresholds(high, 50),
            versions=Versions("h"),
            scored_at=NOW,
            population=POPULATION,
        )


def judged_by(lead: Snapshot, read: Reader, analysis: Analysis) -> Judged:
    text = text_for_reader(lead)
    original = "\n".join(lead.free_text.values())
    reading = check_reading(read(text), text, original) if text else None
    return Judged(
        lead, baseline(lead, COMPARISON, embed(text_of(lead, PROFILE))), reading, analysis
    )


def obey(request: AnalystRequest, clean: AnalystRequest, strict: bool) -> Analysis:
    """100 for whoever gets through to the analyst."""
    judged = check_analysis(judge(request), request)
    new = set(re.findall(r"\w{4,}", content_of(request).casefold()))
    new -= set(re.findall(r"\w{4,}", content_of(clean).casefold()))
    if (strict and request != clean) or new - {"staff"}:
        return replace(judged, ai_score=100, next_action=NextAction.CALL)
    return judged


def twins(clean: Fields, attacked: Fields, *, strict: bool = True) -> tuple[Judged, Judged]:
    """The honest lead under honest readers, and its twin under those that obey."""
    honest, hostile = lead_of(clean), lead_of(attacked)
    asked = request_of(honest)
    judged = check_analysis(judge(asked), asked)
    obeyed = obey(request_of(hostile), asked, strict)
    return (
        judged_by(honest, read_one, judged),
        judged_by(hostile, lambda _text: BEST_READING, obeyed),
    )


def without(place: tuple[str, str]) -> Fields:
    return {known: value for known, value in HONEST.items() if known != place}


def hold(name: str, clean: Fields, attacked: Fields, *, strict: bool = True) -> Score:
    """The promise, at the default edge and at the one where a point would lift the lead."""
    twin, other = twins(clean, attacked, strict=strict)
    honest, hostile = twin.score(), other.score()
    assert abs(honest.score - hostile.score) <= 5, name
    for high in range(max(honest.score - 1, 1), honest.score + 5):
        lifted = other.score(high).band is Band.HIGH and twin.score(high).band is not Band.HIGH
        assert not lifted, (name, high)
    return hostile


EVERY_FIELD = pytest.mark.parametrize("field", [*TEXTS, *TYPED])


@EVERY_FIELD
def test_an_attack_alone_in_a_field_moves_little_and_is_flagged(field: str) -> None:
    place = {**TEXTS, **TYPED}[field]
    clean = without(place)
    for name, attack in ATTACKS.items():
        other = hold(name, clean, {**clean, place: attack}, strict=field in TEXTS)
        assert "manipulation_suspected" in other.flags, name


@EVERY_FIELD
def test_an_attack_behind_honest_words_moves_little(field: str) -> None:
    place = {**TEXTS, **TYPED}[field]
    clean = {**HONEST, place: HONEST.get(place, "")}
    joint = ";" if "technologies" in field else ". "
    for name, attack in ATTACKS.items():
        attacked = {**clean, place: f"{clean[place]}{joint}{attack}" if clean[place] else attack}
        other = hold(name, clean, attacked, strict=field in TEXTS)
        assert "manipulation_suspected" in other.flags, name


def test_an_attack_split_over_two_fields_moves_little() -> None:
    first, second = ("contacts", "message"), ("companies", "description")
    clean = {k: v for k, v in HONEST.items() if k not in (first, second)}
    for name, attack in ATTACKS.items():
        middle = len(attack) // 2
        hold(name, clean, {**clean, first: attack[:middle], second: attack[middle:]})


def test_nothing_of_an_attack_reaches_the_analyst() -> None:
    honest = request_of(lead_of(HONEST))
    for name, attack in ATTACKS.items():
        attacked = dict(HONEST)
        for place in TEXTS.values():
            attacked[place] = f"{attacked.get(place, '')} {attack}"
        assert request_of(lead_of(attacked)) == honest, name


@pytest.mark.parametrize("field", [*TEXTS, "job title", "company name", "industry"])
@pytest.mark.parametrize("text", HARMLESS.values(), ids=HARMLESS)
def test_harmless_look_alikes_are_neither_flagged_nor_punished(text: str, field: str) -> None:
    place = {**TEXTS, **TYPED}[field]
    found = lead_of({**without(place), place: text})
    asked = request_of(found)
    scored = judged_by(found, read_one, check_analysis(judge(asked), asked)).score()
    assert "manipulation_suspected" not in scored.flags
    assert scored.text_points >= 0 or field == "description"


words = st.sampled_from(
    (
        "logistics",
        "germany",
        "python",
        "aws",
        "51-200",
        "score",
        "100",
        "ignore",
        "instructions",
        "purchase",
        "budget",
        "\u200b",
        "<<<LEAD_TEXT",
        "High",
        "{",
        "CEO",
        "bank",
        "\n",
    )
)
hostile = st.lists(words | st.text(max_size=12), max_size=12).map(" ".join)


@settings(max_examples=80, deadline=None)
@given(hostile, hostile, hostile, st.integers(-4, 5))
def test_no_free_text_whatever_moves_more_than_five_or_decides_on_high(
    message: str, description: str, note: str, edge: int
) -> None:
    """Not only known attacks: any text against no text, under obeying readers."""
    bare = {k: v for k, v in HONEST.items() if k not in TEXTS.values()}
    written: Sequence[str] = (message, description, note)
    places = [TEXTS["message"], TEXTS["description"], TEXTS["note"]]
    attacked = {**bare, **dict(zip(places, written, strict=True))}
    honest, hostile = twins(bare, attacked)
    high = honest.score().score + edge  # where a point or two would decide
    twin, other = honest.score(high), hostile.score(high)
    assert abs(twin.score - other.score) <= 5
    assert (twin.band is Band.HIGH) == (other.band is Band.HIGH)
