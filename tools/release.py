"""`make release VERSION=x.y.z`: the version everywhere, the changelog's heading, commit and tag."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

from backend.version import VERSION

ROOT: Final = Path(__file__).resolve().parents[1]
UNRELEASED: Final = "## Unreleased\n"
# Where the version stands: file → the line around it.
PLACES: Final = {
    "backend/version.py": 'VERSION: Final = "{}"',
    "pyproject.toml": 'version = "{}"',
    "compose.yaml": "image: leadlight:{}",
}


def main(version: str, root: Path = ROOT, today: date | None = None) -> str:
    """Commits and tags the release; returns the tag. Exits with what is in the way."""
    if not re.fullmatch(r"\d{1,4}\.\d{1,4}\.\d{1,4}", version):
        sys.exit(f"{version!r} is no version: make release VERSION=1.2.3")
    if _git(root, "status", "--porcelain"):
        sys.exit("There are changes that are not committed: commit or stash them first.")
    tag = f"v{version}"
    if _git(root, "tag", "--list", tag):
        sys.exit(f"{tag} exists already.")
    changelog = (root / "CHANGELOG.md").read_text()
    news = changelog.partition(UNRELEASED)[2].partition("\n## ")[0]
    if not news.strip():
        sys.exit("CHANGELOG.md says nothing under Unreleased: write what changed first.")
    heading = f"## {version} - {today or datetime.now(UTC).date()}\n"
    (root / "CHANGELOG.md").write_text(changelog.replace(UNRELEASED, f"{UNRELEASED}\n{heading}", 1))
    for name, line in PLACES.items():
        text = (root / name).read_text()
        before = line.format(VERSION)
        if text.count(before) != 1:
            sys.exit(f"{name} should say {before!r} exactly once.")
        (root / name).write_text(text.replace(before, line.format(version)))
    _git(root, "commit", "--quiet", "--all", "--message", f"Release {version}")
    _git(root, "tag", "--annotate", tag, "--message", news.strip())
    return tag


def _git(root: Path, *arguments: str) -> str:
    return subprocess.run(
        ["git", *arguments], cwd=root, check=True, capture_output=True, text=True
    ).stdout


if __name__ == "__main__":
    print(main(sys.argv[1] if len(sys.argv) > 1 else ""))
