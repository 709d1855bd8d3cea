"""The API, typed: made by `python -m backend.web.generated`; do not edit."""

# ruff: noqa: E501
# fmt: off
from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict, cast

from console.client import Client


class AcceptBody(TypedDict):
    code: str
    password: str
    device: NotRequired[str]
    second_factor: NotRequired[str]
    email: NotRequired[str | Literal['']]


class Accepted(TypedDict):
    client_ids: list[str]


class AccessPage(TypedDict):
    items: list[AccessRow]
    next: str | None


class AccessRow(TypedDict):
    at: str
    actor: str
    action: str
    subject: str
    status: int


class AccountRefuses(TypedDict):
    area: str
    sentence: str
    cure: str
    since: str
    next_try_at: str


class Activated(TypedDict):
    version: int
    rescoring: bool


class AgeingLists(TypedDict):
    within_hours: int
    untouched_total: int
    untouched: list[WaitingLead]
    unowned_total: int
    unowned: list[WaitingLead]
    over: list[Overloaded]


class AllAnswered(TypedDict):
    items: list[Answered]


class Answered(TypedDict):
    kind: str
    run_id: str
    state: str
    problem: str
    started_at: str | None
    finished_at: str | None
    usual_s: int | None
    ask: dict[str, Any]
    names: dict[str, str]
    report: dict[str, Any] | None


class Arm(TypedDict):
    leads: int
    companies: int
    complete: int
    won: int
    in_time: int
    median_hours: float | None
    amount: float


class AsideBody(TypedDict):
    kind: Literal['done', 'snoozed', 'not_a_lead']
    days: NotRequired[int]


class AsideLead(TypedDict):
    contact_id: str
    name: str
    kind: Literal['done', 'snoozed', 'not_a_lead']
    until: str | None


class AuditPage(TypedDict):
    items: list[AuditRow]
    next: str | None


class AuditRow(TypedDict):
    seq: int
    at: str
    actor: str
    action: str
    subject: str
    detail: dict[str, Any]


class BandOutlook(TypedDict):
    band: str
    leads: int
    share: float
    expected_wins: float | None


class BandRow(TypedDict):
    band: str
    leads: int
    won: int
    share_won: float | None
    low: float
    high: float


class Bands(TypedDict):
    High: int
    Medium: int
    Low: int


class Begun(TypedDict):
    run_id: str
    kind: str


class Cause(TypedDict):
    problem: str
    count: int


class Cell(TypedDict):
    fit: str
    engagement: str
    leads: int
    conversion: Rate


class CellPoints(TypedDict):
    value: str
    points: float
    won: int
    leads: int


class Chance(TypedDict):
    value: float
    low: float
    high: float
    sample: int
    horizon_days: int
    average: float


class ChanceBin(TypedDict):
    leads: int
    won: int
    low: float
    high: float


class Change(TypedDict):
    text: str
    points: int


class Choice(TypedDict):
    value: str
    label: str
    leads: int


class Choices(TypedDict):
    lifecycle_stages: list[Named]
    pipelines: list[Named]
    owners: list[Named]
    properties: list[Named]
    forms_and_pages: list[Named]
    segment_fields: list[Named]


class ClientRow(TypedDict):
    client_id: str
    name: str
    industry: str
    company_size: str
    revenue_range: str
    location: str
    technologies: str
    budget_range: str


class Clients(TypedDict):
    version: int
    state: str
    total: int
    items: list[ClientRow]


class CohortQuery(TypedDict):
    owner: NotRequired[str]
    team: NotRequired[str]
    source: NotRequired[str]
    weeks: NotRequired[int]
    band: NotRequired[Literal['High', 'Medium', 'Low']]
    by: NotRequired[Literal['week', 'month', 'owner', 'team', 'source']]


class CohortRow(TypedDict):
    key: str
    label: str
    leads: int
    open: int
    touched: Part
    in_time: Part
    median_hours: float | None
    late_hours: float | None
    meetings: Part
    opportunities: Part
    won_so_far: int
    won: Part
    amount: float


class Cohorts(TypedDict):
    counted_at: str | None
    horizon_days: int
    within_hours: int
    currency: str
    teams: list[str]
    total: CohortRow
    rows: list[CohortRow]


class Colleague(TypedDict):
    contact_id: str
    name: str
    score: int
    band: str
    next_action: str


CompanyDeals = Literal['nobody', 'primary', 'all']


class Copy(TypedDict):
    portal_id: int
    contact_id: str
    name: str
    email: str
    held: dict[str, list[dict[str, Any]]]


class Cost(TypedDict):
    day: str
    provider: str
    calls: int
    tokens: int
    usd: float


class Day(TypedDict):
    day: str
    high: int
    medium: int
    low: int
    mean_score: float


class Dispute(TypedDict):
    contact_id: str
    name: str
    said_at: str
    score: int
    reason: str
    comment: str
    score_now: int | None
    band_now: str
    outcome: str


class DisputeList(TypedDict):
    items: list[Dispute]


class Drift(TypedDict):
    weeks: list[DriftWeek]


class DriftWeek(TypedDict):
    measured_at: str
    model_version: int
    leads: int
    level: str
    scores_psi: float | None
    fields: list[FieldDrift]


class Edges(TypedDict):
    high: int
    medium: int


class Effect(TypedDict):
    followed_up: float
    held_out: float
    effect: float
    low: float
    high: float
    once_low: float | None
    once_high: float | None
    known: bool


class Eligibility(TypedDict):
    excluded_lifecycle_stages: list[str]
    own_domains: list[str]
    excluded_domains: list[str]
    excluded_contact_ids: list[str]
    free_mail_allowed: bool


class ErasureBody(TypedDict):
    contact_id: str
    confirmation: str


class ErasureQuery(TypedDict):
    limit: NotRequired[int]
    cursor: NotRequired[str]
    contact_id: NotRequired[str]


class ErrorRate(TypedDict):
    what: str
    total: int
    failed: int
    share: float


class Excluded(TypedDict):
    field: str
    label: str
    reason: str


class ExplorationArm(TypedDict):
    leads: int
    companies: int
    touched: Part
    won: Part
    amount: float


class ExplorationBody(TypedDict):
    share: int
    per_week: int
    preview: str


class ExplorationPreview(TypedDict):
    share: int
    per_week: int
    problem: str
    sentence: str
    low_a_week: float
    offers_a_week: float
    low_won: Part | None
    window_days: int
    preview: str


class ExplorationQuery(TypedDict):
    share: NotRequired[int]
    per_week: NotRequired[int]


class ExplorationResult(TypedDict):
    exploration_id: str
    share: int
    per_week: int
    window_days: int
    started_at: str
    ended_at: str | None
    offered: ExplorationArm
    not_offered: ExplorationArm
    sentence: str


class Explorations(TypedDict):
    running: bool
    items: list[ExplorationResult]


class FactList(TypedDict):
    items: list[FactRow]


class FactRow(TypedDict):
    field: str
    label: str
    known: int
    unknown: int
    filled: float
    usual_points: float
    best_points: float


class Factor(TypedDict):
    field: str
    label: str
    text: str
    value: str
    points: int
    group: str
    comparison: str


class FailedEventRow(TypedDict):
    object_type: str
    object_id: str
    attempts: int
    received_at: str
    problem: str


class FeatureOff(TypedDict):
    feature: str
    why: str


class FieldChoices(TypedDict):
    keep: NotRequired[list[str]]
    ignore: NotRequired[list[str]]


class FieldDrift(TypedDict):
    field: str
    psi: float
    level: str
    most_moved: str
    share_before: float
    share_now: float


class FieldRow(TypedDict):
    field: str
    label: str
    cells: list[CellPoints]


class FileColumn(TypedDict):
    title: str
    examples: list[str]


class Filter(TypedDict):
    owner: NotRequired[str]
    source: NotRequired[str]
    days: NotRequired[int]


class FilterChoices(TypedDict):
    owners: list[Choice]
    sources: list[Choice]
    segments: list[Choice]


class Funnel(TypedDict):
    contacts: int
    leads: int
    scored: int
    high: int
    high_touched: int
    won: int


class Grid(TypedDict):
    fit: list[str]
    engagement: list[str]
    cells: list[Cell]


class Group(TypedDict):
    value: str
    label: str
    leads: int
    scored: int
    mean_score: float | None
    high_share: float | None
    conversion: Rate


class History(TypedDict):
    contact_id: str
    score: int
    fit_level: Literal['High', 'Medium', 'Low']
    moments: list[Moment]
    moves: list[Move]
    neighbours: list[Neighbour]
    factors: list[Factor]
    subtotals: list[Subtotal]


class HoldoutBody(TypedDict):
    share: int
    preview: str


class HoldoutPreview(TypedDict):
    share: int
    problem: str
    sentence: str
    leads_a_month: float
    held_a_month: float
    win_rate: float
    window_days: int
    costs_wins: float
    lifts: list[LiftMonths]
    preview: str


class HoldoutResult(TypedDict):
    holdout_id: str
    share: int
    window_days: int
    started_at: str
    ended_at: str | None
    followed_up: Arm
    held_out: Arm
    wins: Effect | None
    in_time: Effect | None
    amount: Effect | None
    shares_wrong: bool
    verdict: str
    sentence: str


class Holdouts(TypedDict):
    running: bool
    items: list[HoldoutResult]


class ImpactFilter(TypedDict):
    owner: NotRequired[str]
    team: NotRequired[str]
    source: NotRequired[str]
    weeks: NotRequired[int]


class InUse(TypedDict):
    published: int


class Invitation(TypedDict):
    link: str
    expires_at: str


class InvitationBody(TypedDict):
    code: str


class InvitationList(TypedDict):
    items: list[InvitationRow]


class InvitationRow(TypedDict):
    invitation_id: str
    email: str
    role: str
    created_at: str
    expires_at: str


class InvitationShown(TypedDict):
    email: str
    role: str
    portal: str


class InviteBody(TypedDict):
    email: str
    role: Role


class Invited(TypedDict):
    code: str
    days: int


class KeyBody(TypedDict):
    label: str
    role: Role
    days: NotRequired[int]


class KeyList(TypedDict):
    items: list[KeyRow]


class KeyRow(TypedDict):
    prefix: str
    label: str
    role: str
    created_at: str
    expires_at: str | None
    last_used_at: str | None
    revoked_at: str | None
    made_by: str


class Lead(TypedDict):
    contact_id: str
    score: int
    fit_level: Literal['High', 'Medium', 'Low']
    segment: str
    times_average_odds: float
    percentile: int | None
    population_leads: int
    chance: Chance | None
    outcomes: Outcomes | None
    trend: Trend | None
    since_look: Trend | None
    next_action: Literal['Call', 'Email', 'Nurture', '']
    action_reason: str
    offered: str
    reasoning: str
    quote: Quote | None
    opener: str
    factors: list[Factor]
    subtotals: list[Subtotal]
    missing: list[Missing]
    neighbours: list[Neighbour]
    flags: list[str]
    source: Literal['ai', 'rules', 'model']
    model_version: int
    profile_version: int
    scored_at: str
    version: int
    rescoring: bool
    problem: str
    mode: Literal['shadow', 'live', 'paused']
    feedback: ModelsOpinion | None
    makes_tasks: bool
    task: LeadTask | None
    pin: Pinned | None


class LeadDetail(TypedDict):
    contact_id: str
    name: str
    email: str
    owner: str
    company: str
    state: Literal['scored', 'waiting', 'parked', 'not_a_lead', 'not_scored']
    reason: str
    hubspot_url: str
    thresholds: Edges
    lead: Lead | None
    history: History | None
    colleagues: list[Colleague]
    opinions: list[LeadOpinion]
    routes: list[RouteRow]


class LeadPage(TypedDict):
    items: list[LeadRow]
    next: str | None


class LeadQuery(TypedDict):
    limit: NotRequired[int]
    cursor: NotRequired[str]
    state: NotRequired[Literal['scored', 'waiting', 'parked', 'not_a_lead']]
    band: NotRequired[list[Literal['High', 'Medium', 'Low']]]
    next_action: NotRequired[list[Literal['Call', 'Email', 'Nurture']]]
    score_min: NotRequired[int]
    score_max: NotRequired[int]
    owner: NotRequired[str]
    source: NotRequired[str]
    segment: NotRequired[str]
    days: NotRequired[int]
    q: NotRequired[str]
    sort: NotRequired[Literal['best', 'worst', 'changed']]


class LeadRow(TypedDict):
    contact_id: str
    name: str
    company: str
    score: int | None
    band: str
    next_action: str
    chance: float | None
    owner: str
    source: str
    segment: str
    changed_at: str | None
    waiting: bool
    parked_at: str | None
    problem: str
    attempts: int
    not_a_lead: str


class LeadTask(TypedDict):
    created_at: str
    url: str
    failed: bool


class LiftMonths(TypedDict):
    lift: float
    months: float | None


class LivePreview(TypedDict):
    preview: str
    contacts: int
    unchanged: int
    lists: dict[str, int]
    skipped: dict[str, int]
    examples: list[Write]


class Me(TypedDict):
    subject: str
    email: str
    must_change_password: bool
    has_second_factor: bool
    version: str
    portals: list[PortalAccess]


class Measured(TypedDict):
    auc: float | None
    pr_auc: float | None
    brier: float | None
    ece: float | None
    lift_at_10: float | None
    lift_at_20: float | None


class Missing(TypedDict):
    field: str
    label: str
    could_add: int


class ModeBody(TypedDict):
    mode: Literal['shadow', 'live', 'paused']
    preview: NotRequired[str]


class Models(TypedDict):
    published: int
    needed: int
    versions: list[VersionRow]


class Moment(TypedDict):
    scored_at: str
    score: int
    fit_level: Literal['High', 'Medium', 'Low']
    cause: str
    changes: list[Change]


class MoneyList(TypedDict):
    items: list[MoneyRow]


class MoneyRow(TypedDict):
    month: str
    band: str
    leads: int
    open: int
    with_chance: int
    wins: Range | None
    won: int
    amount: Range | None
    amount_won: float
    sentence: str


class MonthComparison(TypedDict):
    counted_at: str | None
    now: MonthFigures
    before: MonthFigures
    currency: str


class MonthFigures(TypedDict):
    first: str
    last: str
    new_leads: int
    won: int
    lost: int
    win_rate: Part
    became_high: int
    contacted: Part
    met: Part
    opportunities: Part
    high_won: Part
    amount: float
    high: int | None
    mean_score: float | None


class MonthQuery(TypedDict):
    month: str
    owner: NotRequired[str]
    team: NotRequired[str]
    source: NotRequired[str]


class Move(TypedDict):
    text: str
    points: int


class MyLead(TypedDict):
    contact_id: str
    name: str
    company: str
    score: int
    band: str
    chance: float | None
    next_action: str
    reason: str
    change: int | None
    last_sign_on: str | None
    url: str


class MyLeads(TypedDict):
    owner_id: str
    total: int
    items: list[MyLead]
    aside: list[AsideLead]


class MyLeadsQuery(TypedDict):
    owner: NotRequired[str]


class Named(TypedDict):
    value: str
    label: str


class Neighbour(TypedDict):
    kind: Literal['ideal_client', 'won', 'lost']
    label: str
    facts: list[str]
    similarity: float
    contact_id: str | None


class NewKey(TypedDict):
    prefix: str
    key: str
    expires_at: str


class Nothing(TypedDict):
    pass


class NotificationBody(TypedDict):
    url: str


class Offered(TypedDict):
    secret: str
    address: str


class Operations(TypedDict):
    token_valid: bool
    queue_ok: bool
    providers: dict[str, str]
    breakers: dict[str, str]
    incomplete: list[str]
    alerts: list[str]
    waiting: list[Waiting]
    pending_writes: int
    parked_leads: Parked
    parked_writes: Parked
    routes: list[RouteWork]
    failed_events: list[FailedEventRow]
    webhooks: Webhooks
    vendors: list[Vendor]
    speed: Speed
    error_rates: list[ErrorRate]
    costs: list[Cost]
    usd_per_lead: float | None


class Outcomes(TypedDict):
    won: int
    lost: int
    needed: int


class Outlook(TypedDict):
    thresholds: Edges
    bands: list[BandOutlook]
    warnings: list[str]
    proposed: Edges


class OutlookQuery(TypedDict):
    high: NotRequired[int | None]
    medium: NotRequired[int | None]


class Overloaded(TypedDict):
    owner: str
    waiting: int
    capacity: int
    too_many: int


class Overview(TypedDict):
    portal_id: int
    mode: str
    state: str
    distribution: list[int]
    thresholds: Edges
    bands: Bands
    advice: list[str]
    due: int
    pending_writes: int
    parked: int
    last_scored: str | None
    running: list[Progress]
    funnel: Funnel
    trend: list[Day]


class OwnProperty(TypedDict):
    field: str
    label: str


class OwnPropertyList(TypedDict):
    items: list[OwnPropertyRow]
    calls: int
    sample: dict[str, int]


class OwnPropertyRow(TypedDict):
    field: str
    label: str
    type: str
    filled: float | None
    allowed: bool
    suggested: bool
    why_not: str
    caution: str


class OwnerCapacity(TypedDict):
    owner_id: str
    leads: int


class OwnerList(TypedDict):
    items: list[OwnerRow]


class OwnerRow(TypedDict):
    owner_id: str
    owner: str
    high: int
    medium: int
    new_high: int
    new_medium: int
    capacity: int | None
    too_many: int
    open_tasks: int


class PageQuery(TypedDict):
    limit: NotRequired[int]
    cursor: NotRequired[str]


class Parked(TypedDict):
    rows: list[ParkedRow]
    causes: list[Cause]


class ParkedRow(TypedDict):
    object_type: str
    object_id: str
    name: str
    attempts: int
    parked_at: str
    problem: str


class Part(TypedDict):
    count: int
    of: int
    share: float | None
    low: float | None
    high: float | None


class PasswordBody(TypedDict):
    device: NotRequired[str]
    current: str
    new: str


class PinBody(TypedDict):
    kind: Literal['high', 'aside']
    days: NotRequired[int]
    reason: str


class Pinned(TypedDict):
    kind: Literal['high', 'aside']
    until: str
    reason: str


class PortalAccess(TypedDict):
    portal_id: int
    name: str
    state: str
    mode: str
    role: str
    permissions: list[str]
    second_factor: Literal['nobody', 'admins', 'everyone']
    time_zone: str


class Problem(TypedDict):
    ok: NotRequired[Literal[False]]
    code: str
    message: str
    problems: NotRequired[list[str]]


class ProfileField(TypedDict):
    field: str
    label: str


class ProfileRow(TypedDict):
    version: int
    state: str
    clients: int
    source: str
    made_by: str
    created_at: str


class Profiles(TypedDict):
    active: int
    columns: list[str]
    versions: list[ProfileRow]


class Progress(TypedDict):
    run_id: str
    kind: str
    done: int
    total: int
    started_at: str
    usual_s: int | None


class PromiseBin(TypedDict):
    leads: int
    promised: float
    share_won: float
    low: float
    high: float


class Publishing(TypedDict):
    force: NotRequired[bool]
    thresholds: NotRequired[Edges | None]


class Quote(TypedDict):
    text: str
    source: Literal['message', 'email', 'note', 'description']
    written_on: str
    url: str


class Range(TypedDict):
    value: float
    low: float
    high: float


class Rate(TypedDict):
    won: int
    decided: int
    share: float | None
    low: float | None
    high: float | None


class ReceiptPage(TypedDict):
    items: list[ReceiptRow]
    next: str | None


class ReceiptRow(TypedDict):
    receipt_id: str
    contact_mac: str
    state: Literal['waiting', 'done']
    requested_by: str
    reason: str
    requested_at: str
    finished_at: str | None
    erased: dict[str, int]
    left: dict[str, int]
    vector_index: str
    vendors_keep: dict[str, str]
    kept: dict[str, str]


class Recipient(TypedDict):
    recipient_id: str
    address: str
    unsubscribed: bool


class RecipientBody(TypedDict):
    address: str


class RemoveBody(TypedDict):
    code: str
    password: str


class ReplayBody(TypedDict):
    what: Literal['leads', 'writes', 'routes', 'events']
    contact_ids: NotRequired[list[str] | None]
    cause: NotRequired[str | None]


class Replayed(TypedDict):
    count: int


class ReportBody(TypedDict):
    weekday: int
    hour: int
    names: bool


class ReportPreview(TypedDict):
    subject: str
    text: str
    html: str


class ReportSettings(TypedDict):
    weekday: int
    hour: int
    names: bool
    time_zone: str
    next_at: str
    to_channel: bool
    mail_server: bool
    recipients: list[Recipient]


class RequiredBody(TypedDict):
    second_factor: Literal['nobody', 'admins', 'everyone']


class Rescore(TypedDict):
    rescore_id: str


class RescoreState(TypedDict):
    contact_id: str
    state: Literal['waiting', 'changed', 'unchanged', 'failed', 'ineligible']


Role = Literal['rep', 'manager', 'admin', 'auditor']


class RoleBody(TypedDict):
    role: Role


class RouteRow(TypedDict):
    route_id: str
    kind: str
    band: str
    score: int | None
    cause: str
    state: str
    decided_at: str


class RouteWork(TypedDict):
    kind: str
    waiting: int
    parked: int


class Routing(TypedDict):
    fallback_owner_id: str
    task_queue_id: str
    follow_up_days: int
    working_days: list[int]
    digest_above: int
    weekly_capacity: int
    owner_capacity: list[OwnerCapacity]
    tasks_per_owner: int
    touch_within_hours: NotRequired[int | None]


class RunBody(TypedDict):
    kind: Literal['pull', 'backfill', 'daily', 'weekly', 'monthly']


class RunList(TypedDict):
    items: list[RunRow]


class RunRow(TypedDict):
    run_id: str
    kind: str
    state: str
    done: int
    total: int
    problem: str
    started_at: str
    finished_at: str | None
    usual_s: int | None
    cancellable: bool


class Saved(TypedDict):
    begun: list[str]


class SegmentBody(TypedDict):
    name: str
    field: str
    values: list[str]
    thresholds: NotRequired[Edges | None]


class SegmentCount(TypedDict):
    name: str
    leads: int


class SegmentCounts(TypedDict):
    items: list[SegmentCount]
    looked_at: int
    contacts: int


class SegmentsBody(TypedDict):
    segments: list[SegmentBody]


class Session(TypedDict):
    token: str
    expires_at: str
    must_change_password: bool
    device: str


class SetUpBody(TypedDict):
    secret: str
    code: str
    password: str


class Settings(TypedDict):
    thresholds: Edges
    eligibility: Eligibility
    property_map: dict[str, str]
    read_free_text: list[Literal['message', 'description', 'notes', 'emails']]
    learn_from: NotRequired[list[str] | None]
    property_prefix: NotRequired[str | None]
    use_existing: NotRequired[list[str] | None]
    without_properties: NotRequired[list[Literal['ai_lead_reasoning', 'ai_lead_chance']] | None]
    grid_properties: NotRequired[bool | None]
    sales_pipelines: NotRequired[list[str] | None]
    company_deals: NotRequired[CompanyDeals | None]
    currency_rates: NotRequired[dict[str, Any] | None]
    high_intent: NotRequired[list[str] | None]
    count_opens: NotRequired[bool | None]
    segments: NotRequired[list[SegmentBody] | None]
    daily_ai_calls: int
    daily_ai_usd: float
    half_price_runs: NotRequired[bool | None]
    routing: Routing
    name: str
    state: str
    mode: Literal['shadow', 'live', 'paused']
    connected_since: str
    pulled_at: str | None
    token_refreshed_at: str | None
    missing_scopes: list[str]
    account_refuses: list[AccountRefuses]
    features_off: list[FeatureOff]
    setup_problems: list[str]
    goes_live: bool
    notifies: bool
    fields: list[ProfileField]
    learnable: list[OwnProperty]
    calls_to_read_again: int


class SettingsBody(TypedDict):
    thresholds: Edges
    eligibility: Eligibility
    property_map: dict[str, str]
    read_free_text: list[Literal['message', 'description', 'notes', 'emails']]
    learn_from: NotRequired[list[str] | None]
    property_prefix: NotRequired[str | None]
    use_existing: NotRequired[list[str] | None]
    without_properties: NotRequired[list[Literal['ai_lead_reasoning', 'ai_lead_chance']] | None]
    grid_properties: NotRequired[bool | None]
    sales_pipelines: NotRequired[list[str] | None]
    company_deals: NotRequired[CompanyDeals | None]
    currency_rates: NotRequired[dict[str, Any] | None]
    high_intent: NotRequired[list[str] | None]
    count_opens: NotRequired[bool | None]
    segments: NotRequired[list[SegmentBody] | None]
    daily_ai_calls: int
    daily_ai_usd: float
    half_price_runs: NotRequired[bool | None]
    routing: Routing


class ShareQuery(TypedDict):
    share: NotRequired[int]


class SignInBody(TypedDict):
    email: str
    password: str
    device: NotRequired[str]
    code: NotRequired[str]


class Speed(TypedDict):
    texts: int
    texts_per_s: float | None
    writes: int
    write_success: float | None
    lead_ms: float | None


class Subtotal(TypedDict):
    group: str
    points: int


class Summary(TypedDict):
    leads: int
    distribution: list[int]


class Surprise(TypedDict):
    contact_id: str
    name: str
    company: str
    score_before: int
    outcome: str
    outcome_at: str | None
    industry: str
    company_size: str
    owner: str


class Surprises(TypedDict):
    thresholds: Edges
    since: str
    judged: int
    missed_gems_total: int
    missed_gems: list[Surprise]
    false_hopes_total: int
    false_hopes: list[Surprise]


class Suspect(TypedDict):
    field: str
    label: str
    reason: str
    auc: float
    presence_auc: float
    filled_after: float
    certain: bool
    in_use: bool


class Task(TypedDict):
    name: str
    ok: bool
    told: str


class Titled(TypedDict):
    field: str
    title: str


class Touch(TypedDict):
    band: str
    within: list[str]
    leads: list[int]


class Touches(TypedDict):
    bands: list[Touch]


class TraitQuery(TypedDict):
    owner: NotRequired[str]
    source: NotRequired[str]
    days: NotRequired[int]
    by: NotRequired[Literal['industry', 'company_size', 'revenue_range', 'location', 'source', 'owner', 'technologies']]


class Traits(TypedDict):
    average: Group
    groups: list[Group]


class Trend(TypedDict):
    points: int
    since: str
    changes: list[Change]


class Unmatched(TypedDict):
    missing: list[Titled]
    columns: list[FileColumn]


class Upkeep(TypedDict):
    kind: str
    state: str
    started_at: str | None
    finished_at: str | None
    problem: str
    tasks: list[Task]


class UpkeepList(TypedDict):
    items: list[Upkeep]


class Upload(TypedDict):
    name: str
    content: NotRequired[str]
    file: NotRequired[str]
    skip_invalid: NotRequired[bool]
    columns: NotRequired[dict[str, str]]


class Uploaded(TypedDict):
    version: int
    accepted: int
    refused: int
    problems: list[str]
    warnings: NotRequired[list[str]]
    unmatched: NotRequired[Unmatched | None]


class UserList(TypedDict):
    items: list[UserRow]


class UserRow(TypedDict):
    user_id: str
    email: str
    role: str
    disabled: bool
    must_change_password: bool


class Vendor(TypedDict):
    provider: str
    endpoint: str
    calls: int
    mean_ms: float
    p95_ms: float | None


class VersionDetail(TypedDict):
    row: VersionRow
    horizon_days: int
    n_train: int
    n_test: int
    baselines: dict[str, Measured]
    calibration: list[PromiseBin]
    chances: list[ChanceBin]
    fields: list[FieldRow]
    bands: list[BandRow]
    used: list[str]
    excluded: list[Excluded]
    suspects: list[Suspect]
    experiments: str
    warnings: list[str]


class VersionRow(TypedDict):
    version: int
    state: str
    made_by: str
    created_at: str
    published_at: str | None
    won: int
    lost: int
    metrics: Measured
    formula: Measured
    beats_formula: bool
    verdict: str
    by_itself: bool


class View(TypedDict):
    name: str
    filters: str


class ViewList(TypedDict):
    items: list[View]


class ViewName(TypedDict):
    name: str


class Waiting(TypedDict):
    urgency: str
    leads: int
    oldest_s: int


class WaitingLead(TypedDict):
    contact_id: str
    name: str
    company: str
    owner: str
    since: str
    waits: str
    minutes: int
    late: bool
    score: int
    url: str


class Webhooks(TypedDict):
    received: int
    missed: int
    missed_share: float


class Workflow(TypedDict):
    title: str
    steps: list[str]


class WorkflowList(TypedDict):
    lists: bool
    items: list[Workflow]


class Write(TypedDict):
    contact_id: str
    name: str
    properties: dict[str, str]


class LeadOpinion(TypedDict):
    agrees: bool
    reason: str
    score: int
    comment: str
    said_at: str


class ModelsOpinion(TypedDict):
    agrees: bool
    reason: Literal['too_high', 'too_low', 'wrong_facts', 'missing_facts', 'bad_timing', 'known_otherwise'] | Literal['']
    score: int
    comment: str


class Api(Client):
    """Every route by name."""

    def start(self, body: SignInBody) -> Session:
        """POST /session"""
        return cast(Session, self.send("POST", "/session", body))

    def show_invitation(self, body: InvitationBody) -> InvitationShown:
        """POST /invitation/shown"""
        return cast(InvitationShown, self.send("POST", "/invitation/shown", body))

    def accept_invitation(self, body: AcceptBody) -> Session:
        """POST /invitation/accepted"""
        return cast(Session, self.send("POST", "/invitation/accepted", body))

    def read_session(self) -> Me:
        """GET /session"""
        return cast(Me, self.read("/session"))

    def end(self) -> Nothing:
        """DELETE /session"""
        return cast(Nothing, self.send("DELETE", "/session"))

    def change_password(self, body: PasswordBody) -> Nothing:
        """PUT /session/password"""
        return cast(Nothing, self.send("PUT", "/session/password", body))

    def offer(self) -> Offered:
        """POST /session/second-factor"""
        return cast(Offered, self.send("POST", "/session/second-factor"))

    def set_up(self, body: SetUpBody) -> Nothing:
        """PUT /session/second-factor"""
        return cast(Nothing, self.send("PUT", "/session/second-factor", body))

    def remove(self, body: RemoveBody) -> Nothing:
        """POST /session/second-factor/removal"""
        return cast(Nothing, self.send("POST", "/session/second-factor/removal", body))

    def require(self, body: RequiredBody) -> Nothing:
        """PUT /settings/second-factor"""
        return cast(Nothing, self.send("PUT", "/settings/second-factor", body))

    def read_overview(self) -> Overview:
        """GET /overview"""
        return cast(Overview, self.read("/overview"))

    def list_leads(self, **query: Any) -> LeadPage:
        """GET /leads"""
        return cast(LeadPage, self.read("/leads", **query))

    def download(self, **query: Any) -> bytes:
        """GET /leads.csv"""
        return self.csv("/leads.csv", **query)

    def summary(self, **query: Any) -> Summary:
        """GET /leads/summary"""
        return cast(Summary, self.read("/leads/summary", **query))

    def choices(self) -> FilterChoices:
        """GET /leads/choices"""
        return cast(FilterChoices, self.read("/leads/choices"))

    def read_lead(self, contact_id: str) -> LeadDetail:
        """GET /leads/{contact_id}"""
        return cast(LeadDetail, self.read(f"/leads/{contact_id}"))

    def rescore(self, contact_id: str) -> Rescore:
        """POST /leads/{contact_id}/rescore"""
        return cast(Rescore, self.send("POST", f"/leads/{contact_id}/rescore"))

    def rescore_state(self, rescore_id: str) -> RescoreState:
        """GET /rescores/{rescore_id}"""
        return cast(RescoreState, self.read(f"/rescores/{rescore_id}"))

    def by_trait(self, **query: Any) -> Traits:
        """GET /patterns/traits"""
        return cast(Traits, self.read("/patterns/traits", **query))

    def fit_by_engagement(self, **query: Any) -> Grid:
        """GET /patterns/grid"""
        return cast(Grid, self.read("/patterns/grid", **query))

    def first_touches(self, **query: Any) -> Touches:
        """GET /patterns/touches"""
        return cast(Touches, self.read("/patterns/touches", **query))

    def surprises(self, **query: Any) -> Surprises:
        """GET /patterns/surprises"""
        return cast(Surprises, self.read("/patterns/surprises", **query))

    def drift(self) -> Drift:
        """GET /patterns/drift"""
        return cast(Drift, self.read("/patterns/drift"))

    def list_cohorts(self, **query: Any) -> Cohorts:
        """GET /impact/cohorts"""
        return cast(Cohorts, self.read("/impact/cohorts", **query))

    def list_money(self, **query: Any) -> MoneyList:
        """GET /impact/money"""
        return cast(MoneyList, self.read("/impact/money", **query))

    def list_ageing(self) -> AgeingLists:
        """GET /impact/ageing"""
        return cast(AgeingLists, self.read("/impact/ageing"))

    def count(self) -> Begun:
        """POST /impact/count"""
        return cast(Begun, self.send("POST", "/impact/count"))

    def preview_holdout(self, **query: Any) -> HoldoutPreview:
        """GET /impact/holdout/preview"""
        return cast(HoldoutPreview, self.read("/impact/holdout/preview", **query))

    def list_holdouts(self) -> Holdouts:
        """GET /impact/holdout"""
        return cast(Holdouts, self.read("/impact/holdout"))

    def start_holdout(self, body: HoldoutBody) -> Nothing:
        """POST /impact/holdout"""
        return cast(Nothing, self.send("POST", "/impact/holdout", body))

    def end_holdout(self) -> Nothing:
        """DELETE /impact/holdout"""
        return cast(Nothing, self.send("DELETE", "/impact/holdout"))

    def preview_exploration(self, **query: Any) -> ExplorationPreview:
        """GET /impact/exploration/preview"""
        return cast(ExplorationPreview, self.read("/impact/exploration/preview", **query))

    def list_explorations(self) -> Explorations:
        """GET /impact/exploration"""
        return cast(Explorations, self.read("/impact/exploration"))

    def start_exploration(self, body: ExplorationBody) -> Nothing:
        """POST /impact/exploration"""
        return cast(Nothing, self.send("POST", "/impact/exploration", body))

    def end_exploration(self) -> Nothing:
        """DELETE /impact/exploration"""
        return cast(Nothing, self.send("DELETE", "/impact/exploration"))

    def list_profiles(self) -> Profiles:
        """GET /profiles"""
        return cast(Profiles, self.read("/profiles"))

    def read_profile_version(self, version: int, **query: Any) -> Clients:
        """GET /profiles/{version}"""
        return cast(Clients, self.read(f"/profiles/{version}", **query))

    def upload(self, body: Upload) -> Uploaded:
        """POST /profiles"""
        return cast(Uploaded, self.send("POST", "/profiles", body))

    def preview_profiles(self, version: int) -> Begun:
        """POST /profiles/{version}/preview"""
        return cast(Begun, self.send("POST", f"/profiles/{version}/preview"))

    def activate(self, version: int) -> Activated:
        """POST /profiles/{version}/activate"""
        return cast(Activated, self.send("POST", f"/profiles/{version}/activate"))

    def suggest(self) -> Begun:
        """POST /profiles/suggestions"""
        return cast(Begun, self.send("POST", "/profiles/suggestions"))

    def accept(self, body: Accepted) -> Uploaded:
        """POST /profiles/suggestions/accept"""
        return cast(Uploaded, self.send("POST", "/profiles/suggestions/accept", body))

    def list_models(self) -> Models:
        """GET /models"""
        return cast(Models, self.read("/models"))

    def read_model(self, version: int) -> VersionDetail:
        """GET /models/{version}"""
        return cast(VersionDetail, self.read(f"/models/{version}"))

    def train(self, body: FieldChoices) -> Begun:
        """POST /models/training"""
        return cast(Begun, self.send("POST", "/models/training", body))

    def outcomes(self) -> Begun:
        """POST /models/outcomes"""
        return cast(Begun, self.send("POST", "/models/outcomes"))

    def backtest(self, body: FieldChoices) -> Begun:
        """POST /models/backtest"""
        return cast(Begun, self.send("POST", "/models/backtest", body))

    def preview_models(self, version: int) -> Begun:
        """POST /models/{version}/preview"""
        return cast(Begun, self.send("POST", f"/models/{version}/preview"))

    def publish(self, version: int, body: Publishing) -> InUse:
        """POST /models/{version}/publish"""
        return cast(InUse, self.send("POST", f"/models/{version}/publish", body))

    def rollback(self) -> InUse:
        """POST /models/rollback"""
        return cast(InUse, self.send("POST", "/models/rollback"))

    def compare_months(self, **query: Any) -> MonthComparison:
        """GET /months"""
        return cast(MonthComparison, self.read("/months", **query))

    def list_my_leads(self, **query: Any) -> MyLeads:
        """GET /my-leads"""
        return cast(MyLeads, self.read("/my-leads", **query))

    def put_aside(self, contact_id: str, body: AsideBody) -> Nothing:
        """PUT /leads/{contact_id}/aside"""
        return cast(Nothing, self.send("PUT", f"/leads/{contact_id}/aside", body))

    def take_back(self, contact_id: str) -> Nothing:
        """DELETE /leads/{contact_id}/aside"""
        return cast(Nothing, self.send("DELETE", f"/leads/{contact_id}/aside"))

    def set_pin(self, contact_id: str, body: PinBody) -> Nothing:
        """PUT /leads/{contact_id}/pin"""
        return cast(Nothing, self.send("PUT", f"/leads/{contact_id}/pin", body))

    def withdraw_pin(self, contact_id: str) -> Nothing:
        """DELETE /leads/{contact_id}/pin"""
        return cast(Nothing, self.send("DELETE", f"/leads/{contact_id}/pin"))

    def list_answers(self) -> AllAnswered:
        """GET /questions"""
        return cast(AllAnswered, self.read("/questions"))

    def read_operations(self) -> Operations:
        """GET /operations"""
        return cast(Operations, self.read("/operations"))

    def replay(self, body: ReplayBody) -> Replayed:
        """POST /operations/replay"""
        return cast(Replayed, self.send("POST", "/operations/replay", body))

    def list_runs(self) -> RunList:
        """GET /runs"""
        return cast(RunList, self.read("/runs"))

    def begin_runs(self, body: RunBody) -> RunRow:
        """POST /runs"""
        return cast(RunRow, self.send("POST", "/runs", body))

    def read_runs(self, run_id: str) -> RunRow:
        """GET /runs/{run_id}"""
        return cast(RunRow, self.read(f"/runs/{run_id}"))

    def cancel(self, run_id: str) -> RunRow:
        """POST /runs/{run_id}/cancel"""
        return cast(RunRow, self.send("POST", f"/runs/{run_id}/cancel"))

    def upkeep(self) -> UpkeepList:
        """GET /upkeep"""
        return cast(UpkeepList, self.read("/upkeep"))

    def read_settings(self) -> Settings:
        """GET /settings"""
        return cast(Settings, self.read("/settings"))

    def list_choices(self) -> Choices:
        """GET /settings/choices"""
        return cast(Choices, self.read("/settings/choices"))

    def save(self, body: SettingsBody) -> Saved:
        """PUT /settings"""
        return cast(Saved, self.send("PUT", "/settings", body))

    def set_mode(self, body: ModeBody) -> Saved:
        """PUT /settings/mode"""
        return cast(Saved, self.send("PUT", "/settings/mode", body))

    def set_notifications(self, body: NotificationBody) -> Saved:
        """PUT /settings/notifications"""
        return cast(Saved, self.send("PUT", "/settings/notifications", body))

    def invite(self) -> Invitation:
        """POST /invitations"""
        return cast(Invitation, self.send("POST", "/invitations"))

    def count_segments(self, body: SegmentsBody) -> SegmentCounts:
        """POST /settings/segments/counts"""
        return cast(SegmentCounts, self.send("POST", "/settings/segments/counts", body))

    def read_report(self) -> ReportSettings:
        """GET /report"""
        return cast(ReportSettings, self.read("/report"))

    def set_report(self, body: ReportBody) -> Nothing:
        """PUT /report"""
        return cast(Nothing, self.send("PUT", "/report", body))

    def preview_report(self) -> ReportPreview:
        """GET /report/preview"""
        return cast(ReportPreview, self.read("/report/preview"))

    def add_recipient(self, body: RecipientBody) -> Recipient:
        """POST /report/recipients"""
        return cast(Recipient, self.send("POST", "/report/recipients", body))

    def remove_recipient(self, recipient_id: str) -> Nothing:
        """DELETE /report/recipients/{recipient_id}"""
        return cast(Nothing, self.send("DELETE", f"/report/recipients/{recipient_id}"))

    def listed(self) -> OwnPropertyList:
        """GET /settings/properties"""
        return cast(OwnPropertyList, self.read("/settings/properties"))

    def bands(self, **query: Any) -> Outlook:
        """GET /settings/outlook"""
        return cast(Outlook, self.read("/settings/outlook", **query))

    def live(self) -> LivePreview:
        """GET /settings/preview"""
        return cast(LivePreview, self.read("/settings/preview"))

    def list_users(self) -> UserList:
        """GET /users"""
        return cast(UserList, self.read("/users"))

    def invite_user(self, body: InviteBody) -> Invited:
        """POST /users"""
        return cast(Invited, self.send("POST", "/users", body))

    def list_invitations(self) -> InvitationList:
        """GET /users/invitations"""
        return cast(InvitationList, self.read("/users/invitations"))

    def withdraw_invitation(self, invitation_id: str) -> Nothing:
        """DELETE /users/invitations/{invitation_id}"""
        return cast(Nothing, self.send("DELETE", f"/users/invitations/{invitation_id}"))

    def change_role(self, user_id: str, body: RoleBody) -> Nothing:
        """PUT /users/{user_id}/role"""
        return cast(Nothing, self.send("PUT", f"/users/{user_id}/role", body))

    def remove_user(self, user_id: str) -> Nothing:
        """DELETE /users/{user_id}"""
        return cast(Nothing, self.send("DELETE", f"/users/{user_id}"))

    def list_keys(self) -> KeyList:
        """GET /api-keys"""
        return cast(KeyList, self.read("/api-keys"))

    def add_key(self, body: KeyBody) -> NewKey:
        """POST /api-keys"""
        return cast(NewKey, self.send("POST", "/api-keys", body))

    def revoke_key(self, prefix: str) -> Nothing:
        """DELETE /api-keys/{prefix}"""
        return cast(Nothing, self.send("DELETE", f"/api-keys/{prefix}"))

    def list_audit(self, **query: Any) -> AuditPage:
        """GET /audit"""
        return cast(AuditPage, self.read("/audit", **query))

    def list_accesses(self, **query: Any) -> AccessPage:
        """GET /accesses"""
        return cast(AccessPage, self.read("/accesses", **query))

    def begin_erasures(self, body: ErasureBody) -> ReceiptRow:
        """POST /erasures"""
        return cast(ReceiptRow, self.send("POST", "/erasures", body))

    def list_receipts(self, **query: Any) -> ReceiptPage:
        """GET /erasures"""
        return cast(ReceiptPage, self.read("/erasures", **query))

    def read_erasures(self, receipt_id: str) -> ReceiptRow:
        """GET /erasures/{receipt_id}"""
        return cast(ReceiptRow, self.read(f"/erasures/{receipt_id}"))

    def export(self, contact_id: str) -> Copy:
        """POST /leads/{contact_id}/export"""
        return cast(Copy, self.send("POST", f"/leads/{contact_id}/export"))

    def list_disputes(self) -> DisputeList:
        """GET /disputes"""
        return cast(DisputeList, self.read("/disputes"))

    def list_owners(self) -> OwnerList:
        """GET /owners"""
        return cast(OwnerList, self.read("/owners"))

    def list_workflows(self) -> WorkflowList:
        """GET /workflows"""
        return cast(WorkflowList, self.read("/workflows"))

    def list_fields(self) -> FactList:
        """GET /fields"""
        return cast(FactList, self.read("/fields"))

    def list_views(self) -> ViewList:
        """GET /views"""
        return cast(ViewList, self.read("/views"))

    def save_view(self, body: View) -> Nothing:
        """PUT /views"""
        return cast(Nothing, self.send("PUT", "/views", body))

    def remove_view(self, body: ViewName) -> Nothing:
        """POST /views/removal"""
        return cast(Nothing, self.send("POST", "/views/removal", body))
