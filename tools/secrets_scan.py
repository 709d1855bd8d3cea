"""`python -m tools.secrets_scan`: nothing in the repository looks like a real key.

Reads what git tracks. A line that has to hold something of the kind says so with `not-a-secret`.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT = Path(__file__).resolve().parents[1]
PATTERNS: Final = {
    "HubSpot private app token": r"\bpat-(?:na|eu)\d-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b",
    "OpenAI key": r"\bsk-(?:proj-|svcacct-)?[A-Za-z0-9_-]{40,}\b",
    "Pinecone key": r"\bpcsk_[A-Za-z0-9_]{40,}\b",
    "Supabase secret key": r"\bsb_secret_[A-Za-z0-9_-]{20,}\b",
    "AWS access key": r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b",
    "GitHub token": r"\bgh[pousr]_[A-Za-z0-9]{36,}\b",
    "Slack token": r"\bxox[abprs]-[A-Za-z0-9-]{20,}",
    "Slack webhook": r"hooks\.slack\.com/services/T[A-Z0-9]+/",
    "Google key": r"\bAIza[A-Za-z0-9_-]{35}\b",
    "private key": r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----",
    "JSON web token": r"\beyJ[A-Za-z0-9_-]{15,}\.eyJ[A-Za-z0-9_-]{15,}\.[A-Za-z0-9_-]{20,}\b",
    "password in an address": r"\b(?:postgres(?:ql)?|rediss?|mysql)(?:\+\w+)?://[^\s:@/]+:"
    r"(?!\*|<|\$|\{|pass|secret|x@)[^\s:@/]{8,}@",
}
ALLOWED: Final = "not-a-secret"
SKIPPED: Final = (".png", ".ico", ".svg", "package-lock.json")
_COMPILED: Final = {name: re.compile(pattern) for name, pattern in PATTERNS.items()}


def findings(text: str) -> Iterator[tuple[int, str]]:
    """(line number, what it looks like); the secret itself is never repeated."""
    for number, line in enumerate(text.splitlines(), start=1):
        if ALLOWED in line:
            continue
        for name, pattern in _COMPILED.items():
            if pattern.search(line):
                yield number, name


def tracked() -> Iterator[Path]:
    """Text files that git knows."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    for name in listed.split("\0"):
        if name and not name.endswith(SKIPPED):
            yield ROOT / name


def main() -> int:
    """Exit code 1 when something is found."""
    found = 0
    for path in tracked():
        try:
            text = path.read_text(encoding="utf-8")
        except (UnicodeDecodeError, OSError):
            continue
        for number, what in findings(text):
            print(f"{path.relative_to(ROOT)}:{number}: looks like a {what}")
            found += 1
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
