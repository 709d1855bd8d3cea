"""One version everywhere, and deployment files that name what exists."""

from __future__ import annotations

import json
import re
import tomllib

from honcho.environ import parse_procfile

from backend.config import Settings
from backend.version import VERSION
from tests.conftest import ROOT
from tests.support.environment import GOOD


def text(name: str) -> str:
    return (ROOT / name).read_text()


def processes() -> set[str]:
    return set(parse_procfile(text("Procfile")).processes)


def test_the_version_is_the_same_everywhere() -> None:
    assert tomllib.loads(text("pyproject.toml"))["project"]["version"] == VERSION
    assert re.findall(r"^  image: leadlight:(\S+)$", text("compose.yaml"), re.M) == [VERSION]
    headings = re.findall(r"^## (\d\S*) - \d{4}-\d\d-\d\d$", text("CHANGELOG.md"), re.M)
    assert headings[0] == VERSION


def test_containers_run_processes_of_the_procfile() -> None:
    compose = text("compose.yaml")
    started = set(re.findall(r"^    command: \[(\w+)\]$", compose, re.M))
    assert started == processes()
    assert set(json.loads(text("app.json"))["formation"]) < processes()


def test_the_image_holds_every_folder_that_the_processes_import() -> None:
    copied = set(re.findall(r"^COPY (?!--from)(.+) \S+$", text("Dockerfile"), re.M))
    held = {name for line in copied for name in line.split()}
    allowed = set(re.findall(r"^!(\S+)$", text(".dockerignore"), re.M))
    assert {"backend", "console", ".streamlit", "Procfile"} <= held
    assert held == allowed


def test_an_app_that_is_described_starts_with_what_it_asks_for() -> None:
    asked = json.loads(text("app.json"))["env"]
    needed = {name for name, about in asked.items() if about.get("required", True)}
    assert set(GOOD) <= needed
    environ = GOOD | {
        "DATABASE_URL": "postgres://u:p@db.example.com/leads",
        "REDIS_URL": "rediss://:p@queue.example.com:6380",
        "PGSSLMODE": asked["PGSSLMODE"]["value"],
        "PUBLIC_BASE_URL": "https://leads.example.com",
    }
    assert Settings.from_env(environ).database_url.startswith("postgres")
