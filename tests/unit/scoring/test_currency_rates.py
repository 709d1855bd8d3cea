"""A portal's own currency rates go before the listed ones. A line teaches a case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from backend.cli.portals.portal_settings import OTHERS
from backend.errors import BadInput
from backend.model import CrmRecord, PortalSettings
from backend.scoring.collect import mirror_record
from backend.scoring.points.profile_csv import read_profile
from backend.scoring.values import bins
from backend.storage.portals.portals import settings_from_json, settings_to_json

CASES: tuple[tuple[str, Mapping[str, float], str], ...] = (
    ("1,000,000,000 JPY", {}, "1M-10M"),
    ("1,000,000,000 JPY", {"JPY": 0.02}, "10M-50M"),
    ("600 M€", {}, "500M-1B"),
    ("600 M€", {"EUR": 2.5}, "1B+"),
    ("30,000,000 AED", {}, ""),
    ("30,000,000 AED", {"AED": 0.27}, "1M-10M"),
    ("$30,000,000", {"JPY": 0.02}, "10M-50M"),
    ("30,000,000", {"EUR": 100.0}, "10M-50M"),
)


@pytest.mark.parametrize(("text", "rates", "expected"), CASES)
def test_a_portal_s_rate_goes_first(text: str, rates: Mapping[str, float], expected: str) -> None:
    assert bins.parse("revenue_range", text, rates) == expected
    record = CrmRecord("companies", "1", {"annualrevenue": text}, datetime(2026, 1, 1, tzinfo=UTC))
    facts = mirror_record(record, {}, rates=rates)[0].facts
    assert facts.get("revenue_range", "") == expected


def test_files_are_read_with_the_same_rates() -> None:
    file = "Industry;Employees;Revenue;Country;Technologies;Budget\nBanking;50;30000000 AED;;;\n"
    assert read_profile(file.encode(), {}, {"AED": 0.27}).clients[0].revenue_range == "1M-10M"
    assert read_profile(file.encode()).problems


def test_rates_are_kept_with_the_settings() -> None:
    settings = replace(PortalSettings(), currency_rates={"AED": 0.27})
    assert settings_from_json(settings_to_json(settings)) == settings


def test_rates_are_written_as_code_and_dollars() -> None:
    _, read = OTHERS["currency-rates"]
    assert read("jpy:0.0066, TWD:0.031") == {"JPY": 0.0066, "TWD": 0.031}
    assert read("") == {}
    with pytest.raises(BadInput, match="CODE:DOLLARS"):
        read("JPY=7")
