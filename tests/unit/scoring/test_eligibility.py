from __future__ import annotations

import pytest

from backend.model import EligibilityRules
from backend.scoring.facts.eligibility import colleagues_domains, ineligible_reason

RULES = EligibilityRules(
    own_domains=("Acme.example",),
    excluded_domains=("@rival.example",),
    excluded_contact_ids=("13",),
    free_mail_allowed=False,
)


@pytest.mark.parametrize(
    ("contact_id", "facts", "word"),
    [
        ("1", {"lifecycle_stage": "customer"}, "customer"),
        ("1", {"email_domain": "acme.example"}, "colleague"),
        ("1", {"email_domain": "mail.acme.example"}, "colleague"),
        ("1", {"email_domain": "rival.example"}, "excluded"),
        ("13", {}, "exclusion list"),
        ("1", {"email_domain": "gmail.com", "email_kind": "free"}, "Free mail"),
    ],
)
def test_the_reason_is_in_plain_words(contact_id: str, facts: dict[str, str], word: str) -> None:
    assert word in str(ineligible_reason(contact_id, facts, RULES))


@pytest.mark.parametrize(
    "facts",
    [{}, {"lifecycle_stage": "lead"}, {"email_domain": "notacme.example", "email_kind": "company"}],
)
def test_everybody_else_is_a_lead(facts: dict[str, str]) -> None:
    assert ineligible_reason("1", facts, RULES) is None


def test_free_mail_is_welcome_by_default_and_a_deleted_contact_is_not() -> None:
    free = {"email_domain": "gmail.com", "email_kind": "free"}
    assert ineligible_reason("1", free, EligibilityRules()) is None
    assert "deleted" in str(ineligible_reason("1", {}, EligibilityRules(), archived=True))


def test_the_owners_domains_are_the_portal_s_own_but_not_those_of_free_mail() -> None:
    emails = ["a@Acme.example", "b@acme.example", "c@gmail.com", "test@test.com", "", "d"]
    assert colleagues_domains(emails) == ("acme.example",)


@pytest.mark.parametrize(
    "domain",
    [
        "GMail.com",
        "googlemail.com",
        "outlook.com",
        "hotmail.co.uk",
        "yahoo.fr",
        "web.de",
        "gmx.net",
        "icloud.com",
        "proton.me",
        "mail.ru",
        "qq.com",
        "example.com",
    ],
)
def test_a_free_mail_domain_of_an_owner_is_never_the_portal_s_own(domain: str) -> None:
    assert colleagues_domains([f"owner@{domain}"]) == ()
