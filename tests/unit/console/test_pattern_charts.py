from __future__ import annotations

from typing import Any

import pytest

from console.pattern_charts import grid


def cells(shares: list[float | None]) -> dict[str, Any]:
    return {
        "fit": ["low", "high"],
        "engagement": ["silent"],
        "cells": [
            {
                "fit": fit,
                "engagement": "silent",
                "leads": 7,
                "won": 0,
                "conversion": {"share": share, "low": None, "high": None, "won": 0, "decided": 0},
            }
            for fit, share in zip(("low", "high"), shares, strict=True)
        ],
    }


@pytest.mark.parametrize(
    ("shares", "drawn"), [([None, None], [[7], [7]]), ([0.2, None], [[0.2], [None]])]
)
def test_the_grid_shows_leads_while_nothing_is_decided(
    shares: list[float | None], drawn: list[list[float | None]]
) -> None:
    (heatmap,) = grid(cells(shares)).data
    assert [list(row) for row in heatmap.z] == drawn
