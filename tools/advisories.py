"""`python -m tools.advisories`: known vulnerabilities in what we depend on, Python and Node.

A vulnerability fails. An advisory service that cannot be reached does not: the network is not part
of what `make lint` checks, so it is said plainly instead; ADVISORIES=required makes it a failure,
for a machine that reaches them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NODE_FOLDERS = ("hubspot-card", "sandbox/record_page")
TIMEOUT_S = 90


@dataclass(frozen=True, slots=True)
class Finding:
    """`vulnerable` is None when nobody could be asked."""

    what: str
    vulnerable: bool | None
    words: str


def python_packages() -> Finding:
    """pip-audit over the exact pins. It skips what the service does not answer for: that is no
    clean bill."""
    options = ["--no-deps", "--disable-pip", "--format", "json", "--progress-spinner", "off"]
    pins = ["-r", "requirements.lock"]
    return judged_python(*_run([sys.executable, "-m", "pip_audit", *options, *pins], ROOT))


def judged_python(code: int, out: str, err: str) -> Finding:
    """From pip-audit's answer."""
    try:
        found = json.loads(out)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return Finding("Python", None, _last_line(err) or f"pip-audit ended with {code}")
    bad = [
        f"{d['name']} {d.get('version')}: {', '.join(v['id'] for v in d['vulns'])}"
        for d in found
        if d.get("vulns")
    ]
    if bad:
        return Finding("Python", True, "; ".join(bad))
    asked = [d for d in found if "skip_reason" not in d]
    if len(asked) < len(found) / 2:
        skipped = len(found) - len(asked)
        return Finding("Python", None, f"{skipped} of {len(found)} packages got no answer")
    return Finding("Python", False, f"{len(asked)} packages, none with a known vulnerability")


def node_packages(folder: str) -> Finding:
    """npm audit over the lock file, what is shipped only."""
    line = ["npm", "audit", "--omit=dev", "--json"]
    code, out, _ = _run(line, ROOT / folder)
    return judged_node(folder, code, out)


def judged_node(folder: str, code: int, out: str) -> Finding:
    """From npm's answer."""
    try:
        counts = json.loads(out)["metadata"]["vulnerabilities"]
    except (ValueError, KeyError, TypeError):
        return Finding(folder, None, f"the registry gave no answer (npm ended with {code})")
    number = int(counts.get("total", 0))
    return Finding(folder, number > 0, f"{number} known vulnerabilities in what is shipped")


def exit_code(findings: list[Finding], *, required: bool) -> int:
    """1 for a vulnerability, and, where it is required, for a service that did not answer."""
    bad = [f for f in findings if f.vulnerable or (required and f.vulnerable is None)]
    return 1 if bad else 0


def _run(line: list[str], folder: Path) -> tuple[int, str, str]:
    try:
        done = subprocess.run(
            line, cwd=folder, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return 1, "", type(error).__name__
    return done.returncode, done.stdout, done.stderr


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1][:200] if lines else ""


def main() -> int:
    """Say what was found, one line each."""
    findings = [python_packages(), *(node_packages(folder) for folder in NODE_FOLDERS)]
    for found in findings:
        verdict = {True: "VULNERABLE", False: "ok", None: "not checked"}[found.vulnerable]
        print(f"advisories: {found.what}: {verdict}: {found.words}")
    return exit_code(findings, required=os.environ.get("ADVISORIES") == "required")


if __name__ == "__main__":
    sys.exit(main())
