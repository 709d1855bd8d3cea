"""What finds similar clients: one vector per lead or client, made field by field.

Each known field adds the embedding of its value and a direction of that value alone, so that the
same industry is nearer than a related one and a related one nearer than any other. A field's part
is multiplied by signs of its own, so that fields do not mix: the cosine of two such vectors is the
sum of the fields' cosines. Signs and directions are drawn from hashes, the same in every process.

What is stored weighs all fields alike. Only the vector that asks is weighed, by how much each field
says about winning (the profile's log ratios): so new weights need nothing stored anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from math import sqrt
from typing import Final

import numpy as np

from backend.model import PROFILE_FIELDS
from backend.ports import Vector
from backend.scoring.points.profile_points import Comparison
from backend.scoring.values.words import shown

VERSION: Final = "fields-1"  # vectors of another way of making them are not comparable
SAME_VALUE: Final = 2.0  # what the same value counts beside what is alike in words
LEAST_WEIGHT: Final = 0.5  # points: a field that says nothing about winning still says something
_REMEMBERED: Final = 1_000  # directions; the lists of values are short

Values = Mapping[str, Sequence[str]]


def value_texts(values: Values) -> list[str]:
    """What is to be embedded: every value as a person reads it, without its field's name."""
    return [shown(field, value) for field in PROFILE_FIELDS for value in values[field]]


def stored_vector(values: Values, embedded: Mapping[str, Vector]) -> Vector | None:
    """All known fields alike; None where none is known. `embedded` by `value_texts`."""
    return _vector(values, embedded, dict.fromkeys(PROFILE_FIELDS, 1.0))


def asking_vector(
    values: Values, embedded: Mapping[str, Vector], weights: Mapping[str, float]
) -> Vector | None:
    """The same, each field as heavy as what it says about winning."""
    return _vector(values, embedded, weights)


def field_weights(comparison: Comparison) -> dict[str, float]:
    """Points a field moves the portal's average lead by; all alike before there is a profile."""
    weights = {}
    for field in PROFILE_FIELDS:
        counts = comparison.population.counts.get(field, {})
        table = {v: points for v, points in comparison.points[field].items() if counts.get(v)}
        leads = sum(counts[value] for value in table)
        squares = sum(counts[value] * points**2 for value, points in table.items())
        weights[field] = max(LEAST_WEIGHT, sqrt(squares / leads) if leads else 0.0)
    return weights


def _vector(
    values: Values, embedded: Mapping[str, Vector], weights: Mapping[str, float]
) -> Vector | None:
    parts = [
        weights[field] * part
        for field in PROFILE_FIELDS
        if (part := _part(field, values[field], embedded)) is not None
    ]
    if not parts:
        return None
    total = np.sum(parts, axis=0)
    return np.asarray(total / np.sqrt(total @ total), dtype=np.float32)


def _part(field: str, values: Sequence[str], embedded: Mapping[str, Vector]) -> Vector | None:
    found = [
        embedded[text] + SAME_VALUE * _direction(f"{field}={value}", embedded[text].size)
        for value in values
        if (text := shown(field, value)) in embedded
    ]
    if not found:
        return None
    total = np.sum(found, axis=0)
    return np.asarray(_signs(field, total.size) * total / np.sqrt(total @ total), dtype=np.float32)


@lru_cache(maxsize=_REMEMBERED)
def _direction(key: str, size: int) -> Vector:
    """A direction of length 1 that no other key is likely to be near."""
    return np.asarray(_signs(key, size) / np.float32(sqrt(size)), dtype=np.float32)


@lru_cache(maxsize=_REMEMBERED)
def _signs(key: str, size: int) -> Vector:
    bits = np.frombuffer(hashlib.shake_256(key.encode()).digest((size + 7) // 8), dtype=np.uint8)
    return np.where(np.unpackbits(bits)[:size] == 1, np.float32(1.0), np.float32(-1.0))
