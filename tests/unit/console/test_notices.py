"""What a lead's page says beside its number."""

from __future__ import annotations

from backend.vocabulary import FLAG_WORDS, Cause, Flag, cause_words
from console.notices import notices


def test_every_flag_says_something_or_is_known_to_be_silent() -> None:
    assert set(Flag) - set(FLAG_WORDS) == {Flag.NO_NEIGHBOURS}
    for flag in FLAG_WORDS:
        assert notices([flag.value]), flag


def test_a_thing_is_said_once_and_a_used_up_budget_explains_what_is_missing() -> None:
    assert len(notices(["embeddings_away", "index_away"])) == 1
    titles = [title for title, _, _ in notices(["analyst_away", "reader_away", "over_budget"])]
    assert titles == ["Today's AI budget is used up"]


def test_a_flag_of_a_newer_release_is_silent_and_a_cause_reads_scored() -> None:
    assert notices(["brand_new"]) == []
    assert cause_words("brand_new") == "Scored"
    assert all(cause_words(cause.value) != "Scored" for cause in Cause)
