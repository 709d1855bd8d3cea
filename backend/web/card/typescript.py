"""The card's TypeScript, made from its pydantic models: `python -m backend.web.generated`.

Writes zod schemas and their types for the cards and, as HubSpot builds those folders by themselves,
for the settings page and the app's own page; a contract test holds the files against the models.
Keys unknown to the card are dropped there, so that a newer backend can add some.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from backend.web.card.models import (
    ANSWERS,
    REQUESTS,
    ConnectionAnswer,
    Failure,
    PutAsideAnswer,
    PutAsideRequest,
    Shape,
    ToDoAnswer,
)

APP = Path(__file__).resolve().parents[3] / "hubspot-card/src/app"
HEAD = """\
// Made from the backend's models by `python -m backend.web.generated`. Do not edit.
import * as z from 'zod/mini';
"""
_PRIMITIVES = {
    "string": "z.string()",
    "integer": "z.int()",
    "number": "z.number()",
    "boolean": "z.boolean()",
    "null": "z.null()",
}


def files() -> dict[Path, str]:
    """What each generated file holds."""
    return {
        APP / "cards/api/types.ts": _typescript(ANSWERS, REQUESTS),
        APP / "pages/types.ts": _typescript(
            (ToDoAnswer, PutAsideAnswer, Failure), (PutAsideRequest,)
        ),
        APP / "settings/types.ts": _typescript((ConnectionAnswer, Failure), ()),
    }


def _typescript(answers: Sequence[type[Shape]], requests: Sequence[type[Shape]]) -> str:
    blocks: dict[str, str] = {}
    for shape in answers:
        schema = shape.model_json_schema(mode="serialization")
        for name, part in _in_order(schema):
            blocks.setdefault(name, _schema(name, part))
    for shape in requests:
        blocks[shape.__name__] = _request(shape)
    return "\n".join([HEAD, *blocks.values()])


def _in_order(schema: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Definitions before what uses them, the schema itself last."""
    definitions = schema.get("$defs", {})
    seen: set[str] = set()

    def visit(name: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        if name not in seen:
            seen.add(name)
            for used in _used(definitions[name]):
                yield from visit(used)
            yield name, definitions[name]

    for name in definitions:
        yield from visit(name)
    yield schema["title"], schema


def _used(part: Any) -> Iterator[str]:
    if isinstance(part, Mapping):
        if "$ref" in part:
            yield str(part["$ref"]).rpartition("/")[2]
        for value in part.values():
            yield from _used(value)
    elif isinstance(part, list):
        for value in part:
            yield from _used(value)


def _schema(name: str, part: Mapping[str, Any]) -> str:
    lines = [f"  {key}: {_zod(value)}," for key, value in part["properties"].items()]
    body = "\n".join(lines)
    return (
        f"{_comment(part)}export const {name} = z.object({{\n{body}\n}});\n"
        f"export type {name} = z.infer<typeof {name}>;\n"
    )


def _request(shape: type[Shape]) -> str:
    """A request is only written by the card, so a type is enough."""
    schema = shape.model_json_schema()
    required = set(schema.get("required", ()))
    lines = [
        f"  {key}{'' if key in required else '?'}: {_type(value)};"
        for key, value in schema["properties"].items()
    ]
    body = "\n".join(lines)
    return f"{_comment(schema)}export type {shape.__name__} = {{\n{body}\n}};\n"


def _comment(part: Mapping[str, Any]) -> str:
    first = str(part.get("description", "")).splitlines()
    return f"/** {first[0]} */\n" if first else ""


def _zod(part: Mapping[str, Any]) -> str:
    if "$ref" in part:
        return str(part["$ref"]).rpartition("/")[2]
    if "const" in part:
        return f"z.literal({_literal(part['const'])})"
    if "enum" in part:
        return f"z.enum([{', '.join(_literal(value) for value in part['enum'])}])"
    if "anyOf" in part:
        return _union(part["anyOf"])
    if part.get("type") == "array":
        return f"z.array({_zod(part['items'])})"
    return _PRIMITIVES[part["type"]]


def _union(parts: list[Mapping[str, Any]]) -> str:
    present = [_zod(part) for part in parts if part.get("type") != "null"]
    one = present[0] if len(present) == 1 else f"z.union([{', '.join(present)}])"
    return f"z.nullable({one})" if len(present) < len(parts) else one


def _type(part: Mapping[str, Any]) -> str:
    if "anyOf" in part:
        return " | ".join(_type(one) for one in part["anyOf"])
    if "enum" in part or "const" in part:
        return " | ".join(_literal(value) for value in part.get("enum", [part.get("const")]))
    return {"integer": "number"}.get(part["type"], str(part["type"]))


def _literal(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else f"'{value}'"
