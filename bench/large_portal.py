"""A portal of hundreds of thousands of scored leads, written to the database without HubSpot."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from backend.model import Person
from backend.security import session_tokens
from backend.security.passwords import hash_password
from backend.services.accounts import add_account
from backend.storage import runs
from backend.storage.access import sessions
from backend.storage.leads import people, person_words
from backend.storage.leads.score_days import count_today
from backend.storage.portals import portals
from backend.storage.runs import REPORT
from backend.storage.tables.leads import (
    band_entries,
    lead_summaries,
    leads,
    score_history,
    scores,
)
from backend.storage.tables.leads import person_words as word_rows
from backend.storage.tables.outbox import routings
from backend.storage.tables.portals import owners
from backend.wiring import Product

PORTAL = 4_242_001
PASSWORD = "correct horse battery staple"  # noqa: S105
OWNERS = [str(70 + n) for n in range(20)]
SOURCES = ["organic_search", "paid_search", "paid_social", "referrals", "direct_traffic", "offline"]
NAMES = ["Ada", "Grace", "Alan", "Joan", "Edsger", "Barbara", "Donald", "Frances", "Ken", "Radia"]
SLICE = 5_000
INDUSTRIES = ("machinery", "banking", "farming", "logistics and supply chain", "retail")
SIZES = ("1-10", "11-50", "51-200", "201-500", "501-1000")
TECHNOLOGIES = ("aws", "azure", "react", "salesforce", "sap", "shopify", "snowflake", "stripe")


def fill(product: Product, count: int, changes: int) -> str:
    """Leads, scores, standings, words and history; an admin's password is PASSWORD. A token."""
    now = datetime.now(UTC)
    rng = random.Random(7)
    with product.stores.database.write() as conn:
        portals.install(conn, PORTAL, client_id="c", name="", now=now)
        portals.set_pulled(conn, PORTAL, now)
        conn.execute(sa.insert(owners), [_owner(product, o, now) for o in OWNERS])
        user = add_account(
            conn,
            product.stores.settings,
            product.stores.cipher,
            "admin@example.com",
            hash_password(PASSWORD),
            now,
        )
        portals.add_member(conn, PORTAL, user.subject, "admin", now)
        token = session_tokens.make()
        sessions.start(conn, session_tokens.hash_of(token), user.user_id, now)
    for start in range(0, count, SLICE):
        rows = [
            _lead(product, rng, 10_000 + n, now) for n in range(start, min(start + SLICE, count))
        ]
        _insert(product, rng, rows, changes)
    with product.stores.database.write() as conn:
        run = runs.start(conn, PORTAL, "impact", now)
        report = {"horizon_days": 90, "deal_sizes": {"deals": 900, "mean": 1e4, "variance": 1e7}}
        runs.advance(conn, run, now, done=1, position={REPORT: report})
        runs.finish(conn, run, now)
        count_today(conn, PORTAL, now)
        conn.execute(sa.text("ANALYZE"))
    return token


def _owner(product: Product, owner_id: str, now: datetime) -> dict[str, Any]:
    sealed = people.seal(
        product.stores.cipher, PORTAL, people.of_owner(owner_id), Person(f"Owner {owner_id}", "")
    )
    return {"portal_id": PORTAL, "owner_id": owner_id, "person_sealed": sealed, "seen_at": now}


def _lead(product: Product, rng: random.Random, number: int, now: datetime) -> dict[str, Any]:
    points = min(100, max(0, round(rng.gauss(48, 17))))
    band = "High" if points >= 80 else "Medium" if points >= 50 else "Low"
    person = Person(
        f"{rng.choice(NAMES)} Family{number % 9_973}", f"lead{number}@x{number % 997}.example"
    )
    return {
        "contact_id": str(number),
        "points": points,
        "band": band,
        "person": person,
        "at": now - timedelta(minutes=rng.randrange(60 * 24 * 60)),
    }


def _insert(product: Product, rng: random.Random, rows: list[dict[str, Any]], changes: int) -> None:
    secret = product.stores.settings.session_secret
    own = {"portal_id": PORTAL}
    with product.stores.database.write() as conn:
        conn.execute(
            sa.insert(leads),
            [
                own
                | {
                    "contact_id": r["contact_id"],
                    "person_sealed": people.seal(
                        product.stores.cipher,
                        PORTAL,
                        people.of_contact(r["contact_id"]),
                        r["person"],
                    ),
                }
                for r in rows
            ],
        )
        conn.execute(
            sa.insert(word_rows),
            [
                own | {"contact_id": r["contact_id"], "word_mac": mac}
                for r in rows
                for mac in person_words.macs_of(secret, PORTAL, person_words.words_of(r["person"]))
            ],
        )
        standings = [own | _standing(rng, r) for r in rows]
        conn.execute(sa.insert(lead_summaries), standings)
        conn.execute(sa.insert(band_entries), [_entry(rng, r) for r in standings])
        conn.execute(sa.insert(routings), [own | _routing(r) for r in standings])
        conn.execute(sa.insert(scores), [own | _score(r) for r in rows])
        for back in range(changes):
            conn.execute(sa.insert(score_history), [own | _change(r, back) for r in rows])


def _standing(rng: random.Random, r: dict[str, Any]) -> dict[str, Any]:
    outcome = rng.choices(("", "won", "lost"), (90, 3, 7))[0]
    return {
        "contact_id": r["contact_id"],
        "score": r["points"],
        "last_score": r["points"],
        "unclamped": r["points"],
        "band": r["band"],
        "next_action": "Call",
        "owner_id": rng.choice(OWNERS),
        "lead_source": rng.choice(SOURCES),
        "industry": rng.choice(INDUSTRIES),
        "company_size": rng.choice(SIZES),
        "location": "germany",
        "technologies": ";".join(sorted(rng.sample(TECHNOLOGIES, rng.randrange(4)))),
        "company_name": f"Company {rng.randrange(20_000)}",
        "lead_since": r["at"],
        "first_touch_at": r["at"] if rng.random() < 0.4 else None,
        "outcome": outcome,
        "outcome_at": r["at"] if outcome else None,
        "changed_at": r["at"],
    }


def _entry(rng: random.Random, standing: dict[str, Any]) -> dict[str, Any]:
    at = standing["changed_at"]
    touched = at + timedelta(minutes=rng.randrange(6_000)) if rng.random() < 0.6 else None
    won = standing["outcome"] == "won"
    return {
        "portal_id": PORTAL,
        "contact_id": standing["contact_id"],
        "band": standing["band"],
        "entered_at": at,
        "week": at.date() - timedelta(days=at.weekday()),
        "month": at.date().replace(day=1),
        "chance": rng.random() / 4,
        "owner_id": standing["owner_id"],
        "lead_source": standing["lead_source"],
        "touched_at": touched,
        "touch_minutes": None if touched is None else rng.randrange(3_000),
        "meeting_at": touched if rng.random() < 0.2 else None,
        "won_at": at if won else None,
        "amount": 10_000.0 * won,
        "deals": int(won),
        "result": standing["outcome"] or "open",
    }


def _routing(standing: dict[str, Any]) -> dict[str, Any]:
    return {
        "contact_id": standing["contact_id"],
        "band": standing["band"],
        "settled": standing["band"],
        "owner_id": standing["owner_id"],
        "entered_at": standing["changed_at"],
        "list_maybe": [],
    }


BODY = {
    "action_reason": "replied",
    "reasoning": "Industry fits; replied lately.",
    "reasons": [],
    "baseline": 50,
    "analyst_points": 0,
    "text_points": 0,
    "factors": [
        {
            "field": f"field_{n}",
            "value": "some value",
            "points": 1,
            "group": "profile",
            "comparison": "2.1 times as common among ideal clients",
        }
        for n in range(12)
    ],
    "missing": [],
    "neighbours": [],
    "flags": [],
    "chance": None,
    "percentile": 50,
    "usage": {"calls": 0, "prompt_tokens": 0, "completion_tokens": 0, "cost_micro_usd": 0},
    "timings_ms": {},
}


def _score(r: dict[str, Any]) -> dict[str, Any]:
    return {
        "contact_id": r["contact_id"],
        "score": r["points"],
        "unclamped": r["points"],
        "band": r["band"],
        "next_action": "Call",
        "source": "rules",
        "model_version": 0,
        "profile_version": 1,
        "population_version": 1,
        "input_hash": "h",
        "body": BODY,
        "scored_at": r["at"],
        "changed_at": r["at"],
    }


def _change(r: dict[str, Any], back: int) -> dict[str, Any]:
    return {
        "contact_id": r["contact_id"],
        "score": max(0, r["points"] - back),
        "band": r["band"],
        "cause": "event",
        "model_version": 0,
        "profile_version": 1,
        "input_hash": "h",
        "body": BODY,
        "scored_at": r["at"] - timedelta(days=back),
    }
