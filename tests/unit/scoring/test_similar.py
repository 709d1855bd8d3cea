from __future__ import annotations

import numpy as np
import pytest

from backend.embedded.vector_index import EmbeddedIndex
from backend.errors import Transient
from backend.ports import VectorItem
from backend.scoring.similar import client_item_id, lead_item_id, similar_clients
from tests.support.memory_rows import MemoryRows


def unit(angle: float) -> np.ndarray:
    return np.array([np.cos(angle), np.sin(angle)], dtype=np.float32)


def index() -> EmbeddedIndex:
    found = EmbeddedIndex(MemoryRows())
    ideal = [
        VectorItem(
            client_item_id(str(i)),
            unit(i / 10),
            {"type": "ideal_client", "status": "active" if i else "stale", "label": f"C{i}"},
        )
        for i in range(8)
    ]
    leads = [
        VectorItem(
            lead_item_id(str(i)),
            unit(i / 10),
            {"type": "lead", "status": "active", "outcome": outcome},
        )
        for i, outcome in enumerate(("won", "won", "won", "lost", "lost", "open"))
    ]
    found.upsert(1, [*ideal, *leads])
    return found


def test_five_active_ideal_clients_then_won_and_lost() -> None:
    found = similar_clients(1, ["99"], [unit(0)], index())[0].neighbours
    assert [n.neighbour_id for n in found[:5]] == [client_item_id(str(i)) for i in (1, 2, 3, 4, 5)]
    assert [n.kind for n in found[5:]] == ["won", "won", "lost", "lost"]
    assert found[0].label == "C1"


def test_a_lead_is_never_its_own_neighbour() -> None:
    found = similar_clients(1, ["0"], [unit(0)], index())[0].neighbours
    assert lead_item_id("0") not in [n.neighbour_id for n in found]
    assert [n.kind for n in found].count("won") == 2


def test_a_contact_and_a_client_of_the_same_id_are_two_things() -> None:
    found = similar_clients(1, ["1"], [unit(0)], index())[0].neighbours
    assert client_item_id("1") in [n.neighbour_id for n in found]


def test_a_lead_without_vector_has_no_neighbours_and_no_error() -> None:
    first, second = similar_clients(1, ["a", "b"], [None, unit(0)], index())
    assert first.neighbours == () and first.error is None
    assert second.neighbours
    assert similar_clients(1, ["a"], [None], index())[0].neighbours == ()


def test_another_portal_sees_nothing() -> None:
    assert similar_clients(2, ["a"], [unit(0)], index())[0].neighbours == ()


class DownIndex(EmbeddedIndex):
    def query(self, *_args):
        raise Transient("down")


def test_a_failing_index_leaves_every_lead_without_neighbours_and_marked() -> None:
    found = similar_clients(1, ["a", "b"], [unit(0), None], DownIndex(MemoryRows()))
    assert all(one.neighbours == () and isinstance(one.error, Transient) for one in found)


def past_leads(*companies: str) -> EmbeddedIndex:
    found = EmbeddedIndex(MemoryRows())
    found.upsert(
        1,
        [
            VectorItem(
                lead_item_id(f"{outcome}{i}"),
                unit(i / 20),
                {"type": "lead", "status": "active", "outcome": outcome, "company": company},
            )
            for outcome in ("won", "lost")
            for i, company in enumerate(companies)
        ],
    )
    return found


def test_past_leads_are_of_other_companies_and_one_of_each() -> None:
    known = past_leads("mine", "mine", "a", "a", "a", "b", "c")
    (found,) = similar_clients(1, ["99"], [unit(0)], known, ["mine"])
    assert [n.neighbour_id for n in found.neighbours] == [
        lead_item_id(i) for i in ("won2", "won5", "lost2", "lost5")
    ]
    assert all("company" not in n.facts for n in found.neighbours)


def test_who_has_no_company_is_nobody_s_colleague() -> None:
    (found,) = similar_clients(1, ["99"], [unit(0)], past_leads("", "", "a"), [""])
    assert [n.neighbour_id for n in found.neighbours][:2] == [
        lead_item_id("won0"),
        lead_item_id("won1"),
    ]


@pytest.mark.parametrize("company", ["mine", "big"])
def test_many_leads_of_one_company_do_not_hide_the_others(company: str) -> None:
    known = past_leads(*[company] * 25, "a", "b")
    (found,) = similar_clients(1, ["99"], [unit(0)], known, ["mine"])
    assert [n.kind for n in found.neighbours] == ["won", "won", "lost", "lost"]
