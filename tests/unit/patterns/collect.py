"""Every regular expression of the code base, and texts made to be hard for each of them."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import random
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from re import _constants, _parser
from types import ModuleType
from typing import Any

ROOT = Path(__file__).parents[3]
PACKAGES = ("backend", "console", "sandbox", "tools")
NOT_IMPORTED = {
    "backend.storage.migrations.env",
    "backend.gunicorn",
    "backend.wsgi",
    "console.server",
    "console.app",
}
CALLS = {"compile", "search", "match", "fullmatch", "split", "findall", "finditer", "sub", "subn"}
# fmt: off
SPARE = (
    "\n", " ", "a", "a-", "a.", "a ", "1", "1 ", "1-", "@", "a@", "_", ".", "/", "<", "<a", "<!--",
    "[", "(", "\"", "A1", "é", "a\n", " \n", "=", "http:", "www.", "{", ",", "`",
)
# fmt: on
_SAMPLES = 8
_UNITS = 24


def modules() -> Iterator[ModuleType]:
    """Everything that can be imported, imported."""
    for package in PACKAGES:
        root = importlib.import_module(package)
        yield root
        for found in pkgutil.walk_packages(root.__path__, f"{package}."):
            if found.name not in NOT_IMPORTED and not found.name.endswith("__main__"):
                yield importlib.import_module(found.name)


def compiled() -> dict[str, re.Pattern[str]]:
    """Patterns that stand in modules, by where they stand; also inside tuples, lists and dicts."""
    found: dict[str, re.Pattern[str]] = {}
    for module in modules():
        for name, value in vars(module).items():
            for number, pattern in enumerate(_within(value)):
                if isinstance(pattern.pattern, str):
                    found[f"{module.__name__}.{name}[{number}]"] = pattern
    return found


def _within(value: Any, depth: int = 0) -> Iterator[re.Pattern[Any]]:
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, tuple | list | frozenset | set) and depth < 4:
        for each in value:
            yield from _within(each, depth + 1)
    elif isinstance(value, dict) and depth < 4:
        for each in value.values():
            yield from _within(each, depth + 1)


def inline() -> tuple[dict[str, re.Pattern[str]], set[str]]:
    """Patterns of `re.…(…)` calls: those written out, and places where one is put together."""
    written: dict[str, re.Pattern[str]] = {}
    made: set[str] = set()
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "node_modules" in path.parts:
                continue
            for call in ast.walk(ast.parse(path.read_text())):
                if not _is_re_call(call):
                    continue
                assert isinstance(call, ast.Call)
                where = f"{path.relative_to(ROOT)}:{call.lineno}"
                first = call.args[0]
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    written[where] = re.compile(first.value)
                elif isinstance(call.func, ast.Attribute) and call.func.attr != "compile":
                    made.add(str(path.relative_to(ROOT)))
    return written, made


def _is_re_call(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in CALLS
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "re"
        and bool(node.args)
    )


def units(pattern: re.Pattern[str]) -> list[tuple[str, str]]:
    """(beginning, short text to repeat): hard ones for anybody, and made of what this pattern
    matches."""
    rng = random.Random(pattern.pattern)
    tree = _parser.parse(pattern.pattern, pattern.flags & ~re.DEBUG)
    samples = [_sample(tree, rng)[:60] for _ in range(_SAMPLES)]
    made: list[str] = []
    for sample in samples:
        cuts = sorted({1, 2, 3, len(sample) // 2, len(sample) - 1, len(sample)})
        made += [sample[:cut] for cut in cuts if 0 < cut <= len(sample)]
        made += [sample[-2:], sample[-1:], sample[-3:]]
    rng.shuffle(made)
    made = list(dict.fromkeys(filter(None, made)))[:_UNITS]
    begun = [
        (sample, unit)
        for sample in samples[:3]
        for unit in ("a", " ", sample[-1:], sample[-4:], sample.rpartition(" ")[2])
        if sample and unit
    ]
    return list(dict.fromkeys([*(("", unit) for unit in (*SPARE, *made)), *begun]))


def _sample(tree: Iterable[Any], rng: random.Random) -> str:
    """A text that the pattern, looks to either side left out, matches."""
    return "".join(_one(op, argument, rng) for op, argument in tree)


def _one(op: Any, argument: Any, rng: random.Random) -> str:
    c = _constants
    if op is c.LITERAL:
        return chr(argument)
    if op is c.NOT_LITERAL:
        return "b" if argument == ord("a") else "a"
    if op is c.ANY:
        return rng.choice("a \n1")
    if op is c.IN:
        return _of_set(argument, rng)
    if op is c.BRANCH:
        return _sample(rng.choice(argument[1]), rng)
    if op is c.SUBPATTERN:
        return _sample(argument[-1], rng)
    if op in (c.MAX_REPEAT, c.MIN_REPEAT, c.POSSESSIVE_REPEAT):
        low, high, inner = argument
        times = rng.randint(low, min(int(high), low + 3))
        return "".join(_sample(inner, rng) for _ in range(times))
    if op is c.ATOMIC_GROUP:
        return _sample(argument, rng)
    return ""


def _of_set(choices: Any, rng: random.Random) -> str:
    c = _constants
    if choices[0][0] is c.NEGATE:
        return rng.choice("a1 -x\n")
    op, argument = rng.choice(choices)
    if op is c.LITERAL:
        return chr(argument)
    if op is c.RANGE:
        return chr(rng.randint(*argument))
    named = {c.CATEGORY_DIGIT: "5", c.CATEGORY_SPACE: " \n", c.CATEGORY_WORD: "ab_1"}
    return rng.choice(named.get(argument, "-. "))
