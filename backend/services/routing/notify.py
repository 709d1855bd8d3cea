"""Tell a portal's channel: single messages, a digest when they are many, the weekly report, which
goes out by email, too.

Single messages and digests at least once: a crash between sending and noting it sends one again,
with the same id. A report at most once: what was being sent when a process died counts as failed,
and a person who knows that it did not arrive takes it up again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import cache, partial
from typing import Any
from urllib.parse import urlsplit

import structlog

from backend.config import DIGEST_WINDOW_S
from backend.errors import LeadlightError, Outage, OutcomeUnknown, Permanent
from backend.scoring.wording.message import (
    Told,
    digest_message,
    lead_message,
    name_of,
    summary_message,
)
from backend.scoring.wording.report_email import Report, email_of
from backend.security.cipher import Cipher
from backend.services import outbox
from backend.services.defects import Defect, alone, halving
from backend.services.exclusive import Held
from backend.services.routing import recipients
from backend.services.routing.decide import new_route_id
from backend.services.routing.summary import report_of
from backend.storage.database import Connection
from backend.storage.leads import people, scores
from backend.storage.outbox import due_rows, notifications, report_recipients, routes
from backend.storage.outbox.due_rows import NOTIFICATIONS
from backend.storage.outbox.notifications import Notification
from backend.storage.portals.portals import NOTIFICATION_URL, Portal
from backend.wiring import Product, Stores

log = structlog.get_logger()


def flush_notifications(product: Product, portal: Portal, held: Held) -> None:
    """Send what is due, within the portal's hourly number."""
    now = product.stores.clock.now()
    with product.stores.database.read() as conn:
        waiting = notifications.due(conn, portal.portal_id, now)
    _flush_emails(product, portal, [o for o in waiting if o.kind == notifications.EMAIL], held)
    if not portal.settings.routing.notification_url_sealed:
        return
    due = [one for one in waiting if one.kind != notifications.EMAIL]
    single = [one for one in due if one.kind == notifications.LEAD]
    sending = [one for one in due if one.kind != notifications.LEAD]
    sending += _within_the_hour(product.stores, portal, single, now)
    for one in sending:
        if not held.renew():
            return
        if one.kind == notifications.SUMMARY:
            _report(product, portal, one, partial(_post, product, portal, one))
        elif not _tell(product, portal, one, due):
            return


def _within_the_hour(
    stores: Stores, portal: Portal, single: Sequence[Notification], now: datetime
) -> list[Notification]:
    """The single messages while they are few; else one digest of them all, once an hour."""
    if not single:
        return []
    portal_id = portal.portal_id
    window = timedelta(seconds=DIGEST_WINDOW_S)
    with stores.database.read() as conn:
        told, digest_at = notifications.sent_since(conn, portal_id, now - window)
    if digest_at is None and told + len(single) <= portal.settings.routing.digest_above:
        return list(single)
    ids = [one.notification_id for one in single]
    if digest_at is not None:
        with stores.database.write() as conn:
            due_rows.wait(conn, NOTIFICATIONS, portal_id, ids, digest_at + window)
        outbox.enqueue_at(stores, NOTIFICATIONS, portal_id, [digest_at + window])
        return []
    digest_id = new_route_id()
    with stores.database.write() as conn:
        notifications.add(conn, portal_id, digest_id, notifications.DIGEST, now)
        notifications.gather(conn, portal_id, digest_id, ids)
    return [Notification(digest_id, notifications.DIGEST, "", 0, now)]


def _flush_emails(
    product: Product, portal: Portal, emails: Sequence[Notification], held: Held
) -> None:
    """A mail server that is away is waited for once, not once for each address."""
    report = cache(lambda: report_of(product.stores, portal))
    for place, one in enumerate(emails):
        if not held.renew():
            return
        away = _report(product, portal, one, partial(_mail, product.stores, portal, one, report))
        if away is not None:
            _put_off(product.stores, portal.portal_id, emails[place + 1 :], away)
            return


def _report(
    product: Product, portal: Portal, one: Notification, send: Callable[[], None]
) -> Outage | None:
    """Once: what may have gone out is not sent again. Returns what keeps all others from going
    out, too."""
    stores, portal_id = product.stores, portal.portal_id
    with stores.database.write() as conn:
        if not notifications.begin(conn, portal_id, one.notification_id, stores.clock.now()):
            return None
    try:
        alone("report", portal_id, send)
    except (OutcomeUnknown, Defect) as error:  # it may have gone out before our code stumbled
        log.warning("report_unknown", portal_id=portal_id, kind=one.kind, error=error)
        return None
    except LeadlightError as error:
        with stores.database.write() as conn:
            notifications.unbegin(conn, portal_id, one.notification_id)
        _put_off(stores, portal_id, [one], error)
        return error if isinstance(error, Outage) else None
    with stores.database.write() as conn:
        notifications.sent(conn, portal_id, one.notification_id, stores.clock.now())
    log.info("notified", portal_id=portal_id, kind=one.kind, notification_id=one.notification_id)
    return None


def _post(product: Product, portal: Portal, one: Notification) -> None:
    report = report_of(product.stores, portal)
    message = summary_message(one.notification_id, [*report.lines, *report.leads])
    product.hubspot.notifier().send(_url(product.stores.cipher, portal), message)


def _mail(stores: Stores, portal: Portal, one: Notification, report: Callable[[], Report]) -> None:
    """Nothing where the recipient is gone or has unsubscribed meanwhile."""
    recipient_id = one.notification_id.rpartition("-")[2]
    with stores.database.read() as conn:
        to = report_recipients.get(conn, portal.portal_id, recipient_id)
    if to is None or to.unsubscribed_at is not None:
        return
    if stores.mailer is None:
        raise Permanent("no mail server is set: SMTP_URL and SMTP_FROM")
    host = urlsplit(stores.settings.public_base_url[0]).hostname
    stores.mailer.send(
        email_of(
            report(),
            message_id=f"<{one.notification_id}.{portal.portal_id}@{host}>",
            sender=stores.mailer.sender,
            to=recipients.address_of(stores, portal.portal_id, to),
            unsubscribe=recipients.link_of(stores, portal.portal_id, recipient_id),
            at=stores.clock.now(),
        )
    )


def _tell(product: Product, portal: Portal, one: Notification, due: Sequence[Notification]) -> bool:
    """False while the channel is away: the others wait as well."""
    portal_id = portal.portal_id
    try:
        message = alone("message", portal_id, partial(_message, product.stores, portal, one))
        if message is not None:
            product.hubspot.notifier().send(_url(product.stores.cipher, portal), message)
    except (Permanent, Defect) as error:
        _put_off(product.stores, portal_id, [one], error)
        return True
    except LeadlightError as error:
        others = [other for other in due if other.notification_id != one.notification_id]
        _put_off(product.stores, portal_id, [one, *others], error)
        return False
    with product.stores.database.write() as conn:
        now = product.stores.clock.now()
        told = [one.notification_id]
        told += [n.notification_id for n in notifications.gathered(conn, portal_id, told[0])]
        notifications.sent(conn, portal_id, one.notification_id, now)
        routes.finish(conn, portal_id, told, now)
    log.info("notified", portal_id=portal_id, kind=one.kind, notification_id=one.notification_id)
    return True


def _url(cipher: Cipher, portal: Portal) -> str:
    sealed = portal.settings.routing.notification_url_sealed
    return cipher.open(sealed, portal_id=portal.portal_id, purpose=NOTIFICATION_URL)


def _message(stores: Stores, portal: Portal, one: Notification) -> dict[str, Any] | None:
    """None when there is nobody left to tell of."""
    if one.kind == notifications.DIGEST:
        with stores.database.read() as conn:
            members = notifications.gathered(conn, portal.portal_id, one.notification_id)
        told: list[Told] = []
        halving(
            "message",
            portal.portal_id,
            [member.contact_id for member in members],
            lambda some: told.extend(_told(stores, portal, some)),
            lambda _one, _defect: None,  # the others are told of without it
        )
        return digest_message(one.notification_id, told, len(told)) if told else None
    told = _told(stores, portal, [one.contact_id])
    return lead_message(one.notification_id, told[0]) if told else None


def _told(stores: Stores, portal: Portal, contact_ids: Sequence[str]) -> list[Told]:
    portal_id = portal.portal_id
    with stores.database.read() as conn:
        stored = scores.current(conn, portal_id, sorted(set(contact_ids)))
        names = people.names(conn, stores.cipher, portal_id, list(stored))
    return [
        Told(name_of(names.get(cid, ""), cid), score, record_url(portal, cid))
        for cid, score in stored.items()
    ]


def record_url(portal: Portal, contact_id: str) -> str:
    """The contact's page in HubSpot."""
    account = dict(portal.installation.get("account", {}))
    domain = str(account.get("uiDomain") or "app.hubspot.com")
    return f"https://{domain}/contacts/{portal.portal_id}/record/0-1/{contact_id}"


def _put_off(
    stores: Stores, portal_id: int, some: Sequence[Notification], error: LeadlightError
) -> None:
    def failed(conn: Connection, one: Notification) -> None:
        routes.park(conn, portal_id, str(error), route_ids=[one.notification_id])

    outbox.put_off(stores, NOTIFICATIONS, portal_id, some, error, failed=failed)
