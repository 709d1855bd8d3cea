"""`flask --app backend …`: the operator's commands, in one list."""

from __future__ import annotations

from flask import Flask

from backend.cli import admin, database, keys, portal_models, portals, profiles, scoring
from backend.cli.model import group as model
from backend.cli.session import Session


def register(app: Flask, session: Session) -> None:
    """Add every group; the product is wired only when a command needs it."""
    for one in portal_models.commands(session):
        model.add_command(one)
    for group in (
        database.group(session),
        portals.group(session),
        profiles.group(session),
        keys.group(session),
        model,
        scoring.score(session),
        scoring.backfill(session),
        admin.writes_group(session),
        admin.leads_group(session),
        admin.health(session),
    ):
        app.cli.add_command(group)
