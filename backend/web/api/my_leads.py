"""My leads: what a rep works today, and what was put aside."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from backend.security.roles import Permission
from backend.services.routing import working_list
from backend.web.api.framework.endpoints import Call, Routes
from backend.web.api.framework.shapes import Nothing, Shape, Whole
from backend.web.card.answer import records_url

routes = Routes()
PORTAL = "/portals/<int:portal_id>"
LEAD = f"{PORTAL}/leads/<id:contact_id>"


class MyLeadsQuery(Shape):
    """Whose leads; "" for the caller's own, by the address that is in HubSpot."""

    owner: Annotated[str, Field(pattern=r"^[0-9]{0,32}$")] = ""


class MyLead(Shape):
    """A lead to call or write to. `change`: points since yesterday, null for a new lead."""

    contact_id: str
    name: str
    company: str
    score: int
    band: str
    chance: float | None
    next_action: str
    reason: str
    change: int | None
    last_sign_on: date | None
    url: str


class AsideLead(Shape):
    """A lead that is put aside; `until` is null where only the lead itself can bring it back."""

    contact_id: str
    name: str
    kind: Literal["done", "snoozed", "not_a_lead"]
    until: datetime | None


class MyLeads(Shape):
    """In the order to work them; `total` counts those beyond the list, too. `owner_id` is "" where
    the caller is no owner in HubSpot and named none."""

    owner_id: str
    total: int
    items: list[MyLead]
    aside: list[AsideLead]


class AsideBody(Shape):
    """`days` is for a snoozed lead."""

    kind: Literal["done", "snoozed", "not_a_lead"]
    days: Whole = Field(default=7, ge=1, le=90)


@routes.get(f"{PORTAL}/my-leads", needs=Permission.READ_LEADS, query=MyLeadsQuery, answer=MyLeads)
def list_my_leads(call: Call[MyLeadsQuery, Nothing]) -> MyLeads:
    """An owner's leads that have something to be done, in the order to work them."""
    stores = call.product.stores
    address = working_list.address_of(stores, call.caller.subject)
    found = working_list.working_list(stores, call.portal_id, address, call.query.owner)
    records = records_url(call.product.stores.settings.hubspot_authorize_base, call.portal_id)
    return MyLeads(
        owner_id=found.owner_id,
        total=found.total,
        items=[MyLead(**asdict(one), url=f"{records}/0-1/{one.contact_id}") for one in found.to_do],
        aside=[AsideLead.model_validate(asdict(one)) for one in found.aside],
    )


@routes.put(f"{LEAD}/aside", needs=Permission.GIVE_FEEDBACK, body=AsideBody, answer=Nothing)
def put_aside(call: Call[Nothing, AsideBody]) -> Nothing:
    """Take a lead off the list: done, snoozed, or no lead at all."""
    working_list.put_aside(
        call.product.stores,
        call.portal_id,
        call.path["contact_id"],
        call.body.kind,
        call.body.days,
        call.caller.subject,
    )
    return Nothing()


@routes.delete(f"{LEAD}/aside", needs=Permission.GIVE_FEEDBACK, answer=Nothing)
def take_back(call: Call[Nothing, Nothing]) -> Nothing:
    """Put it back on the list."""
    working_list.take_back(call.product.stores, call.portal_id, call.path["contact_id"])
    return Nothing()
