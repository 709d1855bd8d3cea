"""The OpenAPI 3.1 document, made from the list of routes: it cannot describe what is not there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, Literal

from pydantic.json_schema import models_json_schema

from backend.security.roles import PERMISSIONS, Permission
from backend.web.api.framework.endpoints import Access, Route
from backend.web.api.framework.shapes import Problem, Shape

BASE = "/api/v1"
VERSION_MAX = 2**31 - 1
_REFS = "#/components/schemas/{model}"
_FAILURES = (400, 401, 403, 404, 409, 413, 429, 503)
_PATH_SCHEMAS: Mapping[str, Mapping[str, Any]] = {
    "int": {"type": "integer", "minimum": 0, "maximum": 2**63 - 1},
    "version": {"type": "integer", "minimum": 0, "maximum": VERSION_MAX},
    "id": {"type": "string", "pattern": "^[0-9A-Za-z_-]{1,64}$"},
}
Mode = Literal["validation", "serialization"]


def document(routes: Iterable[Route]) -> dict[str, Any]:
    """The whole description."""
    listed = list(routes)
    shapes = _shapes(listed)
    found, definitions = models_json_schema(shapes, ref_template=_REFS)
    schemas = {key: _ref(value) for key, value in found.items()}
    paths: dict[str, Any] = {}
    for route in listed:
        operation = _operation(route, schemas, definitions.get("$defs", {}))
        paths.setdefault(_template(route.path), {})[route.method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Leadlight",
            "version": "1",
            "description": "Lead scores of the HubSpot accounts that a session or key may see.",
        },
        "servers": [{"url": BASE}],
        "paths": paths,
        "components": {
            "schemas": definitions.get("$defs", {}),
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
    }


def _shapes(routes: Iterable[Route]) -> list[tuple[type[Shape], Mode]]:
    wanted: dict[tuple[type[Shape], Mode], None] = {(Problem, "serialization"): None}
    for route in routes:
        wanted[(route.query, "validation")] = None
        if route.body is not None:
            wanted[(route.body, "validation")] = None
        if route.answer is not None:
            wanted[(route.answer, "serialization")] = None
    return list(wanted)


def _ref(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"$ref": schema["$ref"]}


def _operation(
    route: Route,
    schemas: Mapping[tuple[type[Any], Mode], dict[str, Any]],
    definitions: Mapping[str, Any],
) -> dict[str, Any]:
    problem = _json_content(schemas[(Problem, "serialization")])
    responses = {str(route.status): {"description": "Done", "content": _answer(route, schemas)}}
    for status in _FAILURES:
        responses[str(status)] = {"description": HTTPStatus(status).phrase, "content": problem}
    query = schemas[(route.query, "validation")]
    operation: dict[str, Any] = {
        "operationId": route.name,
        "tags": [route.name.partition(".")[0]],
        "summary": (route.handle.__doc__ or "").strip().splitlines()[0],
        "description": _needs(route),
        "parameters": [*_path_parameters(route), *_query_parameters(query, definitions)],
        "responses": responses,
        "security": [] if route.needs is Access.ANYONE else [{"bearer": []}],
    }
    if route.body is not None:
        content = _json_content(schemas[(route.body, "validation")])
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _needs(route: Route) -> str:
    if not isinstance(route.needs, Permission):
        return "For anyone." if route.needs is Access.ANYONE else "For anyone signed in."
    roles = [role.value for role, held in PERMISSIONS.items() if route.needs in held]
    return f"Needs the right “{route.needs.value}”: {', '.join(roles)}."


def _answer(
    route: Route, schemas: Mapping[tuple[type[Any], Mode], dict[str, Any]]
) -> dict[str, Any]:
    if route.answer is None:
        return {"text/csv": {"schema": {"type": "string"}}}
    return _json_content(schemas[(route.answer, "serialization")])


def _json_content(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": dict(schema)}}


def _path_parameters(route: Route) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": dict(_PATH_SCHEMAS[kind])}
        for kind, name in route.parameters
    ]


def _query_parameters(
    query: Mapping[str, Any], definitions: Mapping[str, Any]
) -> list[dict[str, Any]]:
    schema = definitions[query["$ref"].rpartition("/")[2]]
    required = set(schema.get("required", ()))
    return [
        {"name": name, "in": "query", "required": name in required, "schema": _present(part)}
        for name, part in schema.get("properties", {}).items()
    ]


def _present(part: Mapping[str, Any]) -> dict[str, Any]:
    """A parameter that may be left out is not sent as null."""
    if "anyOf" not in part:
        return dict(part)
    kinds = [kind for kind in part["anyOf"] if kind.get("type") != "null"]
    rest = {name: value for name, value in part.items() if name not in {"anyOf", "default"}}
    return {**rest, **kinds[0]} if len(kinds) == 1 else {**rest, "anyOf": kinds}


def _template(path: str) -> str:
    return re.sub(r"<\w+:(\w+)>", r"{\1}", path)
