"""The list of commands is there at once, and says what the commands themselves say."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from flask import Flask

from backend.cli.app import COMMANDS, Lazy, register
from backend.cli.common.session import CliSession

HEAVY = ("numpy", "scipy", "sklearn", "openai", "pinecone", "sqlalchemy", "pydantic", "requests")


def test_listing_the_commands_imports_nothing_that_takes_time() -> None:
    program = (
        "import sys\nfrom backend import create_app\nimport click\napp = create_app()\n"
        "ctx = click.Context(app.cli)\n"
        "print([app.cli.get_command(ctx, n).get_short_help_str() for n in "
        "app.cli.list_commands(ctx)])\n"
        f"print(sorted(set({HEAVY}) & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env=dict(os.environ), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("name", COMMANDS)
def test_a_listed_command_is_the_one_that_runs(name: str) -> None:
    app = Flask("test")
    register(app, lambda: CliSession({}))
    listed = app.cli.commands[name]
    assert isinstance(listed, Lazy)
    assert listed.loaded.name == name
