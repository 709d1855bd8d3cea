"""Which deal pipelines are sales: by their names, and by who the deals in them are won with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from backend.learning.data.outcomes import CUSTOMER_STAGES, LeadHistory
from backend.model import DealFact
from backend.scoring.values.folding import words_of

MIN_CONTACTS: Final = 5  # won in a pipeline; with fewer its deals say nothing about it
# Parts of folded names of pipelines that are no new business. One line a kind, any language.
_NOT_SALES: Final = (
    "recruit|hiring|candidate|applicant|talent acqui|bewerb|personalgewinn|personalsuche|recrut",
    "reclut|selezion|rekrut|rekryt|werving|採用|招聘|채용",
    "stellenbesetzung|mitarbeitergewinn|contratacion de personal|assunzion|nabor|ise alim|สรรหา",
    "onboard|implement|einfuhrung|einrichtung|deploy|rollout|roll out|fulfil|delivery|puesta en",
    "導入|オンボーディング|实施|온보딩|deploiement|integration client|implanta|integracao de cli|"
    "inwerken|wdrozeni",
    "renewal|renouvel|renovaci|renovaca|rinnov|verlanger|verleng|odnow|fornye|fornyel|retention|更新|续约|续费|갱신|"
    "yenileme|ต่ออายุ",
    "customer success|support|churn|win back|winback|kundenbetreuung|cancellation|kundigung",
    "fundrais|investor|procure|purchasing|einkauf|supplier|lieferant|fournisseur|proveedor",
)
_STEMS: Final = tuple(words_of(part) for line in _NOT_SALES for part in line.split("|"))


@dataclass(frozen=True, slots=True)
class PipelineUse:
    """One deal pipeline. `won`: its won deals; `contacts` were won in it, of them `customers` had
    been customers before. `sales`: its wins count; `why` says what speaks for that."""

    pipeline: str
    label: str
    won: int
    contacts: int
    customers: int
    sales: bool
    why: str


def pipelines_in_use(
    leads: Sequence[LeadHistory],
    company_deals: Iterable[DealFact],
    labels: Mapping[str, str],
    named: Sequence[str],
) -> tuple[PipelineUse, ...]:
    """Every pipeline that the portal has or a deal is in, sales first.

    `leads` with all their deals. Without names of an admin's a pipeline is sales unless its name
    or its deals say otherwise, and where nothing would be left, every pipeline is.
    """
    won: dict[str, set[str]] = {pipeline: set() for pipeline in labels}
    contacts = dict.fromkeys(labels, 0)
    customers = dict.fromkeys(labels, 0)
    for deal in company_deals:
        ids = won.setdefault(deal.pipeline, set())
        ids |= {deal.deal_id} if deal.outcome == "won" else set()
    for lead in leads:
        for deal in lead.deals:
            won.setdefault(deal.pipeline, set())
            won[deal.pipeline] |= {deal.deal_id} if deal.outcome == "won" else set()
        for pipeline, first in _first_wins(lead).items():
            contacts[pipeline] = contacts.get(pipeline, 0) + 1
            customers[pipeline] = customers.get(pipeline, 0) + _was_customer(lead, first)
    found = [
        _judged(one, labels.get(one, one), len(ids), contacts.get(one, 0), customers.get(one, 0))
        for one, ids in won.items()
        if one
    ]
    if named:
        found = [replace(one, sales=one.pipeline in named, why="") for one in found]
    elif not any(one.sales for one in found):
        found = [replace(one, sales=True, why="no other is left") for one in found]
    return tuple(sorted(found, key=lambda one: (not one.sales, -one.won, one.label)))


def sales_only(lead: LeadHistory, sales: frozenset[str]) -> LeadHistory:
    """The lead with its deals of these pipelines; a deal of no known pipeline stays."""
    kept = tuple(deal for deal in lead.deals if is_of(deal, sales))
    elsewhere = any(d.outcome == "won" for d in lead.deals if not is_of(d, sales))
    return replace(lead, deals=kept, won_elsewhere=elsewhere)


def is_of(deal: DealFact, pipelines: frozenset[str]) -> bool:
    """Whether the deal is in one of them, or HubSpot does not say in which."""
    return not deal.pipeline or deal.pipeline in pipelines


def says_not_sales(label: str) -> bool:
    """Whether a pipeline's name says that what is won in it is no new customer."""
    name = words_of(label)
    return any(stem in name for stem in _STEMS)


def _judged(pipeline: str, label: str, won: int, contacts: int, customers: int) -> PipelineUse:
    by_name = says_not_sales(label)
    by_deals = contacts >= MIN_CONTACTS and customers > contacts / 2
    why = ""
    if by_name:
        why = "its name says that it is not sales"
    elif by_deals:
        why = f"{customers} of {contacts} contacts won in it were customers before"
    return PipelineUse(
        pipeline, label, won, contacts, customers, sales=not (by_name or by_deals), why=why
    )


def _first_wins(lead: LeadHistory) -> dict[str, DealFact]:
    """The lead's first won deal in each pipeline."""
    found: dict[str, DealFact] = {}
    for deal in lead.deals:  # oldest first
        if deal.outcome == "won":
            found.setdefault(deal.pipeline, deal)
    return found


def _was_customer(lead: LeadHistory, deal: DealFact) -> bool:
    """Whether a deal in another pipeline, or the lifecycle stage, came before this one began."""
    day = lead.became_customer_on
    by_stage = lead.stage in CUSTOMER_STAGES and day is not None and day < deal.created_at.date()
    return by_stage or any(
        other.outcome == "won"
        and other.pipeline != deal.pipeline
        and other.closed_at is not None
        and other.closed_at <= deal.created_at
        for other in lead.deals
    )
