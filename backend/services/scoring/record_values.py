"""What is written on companies, deals and lead records: computed from the scores of their contacts
when a write is due."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from backend.scoring.write_back import changed_record
from backend.services.records import queues_of
from backend.services.scoring.accounts import account_scores
from backend.services.scoring.deals import leads_of_deals
from backend.storage.database import Connection
from backend.storage.leads import mirror, summary_rows
from backend.storage.outbox import writes
from backend.storage.outbox.writes import PendingWrite, Queue
from backend.storage.portals.portals import Portal
from backend.wiring import Stores

Values = dict[str, dict[str, str]]  # by object id; a record without values is left out


def computed(
    stores: Stores, portal: Portal, queue: Queue, batch: Sequence[PendingWrite], now: datetime
) -> list[PendingWrite]:
    """What is to be written now, noted in the rows first: killed before the answer is, nobody knows
    what HubSpot holds, and all of it is written again. What HubSpot has already is dropped, and so
    is everything of a type that the portal no longer gets scores on."""
    on = queue in queues_of(portal)
    ids = [write.object_id for write in batch] if on else []
    with stores.database.read() as conn:
        wanted = _VALUES[queue.object_type](conn, portal, ids, now)
        known = writes.last_written(conn, portal.portal_id, ids, queue=queue)
    written = []
    for write in batch:
        before, _ = known.get(write.object_id, ({}, now))
        values = wanted.get(write.object_id, {})
        unsure = write.unknown_outcome or write.properties  # HubSpot may hold something else
        empty = dict.fromkeys([*before, *write.properties], "")
        changed = {**empty, **values} if unsure else changed_record(before, values)
        if changed and on:
            written.append(replace(write, properties=changed))
    kept = {write.object_id for write in written}
    with stores.database.write() as conn:
        same = [write for write in batch if write.object_id not in kept]
        writes.drop(conn, queue, portal.portal_id, same)
        writes.sending(conn, queue, portal.portal_id, written)
    return written


def _accounts(conn: Connection, portal: Portal, ids: Sequence[str], now: datetime) -> Values:
    return {
        company_id: {
            "ai_account_score": str(account.score),
            "ai_account_fit": account.band.value,
        }
        for company_id, account in account_scores(conn, portal, ids, now).items()
    }


def _deals(conn: Connection, portal: Portal, ids: Sequence[str], _now: datetime) -> Values:
    found: Values = {}
    for deal_id, deal in leads_of_deals(conn, portal, ids).items():
        then = [lead.then for lead in deal.leads if lead.then is not None]
        now = [lead.now for lead in deal.leads if lead.now is not None]
        best = {"ai_deal_score_created": then, "ai_deal_score_now": now}
        found[deal_id] = {name: str(max(scores)) for name, scores in best.items() if scores}
    return found


def _lead_records(conn: Connection, portal: Portal, ids: Sequence[str], _now: datetime) -> Values:
    """Score, fit and action of the contact. A disqualified lead shows nothing that calls for work,
    a qualified one keeps the score it was qualified with."""
    portal_id = portal.portal_id
    contacts = mirror.contacts_of(conn, portal_id, "leads", ids)
    known = mirror.records(conn, portal_id, "leads", ids)
    last = writes.last_written(conn, portal_id, ids, queue=writes.LEADS)
    scored = summary_rows.scored_of(conn, portal_id, contacts, 1)
    found: Values = {}
    for lead_id in ids:
        state = known[lead_id].facts.get("state") if lead_id in known else "disqualified"
        best = scored.get(lead_id)
        if state == "qualified" and lead_id in last:
            found[lead_id] = {**last[lead_id][0], "ai_next_best_action": ""}
        elif state == "open" and best:
            found[lead_id] = {
                "ai_lead_score": str(best[0]["score"]),
                "ai_lead_fit": best[0]["band"],
                "ai_next_best_action": best[0]["next_action"],
            }
    return found


_VALUES: Final[Mapping[str, Callable[[Connection, Portal, Sequence[str], datetime], Values]]] = {
    "companies": _accounts,
    "deals": _deals,
    "leads": _lead_records,
}
