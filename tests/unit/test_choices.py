"""Settings are chosen by what people call things; a line teaches a case."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from backend.errors import BadChoice
from backend.services.portals.choices import chosen, nearest

STAGES: Mapping[str, str] = {
    "lead": "Lead",
    "marketingqualifiedlead": "Marketing qualified lead",
    "customer": "Client",
    "89012": "Ehemaliger Kunde",
}
TWO = {"default": "Sales", "77": "Sales", "78": "Onboarding"}
CHOSEN = (
    ("Client", ("customer",)),
    ("customer", ("customer",)),
    ("  CLIENT ", ("customer",)),
    ("Marketing-Qualified Lead", ("marketingqualifiedlead",)),
    ("ehemaliger kunde", ("89012",)),
    ("89012", ("89012",)),
)
REFUSED = (
    ("Clent", STAGES, "The nearest is 'Client'"),
    ("custommer", STAGES, "The nearest is 'Client'"),
    ("Ehemalige Kunden", STAGES, "The nearest is 'Ehemaliger Kunde'"),
    ("xyz", STAGES, "It has: Lead, Marketing qualified lead, Client, Ehemaliger Kunde"),
    ("", STAGES, "is no stage"),
    ("sales", TWO, "is the label of several: name one of default, 77"),
)


@pytest.mark.parametrize(("word", "values"), CHOSEN)
def test_a_thing_is_chosen_by_label_or_value(word: str, values: tuple[str, ...]) -> None:
    assert chosen("stage", [word], STAGES) == values


@pytest.mark.parametrize(("word", "known", "told"), REFUSED)
def test_a_word_that_can_never_match_is_refused_with_the_nearest(
    word: str, known: Mapping[str, str], told: str
) -> None:
    with pytest.raises(BadChoice) as caught:
        chosen("stage", [word], known)
    assert told in str(caught.value)


def test_every_wrong_word_is_named_and_each_right_one_taken_once() -> None:
    with pytest.raises(BadChoice, match=r"'a' is no stage.*'b' is no stage"):
        chosen("stage", ["Client", "a", "b"], STAGES)
    assert chosen("stage", ["Client", "customer", "Lead"], STAGES) == ("customer", "lead")


def test_of_nothing_near_nothing_is_said() -> None:
    assert nearest("zzzz", {"fallback-owner": None}) == ""
    assert "'fallback-owner'" in nearest("fallbak-owner", {"fallback-owner": None})
