"""The text reader without an account: patterns in the languages leads write in.

Closed enumerations only, and a quote that is the matching sentence itself. What it finds is worth
at most 3 points (`scoring.read_text`), so a missed or a wrong match costs little.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from backend.config import ANSWER_WITHIN_S
from backend.errors import LeadlightError
from backend.model import TextReading, Usage
from backend.scoring.read_text import QUOTE_MAX, unfenced
from backend.scoring.text.manipulation import suspected

_INTENT: Final = (  # strongest first
    (
        "purchase",
        r"\b(?:want|like|ready|plan\w*|decided|going) to (?:buy|purchase|order|sign|"
        "subscribe)|"
        r"\bplace an order|\bsend (?:us |me )?(?:the|a) contract|\bkaufen|\bbestellen|"
        r"\bacheter|\bcommander|\bcomprar|\bcontratar|\bacquistare|\bkopen|\bkupić",
    ),
    (
        "price",
        r"\bpric(?:e|es|ing)\b|\bquot(?:e|ation)\b|\bhow much (?:is|does|would|do)\b|"
        "\bcosts?\b|"
        r"\bpreis\w*|\bangebot\w*|\bkosten\b|\bprix\b|\bdevis\b|\btarif\w*|\bprecios?\b|"
        r"\bpresupuesto\b|\bcotizaci[oó]n|\bprezz[oi]\b|\bpreventivo|\bpreços?\b|\borçamento|"
        r"\bprijs\w*|\bofferte\b|\bcen[ay]\b|\bwycen\w*",
    ),
    (
        "trial",
        r"\btrial\b|\bdemo\b|\bproof of concept\b|\bpoc\b|\bpilot\b|\btest account|"
        "\btesten\b|"
        r"\btestzugang|\bvorführung|\bessai\b|\bdémo\b|\bprueba\b|\bprova\b|\bteste\b|"
        r"\bproef\w*",
    ),
    (
        "information",
        r"\bmore information\b|\blearn more\b|\bquestion\b|\btell me more\b|"
        "\bdetails\b|"
        r"\bbrochure\b|\bwebinar\b|\bdo you (?:support|offer|integrate)|"
        r"\binformationen\b|"
        r"\bfrage\b|\brenseignements?\b|\binformaci[oó]n|\binformazioni|\binformações|"
        r"\binformatie\b",
    ),
)
_TIMELINE: Final = (
    (
        "now",
        r"\basap\b|\burgent\w*|\bimmediately\b|\bright away\b|\bthis (?:week|month)\b|"
        r"\bby (?:next week|the end of (?:the|this) month)|\btoday\b|\bdringend|\bsofort|"
        r"\bdiese (?:woche|r? monat)|\bau plus vite|\bcette semaine|\burgente\b|\besta semana|"
        r"\bquesta settimana|\bsubito\b|\bspoed|\bdeze week|\bpilne",
    ),
    (
        "this_quarter",
        r"\bthis quarter\b|\bnext month\b|\bwithin (?:\w+ )?(?:weeks|two months|"
        "three months)|"
        r"\bin [2-9] weeks|\bby (?:the )?end of (?:the )?(?:quarter|q[1-4])|"
        r"\bdieses quartal|"
        r"\bnächsten monat|\bce trimestre|\bmois prochain|\beste trimestre|"
        r"\bpróximo mes|"
        r"\bprossimo mese|\bvolgende maand",
    ),
    (
        "later",
        r"\bnext year\b|\bnext quarter\b|\blater this year\b|\bin (?:six|6|nine|9|twelve|"
        "12) months|"
        r"\bno(?:t| particular)? (?:rush|hurry)|\bnächstes jahr|\bl'année prochaine|"
        r"\bpróximo año|"
        r"\bl'anno prossimo|\bvolgend jaar",
    ),
)
_ROLE: Final = (
    (
        "decision_maker",
        r"\bi(?:'m| am) the (?:ceo|cto|cfo|coo|cio|founder|owner|head|director|"
        "managing)|"
        r"\bi (?:decide|sign|approve)\b|\bmy decision\b|\bour company'?s owner|"
        r"\bich entscheide|\bich bin (?:der|die) (?:gesch\w+|inhaber\w*|leiter\w*)|"
        r"\bje suis (?:le|la) (?:directeur|directrice|gérant)|\bsoy (?:el|"
        r"la) (?:dueñ|direct)",
    ),
    (
        "influencer",
        r"\bmy (?:boss|manager|team lead|director)\b|\bi(?:'m| am) evaluating\b|"
        r"\bon behalf of\b|\bcomparing (?:vendors|tools|solutions)|\bmein chef|"
        r"\bmon patron|"
        r"\bmi jefe|\bil mio capo",
    ),
    ("user", r"\bi use\b|\bwe use (?:it|you|your)\b|\bas a user\b|\bich nutze|\bj'utilise|\buso\b"),
)
_BUDGET: Final = (
    r"\bbudget\b(?! airline)|\bfunding (?:is )?(?:approved|secured)|(?:[$€£]\s?\d|\d\s?[$€£])|"
    r"\b\d[\d.,]{0,20}\s?(?:k|mio|million)?\s?(?:usd|eur|euros?|dollars?|pounds?|gbp|chf)\b|"
    r"\bpresupuesto de|"
    r"\bbudget de|\bbudget von"
)
_COMPLAINT: Final = (
    r"\bcomplain\w*|\brefund\b|\bunacceptable\b|\bterrible\b|\bawful\b|\bdisappoint\w*|\bscam\b|"
    r"\bcancel (?:my|our|the)\b|\bdoes(?:n't| not) work\b|\bbeschwer\w*|\bunzufrieden|\bkündig\w*|"
    r"\bréclamation|\bmécontent|\bremboursement|\bqueja\b|\breclamaci[oó]n|\breembolso|\breclamo\b|"
    r"\brimborso|\breclamação|\bklacht"
)
_JOB: Final = (
    r"\b(?:my|attached|send) (?:cv|resume|résumé)\b|\bjob (?:application|opening|opportunit\w+|"
    r"offer)|"
    r"\bapply(?:ing)? for (?:a|the|your) (?:job|position|role|internship)|\blooking for (?:a |an )?"
    r"(?:job|internship|position)|\bare you hiring\b|\bopen positions?\b|\bbewerb(?:ung|e mich)\b|"
    r"\bpraktikum\b|\bstellenangebot|\bcandidature\b|\boffre d'emploi|\bstage de fin|\bempleo\b|"
    r"\bmi currículum|\bcandidatura\b|\blavoro presso|\bvaga de\b|\bsollicit(?:atie|eren)"
)


Rules = tuple[tuple[str, re.Pattern[str]], ...]


def _compiled(rules: Sequence[tuple[str, str]]) -> Rules:
    return tuple((name, re.compile(pattern)) for name, pattern in rules)


_INTENT_RULES: Final = _compiled(_INTENT)
_TIMELINE_RULES: Final = _compiled(_TIMELINE)
_ROLE_RULES: Final = _compiled(_ROLE)
_BUDGET_RULE: Final = re.compile(_BUDGET)
_COMPLAINT_RULE: Final = re.compile(_COMPLAINT)
_JOB_RULE: Final = re.compile(_JOB)


class RuleReader:
    """The TextReader port by patterns; deterministic, costs nothing."""

    name = "rules"

    def cost(self, text: str) -> Usage:
        """Nothing."""
        return Usage()

    def read(
        self, texts: Sequence[str], within_s: float = ANSWER_WITHIN_S
    ) -> list[TextReading | LeadlightError]:
        """One reading per text, in order; the texts may be fenced."""
        return [read_one(text) for text in texts]


def read_one(text: str) -> TextReading:
    """What one text says."""
    body = unfenced(text)
    if not body:
        return TextReading(model="rules-1")
    if suspected(body):
        return TextReading(manipulation_suspected=True, model="rules-1")
    folded = body.casefold()
    return TextReading(
        intent=_first(_INTENT_RULES, folded, "none"),  # type: ignore[arg-type]
        timeline=_first(_TIMELINE_RULES, folded, "none"),  # type: ignore[arg-type]
        budget_mentioned=_BUDGET_RULE.search(folded) is not None,
        role=_first(_ROLE_RULES, folded, "unknown"),  # type: ignore[arg-type]
        complaint=_COMPLAINT_RULE.search(folded) is not None,
        job_seeker=_JOB_RULE.search(folded) is not None,
        quote=_quote(body),
        model="rules-1",
    )


def _first(rules: Rules, text: str, otherwise: str) -> str:
    return next((name for name, pattern in rules if pattern.search(text)), otherwise)


def _quote(body: str) -> str:
    """The first sentence with a finding, strongest kind first; "" when there is none."""
    sentences = [s.strip() for s in re.split(r"(?<=[.!?])\s+|\n+", body)]
    short = [(each, each.casefold()) for each in sentences if 0 < len(each) <= QUOTE_MAX]
    wanted = (
        *(p for _, p in _INTENT_RULES),
        *(p for _, p in _TIMELINE_RULES),
        _COMPLAINT_RULE,
        _JOB_RULE,
    )
    for pattern in wanted:
        for sentence, folded in short:
            if pattern.search(folded):
                return sentence
    return ""
