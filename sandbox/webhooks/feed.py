"""Turns a portal's changes into webhook events for the app, if it is subscribed and allowed."""

from __future__ import annotations

import itertools
from collections import defaultdict
from pathlib import Path

from sandbox.errors import Json
from sandbox.settings import AppSettings
from sandbox.state.changes import Change
from sandbox.state.object_types import OBJECT_TYPES
from sandbox.state.portal import Portal
from sandbox.subscriptions import (
    ANY_PROPERTY,
    SILENT_PROPERTIES,
    Subscription,
    default_subscriptions,
    read_subscriptions,
)
from sandbox.webhooks.courier import Courier

FIRST_EVENT_ID = 100_001


def subscriptions_of(app: AppSettings) -> tuple[Subscription, ...]:
    """Those of the app's file, or all."""
    if app.webhooks_file:
        return read_subscriptions(Path(app.webhooks_file))
    return default_subscriptions(app.legacy_subscriptions)


class Feed:
    """Called under the world's lock for every change; only queues."""

    def __init__(self, app: AppSettings, courier: Courier) -> None:
        self._app_id = app.app_id
        self._courier = courier
        self._event_ids = itertools.count(FIRST_EVENT_ID)
        self._subscriptions: dict[tuple[str, str], list[Subscription]] = defaultdict(list)
        for subscription in subscriptions_of(app):
            key = (subscription.object_type, subscription.event)
            self._subscriptions[key].append(subscription)

    def skip_event_ids(self, how_many: int) -> None:
        """Leave out ids that another run of the same portal may have used."""
        self._event_ids = itertools.count(next(self._event_ids) + how_many)

    def take(self, portal: Portal, change: Change) -> None:
        """Queue the events of a change, or drop it silently as HubSpot does."""
        subscriptions = self._subscriptions.get((change.object_type, change.kind), ())
        installation = portal.installations.get(self._app_id)
        if not subscriptions or installation is None:
            return
        readable = set(OBJECT_TYPES[change.object_type].read_scopes) <= set(installation.scopes)
        name = change.detail.get("propertyName", "")
        if not readable or name in SILENT_PROPERTIES:
            return
        for subscription in subscriptions:
            if subscription.property_name in ("", ANY_PROPERTY, name):
                self._courier.add(self._event(subscription, change))

    def _event(self, subscription: Subscription, change: Change) -> Json:
        event: Json = {
            "eventId": next(self._event_ids),
            "subscriptionId": subscription.subscription_id,
            "portalId": change.portal_id,
            "appId": self._app_id,
            "occurredAt": change.occurred_ms,
            "subscriptionType": subscription.type_name,
            "attemptNumber": 0,
            "objectId": change.object_id,
            "changeSource": change.source.kind,
            "sourceId": change.source.source_id,
        }
        if subscription.generic:
            event["objectTypeId"] = OBJECT_TYPES[change.object_type].type_id
        return event | dict(change.detail)
