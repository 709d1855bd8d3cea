"""What a stranger typed is never read while the database's write lock is held."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parents[3] / "backend"
TEXT_WORK = {
    "mirror_record",
    "prepared",
    "snapshot",
    "snapshot_of",
    "load",
    "suspected",
    "remainder",
    "without_instructions",
    "personal",
    "outgoing",
    "fence",
    "text_of",
    "facts_of",
    "read_one",
    "check_reading",
    "text_for_reader",
    "contact_facts",
    "company_facts",
    "own_facts",
    "parse_range",
    "score_batch",
    "visible",
    "plain",
}


def called(node: ast.AST) -> set[str]:
    calls = [each for each in ast.walk(node) if isinstance(each, ast.Call)]
    return {
        each.func.id if isinstance(each.func, ast.Name) else each.func.attr
        for each in calls
        if isinstance(each.func, ast.Name | ast.Attribute)
    }


def writes(node: ast.AST) -> bool:
    return isinstance(node, ast.With) and any(
        ast.unparse(item.context_expr).endswith(".database.write()") for item in node.items
    )


def with_what_they_call(names: set[str], functions: dict[str, set[str]]) -> set[str]:
    """Those names and, over functions of the same file, what these call."""
    found: set[str] = set()
    todo = list(names)
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo += functions.get(name, set())
    return found


def test_no_write_transaction_holds_text_work() -> None:
    wrong, seen = [], 0
    for path in sorted(ROOT.rglob("*.py")):
        tree = ast.parse(path.read_text())
        functions = {
            node.name: called(node)
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        }
        for node in ast.walk(tree):
            if writes(node):
                seen += 1
                inside = set().union(*(called(each) for each in getattr(node, "body", ())))
                found = with_what_they_call(inside, functions) & TEXT_WORK
                wrong += [f"{path.relative_to(ROOT)}:{node.lineno} {sorted(found)}"] * bool(found)
            elif isinstance(node, ast.FunctionDef) and node.args.args[:1]:
                # A function that is given a connection works inside its caller's transaction.
                first = node.args.args[0]
                found = with_what_they_call(called(node), functions) & (TEXT_WORK - {"load"})
                in_mirroring = path.name == "mirroring.py"
                if first.arg == "conn" and found and in_mirroring:
                    wrong.append(f"{path.relative_to(ROOT)}:{node.lineno} {sorted(found)}")
    assert seen > 30
    assert wrong == []
