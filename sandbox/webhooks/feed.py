"""Turns a portal's changes into webhook events for the app, if it is subscribed and allowed."""

from __future__ import annotations

import itertools

from sandbox.errors import Json
from sandbox.settings import AppSettings
from sandbox.state.changes import Change
from sandbox.state.object_types import OBJECT_TYPES
from sandbox.state.portal import Portal
from sandbox.subscriptions import SILENT_PROPERTIES, Subscription, subscriptions
from sandbox.webhooks.courier import Courier

LEGACY_TYPES = ("contacts", "companies", "deals")


class Feed:
    """Called under the world's lock for every change; only queues."""

    def __init__(self, app: AppSettings, courier: Courier) -> None:
        self._app = app
        self._courier = courier
        self._event_ids = itertools.count(100_001)
        self._subscriptions = {(s.object_type, s.event): s for s in subscriptions()}

    def take(self, portal: Portal, change: Change) -> None:
        """Queue the event of a change, or drop it silently as HubSpot does."""
        subscription = self._subscriptions.get((change.object_type, change.kind))
        installation = portal.installations.get(self._app.app_id)
        if subscription is None or installation is None:
            return
        readable = set(OBJECT_TYPES[change.object_type].read_scopes) <= set(installation.scopes)
        if not readable or change.detail.get("propertyName") in SILENT_PROPERTIES:
            return
        subscription_type = self._type_of(change)
        if subscription_type:
            self._courier.add(self._event(subscription, subscription_type, change))

    def _type_of(self, change: Change) -> str:
        if change.kind == "privacyDeletion":
            return "contact.privacyDeletion"
        if not self._app.legacy_subscriptions:
            return f"object.{change.kind}"
        if change.object_type not in LEGACY_TYPES:
            return ""
        return f"{OBJECT_TYPES[change.object_type].singular}.{change.kind}"

    def _event(self, subscription: Subscription, subscription_type: str, change: Change) -> Json:
        event: Json = {
            "eventId": next(self._event_ids),
            "subscriptionId": subscription.subscription_id,
            "portalId": change.portal_id,
            "appId": self._app.app_id,
            "occurredAt": change.occurred_ms,
            "subscriptionType": subscription_type,
            "attemptNumber": 0,
            "objectId": change.object_id,
            "changeSource": change.source.kind,
            "sourceId": change.source.source_id,
        }
        if subscription_type.startswith("object."):
            event["objectTypeId"] = OBJECT_TYPES[change.object_type].type_id
        return event | dict(change.detail)
