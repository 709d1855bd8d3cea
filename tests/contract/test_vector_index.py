"""What every VectorIndex keeps: the embedded one, and Pinecone's SDK against a local server."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from redis import Redis

from backend.clients.pinecone.index import PineconeIndex
from backend.clients.redis.breaker import Breaker
from backend.embedded.vector_index import EmbeddedIndex
from backend.errors import LeadlightError
from backend.ports import VectorIndex, VectorItem
from tests.conftest import FakeClock
from tests.contract.pinecone_server import PineconeServer, running_pinecone
from tests.support.memory_rows import MemoryRows

ACTIVE = {"status": "active", "type": "ideal_client"}


@pytest.fixture(scope="module")
def server() -> Iterator[PineconeServer]:
    with running_pinecone() as running:
        yield running


@pytest.fixture(params=["embedded", "pinecone"])
def index(request, server: PineconeServer, valkey_url: str) -> Iterator[VectorIndex]:
    if request.param == "embedded":
        yield EmbeddedIndex(MemoryRows())
        return
    server.reset()
    with Redis.from_url(valkey_url) as redis:
        redis.flushall()
        breaker = Breaker("pinecone", redis, FakeClock())
        found = PineconeIndex(api_key="key", host=server.url, breaker=breaker)
        yield found
        found.close()


def unit(*numbers: float) -> np.ndarray:
    row = np.array(numbers, dtype=np.float32)
    return row / np.linalg.norm(row)


def item(item_id: str, *numbers: float, **metadata) -> VectorItem:
    return VectorItem(item_id, unit(*numbers), {**ACTIVE, "industry": item_id.upper(), **metadata})


def ids(found) -> list[str]:
    return [neighbour.neighbour_id for neighbour in found]


def test_every_stored_id_is_listed_and_nobody_elses(index: VectorIndex) -> None:
    assert index.item_ids(1) == set()
    names = {"lead:1", "ideal:Müller & Co", "c", "d", "e"}
    index.upsert(1, [item(name, 1, place) for place, name in enumerate(sorted(names))])
    index.upsert(2, [item("theirs", 1, 0)])
    index.delete(1, ["c"])
    assert index.item_ids(1) == names - {"c"}


def test_the_nearest_come_first_with_their_cosine(index: VectorIndex) -> None:
    index.upsert(1, [item("a", 1, 0), item("b", 1, 1), item("c", 0, 1)])
    found = index.query(1, unit(1, 0)[np.newaxis, :], 2, {})[0]
    assert ids(found) == ["a", "b"]
    assert [n.similarity for n in found] == pytest.approx([1, 2**-0.5], abs=1e-5)
    assert (found[0].kind, found[0].facts["industry"]) == ("ideal_client", "A")


def test_one_answer_per_asked_row(index: VectorIndex) -> None:
    index.upsert(1, [item("a", 1, 0), item("c", 0, 1)])
    rows = np.stack([unit(1, 0), unit(0, 1), unit(-1, 0)])
    assert [ids(found)[0] for found in index.query(1, rows, 1, {})] == ["a", "c", "c"]


def test_the_filter_really_filters(index: VectorIndex) -> None:
    index.upsert(
        1,
        [
            item("a", 1, 0, status="inactive"),
            item("b", 0, 1),
            item("l", 1, 0, type="lead", outcome="won"),
        ],
    )
    asked = unit(1, 0)[np.newaxis, :]
    assert ids(index.query(1, asked, 5, ACTIVE)[0]) == ["b"]
    won = index.query(1, asked, 5, {"type": "lead", "outcome": "won"})[0]
    assert [(n.neighbour_id, n.kind) for n in won] == [("l", "won")]
    assert index.query(1, asked, 5, {"type": "nothing"}) == [[]]


def test_a_list_in_the_metadata_matches_each_of_its_values(index: VectorIndex) -> None:
    index.upsert(1, [item("a", 1, 0, tags=["profile-3", "smb"])])
    asked = unit(1, 0)[np.newaxis, :]
    assert ids(index.query(1, asked, 5, {"tags": "smb"})[0]) == ["a"]
    assert index.query(1, asked, 5, {"tags": "sm"}) == [[]]


def test_no_portal_sees_another_s_items(index: VectorIndex) -> None:
    index.upsert(1, [item("a", 1, 0)])
    assert index.query(2, unit(1, 0)[np.newaxis, :], 5, {}) == [[]]
    index.delete(2)
    index.delete(2, ["a"])
    assert (index.count(1), index.count(2)) == (1, 0)


def test_an_item_is_replaced_by_its_id(index: VectorIndex) -> None:
    index.upsert(1, [item("a", 1, 0)])
    index.query(1, unit(1, 0)[np.newaxis, :], 1, {})
    index.upsert(1, [item("a", 0, 1, industry="new")])
    found = index.query(1, unit(0, 1)[np.newaxis, :], 5, {})[0]
    assert [(n.neighbour_id, n.facts["industry"]) for n in found] == [("a", "new")]
    assert found[0].similarity == pytest.approx(1, abs=1e-5)
    assert index.count(1) == 1


def test_deleted_items_are_gone_at_once(index: VectorIndex) -> None:
    index.upsert(1, [item("a", 1, 0), item("b", 0, 1)])
    asked = unit(1, 0)[np.newaxis, :]
    assert len(index.query(1, asked, 5, {})[0]) == 2
    index.delete(1, ["a", "unknown"])
    assert ids(index.query(1, asked, 5, {})[0]) == ["b"]
    index.delete(1)
    assert index.query(1, asked, 5, {}) == [[]]
    assert index.count(1) == 0


def test_nothing_asked_or_stored_is_no_error(index: VectorIndex) -> None:
    index.upsert(1, [])
    index.delete(1, [])
    assert index.query(1, np.zeros((0, 2), dtype=np.float32), 5, {}) == []
    assert index.query(1, unit(1, 0)[np.newaxis, :], 5, {}) == [[]]


@pytest.mark.parametrize("numbers", [(float("nan"), 1), (float("inf"), 1), (0.0, 0.0)])
def test_what_is_no_direction_is_refused_and_stores_nothing(index: VectorIndex, numbers) -> None:
    bad = VectorItem("x", np.array(numbers, dtype=np.float32), ACTIVE)
    with pytest.raises(LeadlightError):
        index.upsert(1, [item("a", 1, 0), bad])
    assert index.count(1) == 0


def test_another_dimension_is_an_error_and_no_nonsense(index: VectorIndex) -> None:
    index.upsert(1, [item("a", 1, 0)])
    with pytest.raises(LeadlightError):
        index.query(1, unit(1, 0, 0)[np.newaxis, :], 5, {})


def test_ids_of_any_script_come_back_as_they_were(index: VectorIndex) -> None:
    odd = "ideal:Bäckerei Köln/№ 7 %41"
    index.upsert(1, [item(odd, 1, 0)])
    assert ids(index.query(1, unit(1, 0)[np.newaxis, :], 1, {})[0]) == [odd]
    index.delete(1, [odd])
    assert index.count(1) == 0


def test_more_items_than_fit_one_request_are_all_stored(index: VectorIndex) -> None:
    index.upsert(1, [item(f"i{i:03}", 1, i / 250) for i in range(250)])
    assert index.count(1) == 250
    rows = np.stack([unit(1, i / 40) for i in range(40)])
    found = index.query(1, rows, 3, ACTIVE)
    assert len(found) == 40
    assert ids(found[0])[0] == "i000"
