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
ASKED = 20  # of each: the lead, its colleagues and others' colleagues may be among them …
ASKED_AGAIN = 500  # … and where nobody else is, so many are looked at once
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
    own = [
        ({contact_ids[i], lead_item_id(contact_ids[i])}, companies[i] if companies else "")
        for i in present
    ]
    try:
        ideal = index.query(
            portal_id, rows, NEIGHBOURS, {"status": "active", "type": "ideal_client"}
        )
        won = _past(portal_id, rows, index, "won", own)
        lost = _past(portal_id, rows, index, "lost", own)
    except LeadlightError as error:
        return [Similar(error=error) for _ in contact_ids]
    for row, position in enumerate(present):
        found[position] = Similar((*ideal[row][:NEIGHBOURS], *won[row], *lost[row]))
    return found


def _past(
    portal_id: int,
    rows: Vector,
    index: VectorIndex,
    outcome: str,
    own: Sequence[tuple[set[str], str]],
) -> list[list[Neighbour]]:
    """The nearest of each row's past leads. Where those of few companies fill the answer, more are
    asked for, once."""
    wanted = {"type": "lead", "outcome": outcome}

    def kept(hits: Sequence[Neighbour], row: int) -> list[Neighbour]:
        ids, company = own[row]
        return _one_per_company(_without(hits, ids), company)[:OUTCOME_NEIGHBOURS]

    hits = index.query(portal_id, rows, ASKED, wanted)
    found = [kept(hits[row], row) for row in range(len(rows))]
    short = [
        row
        for row in range(len(rows))
        if len(found[row]) < OUTCOME_NEIGHBOURS and len(hits[row]) >= ASKED
    ]
    if short:
        more = index.query(portal_id, rows[short], ASKED_AGAIN, wanted)
        for place, row in enumerate(short):
            found[row] = kept(more[place], row)
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
