"""A change has one home: web and commands call services, and write nothing that services own."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[2]
WRITERS: Final = {
    "audit.append",
    "call.record",
    "due_leads.mark_due",
    "portals.add_member",
    "portals.make_invitation",
    "portals.set_settings",
    "portals.set_state",
    "runs.finish",
    "runs.restart",
    "runs.start",
}
ALONE: Final = {  # what has one face, and is nobody's but that face's
    "backend/web/api/accepting.py": "somebody accepts an invitation in the browser",
    "backend/web/api/framework/endpoints.py": "`Call.record` itself",
    "backend/web/api/second_factor.py": "a person's own second factor",
    "backend/web/api/session.py": "a person's own session and password",
    "backend/web/api/sign_in.py": "signing in",
    "backend/web/hubspot/webhooks.py": "HubSpot's events, in the transaction of the inbox",
    "backend/cli/operations/privacy.py": "missing contacts and tombstones, the operator's alone",
    "backend/cli/operations/rotation.py": "keys, the operator's alone",
}
FILES: Final = sorted(
    str(path.relative_to(ROOT))
    for face in ("web", "cli")
    for path in (ROOT / "backend" / face).rglob("*.py")
)


def written(text: str) -> set[str]:
    calls = (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call))
    return {ast.unparse(call.func) for call in calls} & WRITERS


@pytest.mark.parametrize("file", FILES)
def test_a_face_changes_nothing_that_a_service_owns(file: str) -> None:
    found = written((ROOT / file).read_text())
    assert not found or file in ALONE, f"{file}: call a service instead of {sorted(found)}"


def test_every_exception_is_needed() -> None:
    assert {file for file in FILES if written((ROOT / file).read_text())} == set(ALONE)


def test_a_writer_is_recognised() -> None:
    assert written("with x() as conn:\n    runs.start(conn, 1, 'pull', now)") == {"runs.start"}
