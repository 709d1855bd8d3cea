"""Names, addresses, phones, free text and tokens after the whole way: in no key of Redis and no
column of the database, sealed ones included; real processes' logs are read by the fault tests."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
import sqlalchemy as sa

from backend.jobs.upkeep import maintain
from backend.storage import runs
from backend.storage.leads import due_leads
from backend.storage.leads.people import of_contact, unseal
from backend.storage.operations.maintenance import INSTALLATION
from backend.storage.tables.base import metadata
from tests.integration.conftest import PORTAL, Connected, install
from tests.support.pipeline import hear, waiting_events

FIRST, LAST = "Zephyrine", "Quillfeather"
EMAIL = "canary.person@secret-mail.example"
PHONE = "+49 171 5550199"
STREET = "221 Baker Hill Street"
SAID = (
    f"Hello, this is {FIRST} {LAST}, write to {EMAIL} or call {PHONE}, card 4111 1111 1111 1111, "
    f"IBAN DE89 3704 0044 0532 0130 00. We need a price for our logistics team."
)
FRAGMENTS = (
    "zephyrine",
    "quillfeather",
    "canary.person",
    "5550199",
    "4111 1111",
    "0532 0130",
    "baker hill",
)


def plant(connected: Connected) -> None:
    """In every contact of the portal, before anybody reads it."""
    for record in connected.sandbox.portal.stores["contacts"]:
        record.properties |= {
            "firstname": FIRST,
            "lastname": LAST,
            "email": EMAIL,
            "phone": PHONE,
            "mobilephone": PHONE,
            "address": STREET,
            "message": SAID,
            "hs_email_text": SAID,
        }


def values(connected: Connected) -> Iterator[tuple[str, str]]:
    """(table.column, value as text) of everything stored, packed values opened."""
    with connected.product.stores.database.read() as conn:
        for table in metadata.sorted_tables:
            columns = ", ".join(f'"{name}"' for name in table.c.keys())  # noqa: SIM118
            for row in conn.execute(sa.text(f'SELECT {columns} FROM "{table.name}"')):  # noqa: S608
                for name, value in zip(table.c.keys(), row, strict=True):
                    yield f"{table.name}.{name}", text_of(value)


def text_of(value: Any) -> str:
    if isinstance(value, memoryview):
        value = bytes(value)
    if isinstance(value, bytes):
        with suppress(zlib.error):
            value = zlib.decompress(value)
        return value.decode("utf-8", "replace")
    return str(value)


def in_redis(connected: Connected) -> str:
    """Every key with everything it holds, job payloads opened."""
    redis, found = connected.redis, []
    for key in redis.scan_iter():
        kind = redis.type(key).decode()
        read = {
            "string": lambda k: [redis.get(k)],
            "hash": lambda k: [x for pair in redis.hgetall(k).items() for x in pair],
            "list": lambda k: redis.lrange(k, 0, -1),
            "set": lambda k: list(redis.smembers(k)),
            "zset": lambda k: redis.zrange(k, 0, -1),
            "stream": lambda k: [str(redis.xrange(k)).encode()],
        }[kind]
        found += [text_of(key), *(text_of(value) for value in read(key))]
    return "\n".join(found)


def test_no_canary_is_anywhere_after_the_whole_way(
    unconnected: Connected, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Fault test 101."""
    connected = unconnected
    plant(connected)
    install(connected)
    connected.run()
    connected.go_live()
    contact_id = sorted(connected.scores())[0]
    before = waiting_events(connected)
    connected.ui("POST", f"/contacts/{contact_id}/properties", {"jobtitle": "Head of Canaries"})
    hear(connected, before)
    for portal_id in (PORTAL, INSTALLATION):
        for kind in maintain.kinds_of(portal_id):
            with connected.product.stores.database.write() as conn:
                runs.start(conn, portal_id, kind, connected.product.stores.clock.now())
            connected.product.stores.jobs.enqueue(kind, portal_id=portal_id)
    redis = in_redis(connected)  # while jobs wait
    connected.run()
    tokens = connected.product.hubspot.tokens.load(PORTAL)
    forbidden = [*FRAGMENTS, tokens.access_token.lower(), tokens.refresh_token.lower()]
    places = {
        "redis": redis + in_redis(connected),
        "log": "".join(capsys.readouterr()) + caplog.text,
        "health": connected.app.test_client().get("/health").get_data(as_text=True),
        "metrics": connected.app.test_client().get("/metrics").get_data(as_text=True),
    }
    assert "score_due" in places["redis"]
    found = {
        (place, word)
        for place, text in places.items()
        for word in forbidden
        if word in text.lower()
    }
    with connected.product.stores.database.read() as conn:
        sealed = due_leads.people(conn, PORTAL, [contact_id])[contact_id]
    person = unseal(connected.product.stores.cipher, PORTAL, of_contact(contact_id), sealed)
    assert person.email == EMAIL  # it was all planted
    stored = list(values(connected))
    assert any("logistics team" in text for _, text in stored)
    for place, text in stored:
        found |= {(place, word) for word in forbidden if word in text.lower()}
    assert found == set()
