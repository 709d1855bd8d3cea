"""The card's answers and requests: pydantic here, zod in the card, the latter made from the former.

Every text is one plain line of limited length: the card draws it as text, and a hostile value can
neither break a line nor fill the screen. `backend.web.card.typescript` writes the TypeScript.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from backend.scoring.text.plain_text import visible

TEXT_MAX = 400  # characters of one value
COMMENT_MAX = 500  # characters of a rep's own words
LONG_TEXT_MAX = 2_000  # characters of the reasoning
FACTORS_MAX = 40
NEIGHBOURS_MAX = 12
HISTORY_MAX = 20
ACCOUNT_LEADS_MAX = 10
DEAL_LEADS_MAX = 10
_SPACES = re.compile(r"\s+")


def one_line(text: Any, most: int = TEXT_MAX) -> Any:
    """Without control, format and invisible characters; at most `most` characters."""
    if not isinstance(text, str):
        return text
    line = _SPACES.sub(" ", visible(text)).strip()
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


Text = Annotated[str, BeforeValidator(one_line)]
LongText = Annotated[str, BeforeValidator(lambda text: one_line(text, LONG_TEXT_MAX))]
FeedbackReason = Literal[
    "too_high", "too_low", "wrong_facts", "missing_facts", "bad_timing", "known_otherwise"
]


class Shape(BaseModel):
    """Nothing beside the named fields leaves the backend."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Chance(Shape):
    """Probability of winning within the horizon; interval and sample from out-of-fold bins.
    `average`: of all leads, 0 where it is not known."""

    value: float
    low: float
    high: float
    sample: int
    horizon_days: int
    average: float


class Outcomes(Shape):
    """How far the portal is from a model of its own; counts stop at `needed`."""

    won: int
    lost: int
    needed: int


class Change(Shape):
    """What one factor did between two scores."""

    text: Text
    points: int


class Trend(Shape):
    """How far the score moved since the one before, and by what."""

    points: int
    since: str
    changes: list[Change]


class Factor(Shape):
    """`text` is label and value as a person reads them."""

    field: str
    label: Text
    text: Text
    value: Text
    points: int
    group: str
    comparison: Text


class Subtotal(Shape):
    """Points of one group; with 50 they add up to the score."""

    group: str
    points: int


class Missing(Shape):
    """A field nobody has filled in, and the most it could add."""

    field: str
    label: Text
    could_add: int


class Neighbour(Shape):
    """A similar ideal client or past lead. `contact_id` only for leads of this portal."""

    kind: Literal["ideal_client", "won", "lost"]
    label: Text
    facts: list[Text]
    similarity: float
    contact_id: str | None


class Quote(Shape):
    """Words of the lead, or about it: whose says `source`. `written_on` is a day, "" when unknown;
    `url` opens the activity in HubSpot, else the contact."""

    text: Text
    source: Literal["message", "email", "note", "description"]
    written_on: str
    url: str


class Opinion(Shape):
    """What the asking user said of this lead."""

    agrees: bool
    reason: FeedbackReason | Literal[""]
    score: int
    comment: Text


class LeadTask(Shape):
    """The lead's open task of our making; `url` opens it in HubSpot, "" until HubSpot has it."""

    created_at: str
    url: str
    failed: bool


class Pinned(Shape):
    """What a person set by hand, through which day, and why."""

    kind: Literal["high", "aside"]
    until: str
    reason: Text


class Lead(Shape):
    """Everything one paint of the sidebar card needs."""

    contact_id: str
    score: int = Field(ge=0, le=100)
    fit_level: Literal["High", "Medium", "Low"]
    segment: Text  # "" for none
    times_average_odds: float
    percentile: int | None
    population_leads: int
    chance: Chance | None
    outcomes: Outcomes | None
    trend: Trend | None
    since_look: Trend | None  # since this user looked before; 0 points: nothing is new
    next_action: Literal["Call", "Email", "Nurture", ""]  # "": no sales action
    action_reason: Text
    offered: Text  # why a Low lead is to be called once; "" for all others
    reasoning: LongText
    quote: Quote | None
    opener: LongText  # two sentences to copy; "" where nobody is to be written to
    factors: list[Factor]
    subtotals: list[Subtotal]
    missing: list[Missing]
    neighbours: list[Neighbour]
    flags: list[str]
    source: Literal["ai", "rules", "model"]
    model_version: int
    profile_version: int
    scored_at: str
    version: int
    rescoring: bool
    problem: Text
    mode: Literal["shadow", "live", "paused"]
    feedback: Opinion | None
    makes_tasks: bool  # whether POST /card/task writes to this account
    task: LeadTask | None
    pin: Pinned | None


class Moment(Shape):
    """One score of the past. `changes` is empty where factors are no longer kept."""

    scored_at: str
    score: int
    fit_level: Literal["High", "Medium", "Low"]
    cause: str
    changes: list[Change]


class Move(Shape):
    """Something that would raise the score, and by how much the formula says."""

    text: Text
    points: int


class History(Shape):
    """Everything one paint of the tab needs."""

    contact_id: str
    score: int
    fit_level: Literal["High", "Medium", "Low"]
    moments: list[Moment]
    moves: list[Move]
    neighbours: list[Neighbour]
    factors: list[Factor]
    subtotals: list[Subtotal]


class Connection(Shape):
    """What the settings page shows."""

    portal_id: int
    name: Text
    mode: Literal["shadow", "live", "paused"]
    missing_scopes: list[str]
    leads: int
    due: int
    last_scored: str | None
    claim_url: str  # where whoever installed the app becomes its first admin; "" once there is one


class AccountLead(Shape):
    """A lead of the company; `adds` are its points of the company's score."""

    contact_id: str
    name: Text
    score: int
    fit_level: Literal["High", "Medium", "Low"]
    next_action: Literal["Call", "Email", "Nurture", ""]
    department: Text
    adds: int


class AbsentDepartment(Shape):
    """Nobody of it is a lead of this company; `share` of the account's won contacts work there."""

    department: Text
    share: float


class Account(Shape):
    """Everything one paint of the company card needs; `adds` of all leads make the score."""

    company_id: str
    score: int = Field(ge=0, le=100)
    fit_level: Literal["High", "Medium", "Low"]
    leads: list[AccountLead]  # best first, at most ACCOUNT_LEADS_MAX
    further: int  # leads that are not shown
    absent: list[AbsentDepartment]
    mode: Literal["shadow", "live", "paused"]


class AccountAnswer(Shape):
    """GET /card/company"""

    ok: Literal[True] = True
    account: Account


class DealLead(Shape):
    """A contact of the deal. `now` is null for one that is no lead any more, `then` for one that
    had no score when the deal was created."""

    contact_id: str
    name: Text
    then: int | None
    now: int | None


class Deal(Shape):
    """Everything one paint of the deal card needs. `created_at` is the deal's."""

    deal_id: str
    created_at: str
    leads: list[DealLead]  # best first, at most DEAL_LEADS_MAX
    further: int  # contacts that are not shown
    mode: Literal["shadow", "live", "paused"]


class DealAnswer(Shape):
    """GET /card/deal"""

    ok: Literal[True] = True
    deal: Deal


class LeadAnswer(Shape):
    """GET /card/lead"""

    ok: Literal[True] = True
    lead: Lead


class LeadRecordAnswer(Shape):
    """GET /card/lead-record: the contact's score; `reason` says why a lead was disqualified."""

    ok: Literal[True] = True
    lead: Lead
    state: Literal["open", "qualified", "disqualified"]
    reason: Text


class HistoryAnswer(Shape):
    """GET /card/history"""

    ok: Literal[True] = True
    history: History


class ConnectionAnswer(Shape):
    """GET /card/connection"""

    ok: Literal[True] = True
    connection: Connection


class RescoreAnswer(Shape):
    """POST /card/rescore"""

    ok: Literal[True] = True
    rescore_id: str


class RescoreStateAnswer(Shape):
    """GET /card/rescore/<id>; everything but "waiting" ends the wait."""

    ok: Literal[True] = True
    contact_id: str
    state: Literal["waiting", "changed", "unchanged", "failed", "ineligible"]
    stage: Literal["queued", "scoring", "done"]


class FeedbackAnswer(Shape):
    """POST /card/feedback"""

    ok: Literal[True] = True
    feedback: Opinion


class TaskAnswer(Shape):
    """POST /card/task"""

    ok: Literal[True] = True
    task: LeadTask


class PinAnswer(Shape):
    """POST /card/pin: what holds now; the score follows in a moment."""

    ok: Literal[True] = True
    pin: Pinned | None


class ToDo(Shape):
    """A lead to call or write to. `change`: points since yesterday, null for a new lead; `url`
    opens it in HubSpot."""

    contact_id: str
    name: Text
    company: Text
    score: int
    fit_level: Literal["High", "Medium", "Low"]
    next_action: Literal["Call", "Email", "Nurture", ""]
    reason: Text
    change: int | None
    url: str


class ToDoAnswer(Shape):
    """GET /card/mine: in the order to work them; `total` counts those beyond the list, too.
    `is_owner` is false for a user who owns no records in HubSpot."""

    ok: Literal[True] = True
    is_owner: bool
    total: int
    items: list[ToDo]


class PutAsideAnswer(Shape):
    """POST /card/aside"""

    ok: Literal[True] = True


class Failure(Shape):
    """An expected failure; always with status 200, because HubSpot hides other statuses."""

    ok: Literal[False] = False
    code: Literal[
        "disconnected",
        "not_a_lead",
        "not_scored",
        "scoring",
        "parked",
        "paused",
        "bad_input",
        "no_tasks",
    ]
    message: Text


class RescoreRequest(Shape):
    """Body of POST /card/rescore."""

    contactId: str


class TaskRequest(Shape):
    """Body of POST /card/task."""

    contactId: str


class PutAsideRequest(Shape):
    """Body of POST /card/aside; `days` is for a snoozed lead."""

    contactId: str
    kind: Literal["done", "snoozed", "not_a_lead"]
    days: int = Field(7, ge=1, le=90)


class PinRequest(Shape):
    """Body of POST /card/pin; `kind` "none" withdraws, and needs neither days nor reason."""

    contactId: str
    kind: Literal["high", "aside", "none"]
    days: int = 14
    reason: str = Field("", max_length=COMMENT_MAX)


class FeedbackRequest(Shape):
    """Body of POST /card/feedback; a reason belongs to a disagreement."""

    contactId: str
    agrees: bool
    reason: FeedbackReason | Literal[""] = ""
    score: int = Field(ge=0, le=100)
    comment: str = Field("", max_length=COMMENT_MAX)


ANSWERS: tuple[type[Shape], ...] = (
    LeadAnswer,
    HistoryAnswer,
    AccountAnswer,
    DealAnswer,
    LeadRecordAnswer,
    ConnectionAnswer,
    RescoreAnswer,
    RescoreStateAnswer,
    FeedbackAnswer,
    TaskAnswer,
    PinAnswer,
    Failure,
)
REQUESTS: tuple[type[Shape], ...] = (RescoreRequest, FeedbackRequest, TaskRequest, PinRequest)
