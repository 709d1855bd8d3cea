"""`make release` changes the version everywhere at once, or nothing."""

from __future__ import annotations

import subprocess
from datetime import date
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tools.release import PLACES, main

DAY = date(2027, 1, 5)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A repository with the files that a release changes."""
    for name in (*PLACES, "CHANGELOG.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text((ROOT / name).read_text())
    (tmp_path / "CHANGELOG.md").write_text(
        "# Changelog\n\n## Unreleased\n\n- News.\n\n## 1.0.0 - x\n"
    )
    for command in (
        ["init", "--quiet"],
        ["config", "user.email", "t@example.com"],
        ["config", "user.name", "t"],
        ["add", "."],
        ["commit", "--quiet", "--message", "all"],
    ):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    return tmp_path


def git(checkout: Path, *arguments: str) -> str:
    return subprocess.run(
        ["git", *arguments], cwd=checkout, check=True, capture_output=True, text=True
    ).stdout


def test_a_release_is_one_commit_with_a_tag_that_says_the_news(checkout: Path) -> None:
    assert main("9.8.7", checkout, DAY) == "v9.8.7"
    for name, line in PLACES.items():
        assert line.format("9.8.7") in (checkout / name).read_text()
    changelog = (checkout / "CHANGELOG.md").read_text()
    assert "## Unreleased\n\n## 9.8.7 - 2027-01-05\n\n- News." in changelog
    assert git(checkout, "status", "--porcelain") == ""
    assert "- News." in git(checkout, "tag", "--list", "--format=%(contents)", "v9.8.7")


@pytest.mark.parametrize("version", ["", "1.2", "v1.2.3", "1.2.3\n", "1.2.3; rm -rf /"])
def test_what_is_no_version_is_refused(checkout: Path, version: str) -> None:
    with pytest.raises(SystemExit, match="no version"):
        main(version, checkout)


def test_uncommitted_work_an_old_tag_and_no_news_are_in_the_way(checkout: Path) -> None:
    (checkout / "CHANGELOG.md").write_text("changed")
    with pytest.raises(SystemExit, match="not committed"):
        main("9.8.7", checkout)
    git(checkout, "checkout", "--quiet", ".")
    main("9.8.7", checkout, DAY)
    with pytest.raises(SystemExit, match="exists already"):
        main("9.8.7", checkout)
    with pytest.raises(SystemExit, match="write what changed"):
        main("9.8.8", checkout)
