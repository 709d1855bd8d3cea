"""What records show of the truth: values go missing and are spelt as people spell them."""

from __future__ import annotations

import random

from sandbox.generator import vocabulary as words
from sandbox.generator.sketches import Company, Person


def company_values(rng: random.Random, company: Company) -> dict[str, str]:
    """A company's properties."""
    listed = [rng.choice(words.TECHNOLOGIES[name]) for name in company.technologies]
    separator = rng.choice(("; ", ", ", ";", " / "))
    known = [name for name in company.technologies if name in _WEB_TECHNOLOGIES]
    return {
        "name": company.name,
        "domain": _gap(rng, 0.03, company.domain),
        "website": _gap(rng, 0.3, f"https://www.{company.domain}"),
        "industry": _gap(rng, 0.10, company.industry),
        "numberofemployees": _gap(rng, 0.14, str(_rounded(rng, company.employees))),
        "annualrevenue": _gap(rng, 0.28, str(company.revenue)),
        "city": _gap(rng, 0.08, company.city),
        "state": _gap(rng, 0.15, company.state),
        "country": _gap(rng, 0.07, _country(rng, company.country)),
        "description": _gap(rng, 0.2, _description(rng, company)),
        "web_technologies": _gap(rng, 0.35, ";".join(known)),
        "technologies": _gap(rng, 0.18, separator.join(listed)),
        "budget_range": _gap(rng, 0.45, company.budget),
        "type": rng.choice(("PROSPECT", "PROSPECT", "PROSPECT", "PARTNER", "")),
        "lifecyclestage": "lead",
    }


_WEB_TECHNOLOGIES = {
    "salesforce",
    "hubspot",
    "aws",
    "azure",
    "google_cloud",
    "sap",
    "netsuite",
    "shopify",
    "wordpress",
    "zendesk",
    "stripe",
    "snowflake",
    "kubernetes",
    "react",
    "magento",
    "oracle",
    "slack",
}


def _gap(rng: random.Random, share: float, value: str) -> str:
    return "" if rng.random() < share else value


def _rounded(rng: random.Random, number: int) -> int:
    return number if rng.random() < 0.6 or number < 20 else round(number, -1)


def _country(rng: random.Random, country: str) -> str:
    return country if rng.random() < 0.75 else rng.choice(words.PLACES[country][2])


def _description(rng: random.Random, company: Company) -> str:
    opening = rng.choice(("is based in", "has its home in", "works from"))
    uses = words.TECHNOLOGIES[company.technologies[0]][0]
    return (
        f"{company.name} {opening} {company.city} and {words.BUSINESS[company.industry]}. "
        f"It employs about {_rounded(rng, company.employees)} people and relies on {uses}."
    )


def contact_values(rng: random.Random, person: Person, seen: set[str]) -> dict[str, str]:
    """A contact's properties when it was created."""
    company = person.company
    bounced = rng.random() < 0.03
    return {
        "firstname": person.first if rng.random() > 0.03 else person.first.lower(),
        "lastname": _gap(rng, 0.03, person.last),
        "email": _email(rng, person, seen),
        "jobtitle": _gap(rng, 0.13, job_title(rng, person)),
        "phone": _gap(rng, 0.38, f"+1 555 01{rng.randrange(100):02d} {rng.randrange(100):02d}"),
        "company": "" if company is None else _gap(rng, 0.3, company.name),
        "city": "" if company is None else _gap(rng, 0.35, company.city),
        "state": "" if company is None else _gap(rng, 0.5, company.state),
        "country": "" if company is None else _gap(rng, 0.25, _country(rng, company.country)),
        "message": _message(rng, person),
        "hs_analytics_source": _gap(rng, 0.04, person.source),
        "hs_email_optout": "true" if rng.random() < 0.05 else "",
        "hs_email_bounce": "1" if bounced else "",
        "hs_email_hard_bounce_reason_enum": "UNKNOWN_USER" if bounced else "",
        "team_size": _gap(rng, 0.8, str(rng.choice((5, 12, 40, 200)))),
    }


def _email(rng: random.Random, person: Person, seen: set[str]) -> str:
    if rng.random() < 0.02:
        return ""
    free = person.company is None or rng.random() < 0.05
    domain = (
        rng.choice(words.FREE_MAIL) if free or person.company is None else person.company.domain
    )
    local = f"{person.first}.{person.last}".lower()
    email, number = f"{local}@{domain}", 2
    while email in seen:
        email, number = f"{local}{number}@{domain}", number + 1
    seen.add(email)
    return email


def job_title(rng: random.Random, person: Person) -> str:
    """A title as people write it."""
    title = rng.choice(words.SENIORITIES[person.seniority]).format(person.department)
    spelling = rng.random()
    if spelling < 0.08:
        return title.lower()
    if spelling < 0.12:
        return title.upper()
    if spelling < 0.16:
        return title.replace("Director", "Dir.").replace("Manager", "Mgr")
    return title


def _message(rng: random.Random, person: Person) -> str:
    if rng.random() < 0.72:
        return ""
    mood = "hot" if person.interest > 0.7 else "cold" if person.interest < -0.9 else "warm"
    uses = person.company.technologies[0] if person.company else "slack"
    text = rng.choice(words.MESSAGES[mood])
    return text.format(n=rng.choice((10, 25, 60, 150)), tech=words.TECHNOLOGIES[uses][0])
