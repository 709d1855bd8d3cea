from __future__ import annotations

from backend.scoring.points.profile_csv import TITLES, read_profile
from backend.services.learning.profile_changes import doubts
from console.tables import csv_of
from console.views.profile import EXAMPLE


def test_the_example_that_is_offered_can_be_imported() -> None:
    columns = {title: title for title in TITLES.values()}
    found = read_profile(csv_of(EXAMPLE, columns).encode())
    assert found.problems == ()
    assert len(found.clients) == len(EXAMPLE)


def test_a_profile_of_few_or_like_clients_is_doubted() -> None:
    columns = {title: title for title in TITLES.values()}
    few = read_profile(csv_of(EXAMPLE, columns).encode()).clients
    assert [told.split(":")[0] for told in doubts(few)] == ["Only 3 ideal clients"]
    alike = read_profile(csv_of(EXAMPLE[:1] * 8 + EXAMPLE, columns).encode()).clients
    assert [told.split(":")[0].split(" ", 1)[1] for told in doubts(alike)] == [
        "of 11 rows are the same as another one in all six fields"
    ]
    assert doubts(()) == ()
