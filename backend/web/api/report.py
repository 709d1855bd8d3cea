"""The weekly report: when it goes out, to whom, what it may say, and how it looks now."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import datetime
from typing import Annotated

from pydantic import BeforeValidator, Field

from backend.model import PortalSettings
from backend.scoring.wording.report_email import chart_of, html_of, text_of
from backend.security.roles import Permission
from backend.services import settings
from backend.services.routing import recipients
from backend.services.routing.summary import next_report, report_of
from backend.storage.outbox import report_recipients
from backend.storage.portals import portals
from backend.web.api.framework.endpoints import Call, Routes
from backend.web.api.framework.shapes import Nothing, Shape, whole

routes = Routes()
REPORT = "/portals/<int:portal_id>/report"


class ReportBody(Shape):
    """`weekday`: Monday is 0; `hour` in the portal's time zone; `names`: whether the report may
    name leads."""

    weekday: Annotated[int, Field(ge=0, le=6), BeforeValidator(whole)]
    hour: Annotated[int, Field(ge=0, le=23), BeforeValidator(whole)]
    names: bool


class Recipient(Shape):
    """An address, and whether its owner has stopped the emails."""

    recipient_id: str
    address: str
    unsubscribed: bool


class ReportSettings(ReportBody):
    """With who gets it. `time_zone` is "" where HubSpot has not told it: UTC."""

    time_zone: str
    next_at: datetime
    to_channel: bool
    mail_server: bool  # without one no email goes out
    recipients: list[Recipient]


class RecipientBody(Shape):
    """One email address."""

    address: Annotated[str, Field(max_length=recipients.ADDRESS_MAX, pattern=recipients.FORM)]


class ReportPreview(Shape):
    """The report as it would go out now; the chart lies in the HTML."""

    subject: str
    text: str
    html: str


@routes.get(REPORT, needs=Permission.EDIT_SETTINGS, answer=ReportSettings)
def read_report(call: Call[Nothing, Nothing]) -> ReportSettings:
    """When the weekly report goes out, and to whom."""
    stores = call.product.stores
    with stores.database.read() as conn:
        portal = portals.get(conn, call.portal_id)
        known = report_recipients.listed(conn, call.portal_id)
    routing = portal.settings.routing
    return ReportSettings(
        weekday=routing.report_weekday,
        hour=routing.report_hour,
        names=routing.report_names,
        time_zone=portals.zone_name(portal),
        next_at=next_report(portal, stores.clock.now()),
        to_channel=bool(routing.notification_url_sealed),
        mail_server=stores.mailer is not None,
        recipients=[
            Recipient(
                recipient_id=one.recipient_id,
                address=recipients.address_of(stores, call.portal_id, one),
                unsubscribed=one.unsubscribed_at is not None,
            )
            for one in known
        ],
    )


@routes.put(REPORT, needs=Permission.EDIT_SETTINGS, body=ReportBody, answer=Nothing)
def set_report(call: Call[Nothing, ReportBody]) -> Nothing:
    """Choose the weekday, the hour, and whether leads may be named."""
    body = call.body

    def wanted(before: PortalSettings) -> PortalSettings:
        routing = replace(
            before.routing,
            report_weekday=body.weekday,
            report_hour=body.hour,
            report_names=body.names,
        )
        return replace(before, routing=routing)

    settings.change(call.product, call.portal_id, wanted, actor=call.caller.subject)
    return Nothing()


@routes.get(f"{REPORT}/preview", needs=Permission.EDIT_SETTINGS, answer=ReportPreview)
def preview_report(call: Call[Nothing, Nothing]) -> ReportPreview:
    """The report as it would go out now; nothing is sent."""
    stores = call.product.stores
    with stores.database.read() as conn:
        portal = portals.get(conn, call.portal_id)
    report = report_of(stores, portal)
    picture = f"data:image/png;base64,{base64.b64encode(chart_of(report)).decode()}"
    link = recipients.link_of(stores, call.portal_id, "preview")
    return ReportPreview(
        subject=report.subject,
        text=text_of(report, link),
        html=html_of(report, link, picture),
    )


@routes.post(
    f"{REPORT}/recipients",
    needs=Permission.EDIT_SETTINGS,
    body=RecipientBody,
    answer=Recipient,
    status=201,
)
def add_recipient(call: Call[Nothing, RecipientBody]) -> Recipient:
    """One more address that gets the report by email."""
    made = recipients.add(
        call.product.stores, call.portal_id, call.body.address, actor=call.caller.subject
    )
    return Recipient(recipient_id=made, address=call.body.address.strip(), unsubscribed=False)


@routes.delete(
    f"{REPORT}/recipients/<id:recipient_id>", needs=Permission.EDIT_SETTINGS, answer=Nothing
)
def remove_recipient(call: Call[Nothing, Nothing]) -> Nothing:
    """This address gets no report any more."""
    recipients.remove(
        call.product.stores,
        call.portal_id,
        call.path["recipient_id"],
        actor=call.caller.subject,
    )
    return Nothing()
