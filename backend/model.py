"""What the product talks about: frozen values, no behaviour beyond reading them.

Words are those of the product: a *lead* is an eligible contact of a *portal*; its *snapshot* is
turned into *factors* in points; 50 points are the average odds among the portal's leads and every
15 points double the odds. Times are aware UTC; ids are HubSpot's, as strings, except the portal's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Literal


class _Nothing(Mapping[str, Any]):
    """The empty mapping as a default value: immutable and hashable, unlike {} and its proxy."""

    def __getitem__(self, key: str) -> Any:
        raise KeyError(key)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0

    def __hash__(self) -> int:
        return 0

    def __repr__(self) -> str:
        return "{}"


NOTHING: Mapping[str, Any] = _Nothing()


class Band(StrEnum):
    """Where a score stands against the portal's two thresholds."""

    HIGH = "High"
    MEDIUM = "Medium"
    LOW = "Low"


class NextAction(StrEnum):
    """What a rep should do next."""

    CALL = "Call"
    EMAIL = "Email"
    NURTURE = "Nurture"
    NONE = ""  # no sales action: a late deal, a job applicant, a complaint, no way to reach


class Mode(StrEnum):
    """How a portal runs: score and write nothing, score and write, or stand still."""

    SHADOW = "shadow"
    LIVE = "live"
    PAUSED = "paused"


class CompanyDeals(StrEnum):
    """Whose a won deal is that names a company and no contact."""

    NOBODY = "nobody"  # who is at the company is held out of learning
    PRIMARY = "primary"  # the contact that the company was first known by
    ALL = "all"


class Urgency(StrEnum):
    """Why a lead is due, most urgent first."""

    PERSON = "person"
    EVENT = "event"
    BACKFILL = "backfill"


ObjectType = Literal[
    "contacts", "companies", "deals", "leads", "calls", "emails", "meetings", "notes", "tasks"
]
ACTIVITY_TYPES: tuple[ObjectType, ...] = ("calls", "emails", "meetings", "notes", "tasks")
# Read with their contacts: activities, and HubSpot's lead records.
OF_CONTACTS: tuple[ObjectType, ...] = (*ACTIVITY_TYPES, "leads")

# The six fields of an ideal client profile; also the names of their factors.
PROFILE_FIELDS = (
    "industry",
    "company_size",
    "revenue_range",
    "location",
    "technologies",
    "budget_range",
)


@dataclass(frozen=True, slots=True)
class CrmRecord:
    """One object as the CRM answered it; hostile text included."""

    object_type: str
    object_id: str
    properties: Mapping[str, str | None]
    updated_at: datetime
    archived: bool = False
    associations: Mapping[str, tuple[str, ...]] = NOTHING  # object type → ids


@dataclass(frozen=True, slots=True)
class PropertyDefinition:
    """A property as the CRM defines it; `options` are stored value → label, of enumerations and
    yes/no. `made_by_portal`: not one of HubSpot's own."""

    name: str
    label: str
    type: str
    options: Mapping[str, str] = NOTHING
    made_by_portal: bool = False
    sensitive: bool = False


@dataclass(frozen=True, slots=True)
class Person:
    """Who a lead is, kept encrypted and only to show it to a person."""

    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Owner:
    """A user of the CRM that can own records, and the name of the team, "" for none."""

    person: Person
    team: str


@dataclass(frozen=True, slots=True)
class MirrorRecord:
    """Our copy of the allow-listed facts of one object; holds no name, email, phone or address."""

    object_type: str
    object_id: str
    facts: Mapping[str, str]
    updated_at: datetime
    archived: bool = False
    associations: Mapping[str, tuple[str, ...]] = NOTHING


@dataclass(frozen=True, slots=True)
class ActivityFact:
    """One call, email, meeting, note or task. `direction` is "in", "out" or ""."""

    kind: str  # "call", "email", "meeting", "note", "task"
    occurred_at: datetime
    direction: str = ""
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class DealFact:
    """One deal of the lead. `outcome` is "open", "won" or "lost"; `amount` in portal currency.

    `closed_at` of a closed deal is its close date, else when it entered its stage, else when it was
    made; None where HubSpot says none of them. `stage` is the portal's own label of its stage,
    `probability` the stage's chance of winning, 0 to 1, and `closes_on` the day an open deal is
    expected to close.
    """

    deal_id: str
    outcome: str
    created_at: datetime
    closed_at: datetime | None = None
    amount: float | None = None
    stage: str = ""
    probability: float | None = None
    closes_on: date | None = None
    pipeline: str = ""


@dataclass(frozen=True, slots=True)
class TextSource:
    """Where a free text stands in the CRM, and the day it was written if that is known."""

    object_type: str
    object_id: str
    written_on: date | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The facts about a lead on one day, taken from the mirror.

    `contact` and `company` map allow-listed fact names to text; `free_text` maps the name of a
    free-text source to hostile text, kept apart because only the text reader may see it, and
    `text_sources` the same names to where the text stands. `own` maps
    the portal's own properties ("contacts.program_interest") to text, kept apart because only the
    scorecard may see them. `placed_by` is what decides the `segment`, by field; that is "" for a
    lead outside all segments, None where the portal has none.
    """

    portal_id: int
    contact_id: str
    today: date
    contact: Mapping[str, str]
    company: Mapping[str, str] = NOTHING
    company_id: str | None = None
    deals: tuple[DealFact, ...] = ()
    activities: tuple[ActivityFact, ...] = ()
    free_text: Mapping[str, str] = NOTHING
    own: Mapping[str, str] = NOTHING
    text_sources: Mapping[str, TextSource] = NOTHING
    placed_by: Mapping[str, str] = NOTHING
    segment: str | None = None

    def __hash__(self) -> int:
        """So that what follows from a snapshot can be remembered; its mappings never change."""
        return hash((self.portal_id, self.contact_id, self.today))


@dataclass(frozen=True, slots=True)
class IdealClient:
    """One row of a profile. Values are canonical bins (see `scoring.bins`), "" when unknown."""

    client_id: str
    industry: str = ""
    company_size: str = ""
    revenue_range: str = ""
    location: str = ""
    technologies: tuple[str, ...] = ()
    budget_range: str = ""
    name: str = ""
    description: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Profile:
    """A portal's versioned set of ideal clients. `segments`: of each segment that has clients of
    its own; "" are then those of no segment, if there are any."""

    portal_id: int
    version: int
    clients: tuple[IdealClient, ...]
    segments: Mapping[str, Profile] = NOTHING

    def of(self, segment: str | None) -> Profile:
        """What leads of a segment are compared with: its own, else the portal's."""
        return self.segments.get(segment or "", self.segments.get("", self))


@dataclass(frozen=True, slots=True)
class Population:
    """What the portal's leads look like, to compare ideal clients with.

    `counts[field][value]` is the number of leads with that value; `leads` all of them.
    `offset_points` centres the baseline so that the mean of 2^(points/15) over the leads is 1.
    `centroid` is the mean embedding, or None, and `embedder` names what made it ("": not known).
    `points_sorted` are baselines of a sample of leads, for "fits better than 93 % of your leads".
    """

    version: int
    leads: int
    counts: Mapping[str, Mapping[str, int]]
    offset_points: float = 0.0
    centroid: tuple[float, ...] | None = None
    points_sorted: tuple[int, ...] = ()
    embedder: str = ""


FactorGroup = Literal[
    "profile", "engagement", "history", "model", "portal", "text", "analyst", "limit", "pin"
]


@dataclass(frozen=True, slots=True)
class Factor:
    """One field's contribution in whole points, with the lead's own value as a person reads it."""

    field: str
    value: str
    points: int
    group: FactorGroup
    comparison: str = ""  # "won 2.1 times as often as average, n=64"
    title: str = ""  # what the portal calls a property of its own


@dataclass(frozen=True, slots=True)
class MissingField:
    """An unknown field: worth 0 points now, and the most it could add."""

    field: str
    could_add: int
    title: str = ""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A similar ideal or past client. `similarity` is a cosine, -1 to 1."""

    neighbour_id: str
    kind: str  # "ideal_client", "won", "lost"
    similarity: float
    label: str = ""
    facts: Mapping[str, str] = NOTHING


@dataclass(frozen=True, slots=True)
class Pin:
    """What a person set by hand, through which day and why: "high" lifts a lead into High, "aside"
    puts it into Low."""

    kind: Literal["high", "aside"]
    until_on: date
    reason: str


@dataclass(frozen=True, slots=True)
class Baseline:
    """50 + the factors' points, before either reader is asked."""

    points: int  # 50 + sum of the factors, not clamped
    factors: tuple[Factor, ...]
    missing: tuple[MissingField, ...]
    similarity_points: int = 0  # the part that shares its ±5 with text points


@dataclass(frozen=True, slots=True)
class Reason:
    """A statement that cites one field and the value it has."""

    field: str
    value: str
    text: str


@dataclass(frozen=True, slots=True)
class Usage:
    """What provider calls consumed. Money in millionths of a US dollar."""

    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost_micro_usd: int = 0


@dataclass(frozen=True, slots=True)
class AnalystRequest:
    """Typed facts only: nothing in here was written by a visitor as free text."""

    facts: Mapping[str, str]
    similar: tuple[Neighbour, ...]
    ideal_profile: Mapping[str, tuple[str, ...]]
    factors: tuple[Factor, ...]
    baseline: int  # 0-100, as far as the scale goes
    allowed_actions: tuple[NextAction, ...]


@dataclass(frozen=True, slots=True)
class Analysis:
    """What the language model (or the rules that stand in) says of one lead.

    `baseline` is the formula's score that it was shown: its judgement is the difference, and only
    that is worth something when the formula's score has moved since. None: not checked yet.
    """

    ai_score: int  # 0-100
    fit_level: Band
    next_action: NextAction
    reasons: tuple[Reason, ...]
    reasoning: str
    provider: str  # "openai", "rules"
    model: str
    usage: Usage = field(default_factory=Usage)
    baseline: int | None = None  # 0-100


@dataclass(frozen=True, slots=True)
class TextReading:
    """What the text reader found, as closed enumerations, and one short quote."""

    intent: Literal["none", "information", "trial", "price", "purchase"] = "none"
    timeline: Literal["none", "later", "this_quarter", "now"] = "none"
    budget_mentioned: bool = False
    role: Literal["unknown", "user", "influencer", "decision_maker"] = "unknown"
    complaint: bool = False
    job_seeker: bool = False
    manipulation_suspected: bool = False
    quote: str = ""
    provider: str = "rules"
    model: str = ""
    usage: Usage = field(default_factory=Usage)


@dataclass(frozen=True, slots=True)
class Quote:
    """The lead's own words: redacted, and where in the CRM they stand. `written_on` is an ISO day,
    "" when unknown."""

    text: str
    object_type: str = ""
    object_id: str = ""
    written_on: str = ""


@dataclass(frozen=True, slots=True)
class Chance:
    """Probability of winning within `horizon_days`, with an interval and its sample size;
    `average` is that of all leads the model learned from, 0 where an older score does not say."""

    value: float
    low: float
    high: float
    sample: int
    horizon_days: int
    average: float = 0.0


@dataclass(frozen=True, slots=True)
class Score:
    """The final number with all its parts. score = 50 + the sum of the factors, always."""

    portal_id: int
    contact_id: str
    score: int  # 0-100
    unclamped: int
    band: Band
    next_action: NextAction
    action_reason: str
    reasoning: str
    reasons: tuple[Reason, ...]
    baseline: int
    analyst_points: int
    text_points: int
    factors: tuple[Factor, ...]
    missing: tuple[MissingField, ...]
    neighbours: tuple[Neighbour, ...]
    # "ai": a language model took part; "rules": the embedded analyst; "model": default scoring
    source: Literal["ai", "rules", "model"]
    flags: tuple[str, ...]  # "manipulation_suspected", "no_neighbours", "little_known", …
    chance: Chance | None
    percentile: int | None  # fits better than this share of the portal's leads, 0-100
    model_version: int  # 0: the formula without outcomes
    profile_version: int
    population_version: int
    input_hash: str
    scored_at: datetime
    usage: Usage = field(default_factory=Usage)
    timings_ms: Mapping[str, float] = NOTHING
    found_for: str = ""  # hash of what the neighbours were found for; "": they are looked for again
    quote: Quote | None = None
    own_band: Band | None = None  # without what a person pinned; None: nothing is pinned
    segment: str = ""  # its name as it was; "": none

    @property
    def own_score(self) -> int:
        """Without what a person pinned: what everything that learns or judges has to read."""
        return self.score - sum(factor.points for factor in self.factors if factor.group == "pin")


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The portal's two edges: High at `high` and above, Medium at `medium` and above."""

    high: int = 80
    medium: int = 50


@dataclass(frozen=True, slots=True)
class Segment:
    """One of several businesses of a portal: the leads that have one of `values` in `field`, which
    is "contacts.NAME", "companies.NAME", "deals.pipeline" or "owner.team". `thresholds` None: the
    portal's."""

    name: str
    field: str
    values: tuple[str, ...]
    thresholds: Thresholds | None = None


@dataclass(frozen=True, slots=True)
class EligibilityRules:
    """Who is a lead in this portal."""

    excluded_lifecycle_stages: tuple[str, ...] = ("customer", "evangelist")
    own_domains: tuple[str, ...] = ()
    excluded_domains: tuple[str, ...] = ()
    excluded_contact_ids: tuple[str, ...] = ()
    free_mail_allowed: bool = True


@dataclass(frozen=True, slots=True)
class RoutingSettings:
    """Who works the leads, when, and who is told."""

    fallback_owner_id: str = ""  # gets the tasks of leads without an owner
    task_queue_id: str = ""  # HubSpot's task queue; the tasks are in none when empty
    follow_up_days: int = 2  # working days until a follow-up task is due
    working_days: tuple[int, ...] = (0, 1, 2, 3, 4)  # Monday is 0
    notification_url_sealed: str = ""  # ciphertext: whoever knows the address can post there
    digest_above: int = 10  # notifications an hour; beyond that one digest
    weekly_capacity: int = 0  # leads one owner can work in a week; 0: nobody has said
    owner_capacity: Mapping[str, int] = NOTHING  # where an owner's differs, by owner id
    tasks_per_owner: int = 10  # at most so many tasks per owner out of a confirmed run
    report_weekday: int = 0  # of the weekly report; Monday is 0
    report_hour: int = 8  # in the portal's time zone
    report_names: bool = False  # whether the report may name leads
    touch_within_hours: int = 4  # working hours in which a High lead should be called or written to


@dataclass(frozen=True, slots=True)
class PortalSettings:
    """What an admin can set for one portal."""

    mode: Mode = Mode.SHADOW
    thresholds: Thresholds = field(default_factory=Thresholds)
    eligibility: EligibilityRules = field(default_factory=EligibilityRules)
    # our fact name → the portal's own property, e.g. {"budget_range": "custom_budget"}
    property_map: Mapping[str, str] = NOTHING
    read_free_text: tuple[str, ...] = ("message", "description")  # "notes" and "emails" are opt-in
    # the portal's own properties that the model may learn from, e.g. "contacts.program_interest"
    learn_from: tuple[str, ...] = ()
    # deal pipelines whose wins count, as HubSpot stores them; (): as their names and deals suggest
    sales_pipelines: tuple[str, ...] = ()
    company_deals: CompanyDeals = CompanyDeals.NOBODY
    # dollars for one unit by ISO code, before the reference rates of `amount_words.RATES_OF`
    currency_rates: Mapping[str, float] = NOTHING
    # forms by name and pages by path ("/pricing") that count apart, as an admin chose them
    high_intent: tuple[str, ...] = ()
    count_opens: bool = True  # opened emails; mail programs open many by themselves
    routing: RoutingSettings = field(default_factory=RoutingSettings)
    second_factor: str = "nobody"  # who needs one: "nobody", "admins", "everyone"
    property_prefix: str = "ai_"  # how the names of our properties begin in this portal
    # properties of our names that were there before: the portal's admin gave them to us
    use_existing: tuple[str, ...] = ()
    without_properties: tuple[str, ...] = ()  # those of ours that are not made nor written
    segments: tuple[Segment, ...] = ()  # the first that matches a lead is its own
    grid_properties: bool = False  # fit and engagement written as properties of their own, too
    daily_ai_calls: int = 5_000
    daily_ai_micro_usd: int = 20_000_000
    half_price_runs: bool = False  # runs over all leads ask at half the price, which takes longer
