"""The console's typed client, made from the list of routes: one method per route, one TypedDict per
shape, so that a page that reads a field that is not there does not pass the type check."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from backend.web.api.framework.endpoints import Route
from backend.web.api.framework.openapi import document
from backend.web.api.framework.shapes import Nothing

PORTAL = "/portals/<int:portal_id>"
_PRIMITIVES = {"string": "str", "integer": "int", "number": "float", "boolean": "bool"}
_HEAD = '''"""The API, typed: made by `python -m backend.web.generated`; do not edit."""

# ruff: noqa: E501
# fmt: off
from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict, cast

from console.client import Client


'''


def python_client(routes: Iterable[Route]) -> str:
    """The module `console/api.py`."""
    listed = list(routes)
    described = document(listed)
    schemas = described["components"]["schemas"]
    names = {name: _short(name) for name in schemas}
    shapes = "\n\n".join(_shape(names[name], part, names) for name, part in schemas.items())
    used = Counter(route.handle.__name__ for route in listed)
    methods = "\n".join(_method(route, used, described, names) for route in listed)
    return f'{_HEAD}{shapes}\n\nclass Api(Client):\n    """Every route by name."""\n\n{methods}'


def _short(name: str) -> str:
    """ "backend__web__api__leads__Choices" is `LeadsChoices`: two resources have one so called."""
    parts = name.replace("-", "").split("__")
    return parts[0] if len(parts) == 1 else parts[-2].title().replace("_", "") + parts[-1]


def _shape(name: str, part: Mapping[str, Any], names: Mapping[str, str]) -> str:
    if "properties" not in part and "type" in part and part["type"] != "object":
        return f"{name} = {_type(part, names)}\n"
    required = set(part.get("required", ()))
    lines = []
    for key, value in part.get("properties", {}).items():
        kind = _type(value, names)
        lines.append(f"    {key}: {kind if key in required else f'NotRequired[{kind}]'}")
    return f"class {name}(TypedDict):\n" + ("\n".join(lines) or "    pass") + "\n"


def _type(part: Mapping[str, Any], names: Mapping[str, str]) -> str:
    if "$ref" in part:
        return names[str(part["$ref"]).rpartition("/")[2]]
    if "const" in part:
        return f"Literal[{part['const']!r}]"
    if "enum" in part:
        return f"Literal[{', '.join(map(repr, part['enum']))}]"
    if "anyOf" in part:
        kinds = dict.fromkeys(_type(one, names) for one in part["anyOf"])
        return " | ".join(kinds)
    if part.get("type") == "null":
        return "None"
    if part.get("type") == "array":
        items = part.get("prefixItems") or [part.get("items", {})]
        kinds = dict.fromkeys(_type(one, names) for one in items)
        return f"list[{' | '.join(kinds)}]"
    if part.get("type") == "object":
        more = part.get("additionalProperties")
        return f"dict[str, {_type(more, names) if isinstance(more, Mapping) else 'Any'}]"
    return _PRIMITIVES.get(str(part.get("type")), "Any")


def _method(
    route: Route, used: Counter[str], described: Mapping[str, Any], names: Mapping[str, str]
) -> str:
    function = route.handle.__name__
    resource = route.handle.__module__.rpartition(".")[2]
    name = function if used[function] == 1 else f"{function}_{resource}"
    parameters = list(_parameters(route))
    path = re.sub(r"<\w+:(\w+)>", r"{\1}", route.path.removeprefix(PORTAL))
    arguments = [f"{one}: {kind}" for one, kind in parameters]
    if route.body is not None:
        arguments.append(f"body: {_named(route, described, names)}")
    if route.query is not Nothing:
        arguments.append("**query: Any")
    answer = "bytes" if route.answer is None else _answered(route, described, names)
    return (
        f"    def {name}({', '.join(['self', *arguments])}) -> {answer}:\n"
        f'        """{route.method} {path}"""\n'
        f"        return {_call(route, path, answer)}\n"
    )


def _parameters(route: Route) -> Iterator[tuple[str, str]]:
    for converter, name in route.parameters:
        if name != "portal_id":
            yield name, "str" if converter == "id" else "int"


def _call(route: Route, path: str, answer: str) -> str:
    text = f'f"{path}"' if "{" in path else f'"{path}"'
    query = ", **query" if route.query is not Nothing else ""
    if route.answer is None:
        return f"self.csv({text}{query})"
    if route.method == "GET":
        return f"cast({answer}, self.read({text}{query}))"
    body = ", body" if route.body is not None else ""
    return f'cast({answer}, self.send("{route.method}", {text}{body}))'


def _operation(route: Route, described: Mapping[str, Any]) -> Mapping[str, Any]:
    path = re.sub(r"<\w+:(\w+)>", r"{\1}", route.path)
    found: Mapping[str, Any] = described["paths"][path][route.method.lower()]
    return found


def _answered(route: Route, described: Mapping[str, Any], names: Mapping[str, str]) -> str:
    answer = _operation(route, described)["responses"][str(route.status)]
    return _type(answer["content"]["application/json"]["schema"], names)


def _named(route: Route, described: Mapping[str, Any], names: Mapping[str, str]) -> str:
    content = _operation(route, described)["requestBody"]["content"]
    return _type(content["application/json"]["schema"], names)
