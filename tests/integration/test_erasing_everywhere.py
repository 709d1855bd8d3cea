"""An erased contact is in no column of any table: not in rows about others either."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from redis import Redis

from backend.jobs.erase_requested import erase_requested
from backend.jobs.score_due import score_due
from backend.model import Urgency
from backend.services.privacy.erase import erase
from backend.storage.access import audit
from backend.storage.database import PackedJson
from backend.storage.leads import due_leads
from backend.storage.leads import scores as scores_of
from backend.storage.portals import portals
from backend.storage.privacy import erasures, named, personal_data, tombstones
from backend.storage.tables.base import metadata
from backend.storage.tables.leads import inbox_events, mentions, score_history, scores
from backend.storage.tables.learning import profiles, vectors
from backend.storage.tables.operations import runs
from backend.storage.tables.portals import portals as portals_table
from backend.wiring import Product, build
from tests.integration.conftest import PORTAL, Connected, settings_for
from tests.support.erasing import ErasesFirst, forget_scores
from tests.support.product import changed

GONE, OTHER = "918273645", "500600700"
NOW = datetime(2026, 11, 28, tzinfo=UTC)
TEXTS = (sa.String, sa.JSON, sa.LargeBinary, PackedJson)


@pytest.fixture
def product(database_url: str, valkey_url: str) -> Iterator[Product]:
    redis = Redis.from_url(valkey_url)
    redis.flushall()
    redis.close()
    made = build(settings_for(database_url, valkey_url, "http://localhost:9", "http://localhost:8"))
    with made.stores.database.write() as conn:
        portals.install(conn, PORTAL, client_id="c", name="n", now=NOW)
    yield made
    made.hubspot.http.close()
    made.stores.redis.close()
    made.stores.database.engine.dispose()


def raw_values(product: Product) -> Iterator[tuple[str, bytes]]:
    """Every stored value as bytes, unpacked where it is packed."""
    with product.stores.database.read() as conn:
        for table in metadata.sorted_tables:
            names = ", ".join(f'"{column.name}"' for column in table.c)
            for row in conn.exec_driver_sql(f'SELECT {names} FROM "{table.name}"'):  # noqa: S608
                for column, value in zip(table.c, row, strict=True):
                    yield f"{table.name}.{column.name}", as_bytes(value)


def as_bytes(value: Any) -> bytes:
    if isinstance(value, bytes | memoryview):
        packed = bytes(value)
        try:
            return zlib.decompress(packed)
        except zlib.error:
            return packed
    if isinstance(value, dict | list):
        return json.dumps(value).encode()
    return str(value).encode()


def places_of(product: Product, contact_id: str) -> set[str]:
    """As a word: a short id may be a part of some other number."""
    word = re.compile(rb"(?<![0-9A-Za-z.])" + contact_id.encode() + rb"(?!\.?[0-9A-Za-z])")
    return {place for place, value in raw_values(product) if word.search(value)}


def filler(column: sa.Column[Any]) -> Any:
    kind = column.type
    if isinstance(kind, PackedJson):
        return {"neighbours": []} if column.name == "body" else []
    if isinstance(kind, sa.JSON):
        return {}
    if isinstance(kind, sa.LargeBinary):
        return b"x"
    if isinstance(kind, sa.Boolean):
        return False
    if isinstance(kind, sa.Date):
        return date(2026, 11, 28)
    if isinstance(kind, sa.Integer | sa.Float):
        return 1
    return "x" if isinstance(kind, sa.String) else NOW


def neighbour(item_id: str, client_id: str, kind: str) -> dict[str, Any]:
    facts = {"client_id": client_id, "type": kind, "industry": "machinery"}
    return {"neighbour_id": item_id, "kind": "won", "similarity": 0.9, "label": "", "facts": facts}


BODY = {
    "neighbours": [
        neighbour(f"lead:{GONE}", GONE, "lead"),
        neighbour(f"ideal:won-{GONE}", f"won-{GONE}", "ideal_client"),
        neighbour(f"lead:{OTHER}", OTHER, "lead"),
    ]
}
PLANTED: dict[str, Any] = {
    "inbox_events.related": {"primary": OTHER, "new": "", "merged": [GONE, OTHER]},
    "portals.settings": {"eligibility": {"excluded_contact_ids": [GONE, OTHER]}},
    "runs.position": {
        "after": GONE,
        "report": {"clients": [{"client_id": f"won-{GONE}"}, {"client_id": f"won-{OTHER}"}]},
    },
    "profiles.clients": [{"client_id": f"won-{GONE}"}, {"client_id": "row-1"}],
    "scores.body": BODY,
    "score_history.body": BODY,
    "vectors.item_id": f"lead:{GONE}",
    "vectors.metadata": {"client_id": GONE},
    "vectors.vector": GONE.encode(),
}


def columns() -> Iterator[sa.Column[Any]]:
    for table in metadata.sorted_tables:
        yield from (column for column in table.c if isinstance(column.type, TEXTS))


def can_name(column: sa.Column[Any]) -> bool:
    return str(column) not in {name for some in named.CANNOT.values() for name in some}


def plant(conn: sa.Connection, column: sa.Column[Any], number: int) -> None:
    """A row with the id in this one column, about somebody else where it is about a contact."""
    table = column.table
    row = {each.name: filler(each) for each in table.c if each.server_default is None}
    row |= {
        each.name: f"{number}" for each in table.primary_key if isinstance(each.type, sa.String)
    }
    row |= {
        each.name: number
        for each in table.primary_key
        if isinstance(each.type, sa.Integer) and each.name != "portal_id"
    }
    row |= {"portal_id": PORTAL} if "portal_id" in table.c else {}
    row |= {"object_type": "contacts"} if "object_type" in table.c else {}
    row |= {"dedupe_key": f"d{number}"} if "dedupe_key" in table.c else {}
    if table is vectors:  # the item as it is in the index, so all of it
        row |= {each: PLANTED[f"vectors.{each}"] for each in ("item_id", "metadata", "vector")}
    elif isinstance(column.type, sa.JSON | PackedJson | sa.LargeBinary):
        row[column.name] = PLANTED[str(column)]
    else:
        row[column.name] = f"HubSpot has no contact {GONE}." if column.name == "problem" else GONE
    if table is portals_table:
        conn.execute(sa.update(table).values({column.name: row[column.name]}))
    elif table is not vectors or not conn.execute(sa.select(vectors)).first():
        conn.execute(sa.insert(table).values(**row))


def test_every_column_is_handled_or_declared_unable_to_name_a_contact() -> None:
    """A column that is new here has to be thought about: see backend/storage/privacy/named.py."""
    about = {str(column) for _, column, _ in personal_data._places()}
    handled = about | {str(place.column) for place in named.PLACES} | named.LOOKED_UP
    unable = [name for some in named.CANNOT.values() for name in some]
    every = {str(column) for column in columns()}
    assert len(unable) == len(set(unable))
    assert every - handled - set(unable) == set()
    assert (handled | set(unable)) - every == set()
    assert handled & set(unable) == set()


def test_an_id_in_every_column_is_gone_after_an_erasure(product: Product) -> None:
    planted = [column for column in columns() if can_name(column)]
    with product.stores.database.write() as conn:
        for number, column in enumerate(planted):
            plant(conn, column, number + 1)
    assert places_of(product, GONE) == {str(column) for column in planted}
    kept = places_of(product, OTHER)
    erase(product, PORTAL, [GONE])
    assert places_of(product, GONE) == set()
    assert places_of(product, OTHER) == kept | {"mentions.mentioned"}  # others stay
    with product.stores.database.read() as conn:
        mac = product.stores.tombstone_mac(PORTAL, GONE)
        receipt = erasures.of_contact(conn, PORTAL, mac)[0]
        assert personal_data.counts(conn, PORTAL, [GONE]) == {}
    assert receipt.detail["left"] == {}
    assert receipt.detail["erased"]["runs"] == 2
    assert set(receipt.detail["kept"]) == {"backups", "audit_trail", "logs"}


def won_neighbours(live: Connected) -> str:
    """A contact that is a neighbour in the scores of others."""
    with live.product.stores.database.read() as conn:
        found = conn.execute(sa.select(mentions.c.mentioned).order_by(mentions.c.mentioned)).first()
    assert found is not None
    return str(found.mentioned)


def test_a_neighbour_is_erased_from_the_scores_of_others(live: Connected) -> None:
    contact_id = won_neighbours(live)
    with live.product.stores.database.write() as conn:  # older code kept all of it in the history
        same = scores.c.contact_id == score_history.c.contact_id
        body = sa.select(scores.c.body).where(same).scalar_subquery()
        conn.execute(sa.update(score_history).values(body=body))
    where = {"scores.body", "score_history.body"}
    assert where <= places_of(live.product, contact_id)
    before = live.scores()
    erase(live.product, PORTAL, [contact_id])
    assert places_of(live.product, contact_id) == set()
    after = live.scores()
    assert {cid: s.score for cid, s in after.items()} == {
        cid: s.score for cid, s in before.items() if cid != contact_id
    }
    live.run()
    assert places_of(live.product, contact_id) == set()


def test_a_neighbour_erased_while_a_lead_is_scored_is_not_saved_with_it(live: Connected) -> None:
    product, contact_id = live.product, won_neighbours(live)
    with product.stores.database.write() as conn:
        query = sa.select(mentions.c.contact_id).where(mentions.c.mentioned == contact_id)
        lead = sorted(conn.execute(query).scalars())[0]
        due_leads.mark_due(
            conn,
            PORTAL,
            [lead],
            Urgency.EVENT,
            product.stores.clock.now(),
            cause="event",
            refresh=False,
            coalesce=False,
        )
    forget_scores(live)
    live.redis.flushall()
    score_due(changed(product, analyst=ErasesFirst(product, contact_id)), PORTAL, "event")
    with product.stores.database.read() as conn:
        saved = scores_of.current(conn, PORTAL, [lead])[lead]
    assert saved.input_hash != "x"  # saved after the erasure
    assert places_of(product, contact_id) == set()


def test_scores_that_older_code_saved_are_listed_first(live: Connected) -> None:
    contact_id = won_neighbours(live)
    with live.product.stores.database.write() as conn:
        conn.execute(sa.delete(mentions))
        for table in (scores, score_history):
            conn.execute(sa.update(table).values(listed=False))
    erase(live.product, PORTAL, [contact_id])
    assert places_of(live.product, contact_id) == set()


def test_ids_of_other_objects_that_read_the_same_stay(product: Product) -> None:
    """A merged company and a list have numbers, too."""
    with product.stores.database.write() as conn:
        plant(conn, inbox_events.c.related, 1)
        conn.execute(sa.update(inbox_events).values(object_type="companies"))
        conn.execute(sa.update(portals_table).values(installation={"lists": {"high": GONE}}))
    erase(product, PORTAL, [GONE])
    assert places_of(product, GONE) == {"inbox_events.related", "portals.installation"}


def test_another_portals_contact_with_the_same_number_stays(product: Product) -> None:
    with product.stores.database.write() as conn:
        portals.install(conn, PORTAL + 1, client_id="c", name="n", now=NOW)
        for number, column in enumerate((scores.c.body, runs.c.position, profiles.c.clients)):
            plant(conn, column, number + 1)
        for table in (scores, runs, profiles):
            conn.execute(sa.update(table).values(portal_id=PORTAL + 1))
    erase(product, PORTAL, [GONE])
    assert places_of(product, GONE) == {"scores.body", "runs.position", "profiles.clients"}


def test_many_erased_at_once_leave_as_little_as_one(product: Product) -> None:
    with product.stores.database.write() as conn:
        for number, column in enumerate(c for c in columns() if can_name(c)):
            plant(conn, column, number + 1)
    erase(product, PORTAL, [GONE, *(str(700000 + n) for n in range(named.ASKED_BY_TEXT))])
    assert places_of(product, GONE) == set()


def test_the_audit_trail_refuses_the_id_of_a_contact(product: Product) -> None:
    for detail in ({"contact_id": GONE}, {"a": {"after": {"excluded_contact_ids": [GONE]}}}):
        with (
            product.stores.database.write() as conn,
            pytest.raises(ValueError, match="keyed hashes"),
        ):
            audit.append(conn, now=NOW, actor="t", action="x", subject="portal:1", detail=detail)


def test_a_failed_job_about_an_erased_contact_goes(live: Connected) -> None:
    product = live.product
    for delay_s in (0.0, 60.0):
        product.stores.jobs.enqueue("score_due", delay_s=delay_s, portal_id=PORTAL, contact_id=GONE)
    assert [key for key in live.redis.scan_iter() if GONE.encode() in key]
    with product.stores.database.write() as conn:
        erasures.request(
            conn,
            PORTAL,
            GONE,
            product.stores.tombstone_mac(PORTAL, GONE),
            requested_by="t",
            reason="request",
            now=product.stores.clock.now(),
        )
    erase_requested(product, PORTAL)
    assert in_redis(live.redis, GONE) == []
    with product.stores.database.read() as conn:
        assert tombstones.by_cause(conn, PORTAL)


def in_redis(redis: Redis, text: str) -> list[str]:
    """Keys that hold a text, in their name or their value."""
    found = []
    for key in redis.scan_iter():
        kind = redis.type(key).decode()
        value: Any = {
            "string": redis.get,
            "hash": redis.hgetall,
            "set": redis.smembers,
        }.get(kind, lambda k: redis.sort(k, by="nosort"))(key)
        shown = [key, *(value.items() if isinstance(value, dict) else [value])]
        if text in str(shown) or any(text.encode() in inflated(v) for v in flat(value)):
            found.append(key.decode())
    return found


def flat(value: Any) -> list[bytes]:
    if isinstance(value, dict):
        return [each for each in value.values() if isinstance(each, bytes)]
    return [value] if isinstance(value, bytes) else []


def inflated(value: bytes) -> bytes:
    try:
        return zlib.decompress(value)
    except zlib.error:
        return value
