"""Whose domain an address is at; a line is a case."""

from __future__ import annotations

import pytest

from backend.model import EligibilityRules
from backend.scoring.facts.contact_facts import contact_facts, email_kind
from backend.scoring.facts.eligibility import ineligible_reason

FREE_LINES = """
gmail.com yahoo.co.jp yahoo.ca ymail.com hotmail.be hotmail.com.tr outlook.com.br live.com.au gmx.eu
gmx.info icloud.com proton.me tuta.com t-online.de vodafone.de aon.at bluewin.ch wanadoo.fr neuf.fr
libero.it ono.com netcabo.pt globo.com ziggo.nl telenet.be comhem.se online.no stofanet.dk
elisanet.fi onet.pl seznam.cz azet.sk freemail.hu abv.bg mail.ru rambler.ru qq.com 139.com
naver.com nate.com
docomo.ne.jp nifty.com hinet.net rediffmail.com bigpond.com xtra.co.nz telkomsa.net comcast.net
inet.hr gmai.com superonline.com
sbcglobal.net juno.com shaw.ca btinternet.com virgin.net eircom.net mailinator.com guerrillamail.com
"""
COMPANY_LINES = """
cox.com
siemens.com sap.com bosch.de telekom.de bt.com orange.com att.com verizon.com poste.it dell.com
stanford.edu tum.de hubspot.com facebook.com twitter.com live.tv mailchimp.com acme.co.uk
"""


@pytest.mark.parametrize("domain", FREE_LINES.split())
def test_free_and_throw_away_mail_says_nothing_about_an_employer(domain: str) -> None:
    assert email_kind(domain) == "free"


@pytest.mark.parametrize("domain", COMPANY_LINES.split())
def test_a_company_s_domain_is_none_of_free_mail(domain: str) -> None:
    assert email_kind(domain) == "company"


@pytest.mark.parametrize("email", ["test@test.com", "a@example.com", "x@y.test", "me@domain.com"])
def test_an_address_that_nobody_has_is_no_lead(email: str) -> None:
    facts = contact_facts({"email": email}, {})
    assert ineligible_reason("1", facts, EligibilityRules()) is not None
    assert (
        ineligible_reason("1", contact_facts({"email": "a@b.com"}, {}), EligibilityRules()) is None
    )
