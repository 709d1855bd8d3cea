"""The nearest ideal clients, and the nearest leads that were won and lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from backend.config import NEIGHBOURS
from backend.errors import LeadlightError
from backend.model import Neighbour
from backend.ports import Vector, VectorIndex

OUTCOME_NEIGHBOURS = 2  # of the won and of the lost
ASKED = 20  # of each: the lead, its colleagues and others' colleagues may be among them
COMPANY = "company"  # the metadata that tells companies apart


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
    companies: Sequence[str] = (),
) -> list[Similar]:
    """Neighbours per lead, in order; a lead is never its own neighbour, and of past leads none is
    of its company and no two of one. `companies`: those of the leads, "" for none.

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
        won = index.query(portal_id, rows, ASKED, {"type": "lead", "outcome": "won"})
        lost = index.query(portal_id, rows, ASKED, {"type": "lead", "outcome": "lost"})
    except LeadlightError as error:
        return [Similar(error=error) for _ in contact_ids]
    for row, position in enumerate(present):
        own = {contact_ids[position], lead_item_id(contact_ids[position])}
        company = companies[position] if companies else ""
        others = [
            _one_per_company(_without(hits[row], own), company)[:OUTCOME_NEIGHBOURS]
            for hits in (won, lost)
        ]
        found[position] = Similar((*ideal[row][:NEIGHBOURS], *others[0], *others[1]))
    return found


def _one_per_company(hits: Sequence[Neighbour], own: str) -> list[Neighbour]:
    """The nearest of each company but the lead's own; who has no company stands alone."""
    seen, kept = {own}, []
    for hit in hits:
        company = str(hit.facts.get(COMPANY, ""))
        if company and company in seen:
            continue
        seen.add(company)
        facts = {name: value for name, value in hit.facts.items() if name != COMPANY}
        kept.append(replace(hit, facts=facts))
    return kept


def _without(hits: Sequence[Neighbour], own: set[str]) -> list[Neighbour]:
    return [hit for hit in hits if hit.neighbour_id not in own]
