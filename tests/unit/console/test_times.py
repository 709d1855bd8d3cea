"""Times in the portal's time zone, with the year where it is not this one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import streamlit as st

from console.tables import ZONE, when, zone_of

THIS = datetime.now(UTC).year


@pytest.fixture(autouse=True)
def _no_zone_after() -> Iterator[None]:
    yield
    st.session_state.pop(ZONE, None)


@pytest.mark.parametrize(
    ("zone", "text", "shown"),
    [
        ("UTC", f"{THIS}-03-04T23:30:00+00:00", "04 Mar, 23:30"),
        ("Europe/Berlin", f"{THIS}-03-04T23:30:00+00:00", "05 Mar, 00:30"),
        ("Europe/Berlin", f"{THIS}-07-04T23:30:00+00:00", "05 Jul, 01:30"),
        ("America/New_York", f"{THIS}-03-05T02:30:00Z", "04 Mar, 21:30"),
        ("Asia/Kolkata", f"{THIS}-03-04T20:00:00+00:00", "05 Mar, 01:30"),
        ("Mars/Olympus", f"{THIS}-03-04T20:00:00+00:00", "04 Mar, 20:00"),
        ("Europe/Berlin", "2019-12-31T23:30:00+00:00", "01 Jan 2020, 00:30"),
    ],
)
def test_a_time_is_the_portals(zone: str, text: str, shown: str) -> None:
    st.session_state[ZONE] = zone_of(zone)
    assert when(text) == shown


def test_it_is_utc_before_the_zone_is_known_and_empty_without_a_time() -> None:
    assert when(f"{THIS}-03-04T23:30:00+00:00") == "04 Mar, 23:30"
    assert (when(None), when("")) == ("", "")
