"""No factor says the opposite of what its own leads did: fields that say the same share one factor,
engagement goes one way, and contradicted points are taken from what they take back."""

from __future__ import annotations

import re

import numpy as np
import pytest

from backend.learning.data.cutting import cut
from backend.learning.data.encoding import Encoded, encode, encode_columns
from backend.learning.data.kinds import kind_of
from backend.learning.data.table import Table
from backend.learning.fit.fit import _regressions
from backend.learning.fit.folds import fold_numbers
from backend.learning.fit.monotone import _clearly, engagement_directions, upheld
from backend.learning.fit.overlap import shared_factors
from backend.learning.fit.training import Trained, train
from backend.learning.numbers import FOLD_SEED
from backend.model import Factor
from backend.scoring.scorecard.cells import FieldCells
from backend.scoring.scorecard.explain import OVERLAP, _Told, _without_contradictions, compared
from backend.scoring.scorecard.explain import factors as factors_of
from backend.scoring.scorecard.scorecard import Scorecard, apply, apply_codes

pytestmark = pytest.mark.slow  # models are trained


def _portal(rows: int = 400, seed: int = 5) -> Table:
    """Visits and pages viewed are nearly one number; industry and region mostly go together."""
    rng = np.random.default_rng(seed)
    visits = rng.poisson(np.exp(rng.normal(1.5, 0.8, rows)))
    pages = visits * 3 + rng.integers(0, 3, rows)
    industry = rng.integers(0, 4, rows)
    region = np.where(rng.random(rows) < 0.9, industry, rng.integers(0, 4, rows))
    logits = 0.8 * np.log1p(visits) + np.array([1.2, 0.3, -0.4, -1.0])[industry] - 1.6
    won = rng.random(rows) < 1 / (1 + np.exp(-logits))
    return Table(
        {
            "Visits": [str(v) for v in visits],
            "Pages viewed": [str(p) for p in pages],
            "Industry": [f"industry {i}" for i in industry],
            "Region": [f"region {i}" for i in region],
            "Outcome": ["Won" if w else "Lost" for w in won],
        }
    )


@pytest.fixture(scope="module")
def portal() -> Trained:
    return train(_portal(), "Outcome")


def test_numbers_that_say_the_same_share_one_factor(portal: Trained) -> None:
    row = {"Visits": "12", "Pages viewed": "37", "Industry": "industry 1", "Region": "region 1"}
    scored = apply(portal.scorecard, [row])
    found = {f.field: f for f in factors_of(portal.scorecard, scored, 0, row)}
    first, other = sorted(("Visits", "Pages viewed"), key=lambda n: -abs(found[n].points))
    assert found[first].points > 0 == found[other].points
    assert found[first].comparison.startswith(f"together with {other}: won ")
    assert found[other].comparison == f"counted with {first}"
    places = [portal.scorecard.field_names.index(name) for name in (first, other)]
    assert found[first].points == scored.points[0, places].sum()
    alone = factors_of(portal.scorecard, apply(portal.scorecard, [{first: "12"}]), 0, row)
    assert "together" not in next(f for f in alone if f.field == first).comparison


def test_a_property_of_the_portals_own_is_not_named_beside_another_field(portal: Trained) -> None:
    card = portal.scorecard
    fields = tuple(
        f.model_copy(update={"cells": f.cells.model_copy(update={"name": "contacts.my_pages"})})
        if f.cells.name == "Pages viewed"
        else f
        for f in card.fields
    )
    codes = encode_columns([f.cells for f in card.fields], _portal())
    won = np.array([c == "Won" for c in _portal().column("Outcome")], dtype=np.float64)
    place = card.field_names.index("Pages viewed")

    def with_pages(one: Scorecard) -> list[tuple[int, ...]]:
        return [s.fields for s in shared_factors(one, codes, won) if place in s.fields]

    assert len(with_pages(card)) == 1
    assert with_pages(card.model_copy(update={"fields": fields})) == []


def test_no_factor_speaks_against_its_own_leads_and_points_add_up(portal: Trained) -> None:
    rows = _portal(seed=6).row_mappings()
    scored = apply(portal.scorecard, rows)
    for lead, row in enumerate(rows):
        found = factors_of(portal.scorecard, scored, lead, row)
        assert 50 + sum(f.points for f in found) == scored.totals[lead]
        assert not [f for f in found if _against(f)]


def _against(factor: Factor) -> bool:
    found = re.search(r"won ([\d.]+) times", factor.comparison)
    if found:
        ratio = float(found[1])
        return factor.points * (ratio - 1) < 0
    return "none won" in factor.comparison and factor.points > 0


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ([(9, 1), (-4, 1)], [5, 0]),
        ([(9, 1), (-4, 1), (3, 0)], [5, 0, 3]),
        ([(-9, -1), (4, -1)], [-5, 0]),
        ([(3, 1), (-8, 1), (2, 1)], [0, 0, 0, -3]),  # what none can take stands alone
        ([(-8, 1), (6, -1), (3, 0)], [0, 0, 1]),
        ([(5, -1)], [0, 5]),
        ([(5, 1), (-5, -1), (0, 1)], [5, -5, 0]),
    ],
)
def test_contradicted_points_are_taken_from_what_they_take_back(
    given: list[tuple[int, int]], shown: list[int]
) -> None:
    told = [_Told(Factor(str(i), "x", p, "model"), side) for i, (p, side) in enumerate(given)]
    found = _without_contradictions(told)
    assert [f.points for f in found] == shown
    assert [f.field for f in found[len(given) :]] == [OVERLAP] * (len(shown) - len(given))


def test_a_difference_within_chance_contradicts_nothing() -> None:
    assert compared(0.5, 40, 23, -6) == (0, "won as often as average, n=40")
    assert compared(0.5, 40, 23, 6) == (1, "won 1.1 times as often as average, n=40")
    assert compared(0.5, 40, 32, -6)[0] == 1
    assert compared(0.5, 40, 0, 6) == (-1, "none won, n=40")
    assert compared(0.5, 4, 0, 6) == (0, "")


def _engaged(worth: str, rows: int = 600) -> Table:
    """Clicks whose worth is `rising` (with too few rows to see it evenly) or really an arch."""
    rng = np.random.default_rng(3)
    clicks = rng.integers(0, 25, rows)
    size = rng.choice(["small", "large"], rows)
    arch = 2.5 - np.abs(clicks - 12) / 3.0
    logits = {"rising": 0.03 * (clicks - 12), "arch": arch}[worth] + 0.8 * (size == "large") - 0.4
    won = rng.random(rows) < 1 / (1 + np.exp(-logits))
    return Table(
        {
            "Email clicks": [str(c) for c in clicks],
            "Size": list(size),
            "Outcome": ["Won" if w else "Lost" for w in won],
        }
    )


def _steps(card: Scorecard) -> np.ndarray:
    """What each further cell of clicks adds to the log-odds, for either size."""
    place = card.field_names.index("Email clicks")
    cells = np.arange(1, card.fields[place].cells.size)
    steps = []
    for size in (2, 3):
        codes = np.full((len(cells), len(card.fields)), size)
        codes[:, place] = cells
        steps.append(np.diff(apply_codes(card, codes).logits))
    return np.concatenate(steps)


def test_engagement_rises_where_only_noise_says_otherwise() -> None:
    assert _steps(train(_engaged("rising"), "Outcome").scorecard).min() > -1e-6


def test_engagement_falls_where_the_outcomes_clearly_do() -> None:
    table = _engaged("arch")
    card = train(table, "Outcome").scorecard
    assert _steps(card).min() < -0.05
    codes = encode_columns(
        [f.cells for f in card.fields], Table({"Email clicks": ["1", "12", "24"]})
    )
    low, middle, high = apply_codes(card, codes).logits
    assert middle > max(low, high) + 1


def _visits_and_pages(rows: int, worth: float, spread: float, seed: int) -> Table:
    """As in a CRM: pages viewed lately, beside all visits ever, which are many for old leads."""
    rng = np.random.default_rng(seed)
    visits = rng.poisson(np.exp(rng.normal(1.6, 0.8, rows)))
    pages = rng.poisson(2.5 * visits * rng.random(rows) ** spread)
    logits = 1.1 * np.log1p(pages) + worth * np.log1p(visits) - 1.0
    won = rng.random(rows) < 1 / (1 + np.exp(-logits))
    return Table(
        {
            "Visits": [str(v) for v in visits],
            "Pages viewed": [str(p) for p in pages],
            "Outcome": ["Won" if w else "Lost" for w in won],
        }
    )


@pytest.mark.parametrize(
    ("rows", "worth", "spread", "seed", "visits"),
    [(600, -0.4, 0.5, 1, 1), (600, -0.8, 2, 0, 1), (600, -0.8, 2, 1, 0), (1500, -1.0, 1, 0, 0)],
)
def test_a_field_is_freed_by_fits_with_and_without_its_direction(
    rows: int, worth: float, spread: float, seed: int, visits: int
) -> None:
    """Held beside pages that were fitted with visits free, visits looked clearly worse in all."""
    table = _visits_and_pages(rows, worth, spread, seed)
    names = ("Visits", "Pages viewed")
    encoded = encode([cut(kind_of(n, table.column(n)), table.column(n)) for n in names], table)
    won = np.array([cell == "Won" for cell in table.column("Outcome")], dtype=np.float64)
    groups = np.arange(rows)
    folds = fold_numbers(groups, won, FOLD_SEED)
    parts = _regressions(encoded, won, folds, np.ones(len(won)))
    assert upheld((1, 1), parts, encoded, won, groups, folds) == (visits, 1)


def test_rows_of_a_group_speak_once() -> None:
    excess = np.random.default_rng(0).normal(0.1, 1.0, 300)  # 1.1 standard errors
    assert _clearly(np.tile(excess, 9), np.arange(2_700))
    assert not _clearly(np.tile(excess, 9), np.tile(np.arange(300), 9))
    assert not _clearly(excess, np.arange(300))


@pytest.mark.parametrize(
    ("name", "edge", "direction"),
    [
        ("TotalVisits", 1.0, 1),
        ("hs_analytics_num_page_views", 1.0, 1),
        ("Email opens", 1.0, 1),
        ("Page Views Per Visit", 1.0, 0),
        ("email_open", 1.0, 1),
        ("opted_out", -3.0, 1),  # our own points, below 0
        ("Opted out of email", 0.5, -1),  # a count
        ("hs_email_bounce", 0.5, -1),
        ("Shopping centre", 1.0, 0),  # neither "opens" nor "opt"
        ("Age", 30.0, 0),
    ],
)
def test_which_way_engagement_points(name: str, edge: float, direction: int) -> None:
    cells = FieldCells(name=name, kind="number", edges=(edge,))
    encoded = Encoded((cells,), np.zeros((1, 1), dtype=np.intp), ((),))
    assert engagement_directions(encoded) == (direction,)


def test_a_field_that_takes_back_what_another_gives_shares_its_factor() -> None:
    table = _visits_and_pages(900, -0.8, 2, seed=3)
    card = train(table, "Outcome").scorecard
    row = {"Visits": "20", "Pages viewed": "30"}
    scored = apply(card, [row])
    points = scored.points[0]
    assert points[0] * points[1] < 0  # apart they would speak against each other
    assert sorted(f.points != 0 for f in factors_of(card, scored, 0, row)[:2]) == [False, True]
