"""Portals, their sealed tokens, invitations, members and settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, tzinfo
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.errors import NotConnected
from backend.model import (
    CompanyDeals,
    EligibilityRules,
    Mode,
    PortalSettings,
    RoutingSettings,
    Segment,
    Thresholds,
)
from backend.scoring.wording.working_days import zone_of
from backend.storage.database import insert_once, upsert
from backend.storage.tables.portals import invitations, members, oauth_states, portals

_TUPLES = frozenset(
    {
        "read_free_text",
        "learn_from",
        "use_existing",
        "without_properties",
        "sales_pipelines",
        "high_intent",
    }
)
NOTIFICATION_URL = "notification_url"  # what the sealed address is bound to


@dataclass(frozen=True, slots=True)
class Portal:
    """One HubSpot account. `installation` holds list ids and account facts by name."""

    portal_id: int
    state: str  # "connected", "needs_reconnect", "disconnecting", "disconnected", "erased"
    client_id: str
    name: str
    scopes: tuple[str, ...]
    settings: PortalSettings
    installation: Mapping[str, Any]
    created_at: datetime
    last_refresh_at: datetime | None
    token_expires_at: datetime | None
    pulled_at: datetime | None


def settings_to_json(settings: PortalSettings) -> dict[str, Any]:
    """Plain JSON of the settings."""
    plain = asdict(replace(settings, routing=RoutingSettings()))
    routing = {
        name: getattr(settings.routing, name) for name in RoutingSettings.__dataclass_fields__
    }
    routing |= {
        "working_days": list(settings.routing.working_days),
        "owner_capacity": dict(settings.routing.owner_capacity),
    }
    plain |= {
        "property_map": dict(settings.property_map),
        "currency_rates": dict(settings.currency_rates),
        "routing": routing,
    }
    return {key: list(value) if isinstance(value, tuple) else value for key, value in plain.items()}


def _with_tuples(stored: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(v) if isinstance(v, list) else v for key, v in stored.items()}


def settings_from_json(stored: Mapping[str, Any]) -> PortalSettings:
    """The settings, with defaults for what an older version did not know."""
    known = dict(stored)
    if "mode" in known:
        known["mode"] = Mode(known["mode"])
    if "thresholds" in known:
        known["thresholds"] = Thresholds(**known["thresholds"])
    if "eligibility" in known:
        known["eligibility"] = EligibilityRules(**_with_tuples(known["eligibility"]))
    if "routing" in known:
        stored_names = RoutingSettings.__dataclass_fields__.keys() & known["routing"].keys()
        routing = {name: known["routing"][name] for name in stored_names}
        known["routing"] = RoutingSettings(**_with_tuples(routing))
    if "segments" in known:
        known["segments"] = tuple(_segment(one) for one in known["segments"])
    if "company_deals" in known:
        known["company_deals"] = CompanyDeals(known["company_deals"])
    for name in _TUPLES & known.keys():
        known[name] = tuple(known[name])
    fields = PortalSettings.__dataclass_fields__
    return PortalSettings(**{key: value for key, value in known.items() if key in fields})


def _segment(stored: Mapping[str, Any]) -> Segment:
    edges = stored["thresholds"]
    own = None if edges is None else Thresholds(**edges)
    return Segment(stored["name"], stored["field"], tuple(stored["values"]), own)


def _portal(row: sa.Row[Any]) -> Portal:
    return Portal(
        portal_id=row.portal_id,
        state=row.state,
        client_id=row.client_id,
        name=row.name,
        scopes=tuple(row.scopes),
        settings=settings_from_json(row.settings),
        installation=row.installation,
        created_at=row.created_at,
        last_refresh_at=row.last_refresh_at,
        token_expires_at=row.token_expires_at,
        pulled_at=row.pulled_at,
    )


def install(conn: Connection, portal_id: int, *, client_id: str, name: str, now: datetime) -> bool:
    """Create the portal, or bring it back; settings survive. True when it is new.

    Tokens are stored separately, by the token store, in the same transaction.
    """
    known = conn.execute(
        sa.update(portals)
        .where(portals.c.portal_id == portal_id)
        .values(state="connected", client_id=client_id, name=name)
    ).rowcount
    if known:
        return False
    conn.execute(
        sa.insert(portals).values(
            portal_id=portal_id,
            state="connected",
            client_id=client_id,
            name=name,
            scopes=[],
            settings=settings_to_json(PortalSettings()),
            installation={},
            created_at=now,
        )
    )
    return True


def get(conn: Connection, portal_id: int) -> Portal:
    """Raises NotConnected."""
    row = conn.execute(sa.select(portals).where(portals.c.portal_id == portal_id)).first()
    if row is None:
        raise NotConnected(f"portal {portal_id} is not connected: send its admin an invitation")
    return _portal(row)


def held(conn: Connection, portal_id: int) -> Portal:
    """The portal, which nobody changes until the transaction ends. Raises NotConnected."""
    conn.execute(
        sa.select(portals.c.portal_id)
        .where(portals.c.portal_id == portal_id)
        .with_for_update(read=True)
    )
    return get(conn, portal_id)


def listed(conn: Connection) -> list[Portal]:
    """All portals by id."""
    return [_portal(row) for row in conn.execute(sa.select(portals).order_by("portal_id"))]


def set_state(conn: Connection, portal_id: int, state: str) -> None:
    """Connected, needs_reconnect or disconnected."""
    conn.execute(sa.update(portals).where(portals.c.portal_id == portal_id).values(state=state))


def set_settings(conn: Connection, portal_id: int, settings: PortalSettings) -> None:
    """Replace them all."""
    conn.execute(
        sa.update(portals)
        .where(portals.c.portal_id == portal_id)
        .values(settings=settings_to_json(settings))
    )


def set_installation(conn: Connection, portal_id: int, changes: Mapping[str, Any]) -> None:
    """Merge what set-up found or made into `installation`."""
    row = conn.execute(
        sa.select(portals.c.installation).where(portals.c.portal_id == portal_id).with_for_update()
    ).one()
    conn.execute(
        sa.update(portals)
        .where(portals.c.portal_id == portal_id)
        .values(installation={**row.installation, **changes})
    )


def refused(conn: Connection, portal_id: int, feature: str, why: str) -> None:
    """The portal does not allow a feature: it is off until a set-up asks again."""
    known = get(conn, portal_id).installation
    changes = {
        "refused": sorted({*known.get("refused", ()), feature}),
        "refused_why": {**known.get("refused_why", {}), feature: why},
    }
    set_installation(conn, portal_id, changes)


def set_pulled(conn: Connection, portal_id: int, now: datetime) -> None:
    """The mirror is complete as of `now`."""
    conn.execute(sa.update(portals).where(portals.c.portal_id == portal_id).values(pulled_at=now))


def make_invitation(
    conn: Connection, token_hash: str, *, made_by: str, now: datetime, expires_at: datetime
) -> None:
    """Only the hash is kept."""
    conn.execute(
        sa.insert(invitations).values(
            token_hash=token_hash, made_by=made_by, created_at=now, expires_at=expires_at
        )
    )


def invitation_is_open(conn: Connection, token_hash: str, now: datetime) -> bool:
    """Known, unused and in time."""
    row = conn.execute(sa.select(invitations).where(invitations.c.token_hash == token_hash)).first()
    return row is not None and row.used_at is None and row.expires_at > now


def use_invitation(conn: Connection, token_hash: str, portal_id: int, now: datetime) -> bool:
    """Consume it; False when somebody was faster."""
    return (
        conn.execute(
            sa.update(invitations)
            .where(
                invitations.c.token_hash == token_hash,
                invitations.c.used_at.is_(None),
                invitations.c.expires_at > now,
            )
            .values(used_at=now, portal_id=portal_id)
        ).rowcount
        == 1
    )


def use_state(conn: Connection, nonce_hash: str, now: datetime) -> bool:
    """Consume an OAuth state; False when it was used before."""
    return insert_once(conn, oauth_states, {"nonce_hash": nonce_hash, "used_at": now})


def add_member(conn: Connection, portal_id: int, subject: str, role: str, now: datetime) -> None:
    """Give a role, replacing an earlier one."""
    upsert(
        conn,
        members,
        [{"portal_id": portal_id, "subject": subject, "role": role, "created_at": now}],
        update=("role",),
    )


def connected(conn: Connection, portal_ids: set[int]) -> set[int]:
    """Which of these portals are connected or waiting for a reconnect."""
    rows = conn.execute(
        sa.select(portals.c.portal_id).where(
            portals.c.portal_id.in_(portal_ids), portals.c.state != "disconnected"
        )
    )
    return {row.portal_id for row in rows}


def disconnected_at(portal: Portal) -> datetime | None:
    """When the app was uninstalled, or HubSpot refused us for good; None while it is installed or
    erased already."""
    stored = portal.installation.get("disconnected_at")
    if portal.state not in {"disconnected", "needs_reconnect"} or not stored:
        return None
    return datetime.fromisoformat(stored)


def reset(conn: Connection, portal: Portal) -> bool:
    """Nothing but the number of an erased portal and when it left; its next installation begins
    like a first one, in shadow mode. False when it was installed again meanwhile."""
    return (
        conn.execute(
            sa.update(portals)
            .where(portals.c.portal_id == portal.portal_id, portals.c.state == portal.state)
            .values(
                state="erased",
                name="",
                access_token_sealed=None,
                refresh_token_sealed=None,
                token_expires_at=None,
                scopes=[],
                settings=settings_to_json(PortalSettings()),
                installation={"disconnected_at": portal.installation["disconnected_at"]},
                last_refresh_at=None,
                pulled_at=None,
            )
        ).rowcount
        == 1
    )


def zone_name(portal: Portal) -> str:
    """Its account's time zone, as of the last set-up; "" before."""
    account: Mapping[str, Any] = portal.installation.get("account") or {}
    return str(account.get("timeZone") or "")


def zone(portal: Portal) -> tzinfo:
    """The same, UTC where it is not known."""
    return zone_of(zone_name(portal))


def currency(portal: Portal) -> str:
    """The code of its account's currency, as of the last set-up; "" before."""
    account: Mapping[str, Any] = portal.installation.get("account") or {}
    return str(account.get("companyCurrency") or "")


def refuses(portal: Portal, feature: str) -> bool:
    """Whether the portal did not grant what "lists" or "tasks" need; set-up asks again."""
    return feature in portal.installation.get("refused", ())
