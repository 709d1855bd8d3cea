"""Tables with a known pattern, from a seed."""

from __future__ import annotations

import numpy as np

from backend.learning.data.table import Table


def leads(rows: int = 300, seed: int = 1, unknown_share: float = 0.1) -> Table:
    """Industry and visits decide who wins; colour says nothing. One industry in ten is unknown."""
    rng = np.random.default_rng(seed)
    industry = rng.choice(["Logistics", "Retail", "Banking"], rows)
    visits = rng.integers(0, 40, rows)
    effect = np.select([industry == "Logistics", industry == "Retail"], [1.2, -1.2], 0.0)
    chance = 1 / (1 + np.exp(-(effect + 0.08 * (visits - 20))))
    won = rng.random(rows) < chance
    hidden = rng.random(rows) < unknown_share
    return Table(
        {
            "Industry": [None if h else str(i) for i, h in zip(industry, hidden, strict=True)],
            "Visits": [str(v) for v in visits],
            "Colour": [str(c) for c in rng.choice(["red", "green", "blue"], rows)],
            "Outcome": ["Won" if w else "Lost" for w in won],
        }
    )


def with_column(table: Table, name: str, cells: list[str | None]) -> Table:
    """The same table with one more column."""
    return Table({**table.columns, name: cells})
