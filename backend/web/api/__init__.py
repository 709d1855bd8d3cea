"""`/api/v1`: what the console and other programs read and do, one file per resource."""

from __future__ import annotations

from functools import cache
from typing import Any

from flask import Blueprint, Flask, Response, jsonify, request
from werkzeug.routing import BaseConverter, IntegerConverter, Map

from backend.web.address import address_of
from backend.web.api import (
    access,
    accesses,
    erasures,
    exploration,
    impact,
    lead,
    leads,
    models,
    months,
    my_leads,
    operations,
    overview,
    own_properties,
    patterns,
    pins,
    preview,
    profiles,
    questions,
    report,
    runs,
    second_factor,
    segments,
    session,
    settings,
    team,
    views,
)
from backend.web.api.framework import openapi
from backend.web.api.framework.csv_rows import lines
from backend.web.api.framework.endpoints import Call, Route, Table
from backend.web.api.framework.gate import admit
from backend.web.api.framework.openapi import VERSION_MAX
from backend.web.api.framework.reading import body_of, query_of
from backend.web.api.framework.shapes import Nothing, Shape
from backend.wiring import Product

RESOURCES = (
    session,
    second_factor,
    overview,
    leads,
    lead,
    patterns,
    impact,
    exploration,
    profiles,
    models,
    months,
    my_leads,
    pins,
    questions,
    operations,
    runs,
    settings,
    segments,
    report,
    own_properties,
    preview,
    access,
    accesses,
    erasures,
    team,
    views,
)


class IdConverter(BaseConverter):
    """An id of ours or of HubSpot: what cannot be one is no address at all."""

    regex = "[0-9A-Za-z_-]{1,64}"


class NumberConverter(IntegerConverter):
    """Any number in an address, a portal's above all: what the database cannot hold is none."""

    regex = "[0-9]{1,19}"

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map, min=0, max=2**63 - 1)


class VersionConverter(IntegerConverter):
    """The number of a model or profile: what the database cannot hold is no address."""

    regex = NumberConverter.regex

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map, min=0, max=VERSION_MAX)


def listed() -> list[Route]:
    """Every operation there is."""
    return [route for resource in RESOURCES for route in resource.routes.listed]


def register(app: Flask, product: Product) -> None:
    """Every route behind the gate, and the document that describes them."""
    app.url_map.converters["int"] = NumberConverter
    app.url_map.converters["id"] = IdConverter
    app.url_map.converters["version"] = VersionConverter
    blueprint = Blueprint("api", __name__, url_prefix=openapi.BASE)
    for route in listed():
        blueprint.add_url_rule(
            route.path,
            endpoint=route.name.replace(".", "-"),
            view_func=_view(product, route),
            methods=[route.method],
        )
    blueprint.add_url_rule("/openapi.json", "openapi", lambda: jsonify(described()))
    app.register_blueprint(blueprint)


@cache
def described() -> dict[str, Any]:
    """The document of every operation; making it takes half a second, so it is made when asked."""
    return openapi.document(listed())


def _view(product: Product, route: Route) -> Any:
    def view(**path: Any) -> Response:
        portal_id = path.pop("portal_id", 0)
        authorization = request.headers.get("Authorization", "")
        caller = admit(
            product.stores, route, authorization, address_of(product.stores.settings), portal_id
        )
        call = Call(
            product,
            caller,
            portal_id,
            path,
            query_of(request, route.query),
            Nothing() if route.body is None else body_of(request, route.body),
        )
        return _response(route, route.handle(call))

    return view


def _response(route: Route, answer: Shape | Table) -> Response:
    if isinstance(answer, Table):
        response = Response(lines(answer.rows), mimetype="text/csv")
        response.headers["Content-Disposition"] = f'attachment; filename="{answer.name}.csv"'
        return response
    return Response(answer.model_dump_json(), status=route.status, mimetype="application/json")
