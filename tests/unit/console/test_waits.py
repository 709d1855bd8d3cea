from __future__ import annotations

import pytest

from console.tables import spell
from console.views.progress import left


@pytest.mark.parametrize(
    ("gone_s", "share", "usual_s", "told"),
    [
        (10, 0.5, None, "about 10 s left"),
        (10, 0.0, 40, "about 30 s left"),
        (0, 0.0, 40, "about 40 s left"),
        (50, 0.95, 40, "running for 50 s"),
        (600, 0.0, None, "running for 10 min"),
        (100, 1.0, None, "running for 100 s"),
    ],
)
def test_a_wait_names_its_time(gone_s: float, share: float, usual_s: int | None, told: str) -> None:
    assert left(gone_s, share, usual_s) == told


def test_times_are_spelt_as_people_say_them() -> None:
    found = [spell(s) for s in (1, 119, 120, 7_199, 7_200, 172_799, 172_800)]
    assert found == ["1 s", "119 s", "2 min", "119 min", "2 h", "47 h", "2 days"]
