from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.embedded.vector_index import PORTALS_CACHED, EmbeddedIndex
from backend.ports import VectorItem
from tests.support.memory_rows import MemoryRows


def rows(count: int, dimension: int = 8, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(count, dimension)).astype(np.float32)


def items(vectors: np.ndarray, **metadata: str) -> list[VectorItem]:
    return [VectorItem(f"i{n:03d}", vector, metadata) for n, vector in enumerate(vectors)]


class CountedRows(MemoryRows):
    def __init__(self) -> None:
        super().__init__()
        self.loaded = 0

    def newer(self, portal_id, revision):
        found = super().newer(portal_id, revision)
        self.loaded += len(found)
        return found


def test_a_process_sees_what_another_wrote_and_loads_only_that() -> None:
    stored = CountedRows()
    reader, writer = EmbeddedIndex(stored), EmbeddedIndex(stored)
    writer.upsert(1, items(rows(50)))
    assert len(reader.query(1, rows(1), 100, {})[0]) == 50
    writer.upsert(1, [VectorItem("new", rows(1)[0], {})])
    writer.delete(1, ["i003"])
    assert stored.loaded == 50
    found = [n.neighbour_id for n in reader.query(1, rows(1), 100, {})[0]]
    assert found[0] in ("new", "i000") and "i003" not in found and len(found) == 50
    assert stored.loaded == 52
    reader.query(1, rows(1), 1, {})
    assert stored.loaded == 52


def test_rows_that_vanish_without_a_trace_are_noticed() -> None:
    stored = MemoryRows()
    index = EmbeddedIndex(stored)
    index.upsert(1, items(rows(5)))
    index.query(1, rows(1), 5, {})
    stored._rows[1].pop("i002")
    assert len(index.query(1, rows(1), 9, {})[0]) == 4


def test_a_changed_filter_value_is_seen_after_an_update() -> None:
    index = EmbeddedIndex(MemoryRows())
    index.upsert(1, items(rows(2), status="active"))
    assert len(index.query(1, rows(1), 9, {"status": "active"})[0]) == 2
    index.upsert(1, items(rows(1), status="inactive"))
    assert len(index.query(1, rows(1), 9, {"status": "active"})[0]) == 1


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 60), st.integers(1, 12), st.randoms())
def test_the_answer_is_that_of_a_full_search_in_any_order_of_writes(count, top_k, random) -> None:
    stored = rows(count)
    given_items = items(stored)
    random.shuffle(given_items)
    index = EmbeddedIndex(MemoryRows())
    index.upsert(1, given_items)
    asked = rows(3, seed=9)
    normal = stored / np.linalg.norm(stored, axis=1, keepdims=True)
    for row, found in zip(asked, index.query(1, asked, top_k, {}), strict=True):
        cosines = normal @ (row / np.linalg.norm(row))
        best = np.argsort(-cosines)[:top_k]
        assert [n.neighbour_id for n in found] == [f"i{n:03d}" for n in best]
        assert [n.similarity for n in found] == pytest.approx(cosines[best], abs=1e-5)


def test_ties_go_to_the_smaller_id() -> None:
    index = EmbeddedIndex(MemoryRows())
    same = np.ones((9, 4), dtype=np.float32)
    index.upsert(1, items(same)[::-1])
    found = index.query(1, same[:1], 3, {})[0]
    assert [n.neighbour_id for n in found] == ["i000", "i001", "i002"]


def test_only_so_many_portals_stay_in_memory() -> None:
    index = EmbeddedIndex(MemoryRows())
    for portal_id in range(PORTALS_CACHED + 5):
        index.upsert(portal_id, items(rows(1)))
        index.query(portal_id, rows(1), 1, {})
    assert len(index._portals) == PORTALS_CACHED
    assert len(index.query(0, rows(1), 1, {})[0]) == 1
