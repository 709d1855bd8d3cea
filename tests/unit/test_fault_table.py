"""docs/fault-tests.md names only tests that exist, and leaves no fault out."""

from __future__ import annotations

import re

from tests.conftest import ROOT

TABLE = (ROOT / "docs" / "fault-tests.md").read_text()
ROWS = re.findall(r"^\| (\d+) \| (.*?) \| (.*?) \|$", TABLE, re.MULTILINE)
WANTED = set(range(1, 113))


def test_every_fault_is_in_the_table_once() -> None:
    numbers = [int(number) for number, _, _ in ROWS]
    assert sorted(numbers) == sorted(WANTED)


def test_every_named_test_exists() -> None:
    for number, expected, proof in ROWS:
        if expected == "-":
            continue
        for name in proof.split(", "):
            path, _, function = name.partition("::")
            assert f"def {function}(" in (ROOT / path).read_text(), f"fault {number}: {name}"
