"""Views of the list of leads that the caller keeps."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from backend.security.roles import Permission
from backend.services import saved_views
from backend.storage.access import saved_views as stored
from backend.web.api.framework.endpoints import Call, Routes
from backend.web.api.framework.shapes import Nothing, Shape

routes = Routes()
VIEWS = "/portals/<int:portal_id>/views"
Name = Annotated[str, Field(max_length=60, pattern=r"^[^\x00-\x20\x7f][^\x00-\x1f\x7f]*$")]


class View(Shape):
    """`filters` are those of the address: "band=High&owner=77"."""

    name: Name
    filters: Annotated[
        str, Field(max_length=saved_views.FILTERS_MAX, pattern=saved_views.FILTERS_FORM)
    ]


class ViewName(Shape):
    """One of the caller's views."""

    name: Name


class ViewList(Shape):
    """By name."""

    items: list[View]


@routes.get(VIEWS, needs=Permission.READ_LEADS, answer=ViewList)
def list_views(call: Call[Nothing, Nothing]) -> ViewList:
    """The caller's own views; nobody else's."""
    with call.product.stores.database.read() as conn:
        found = stored.listed(conn, call.portal_id, call.caller.subject)
    return ViewList(items=[View(name=name, filters=filters) for name, filters in found.items()])


@routes.put(VIEWS, needs=Permission.READ_LEADS, body=View, answer=Nothing)
def save_view(call: Call[Nothing, View]) -> Nothing:
    """Keep filters under a name, in place of those of the same name."""
    name, filters = call.body.name, call.body.filters
    saved_views.save(call.product.stores, call.portal_id, call.caller.subject, name, filters)
    return Nothing()


@routes.post(f"{VIEWS}/removal", needs=Permission.READ_LEADS, body=ViewName, answer=Nothing)
def remove_view(call: Call[Nothing, ViewName]) -> Nothing:
    """Forget a view."""
    saved_views.remove(call.product.stores, call.portal_id, call.caller.subject, call.body.name)
    return Nothing()
