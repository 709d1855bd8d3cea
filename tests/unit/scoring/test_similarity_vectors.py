"""Similar means what people mean by it: the fields that say something about winning, not words."""

from __future__ import annotations

import numpy as np
import pytest

from backend.ports import Vector
from backend.scoring.similarity_vectors import (
    LEAST_WEIGHT,
    asking_vector,
    field_weights,
    stored_vector,
    value_texts,
)
from tests.unit.scoring.make import comparison

EMPTY: dict[str, tuple[str, ...]] = {
    "industry": (),
    "company_size": (),
    "revenue_range": (),
    "location": (),
    "technologies": (),
    "budget_range": (),
}
WEIGHTS = dict.fromkeys(EMPTY, 1.0) | {"industry": 6.0}


def values(**known: str) -> dict[str, tuple[str, ...]]:
    return EMPTY | {field: tuple(text.split(";")) for field, text in known.items()}


def words(text: str) -> Vector:
    """Alike in letters, alike in direction: a stand-in for an embedding."""
    row = np.full(256, 0.5, dtype=np.float32)
    for letter in text.casefold():
        row[ord(letter) % 256] += 1
    return np.asarray(row / np.linalg.norm(row), dtype=np.float32)


def embedded(*all_values: dict[str, tuple[str, ...]]) -> dict[str, Vector]:
    return {text: words(text) for each in all_values for text in value_texts(each)}


def near(lead, client, weights=WEIGHTS) -> float:
    known = embedded(lead, client)
    asked, stored = asking_vector(lead, known, weights), stored_vector(client, known)
    assert asked is not None and stored is not None
    return float(asked @ stored)


LEAD = values(
    industry="logistics", company_size="51-200", location="germany", budget_range="10k-50k"
)


def test_the_field_that_says_most_decides_who_is_similar() -> None:
    same_industry = values(industry="logistics", company_size="1-10", location="japan")
    same_place = values(industry="banking", company_size="51-200", location="germany")
    assert near(LEAD, same_industry) > near(LEAD, same_place)
    alike = dict.fromkeys(EMPTY, 1.0)
    assert near(LEAD, same_industry, alike) < near(LEAD, same_place, alike)


def test_the_same_value_is_nearer_than_one_that_is_alike_and_that_than_another() -> None:
    same, alike, other = (values(industry=v) for v in ("logistics", "logistics parts", "banking"))
    lead = values(industry="logistics")
    assert near(lead, same) > near(lead, alike) > near(lead, other)


def test_a_value_of_one_field_is_not_taken_for_the_same_word_in_another() -> None:
    assert near(values(industry="aws"), values(technologies="aws")) < 0.3
    assert near(values(industry="aws"), values(industry="aws")) > 0.99


def test_nothing_known_has_no_vector_and_what_is_not_embedded_is_left_out() -> None:
    assert stored_vector(EMPTY, {}) is None
    assert stored_vector(values(industry="aws"), {}) is None
    known = embedded(values(industry="aws"))
    part = stored_vector(values(industry="aws", location="japan"), known)
    assert part is not None and part == pytest.approx(stored_vector(values(industry="aws"), known))


def test_vectors_have_length_one_and_are_the_same_in_every_process() -> None:
    vector = stored_vector(LEAD, embedded(LEAD))
    assert vector is not None
    assert float(vector @ vector) == pytest.approx(1.0, abs=1e-5)
    assert [round(float(x), 4) for x in vector[:4]] == FIRST


FIRST = [0.0325, -0.056, 0.0551, -0.0296]


def test_weights_are_points_and_no_field_is_nothing() -> None:
    weights = field_weights(comparison())
    assert min(weights["industry"], weights["company_size"]) > weights["location"] > LEAST_WEIGHT
    assert weights["budget_range"] == LEAST_WEIGHT
