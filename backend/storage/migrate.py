"""Alembic without a configuration file: the scripts are in the package."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config

from backend.storage.database import normal_url

SCRIPTS = Path(__file__).parent / "migrations"


def upgrade(database_url: str, revision: str = "head") -> None:
    """Apply missing migrations to the database at `database_url`."""
    command.upgrade(config(database_url), revision)


def config(database_url: str) -> Config:
    """For Alembic's own commands."""
    found = Config()
    found.set_main_option("script_location", str(SCRIPTS))
    found.attributes["database_url"] = normal_url(database_url)
    return found
