"""`python -m sandbox import FILE.csv`: load a file into a running sandbox."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import requests

from sandbox.errors import SandboxError
from sandbox.importing.reading import read_table

TIMEOUT_S = 120.0  # tens of thousands of rows take a while
SHOWN_ERRORS = 20


def run(chosen: argparse.Namespace) -> int:
    """Load the file and print what became of it."""
    table = read_table(Path(chosen.file))
    body = {
        "object_type": chosen.kind,
        "headers": table.headers,
        "rows": table.rows,
        "numbers": table.numbers,
        "with_contacts": chosen.with_contacts,
    }
    answer = _post(chosen.port, f"/sandbox/portals/{chosen.portal}/import", body)
    for column in answer["columns"]:
        new = " (new)" if column["new"] else ""
        print(f"  {column['column']} -> {column['property']}{new}")
    print(
        f"{chosen.kind}: {answer['created']} created, {answer['updated']} updated, "
        f"{answer['contacts_created']} contacts added"
    )
    return 0


def _post(port: int, path: str, body: Any) -> Any:
    address = f"http://localhost:{port}{path}"
    try:
        answer = requests.post(address, json=body, timeout=TIMEOUT_S)
    except requests.ConnectionError as error:
        raise SandboxError(
            f"no sandbox at port {port}: start one with `python -m sandbox serve --port {port}`"
        ) from error
    if answer.status_code != 200:
        raise SandboxError(_explained(answer.json()))
    return answer.json()


def _explained(refusal: Any) -> str:
    errors = refusal.get("errors") or []
    lines = [f"row {e['row']}, column {e['column']}: {e['message']}" for e in errors]
    more = [f"and {len(lines) - SHOWN_ERRORS} more"] if len(lines) > SHOWN_ERRORS else []
    return "\n  ".join([refusal.get("message", "refused"), *lines[:SHOWN_ERRORS], *more])
