"""Ideal clients that a portal's own wins suggest, for a person to accept."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from backend.learning.judge.profile_mining import (
    Criterion,
    SuggestedClient,
    mine_clients,
    mine_criteria,
)
from backend.model import PROFILE_FIELDS, IdealClient
from backend.scoring.points.profile_points import values_of
from backend.scoring.scorecard.cells import Cell
from backend.services.learning.gather import Gathered, gather
from backend.storage.portals.portals import Portal
from backend.wiring import Product

_TECHNOLOGIES = "technologies"


@dataclass(frozen=True, slots=True)
class Suggestions:
    """Values that won leads have more often than all, and won clients that carry them.
    `clients` and `mined` are in one order."""

    criteria: tuple[Criterion, ...]
    mined: tuple[SuggestedClient, ...]
    clients: tuple[IdealClient, ...]
    won: int
    lost: int


def suggest(product: Product, portal: Portal) -> Suggestions:
    """Mine the profile fields of leads with outcomes, as they were then. Raises BadInput while
    there are too few outcomes."""
    return mined(gather(product, portal))


def mined(gathered: Gathered) -> Suggestions:
    """The same from outcomes that are gathered already."""
    values = [values_of(snapshot) for snapshot in gathered.snapshots]
    rows = [_row(found) for found in values]
    won = [outcome.result == "won" for outcome in gathered.outcomes]
    ids = [outcome.contact_id for outcome in gathered.outcomes]
    fields = list(dict.fromkeys(name for row in rows for name in row))
    mined_clients = mine_clients(rows, won, ids, fields)
    places = {contact_id: place for place, contact_id in enumerate(ids)}
    clients = tuple(_client(values[places[one.example_id]]) for one in mined_clients)
    return Suggestions(
        mine_criteria(rows, won, fields), mined_clients, clients, gathered.won, gathered.lost
    )


def _row(values: Mapping[str, tuple[str, ...]]) -> dict[str, Cell]:
    """One column a profile field; every technology is a column of its own."""
    row: dict[str, Cell] = {
        field: (values[field][0] if values[field] else None)
        for field in PROFILE_FIELDS
        if field != _TECHNOLOGIES
    }
    return row | {f"{_TECHNOLOGIES}: {name}": name for name in values[_TECHNOLOGIES]}


def _id_of(values: Mapping[str, tuple[str, ...]]) -> str:
    """Made of the values alone: the profile outlives the contact, so it must not name it."""
    digest = hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()
    return f"won-{digest[:16]}"


def _client(values: Mapping[str, tuple[str, ...]]) -> IdealClient:
    """All profile values of the won client that stands for its like."""
    first = {field: (found[0] if found else "") for field, found in values.items()}
    return IdealClient(
        client_id=_id_of(values),
        industry=first["industry"],
        company_size=first["company_size"],
        revenue_range=first["revenue_range"],
        location=first["location"],
        technologies=tuple(values[_TECHNOLOGIES]),
        budget_range=first["budget_range"],
    )
