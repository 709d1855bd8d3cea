"""The two checks of `make lint` that are our own: each can fail, and says when it could not ask."""

from __future__ import annotations

import json

import pytest

from tools.advisories import Finding, exit_code, judged_node, judged_python
from tools.secrets_scan import findings, tracked

CLEAN = [{"name": f"p{i}", "version": "1", "vulns": []} for i in range(3)]


def python_answer(dependencies: list[dict[str, object]]) -> str:
    return json.dumps({"dependencies": dependencies, "fixes": []})


def test_a_vulnerable_package_fails_and_is_named() -> None:
    bad = {"name": "flask", "version": "0.1", "vulns": [{"id": "PYSEC-1"}]}
    found = judged_python(1, python_answer([*CLEAN, bad]), "")
    assert found.vulnerable
    assert "flask 0.1: PYSEC-1" in found.words
    assert exit_code([found], required=False) == 1


def test_a_clean_answer_is_clean() -> None:
    assert judged_python(0, python_answer(CLEAN), "").vulnerable is False


@pytest.mark.parametrize(
    "out",
    ["", "not json", python_answer([{"name": f"p{i}", "skip_reason": "no"} for i in range(3)])],
)
def test_no_answer_is_neither_clean_nor_a_failure_unless_it_is_required(out: str) -> None:
    found = judged_python(1, out, "ConnectionError")
    assert found.vulnerable is None
    assert exit_code([found], required=False) == 0
    assert exit_code([found], required=True) == 1


def test_npm_answers_are_read_the_same_way() -> None:
    def answer(total: int) -> str:
        return json.dumps({"metadata": {"vulnerabilities": {"total": total}}})

    assert judged_node("card", 0, answer(0)) == Finding(
        "card", False, "0 known vulnerabilities in what is shipped"
    )
    assert judged_node("card", 1, answer(2)).vulnerable
    assert judged_node("card", 1, '{"message": "405"}').vulnerable is None


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("TOKEN=pat-eu1-" + "0a1b2c3d-1234-1234-1234-0123456789ab", "HubSpot private app token"),
        ("key = '" + "sk-" + "a1B2" * 12 + "'", "OpenAI key"),
        ("-----BEGIN " + "PRIVATE KEY-----", "private key"),
        ("url: postgres" + "://me:hunter2hunter2@db.example/x", "password in an address"),
        ("AKIA" + "ABCDEFGHIJKLMNOP", "AWS access key"),
    ],
)
def test_a_key_in_a_file_is_found_and_not_repeated(line: str, what: str) -> None:
    assert list(findings(f"first\n{line}\n")) == [(2, what)]
    assert list(findings(f"{line}  # not-a-secret")) == []


def test_what_git_tracks_is_looked_through() -> None:
    assert any(path.name == "secrets_scan.py" for path in tracked())
