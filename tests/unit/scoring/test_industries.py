"""Industries as HubSpot stores, shows and people write them. A line in SAME teaches a spelling."""

from __future__ import annotations

import pytest

from backend.scoring.values.industries import INDUSTRIES, industry_key
from sandbox.state.defaults import default_catalog

# Every spelling of a line is one industry; the first is HubSpot's stored value.
SAME = (
    "COMPUTER_SOFTWARE|Computer Software|software|SaaS|Software as a Service|Software (SaaS)",
    "INFORMATION_TECHNOLOGY_AND_SERVICES|IT|IT Services|Information Technology & Services",
    "LOGISTICS_AND_SUPPLY_CHAIN|Logistics & Supply Chain|Logistics|Logistik",
    "APPAREL_FASHION|Apparel & Fashion|Apparel and Fashion|Fashion",
    "FOOD_BEVERAGES|Food & Beverages|Food and Beverages",
    "OIL_ENERGY|Oil & Energy|Oil and Energy",
    "HOSPITAL_HEALTH_CARE|Hospital & Health Care|Healthcare|Health Care",
    "RENEWABLES_ENVIRONMENT|Renewables & Environment|Renewables and Environment",
    "MARKETING_AND_ADVERTISING|Marketing & Advertising|Marketing and Advertising",
    "NON_PROFIT_ORGANIZATION_MANAGEMENT|Non-profit Organization Management",
    "E_LEARNING|E-Learning|e learning",
    "BANKING|Banking|Banken",
    "INSURANCE|Insurance|Versicherung|Assurance|Assurances|Seguros|保険",
    "REAL_ESTATE|Real Estate|Immobilien|Inmobiliaria|不動産",
    "CONSTRUCTION|Construction|Bau|Construcción|BTP",
    "RETAIL|Retail|Einzelhandel|Varejo|小売",
    "FINANCIAL_SERVICES|Financial Services|Finance|FinTech",
)
DIFFERENT = (
    ("Manufacturing", "electrical electronic manufacturing"),
    ("Retail", "wholesale"),
    ("Consulting", "computer software"),
    ("Security", "computer network security"),
)


@pytest.mark.parametrize("line", SAME)
def test_spellings_of_an_industry_are_one(line: str) -> None:
    keys = {spelling: industry_key(spelling) for spelling in line.split("|")}
    assert len(set(keys.values())) == 1, keys
    assert "" not in keys.values()


@pytest.mark.parametrize(("text", "other"), DIFFERENT)
def test_an_industry_is_not_a_narrower_one(text: str, other: str) -> None:
    assert industry_key(text) != other


def test_every_option_of_hubspot_s_is_one_by_value_and_by_label() -> None:
    options = default_catalog("companies", 0).require("industry").options
    assert len(options) > 100
    for option in options:
        assert industry_key(option.value) in INDUSTRIES, option
        assert industry_key(option.value) == industry_key(option.label), option
