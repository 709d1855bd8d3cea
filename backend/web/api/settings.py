"""What an admin sets for a portal: mode, bands, who is a lead, what may be read, budgets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from backend.clients.hubspot.oauth import OPTIONAL_SCOPES, REQUIRED_SCOPES
from backend.model import (
    PROFILE_FIELDS,
    CompanyDeals,
    EligibilityRules,
    Mode,
    PortalSettings,
    RoutingSettings,
    Segment,
    Thresholds,
)
from backend.scoring.facts.own_rules import LEARN_FROM_MAX
from backend.scoring.facts.segments import SEGMENTS_MAX, VALUES_MAX
from backend.scoring.values.words import label
from backend.security.outbound import URL_MAX
from backend.security.roles import Permission
from backend.services import settings
from backend.services.mirror.definitions import learnable
from backend.services.portals import invitations, portal_mode
from backend.services.portals.choices import choices_of
from backend.services.portals.own_properties import calls_to_read_again
from backend.storage.portals import portal_problems, portals
from backend.storage.portals.portals import Portal
from backend.web.api.framework.endpoints import Call, Routes
from backend.web.api.framework.shapes import Edges, Line, Nothing, Shape, Whole, edges_of, whole

routes = Routes()
SETTINGS = "/portals/<int:portal_id>/settings"
FreeText = Literal["message", "description", "notes", "emails"]
LIST_MAX = 500  # entries of one exclusion list
Word = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x20\x7f]+$")]
PropertyName = Annotated[str, Field(max_length=100, pattern=r"^[a-z][a-z0-9_]*$")]
OwnName = Annotated[str, Field(max_length=120, pattern=r"^(contacts|companies)\.[a-z][a-z0-9_]*$")]
Weekday = Annotated[int, Field(ge=0, le=6), BeforeValidator(whole)]  # Monday is 0
WorkingHours = Annotated[int, Field(ge=1, le=400), BeforeValidator(whole)]
OwnId = Annotated[str, Field(pattern=r"^[0-9]{0,32}$")]  # HubSpot's, or nothing
FieldName = Literal[
    "industry", "company_size", "revenue_range", "location", "technologies", "budget_range"
]


Optional = Literal["ai_lead_reasoning", "ai_lead_chance"]


# A pattern for names alone would allow any other name beside those that match.
Rates = Annotated[dict[Line, float], Field(json_schema_extra={"additionalProperties": False})]


class Eligibility(Shape):
    """Who is a lead in this portal."""

    excluded_lifecycle_stages: list[Line] = Field(max_length=50)  # by label or stored value
    own_domains: list[Word] = Field(max_length=LIST_MAX)
    excluded_domains: list[Word] = Field(max_length=LIST_MAX)
    excluded_contact_ids: list[Annotated[str, Field(pattern=r"^[0-9]{1,32}$")]] = Field(
        max_length=LIST_MAX
    )
    free_mail_allowed: bool


class OwnerCapacity(Shape):
    """Where one owner's capacity differs from the others'."""

    owner_id: Annotated[Line, Field(min_length=1)]  # or the owner's name
    leads: Whole = Field(ge=0, le=10_000)


class Routing(Shape):
    """Who works the leads, and when."""

    fallback_owner_id: Line  # or the owner's name
    task_queue_id: OwnId
    follow_up_days: Whole = Field(ge=0, le=60)
    working_days: list[Weekday] = Field(min_length=1, max_length=7)
    digest_above: Whole = Field(ge=1, le=1_000)
    weekly_capacity: Whole = Field(ge=0, le=10_000)
    owner_capacity: list[OwnerCapacity] = Field(max_length=1_000)
    tasks_per_owner: Whole = Field(ge=0, le=1_000)
    # working hours in which a High lead should be called or written to; None: as is
    touch_within_hours: WorkingHours | None = None


class SegmentBody(Shape):
    """One of several businesses: leads that have one of `values` in `field`, by label or internal
    name ("companies.region", "deals.pipeline", "owner.team"). `thresholds` null: the portal's."""

    name: Line
    field: Line
    values: list[Line] = Field(min_length=1, max_length=VALUES_MAX)
    thresholds: Edges | None = None


class SettingsBody(Shape):
    """Everything that can be changed at once; what changes is done again by itself."""

    thresholds: Edges
    eligibility: Eligibility
    property_map: dict[FieldName, Line]  # by label or internal name
    read_free_text: list[FreeText] = Field(max_length=4)
    learn_from: list[Line] | None = Field(default=None, max_length=LEARN_FROM_MAX)  # None: as is
    property_prefix: str | None = Field(default=None, max_length=32)  # of ours; None: as is
    use_existing: list[PropertyName] | None = Field(default=None, max_length=20)
    without_properties: list[Optional] | None = None
    grid_properties: bool | None = None  # write fit, engagement and the A1-C3 grid; None: as is
    # deal pipelines that are sales, by label or stored value; []: as suggested, None: as is
    sales_pipelines: list[Line] | None = Field(default=None, max_length=200)
    company_deals: CompanyDeals | None = None  # None: as is
    currency_rates: Rates | None = None  # dollars for one unit by code; None: as is
    # forms by name and pages by path that count apart; None: as is
    high_intent: list[Line] | None = Field(default=None, max_length=100)
    count_opens: bool | None = None  # opened emails; None: as is
    # the first that matches a lead is its own; None: as is
    segments: list[SegmentBody] | None = Field(default=None, max_length=SEGMENTS_MAX)
    daily_ai_calls: Whole = Field(ge=0, le=10_000_000)
    daily_ai_usd: float = Field(ge=0, le=100_000)
    # runs over all leads ask at half the price, which takes longer; None: as is
    half_price_runs: bool | None = None
    routing: Routing


class ProfileField(Shape):
    """A field that can be read from a property of the portal's own."""

    field: str
    label: str


class OwnProperty(Shape):
    """A property of the portal's own: "contacts.program_interest" and what people call it."""

    field: str
    label: str


class AccountRefuses(Shape):
    """What the account refuses for a reason of its own; the work of that area waits."""

    area: str  # writes, tasks, lists
    sentence: str  # HubSpot's own
    cure: str
    since: datetime
    next_try_at: datetime


class FeatureOff(Shape):
    """A feature that the account does not allow, and HubSpot's reason."""

    feature: str
    why: str


class Settings(SettingsBody):
    """With what is known of the connection."""

    name: str
    state: str
    mode: Literal["shadow", "live", "paused"]
    connected_since: datetime
    pulled_at: datetime | None
    token_refreshed_at: datetime | None
    missing_scopes: list[str]
    account_refuses: list[AccountRefuses]
    features_off: list[FeatureOff]
    setup_problems: list[str]  # what stopped the last set-up
    goes_live: bool  # once the set-up has ended well
    notifies: bool
    fields: list[ProfileField]
    learnable: list[OwnProperty]  # chosen or not, as of the last pull
    calls_to_read_again: int  # of HubSpot, when `learn_from` changes


class Named(Shape):
    """A stored value and what people call it."""

    value: str
    label: str


class Choices(Shape):
    """What a setting can be, of this portal; a list is empty where HubSpot does not tell."""

    lifecycle_stages: list[Named]
    pipelines: list[Named]
    owners: list[Named]
    properties: list[Named]
    forms_and_pages: list[Named]
    segment_fields: list[Named]


class Saved(Shape):
    """What begins by itself because of the change: runs to watch."""

    begun: list[str]


class ModeBody(Shape):
    """shadow: score and show, write nothing · live: score and write · paused: stand still.

    Going live needs the `preview` of the live preview that a person has looked at.
    """

    mode: Literal["shadow", "live", "paused"]
    preview: Line = ""


class NotificationBody(Shape):
    """A Slack-compatible webhook that hears of leads that became High; empty: nobody is told."""

    url: str = Field(max_length=URL_MAX, pattern=r"^[^\x00-\x20\x7f]*$")


class Invitation(Shape):
    """Shown once; the HubSpot admin of an account opens it to connect."""

    link: str
    expires_at: datetime


@routes.get(SETTINGS, needs=Permission.READ_REPORTS, answer=Settings)
def read(call: Call[Nothing, Nothing]) -> Settings:
    """The portal's settings and its connection."""
    with call.product.stores.database.read() as conn:
        portal = portals.get(conn, call.portal_id)
        problems = portal_problems.of_portal(conn, call.portal_id)
    why = portal.installation.get("refused_why", {})
    asked = (*REQUIRED_SCOPES, *OPTIONAL_SCOPES)
    return Settings(
        **_as_body(portal),
        name=portal.name or f"Portal {portal.portal_id}",
        state=portal.state,
        mode=portal.settings.mode.value,
        connected_since=portal.created_at,
        pulled_at=portal.pulled_at,
        token_refreshed_at=portal.last_refresh_at,
        missing_scopes=[scope for scope in asked if scope not in portal.scopes],
        account_refuses=[
            AccountRefuses(
                area=one.area,
                sentence=one.sentence,
                cure=one.cure,
                since=one.since,
                next_try_at=one.probe_at,
            )
            for one in problems
        ],
        features_off=[
            FeatureOff(feature=name, why=why.get(name, "the scope was not granted"))
            for name in portal.installation.get("refused", ())
        ],
        setup_problems=portal.installation.get("setup_problems", []),
        goes_live=bool(portal.installation.get(portal_mode.WANTED)),
        notifies=bool(portal.settings.routing.notification_url_sealed),
        fields=[ProfileField(field=name, label=label(name)) for name in PROFILE_FIELDS],
        learnable=[OwnProperty(field=f, label=t) for f, t in learnable(portal).items()],
        calls_to_read_again=calls_to_read_again(call.product.stores.database, call.portal_id),
    )


@routes.get(f"{SETTINGS}/choices", needs=Permission.EDIT_SETTINGS, answer=Choices)
def list_choices(call: Call[Nothing, Nothing]) -> Choices:
    """Stages, pipelines, owners and properties by label, for pickers. Three calls to HubSpot."""
    found = choices_of(call.product, call.portal_id)
    return Choices(
        **{
            name: [Named(value=value, label=text) for value, text in getattr(found, name).items()]
            for name in Choices.model_fields
        }
    )


@routes.put(SETTINGS, needs=Permission.EDIT_SETTINGS, body=SettingsBody, answer=Saved)
def save(call: Call[Nothing, SettingsBody]) -> Saved:
    """Replace the settings; leads are pulled or scored again where that follows from it."""
    actor, body = call.caller.subject, call.body
    begun = settings.change(
        call.product, call.portal_id, lambda before: _settings(before, body), actor=actor
    )
    return Saved(begun=begun)


@routes.put(f"{SETTINGS}/mode", needs=Permission.EDIT_SETTINGS, body=ModeBody, answer=Saved)
def set_mode(call: Call[Nothing, ModeBody]) -> Saved:
    """Choose the mode; going live makes properties and lists and writes every score."""
    wanted, actor = Mode(call.body.mode), call.caller.subject
    stores, seen = call.product.stores, call.body.preview
    run = portal_mode.choose_mode(stores, call.portal_id, wanted, actor=actor, seen=seen)
    return Saved(begun=[] if run is None else ["setup"])


@routes.put(
    f"{SETTINGS}/notifications",
    needs=Permission.EDIT_SETTINGS,
    body=NotificationBody,
    answer=Saved,
)
def set_notifications(call: Call[Nothing, NotificationBody]) -> Saved:
    """Where notifications go; the address is a secret, kept encrypted and never shown again."""
    product, portal_id, actor = call.product, call.portal_id, call.caller.subject
    sealed = settings.sealed_address(product.stores, portal_id, call.body.url)

    def wanted(before: PortalSettings) -> PortalSettings:
        routing = replace(before.routing, notification_url_sealed=sealed)
        return replace(before, routing=routing)

    return Saved(begun=settings.change(product, portal_id, wanted, actor=actor))


@routes.post(
    "/portals/<int:portal_id>/invitations",
    needs=Permission.MANAGE_PORTAL,
    answer=Invitation,
    status=201,
)
def invite(call: Call[Nothing, Nothing]) -> Invitation:
    """A link with which the admin of a HubSpot account connects it, once."""
    actor, portal_id = call.caller.subject, call.portal_id
    made = invitations.invite(call.product.stores, actor=actor, portal_id=portal_id)
    return Invitation(link=made.link, expires_at=made.expires_at)


def _as_body(portal: Portal) -> dict[str, Any]:
    stored = portal.settings
    routing = {name: getattr(stored.routing, name) for name in Routing.model_fields}
    routing["owner_capacity"] = [
        OwnerCapacity(owner_id=owner, leads=leads)
        for owner, leads in sorted(stored.routing.owner_capacity.items())
    ]
    rules = {name: getattr(stored.eligibility, name) for name in Eligibility.model_fields}
    return {
        "thresholds": edges_of(portal),
        "eligibility": Eligibility.model_validate(_lists(rules)),
        "property_map": dict(stored.property_map),
        "read_free_text": list(stored.read_free_text),
        "learn_from": list(stored.learn_from),
        "property_prefix": stored.property_prefix,
        "use_existing": list(stored.use_existing),
        "without_properties": list(stored.without_properties),
        "grid_properties": stored.grid_properties,
        "sales_pipelines": list(stored.sales_pipelines),
        "company_deals": stored.company_deals,
        "currency_rates": dict(stored.currency_rates),
        "high_intent": list(stored.high_intent),
        "count_opens": stored.count_opens,
        "segments": [_segment_body(one) for one in stored.segments],
        "daily_ai_calls": stored.daily_ai_calls,
        "daily_ai_usd": stored.daily_ai_micro_usd / 1e6,
        "half_price_runs": stored.half_price_runs,
        "routing": Routing.model_validate(_lists(routing)),
    }


def _lists(values: dict[str, Any]) -> dict[str, Any]:
    return {name: list(v) if isinstance(v, tuple) else v for name, v in values.items()}


def _settings(before: PortalSettings, body: SettingsBody) -> PortalSettings:
    rules: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in body.eligibility.model_dump().items()
    }
    routing = body.routing.model_dump() | {
        "working_days": tuple(sorted(set(body.routing.working_days))),
        "owner_capacity": {one.owner_id: one.leads for one in body.routing.owner_capacity},
        "touch_within_hours": _or(
            body.routing.touch_within_hours, before.routing.touch_within_hours
        ),
    }
    return replace(
        before,
        thresholds=Thresholds(high=body.thresholds.high, medium=body.thresholds.medium),
        eligibility=EligibilityRules(**rules),
        property_map={str(field): name for field, name in body.property_map.items()},
        read_free_text=tuple(dict.fromkeys(body.read_free_text)),
        learn_from=tuple(_or(body.learn_from, before.learn_from)),
        property_prefix=_or(body.property_prefix, before.property_prefix),
        use_existing=tuple(_or(body.use_existing, before.use_existing)),
        without_properties=tuple(_or(body.without_properties, before.without_properties)),
        grid_properties=_or(body.grid_properties, before.grid_properties),
        sales_pipelines=tuple(_or(body.sales_pipelines, before.sales_pipelines)),
        company_deals=_or(body.company_deals, before.company_deals),
        currency_rates=_or(body.currency_rates, before.currency_rates),
        high_intent=tuple(_or(body.high_intent, before.high_intent)),
        count_opens=_or(body.count_opens, before.count_opens),
        segments=before.segments if body.segments is None else segments_in(body.segments),
        daily_ai_calls=body.daily_ai_calls,
        daily_ai_micro_usd=round(body.daily_ai_usd * 1e6),
        half_price_runs=_or(body.half_price_runs, before.half_price_runs),
        routing=_routing(before.routing, routing),
    )


def segments_in(bodies: Sequence[SegmentBody]) -> tuple[Segment, ...]:
    """As the portal's settings hold them."""
    return tuple(
        Segment(
            one.name,
            one.field,
            tuple(one.values),
            None
            if one.thresholds is None
            else Thresholds(high=one.thresholds.high, medium=one.thresholds.medium),
        )
        for one in bodies
    )


def _segment_body(one: Segment) -> SegmentBody:
    edges = one.thresholds
    own = None if edges is None else Edges(high=edges.high, medium=edges.medium)
    return SegmentBody(name=one.name, field=one.field, values=list(one.values), thresholds=own)


def _or(asked: Any, before: Any) -> Any:
    return before if asked is None else asked


def _routing(before: RoutingSettings, changes: dict[str, Any]) -> RoutingSettings:
    return replace(before, **changes)
