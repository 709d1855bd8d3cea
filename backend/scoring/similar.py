"""The nearest ideal clients, and the nearest leads that were won and lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from backend.config import NEIGHBOURS
from backend.errors import LeadlightError
from backend.model import Neighbour
from backend.ports import Vector, VectorIndex

OUTCOME_NEIGHBOURS = 2  # of the won and of the lost


@dataclass(frozen=True, slots=True)
class Similar:
    """One lead's neighbours, best first; `error` says why there are none."""

    neighbours: tuple[Neighbour, ...] = ()
    error: LeadlightError | None = None


def lead_item_id(contact_id: str) -> str:
    """Id of a lead in the vector index; apart from ideal clients' ids."""
    return f"lead:{contact_id}"


def client_item_id(client_id: str) -> str:
    """Id of an ideal client in the vector index."""
    return f"ideal:{client_id}"


def similar_clients(
    portal_id: int,
    contact_ids: Sequence[str],
    vectors: Sequence[Vector | None],
    index: VectorIndex,
) -> list[Similar]:
    """Neighbours per lead, in order; a lead is never its own neighbour.

    When the index fails every lead comes back without neighbours and with the error: it is
    scored all the same, marked `no_neighbours`, and due again.
    """
    present = [i for i, vector in enumerate(vectors) if vector is not None]
    found = [Similar() for _ in contact_ids]
    if not present:
        return found
    rows = np.stack([vector for vector in vectors if vector is not None])
    try:
        ideal = index.query(
            portal_id, rows, NEIGHBOURS, {"status": "active", "type": "ideal_client"}
        )
        # one more than shown: the lead itself may be among them
        won = index.query(
            portal_id, rows, OUTCOME_NEIGHBOURS + 1, {"type": "lead", "outcome": "won"}
        )
        lost = index.query(
            portal_id, rows, OUTCOME_NEIGHBOURS + 1, {"type": "lead", "outcome": "lost"}
        )
    except LeadlightError as error:
        return [Similar(error=error) for _ in contact_ids]
    for row, position in enumerate(present):
        own = {contact_ids[position], lead_item_id(contact_ids[position])}
        others = [_without(hits[row], own)[:OUTCOME_NEIGHBOURS] for hits in (won, lost)]
        found[position] = Similar((*ideal[row][:NEIGHBOURS], *others[0], *others[1]))
    return found


def _without(hits: Sequence[Neighbour], own: set[str]) -> list[Neighbour]:
    return [hit for hit in hits if hit.neighbour_id not in own]
