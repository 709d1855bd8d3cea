"""What an admin sets for a portal, and what follows from it: one door for every change.

Whoever changes a setting says what it is to be; whether leads are read or scored again, or the
set-up looks at HubSpot again, is decided here, with the change's row on the audit trail.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from functools import reduce
from typing import Any, Final

from backend import config
from backend.errors import BadChoice, NeedsReconnect, Permanent
from backend.model import Mode, PortalSettings, RoutingSettings, Segment, Thresholds, Urgency
from backend.scoring.facts.properties import IDENTITY, OWN_TYPES
from backend.scoring.facts.segments import own_read
from backend.scoring.values.amount_words import CODES
from backend.scoring.write_back import PREFIX_FORM, PREFIX_RULE
from backend.security.outbound import check_url
from backend.security.tombstone import pseudonym
from backend.services.mirror.definitions import (
    deal_pipelines,
    definitions_of,
    lifecycle_stages,
)
from backend.services.mirror.read_again import read_again
from backend.services.portals import portal_mode, segments
from backend.services.portals.choices import (
    chosen,
    every_property,
    forms_and_pages,
    nearest,
    owner_ids,
)
from backend.services.portals.own_properties import checked
from backend.storage import runs
from backend.storage.access import audit
from backend.storage.database import Connection
from backend.storage.leads import due_leads
from backend.storage.portals import portals
from backend.storage.portals.portals import Portal
from backend.wiring import Product, Stores

Change = Callable[[PortalSettings], PortalSettings]
_READ_WITH: Final = ("property_map", "currency_rates")  # what records are read with
_OF_PROPERTIES: Final = (
    "property_prefix",
    "use_existing",
    "without_properties",
    "grid_properties",
)
DOLLARS_MAX: Final = 1_000.0  # that one unit of any currency may be worth
_SEALED: Final = "notification_url_sealed"


def change(product: Product, portal_id: int, wanted: Change, *, actor: str) -> list[str]:
    """Store `wanted(settings)` and begin what follows from it; the kinds of the runs begun.

    Raises BadChoice for settings that contradict a rule, BadInput naming every own property that
    cannot be learned from, Transient, or NotConnected.
    """
    stores = product.stores
    with stores.database.read() as conn:
        portal = portals.get(conn, portal_id)
    asked, known = wanted(portal.settings), portal.settings.learn_from
    _check(asked)
    named = _in_stored_values(product, portal, asked)  # outside: it may ask HubSpot
    as_asked = replace(portal, settings=replace(asked, learn_from=known))
    allowed = checked(product.hubspot, as_asked, asked.learn_from)  # outside: it may ask HubSpot
    with stores.database.write() as conn:
        before = portals.get(conn, portal_id)
        after = named(wanted(before.settings))
        _check(after)
        if asked.learn_from != known:
            after = replace(after, learn_from=allowed)
        portals.set_settings(conn, portal_id, after)
        begun = _follow_up(conn, before, after, stores.clock.now())
        raised = _budget_raised(before.settings, after)
        if raised:
            due_leads.bring_forward(conn, portal_id, stores.clock.now())
        _record(conn, stores, before, after, actor)
    for kind in begun:
        stores.jobs.enqueue(kind, portal_id=portal_id)
    if raised:
        product.ai.try_now()
        stores.jobs.enqueue("score_due", portal_id=portal_id, urgency=Urgency.BACKFILL.value)
    return begun


def _budget_raised(before: PortalSettings, after: PortalSettings) -> bool:
    """Leads that were scored without the AI for want of budget can have it now."""
    more_calls = after.daily_ai_calls > before.daily_ai_calls
    return more_calls or after.daily_ai_micro_usd > before.daily_ai_micro_usd


def set_thresholds(product: Product, portal_id: int, wanted: Thresholds, *, actor: str) -> None:
    """Where the bands begin from now on; every lead is scored again. Raises BadChoice."""
    change(product, portal_id, lambda settings: replace(settings, thresholds=wanted), actor=actor)


def put_thresholds(
    conn: Connection, stores: Stores, portal_id: int, wanted: Thresholds, *, actor: str
) -> None:
    """The same in a transaction whose caller has every lead scored again. Raises BadChoice."""
    before = portals.get(conn, portal_id)
    after = replace(before.settings, thresholds=wanted)
    _check(after)
    portals.set_settings(conn, portal_id, after)
    _record(conn, stores, before, after, actor)


def set_learn_from(
    product: Product, portal_id: int, names: Sequence[str], *, actor: str
) -> list[str]:
    """The own properties that the model may learn from; contacts and companies are read again.
    Raises BadInput naming every wrong name, Transient or NotConnected."""
    learn_from = tuple(names)
    return change(
        product, portal_id, lambda settings: replace(settings, learn_from=learn_from), actor=actor
    )


def sealed_address(stores: Stores, portal_id: int, url: str) -> str:
    """A notification address as it is stored: encrypted, "" for none. Raises BadChoice for one that
    must not be called."""
    if not url:
        return ""
    try:
        check_url(url, on_loopback=stores.settings.on_loopback)
    except Permanent as error:
        raise BadChoice(str(error)) from None
    return stores.cipher.seal(url, portal_id=portal_id, purpose=portals.NOTIFICATION_URL)


def _check(settings: PortalSettings) -> None:
    high, medium = settings.thresholds.high, settings.thresholds.medium
    if not 0 < medium < high <= 100:
        raise BadChoice(
            f"High from {high} and Medium from {medium} leave no band between: "
            "bands need 0 < medium < high <= 100"
        )
    if not PREFIX_FORM.fullmatch(settings.property_prefix):
        raise BadChoice(f"{settings.property_prefix!r}: {PREFIX_RULE}")
    for code, dollars in settings.currency_rates.items():
        if code not in CODES:
            known = dict.fromkeys(sorted(CODES))
            raise BadChoice(f"{code!r} is no currency code.{nearest(code, known)}")
        if not 0 < dollars < DOLLARS_MAX:
            raise BadChoice(f"{code}: {dollars:g} dollars are no rate for one unit of a currency")
    segments.check(settings)
    personal = sorted(IDENTITY & set(settings.property_map.values()))
    if personal:
        raise BadChoice(f"{', '.join(personal)} says who a person is and is never read as a fact")


def _in_stored_values(product: Product, portal: Portal, asked: PortalSettings) -> Change:
    """What puts stored values in place of the labels that a person may have given for stages,
    pipelines and owners. Only what is new is looked up, and nothing where HubSpot cannot be asked.

    Raises BadChoice for a word that can never match, with the nearest that would.
    """
    before = portal.settings
    changes: list[Change] = []
    hubspot, portal_id = product.hubspot, portal.portal_id
    owners = _owners(product, portal_id, asked.routing)
    changes.append(lambda settings: replace(settings, routing=owners(settings.routing)))
    if portal.state != "connected":
        return changes[0]
    with suppress(NeedsReconnect):
        words, old = _stages(asked), _stages(before)
        stages = _looked_up(
            "lifecycle stage", words, old, lambda: lifecycle_stages(hubspot, portal_id)
        )
        changes.append(lambda settings: _with_stages(settings, tuple(dict.fromkeys(stages))))
        pipelines = _looked_up(
            "deal pipeline",
            asked.sales_pipelines,
            before.sales_pipelines,
            lambda: deal_pipelines(hubspot, portal_id),
        )
        changes.append(
            lambda settings: replace(settings, sales_pipelines=tuple(dict.fromkeys(pipelines)))
        )
        found = _looked_up(
            "contact or company property",
            list(asked.property_map.values()),
            list(before.property_map.values()),
            lambda: every_property(definitions_of(hubspot, portal_id)),
        )
        high_intent = _looked_up(
            "form or page",
            asked.high_intent,
            before.high_intent,
            lambda: forms_and_pages(product.stores, portal_id),
        )
        changes.append(lambda settings: replace(settings, high_intent=high_intent))
        names = dict(zip(asked.property_map, found, strict=True))
        changes.append(lambda settings: replace(settings, property_map=names))
        placed = segments.stored(product, portal, asked.segments)
        changes.append(lambda settings: replace(settings, segments=placed))
    return lambda settings: reduce(lambda so_far, step: step(so_far), changes, settings)


def _looked_up(
    what: str,
    words: Sequence[str],
    before: Sequence[str],
    known: Callable[[], Mapping[str, str]],
) -> tuple[str, ...]:
    """Stored values for `words`, of which those that were set before stay as they are."""
    new = [word for word in words if word not in before]
    choices = known() if new else {}
    if not choices:
        return tuple(words)
    return tuple(word if word in before else chosen(what, [word], choices)[0] for word in words)


def _owners(
    product: Product, portal_id: int, asked: RoutingSettings
) -> Callable[[RoutingSettings], RoutingSettings]:
    """The owners of a routing, by name or id, as ids."""
    words = [asked.fallback_owner_id, *asked.owner_capacity]
    fallback, *ids = owner_ids(product.stores, portal_id, words)
    capacity = dict(zip(ids, asked.owner_capacity.values(), strict=True))
    return lambda routing: replace(routing, fallback_owner_id=fallback, owner_capacity=capacity)


def _stages(settings: PortalSettings) -> tuple[str, ...]:
    return settings.eligibility.excluded_lifecycle_stages


def _with_stages(settings: PortalSettings, stages: tuple[str, ...]) -> PortalSettings:
    rules = replace(settings.eligibility, excluded_lifecycle_stages=stages)
    return replace(settings, eligibility=rules)


def _follow_up(conn: Connection, portal: Portal, after: PortalSettings, now: datetime) -> list[str]:
    """A wider reading needs a pull, which ends in scoring; other segments a count, which does, too;
    other rules only need scoring; other properties of ours need the set-up."""
    before, portal_id = portal.settings, portal.portal_id
    begun = []
    more_text = set(after.read_free_text) - set(before.read_free_text)
    read_anew = any(dict(getattr(after, n)) != dict(getattr(before, n)) for n in _READ_WITH)
    if read_anew or more_text:
        runs.restart(conn, portal_id, "pull", now)
        begun.append("pull")
    elif _read_of_contacts(after) != _read_of_contacts(before):
        read_again(conn, portal_id, OWN_TYPES, now)
        begun.append("pull")
    elif _placing(after) != _placing(before):  # centring counts leads by their segments
        runs.restart(conn, portal_id, "population", now)
        begun.append("population")
    elif (
        after.thresholds != before.thresholds
        or after.eligibility != before.eligibility
        or after.read_free_text != before.read_free_text
        or after.sales_pipelines != before.sales_pipelines
        or after.count_opens != before.count_opens
        or after.segments != before.segments
    ):
        runs.restart(conn, portal_id, "backfill", now)
        begun.append("backfill")
    if _set_up_again(portal, after):
        runs.restart(conn, portal_id, "setup", now)
        begun.append("setup")
    return begun


def _placing(settings: PortalSettings) -> list[Segment]:
    """Segments without their bands."""
    return [replace(one, thresholds=None) for one in settings.segments]


def _read_of_contacts(settings: PortalSettings) -> tuple[set[str], set[str]]:
    """What may be in no mirror that was filled before it was chosen."""
    return set(own_read(settings)), set(settings.high_intent)


def _record(
    conn: Connection, stores: Stores, before: Portal, after: PortalSettings, actor: str
) -> None:
    portal_id = before.portal_id
    detail = _differences(stores.settings, portal_id, before.settings, after)
    if detail:
        now = stores.clock.now()
        audit.of_portal(conn, portal_id, "portal.settings", actor=actor, now=now, detail=detail)


def _set_up_again(portal: Portal, after: PortalSettings) -> bool:
    """Other properties are wanted in a portal that is live, or is to be."""
    live = after.mode is Mode.LIVE or portal.installation.get(portal_mode.WANTED)
    other = any(getattr(portal.settings, n) != getattr(after, n) for n in _OF_PROPERTIES)
    return bool(live and other and portal.state == "connected")


def _differences(
    settings: config.Settings, portal_id: int, before: PortalSettings, after: PortalSettings
) -> dict[str, Any]:
    """Before and after of what changed; ids and numbers, nobody's name, no sealed address. For the
    id of a contact the start of its keyed hash: nothing can be erased from the trail."""
    old, new = portals.settings_to_json(before), portals.settings_to_json(after)
    found = {
        name: {"before": old[name], "after": new[name]} for name in new if old[name] != new[name]
    }
    for stored in found.get("eligibility", {}).values():
        stored["excluded_contact_ids"] = [
            pseudonym(settings.session_secret, portal_id, contact_id)
            for contact_id in stored["excluded_contact_ids"]
        ]
    for stored in found.get("routing", {}).values():
        stored["notification_url"] = "set" if stored.pop(_SEALED) else "not set"
    return found
