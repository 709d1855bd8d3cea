from __future__ import annotations

from itertools import combinations

import pytest

from console import charts
from console.drawing import numbers

BACKGROUNDS = {"light": "#ffffff", "dark": "#121a22"}  # as in .streamlit/config.toml
# How linear RGB looks without one kind of cone (Machado, Oliveira and Fernandes 2009, severity 1)
SEEN_BY = {
    "everybody": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopes": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopes": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopes": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
APART = 0.1  # of the diagonal of linear RGB


def linear(colour: str) -> list[float]:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    return [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]


def contrast(one: str, other: str) -> float:
    light = sorted(
        (0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05 for r, g, b in (linear(one), linear(other)))
    )
    return light[1] / light[0]


@pytest.mark.parametrize("background", BACKGROUNDS.values(), ids=BACKGROUNDS)
@pytest.mark.parametrize("colour", [*charts.COLOURS.values(), charts.UP, charts.DOWN, charts.INK])
def test_every_mark_stands_out_in_both_themes(colour: str, background: str) -> None:
    assert contrast(colour, background) >= 3  # WCAG 2.2, 1.4.11


@pytest.mark.parametrize("matrix", SEEN_BY.values(), ids=SEEN_BY)
@pytest.mark.parametrize("colours", [tuple(charts.COLOURS.values()), (charts.UP, charts.DOWN)])
def test_colours_are_told_apart_by_everybody(
    colours: tuple[str, ...], matrix: tuple[tuple[float, ...], ...]
) -> None:
    seen = [
        [sum(m * v for m, v in zip(row, linear(colour), strict=True)) for row in matrix]
        for colour in colours
    ]
    for one, other in combinations(seen, 2):
        distance = sum((a - b) ** 2 for a, b in zip(one, other, strict=True)) ** 0.5 / 3**0.5
        assert distance >= APART


def test_a_chart_has_its_numbers_as_a_table() -> None:
    figure = charts.factors(
        [
            {"points": 5, "text": "Industry: <b>Logistics</b> and supply chain", "comparison": ""},
            {"points": -3, "text": "Company size: 20", "comparison": ""},
        ]
    )
    table = numbers(figure)
    assert table.to_dict("list") == {
        "points": [-3, 5],
        "y": ["Company size: 20", "Industry: <b>Logistics</b> and supply chain"],
    }
