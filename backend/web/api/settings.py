"""What an admin sets for a portal: mode, bands, who is a lead, what may be read, budgets."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field
from sqlalchemy.engine import Connection

from backend import config
from backend.clients.hubspot.oauth import OPTIONAL_SCOPES, REQUIRED_SCOPES
from backend.config import INVITATION_S
from backend.errors import Conflict, Permanent
from backend.model import (
    PROFILE_FIELDS,
    EligibilityRules,
    Mode,
    PortalSettings,
    RoutingSettings,
    Thresholds,
)
from backend.scoring.facts.own_rules import LEARN_FROM_MAX
from backend.scoring.facts.properties import IDENTITY, OWN_TYPES
from backend.scoring.values.words import label
from backend.scoring.write_back import PREFIX_FORM, PREFIX_RULE
from backend.security.hashes import token_hash
from backend.security.outbound import URL_MAX, check_url
from backend.security.roles import Permission
from backend.security.tombstone import pseudonym
from backend.services.mirror.definitions import learnable
from backend.services.mirror.read_again import read_again
from backend.services.portals import portal_mode
from backend.services.portals.own_properties import calls_to_read_again, checked
from backend.storage import runs
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
OwnId = Annotated[str, Field(pattern=r"^[0-9]{0,32}$")]  # HubSpot's, or nothing
FieldName = Literal[
    "industry", "company_size", "revenue_range", "location", "technologies", "budget_range"
]


Optional = Literal["ai_lead_reasoning", "ai_lead_chance"]


class Eligibility(Shape):
    """Who is a lead in this portal."""

    excluded_lifecycle_stages: list[Word] = Field(max_length=50)
    own_domains: list[Word] = Field(max_length=LIST_MAX)
    excluded_domains: list[Word] = Field(max_length=LIST_MAX)
    excluded_contact_ids: list[Annotated[str, Field(pattern=r"^[0-9]{1,32}$")]] = Field(
        max_length=LIST_MAX
    )
    free_mail_allowed: bool


class OwnerCapacity(Shape):
    """Where one owner's capacity differs from the others'."""

    owner_id: Annotated[str, Field(pattern=r"^[0-9]{1,32}$")]
    leads: Whole = Field(ge=0, le=10_000)


class Routing(Shape):
    """Who works the leads, and when."""

    fallback_owner_id: OwnId
    task_queue_id: OwnId
    follow_up_days: Whole = Field(ge=0, le=60)
    working_days: list[Weekday] = Field(min_length=1, max_length=7)
    digest_above: Whole = Field(ge=1, le=1_000)
    weekly_capacity: Whole = Field(ge=0, le=10_000)
    owner_capacity: list[OwnerCapacity] = Field(max_length=1_000)
    tasks_per_owner: Whole = Field(ge=0, le=1_000)


class SettingsBody(Shape):
    """Everything that can be changed at once; what changes is done again by itself."""

    thresholds: Edges
    eligibility: Eligibility
    property_map: dict[FieldName, PropertyName]
    read_free_text: list[FreeText] = Field(max_length=4)
    learn_from: list[OwnName] | None = Field(default=None, max_length=LEARN_FROM_MAX)  # None: as is
    property_prefix: str | None = Field(default=None, max_length=32)  # of ours; None: as is
    use_existing: list[PropertyName] | None = Field(default=None, max_length=20)
    without_properties: list[Optional] | None = None
    daily_ai_calls: Whole = Field(ge=0, le=10_000_000)
    daily_ai_usd: float = Field(ge=0, le=100_000)
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


@routes.put(SETTINGS, needs=Permission.EDIT_SETTINGS, body=SettingsBody, answer=Saved)
def save(call: Call[Nothing, SettingsBody]) -> Saved:
    """Replace the settings; leads are pulled or scored again where that follows from it."""
    _check(call.body)
    with call.product.stores.database.read() as conn:
        portal = portals.get(conn, call.portal_id)
    portal = replace(portal, settings=_settings(portal.settings, call.body))
    asked = call.body.learn_from
    allowed = checked(
        call.product.hubspot, portal, portal.settings.learn_from if asked is None else asked
    )
    now = call.product.stores.clock.now()
    with call.product.stores.database.write() as conn:
        before = portals.get(conn, call.portal_id).settings
        after = replace(_settings(before, call.body), learn_from=allowed)
        portals.set_settings(conn, call.portal_id, after)
        begun = _follow_up(conn, call.portal_id, before, after, now)
        begun += _set_up_again(conn, call.portal_id, before, after, now)
        detail = _differences(call.product.stores.settings, call.portal_id, before, after)
        if detail:
            call.record(conn, "portal.settings", f"portal:{call.portal_id}", detail)
    for kind in begun:
        call.product.stores.jobs.ring(kind, portal_id=call.portal_id)
    return Saved(begun=begun)


@routes.put(f"{SETTINGS}/mode", needs=Permission.EDIT_SETTINGS, body=ModeBody, answer=Saved)
def set_mode(call: Call[Nothing, ModeBody]) -> Saved:
    """Choose the mode; going live makes properties and lists and writes every score."""
    with call.product.stores.database.write() as conn:
        portal = portals.get(conn, call.portal_id)
        if portal.state != "connected":
            raise Conflict("this portal has to be connected again first")
        wanted, actor = Mode(call.body.mode), call.caller.subject
        run = portal_mode.set_mode(
            conn, call.product.stores.clock, portal, wanted, actor=actor, seen=call.body.preview
        )
    if run is not None:
        call.product.stores.jobs.ring("setup", portal_id=call.portal_id)
    return Saved(begun=[] if run is None else ["setup"])


@routes.put(
    f"{SETTINGS}/notifications",
    needs=Permission.EDIT_SETTINGS,
    body=NotificationBody,
    answer=Saved,
)
def set_notifications(call: Call[Nothing, NotificationBody]) -> Saved:
    """Where notifications go; the address is a secret, kept encrypted and never shown again."""
    product, portal_id, url = call.product, call.portal_id, call.body.url
    try:
        if url:
            check_url(url, on_loopback=product.stores.settings.on_loopback)
    except Permanent as error:
        raise Conflict(str(error)) from None
    sealed = (
        product.stores.cipher.seal(url, portal_id=portal_id, purpose=portals.NOTIFICATION_URL)
        if url
        else ""
    )
    with product.stores.database.write() as conn:
        settings = portals.get(conn, portal_id).settings
        routing = replace(settings.routing, notification_url_sealed=sealed)
        portals.set_settings(conn, portal_id, replace(settings, routing=routing))
        detail = {"notification_url": "set" if url else "not set"}
        call.record(conn, "portal.routing", f"portal:{portal_id}", detail)
    return Saved(begun=[])


@routes.post(
    "/portals/<int:portal_id>/invitations",
    needs=Permission.MANAGE_PORTAL,
    answer=Invitation,
    status=201,
)
def invite(call: Call[Nothing, Nothing]) -> Invitation:
    """A link with which the admin of a HubSpot account connects it, once."""
    token = secrets.token_urlsafe(32)
    now = call.product.stores.clock.now()
    expires_at = now + timedelta(seconds=INVITATION_S)
    with call.product.stores.database.write() as conn:
        portals.make_invitation(
            conn,
            token_hash(token),
            made_by=call.caller.subject,
            now=now,
            expires_at=expires_at,
        )
        call.record(conn, "portal.invite", "invitation")
    base = call.product.stores.settings.public_base_url[0]
    return Invitation(link=f"{base}/oauth/install?invitation={token}", expires_at=expires_at)


def _as_body(portal: Portal) -> dict[str, Any]:
    settings = portal.settings
    routing = {name: getattr(settings.routing, name) for name in Routing.model_fields}
    routing["owner_capacity"] = [
        OwnerCapacity(owner_id=owner, leads=leads)
        for owner, leads in sorted(settings.routing.owner_capacity.items())
    ]
    rules = {name: getattr(settings.eligibility, name) for name in Eligibility.model_fields}
    return {
        "thresholds": edges_of(portal),
        "eligibility": Eligibility.model_validate(_lists(rules)),
        "property_map": dict(settings.property_map),
        "read_free_text": list(settings.read_free_text),
        "learn_from": list(settings.learn_from),
        "property_prefix": settings.property_prefix,
        "use_existing": list(settings.use_existing),
        "without_properties": list(settings.without_properties),
        "daily_ai_calls": settings.daily_ai_calls,
        "daily_ai_usd": settings.daily_ai_micro_usd / 1e6,
        "routing": Routing.model_validate(_lists(routing)),
    }


def _lists(values: dict[str, Any]) -> dict[str, Any]:
    return {name: list(v) if isinstance(v, tuple) else v for name, v in values.items()}


def _check(body: SettingsBody) -> None:
    high, medium = body.thresholds.high, body.thresholds.medium
    if not 0 < medium < high <= 100:
        raise Conflict("bands need 0 < medium < high <= 100")
    prefix = body.property_prefix
    if prefix is not None and not PREFIX_FORM.fullmatch(prefix):
        raise Conflict(PREFIX_RULE)
    personal = sorted(IDENTITY & set(body.property_map.values()))
    if personal:
        raise Conflict(f"{', '.join(personal)} says who a person is and is never read as a fact")


def _settings(before: PortalSettings, body: SettingsBody) -> PortalSettings:
    rules: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in body.eligibility.model_dump().items()
    }
    routing = body.routing.model_dump() | {
        "working_days": tuple(sorted(set(body.routing.working_days))),
        "owner_capacity": {one.owner_id: one.leads for one in body.routing.owner_capacity},
    }
    return replace(
        before,
        thresholds=Thresholds(high=body.thresholds.high, medium=body.thresholds.medium),
        eligibility=EligibilityRules(**rules),
        property_map={str(field): name for field, name in body.property_map.items()},
        read_free_text=tuple(dict.fromkeys(body.read_free_text)),
        property_prefix=_or(body.property_prefix, before.property_prefix),
        use_existing=tuple(_or(body.use_existing, before.use_existing)),
        without_properties=tuple(_or(body.without_properties, before.without_properties)),
        daily_ai_calls=body.daily_ai_calls,
        daily_ai_micro_usd=round(body.daily_ai_usd * 1e6),
        routing=_routing(before.routing, routing),
    )


def _or(asked: Any, before: Any) -> Any:
    return before if asked is None else asked


def _routing(before: RoutingSettings, changes: dict[str, Any]) -> RoutingSettings:
    return replace(before, **changes)


def _follow_up(
    conn: Connection, portal_id: int, before: PortalSettings, after: PortalSettings, now: datetime
) -> list[str]:
    """A wider reading needs a pull, which ends in scoring; other rules only need scoring."""
    more_text = set(after.read_free_text) - set(before.read_free_text)
    if dict(after.property_map) != dict(before.property_map) or more_text:
        begun = ["pull"]
    elif set(after.learn_from) != set(before.learn_from):
        read_again(conn, portal_id, OWN_TYPES, now)
        return ["pull"]
    elif (
        after.thresholds != before.thresholds
        or after.eligibility != before.eligibility
        or after.read_free_text != before.read_free_text
    ):
        begun = ["backfill"]
    else:
        begun = []
    for kind in begun:
        runs.restart(conn, portal_id, kind, now)
    return begun


def _set_up_again(
    conn: Connection, portal_id: int, before: PortalSettings, after: PortalSettings, now: datetime
) -> list[str]:
    """Other properties are wanted in a portal that is live, or is to be."""
    portal = portals.get(conn, portal_id)
    live = after.mode is Mode.LIVE or portal.installation.get(portal_mode.WANTED)
    changed = any(
        getattr(before, name) != getattr(after, name)
        for name in ("property_prefix", "use_existing", "without_properties")
    )
    if not (live and changed and portal.state == "connected"):
        return []
    runs.restart(conn, portal_id, "setup", now)
    return ["setup"]


def _differences(
    settings: config.Settings, portal_id: int, before: PortalSettings, after: PortalSettings
) -> dict[str, Any]:
    """Before and after of what changed; ids and numbers, nobody's name, no sealed address. For the
    id of a contact the start of its keyed hash: nothing can be erased from the trail."""
    old, new = portals.settings_to_json(before), portals.settings_to_json(after)
    for stored in (old, new):
        stored["eligibility"]["excluded_contact_ids"] = [
            pseudonym(settings.session_secret, portal_id, contact_id)
            for contact_id in stored["eligibility"]["excluded_contact_ids"]
        ]
        stored["routing"] = {
            name: value
            for name, value in stored["routing"].items()
            if name != "notification_url_sealed"
        }
    return {
        name: {"before": old[name], "after": new[name]} for name in new if old[name] != new[name]
    }
