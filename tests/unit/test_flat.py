"""What is stored of a score is what `asdict` stored: old and new rows are read alike."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from backend.flat import flat
from backend.model import Chance, Factor, MissingField, Neighbour, Quote, Reason, Usage


@pytest.mark.parametrize(
    "value",
    [
        Reason("industry", "banking", "as most"),
        Factor("industry", "banking", 3, "profile", "twice", "Branche"),
        MissingField("company_size", 4),
        Neighbour("c1", "won", 0.5, "A", {"industry": "banking"}),
        Chance(0.2, 0.1, 0.3, 40, 90),
        Usage(1, 2, 3, 4),
        Quote("we need it now", "emails", "7", "2026-11-29"),
    ],
)
def test_it_is_what_asdict_makes(
    value: Reason | Factor | MissingField | Neighbour | Chance | Usage | Quote,
) -> None:
    assert flat(value) == asdict(value)
    assert list(flat(value)) == list(asdict(value))


def test_it_follows_the_fields_of_its_own_class() -> None:
    assert flat(Usage(1)) != flat(Reason("a", "b", "c"))
    assert set(flat(Usage())) == {"calls", "prompt_tokens", "completion_tokens", "cost_micro_usd"}
