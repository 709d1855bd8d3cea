"""What sells in the invented market, as log-odds. Known to nobody but the generator.

The numbers are arbitrary on purpose: a scorer has to find them in the data. Values that are
missing or misspelt in a record still count with their true value here, as in life.
"""

from __future__ import annotations

import math

from sandbox.generator.sketches import Company, Person

_INDUSTRY = {
    "LOGISTICS_AND_SUPPLY_CHAIN": 1.3,
    "MACHINERY": 0.9,
    "COMPUTER_SOFTWARE": 0.7,
    "FINANCIAL_SERVICES": 0.4,
    "INFORMATION_TECHNOLOGY_AND_SERVICES": 0.3,
    "HOSPITAL_HEALTH_CARE": -0.1,
    "CONSTRUCTION": -0.2,
    "RETAIL": -0.3,
    "MARKETING_AND_ADVERTISING": -0.7,
    "HOSPITALITY": -0.9,
    "EDUCATION_MANAGEMENT": -1.0,
    "NON_PROFIT_ORGANIZATION_MANAGEMENT": -1.3,
}
_REGION = {"americas": 0.5, "europe": 0.2, "asia": -0.3, "latam": -0.6}
_TECHNOLOGY = {
    "netsuite": 0.6,
    "salesforce": 0.5,
    "sap": 0.4,
    "snowflake": 0.3,
    "wordpress": -0.4,
    "magento": -0.3,
}
_SENIORITY = {
    "owner": 0.2,
    "executive": 0.8,
    "vp": 0.9,
    "director": 0.7,
    "manager": 0.1,
    "individual": -0.6,
    "entry": -1.6,
}
_DEPARTMENT = {"Operations": 0.5, "Supply Chain": 0.6, "IT": 0.2, "HR": -0.5, "Marketing": -0.2}
_SOURCE = {
    "REFERRALS": 0.8,
    "ORGANIC_SEARCH": 0.3,
    "AI_REFERRALS": 0.3,
    "DIRECT_TRAFFIC": 0.1,
    "PAID_SEARCH": -0.1,
    "EMAIL_MARKETING": -0.1,
    "SOCIAL_MEDIA": -0.4,
    "PAID_SOCIAL": -0.6,
    "OFFLINE": -0.3,
}
_BUDGET = {
    "under_10k": -0.9,
    "10k_50k": -0.2,
    "50k_100k": 0.3,
    "100k_250k": 0.5,
    "over_250k": 0.4,
}
INTEREST = 1.1  # log-odds per unit of interest (mean 0, deviation 1)
BIAS = -1.5


def company_pull(company: Company) -> float:
    """How well a company fits; the best size is near 400 people."""
    size = 0.8 - 0.35 * abs(math.log(company.employees / 400))
    technology = sum(_TECHNOLOGY.get(name, 0.0) for name in company.technologies)
    return (
        _INDUSTRY[company.industry]
        + _REGION[company.region]
        + _BUDGET[company.budget]
        + size
        + max(-0.8, min(1.0, technology))
    )


def person_pull(person: Person) -> float:
    """How far a person can and wants to buy."""
    return (
        _SENIORITY[person.seniority]
        + _DEPARTMENT.get(person.department, 0.0)
        + _SOURCE[person.source]
        + INTEREST * person.interest
    )


def win_chance(company: Company | None, person: Person) -> float:
    """The true chance that a deal with this person is won."""
    pull = person_pull(person) + (company_pull(company) if company else -1.0) + BIAS
    return 1 / (1 + math.exp(-pull))
