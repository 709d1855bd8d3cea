"""The outcome column: which words mean won, which mean lost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backend.errors import BadInput
from backend.learning.arrays import Floats, Ints
from backend.learning.data.table import Table, shown
from backend.scoring.scorecard.cells import level_of, number_of

WON_WORDS = frozenset(
    {
        "won",
        "win",
        "yes",
        "y",
        "true",
        "t",
        "closedwon",
        "converted",
        "positive",
        "success",
        "successful",
        "customer",
        "subscribed",
        "accepted",
        "signed",
        "bought",
        "purchased",
    }
)
LOST_WORDS = frozenset(
    {
        "lost",
        "loss",
        "lose",
        "no",
        "n",
        "false",
        "f",
        "closedlost",
        "notconverted",
        "negative",
        "failure",
        "failed",
        "unsuccessful",
        "notwon",
        "rejected",
        "declined",
        "churned",
        "unconverted",
        "notinterested",
    }
)


@dataclass(frozen=True, slots=True)
class Outcomes:
    """`won` is 1.0 or 0.0 for every row in `rows`; rows without an outcome are left out."""

    rows: Ints
    won: Floats
    won_word: str
    lost_word: str


def meaning(cell: str | None) -> float | None:
    """1.0 for won, 0.0 for lost, None for everything else ("Closed Won", "1.0", "yes", …)."""
    if cell is None:
        return None
    text = cell.strip().casefold()
    number = number_of(text)
    if number is not None:
        return {1.0: 1.0, 0.0: 0.0, -1.0: 0.0}.get(number)
    word = "".join(c for c in text if c.isalnum())
    if word in WON_WORDS:
        return 1.0
    if word in LOST_WORDS:
        return 0.0
    return None


def parse_outcomes(table: Table, column: str, won_word: str | None = None) -> Outcomes:
    """Read the outcome of every row; with `won_word` that word means won and all others lost.
    BadInput names the column and the values found."""
    cells = table.column(column)
    known = [(i, c) for i, c in enumerate(cells) if c is not None and level_of(c) is not None]
    if not known:
        raise BadInput(f"the outcome column {column!r} is empty in every row")
    read: list[tuple[int, float | None]]
    if won_word is not None:
        wanted = level_of(won_word)
        if wanted not in {level_of(c) for _, c in known}:
            raise BadInput(
                f"no row of the outcome column {column!r} says {won_word!r}; "
                f"it holds {shown(c for _, c in known)}",
                problems=(f"column {column!r}: no row says {won_word!r}",),
            )
        read = [(i, float(level_of(c) == wanted)) for i, c in known]
    else:
        read = [(i, meaning(c)) for i, c in known]
    strange = [c for (_, c), (_, won) in zip(known, read, strict=True) if won is None]
    if strange:
        raise BadInput(
            f"the outcome column {column!r} must say won or lost (1/0, yes/no, true/false, "
            f"Won/Lost); it also holds {shown(strange)}: name the word that means won with --won",
            problems=(f"column {column!r}: {len(set(strange))} values are neither won nor lost",),
        )
    words: dict[float | None, str] = {}
    for (_, cell), (_, won) in zip(known, read, strict=True):
        words.setdefault(won, cell.strip())
    return Outcomes(
        rows=np.array([i for i, _ in read], dtype=np.intp),
        won=np.array([won for _, won in read], dtype=np.float64),
        won_word=words.get(1.0, ""),
        lost_word=words.get(0.0, ""),
    )


def require_both(outcomes: Outcomes, column: str) -> None:
    """A model needs both kinds; BadInput says which one is absent."""
    won = int(outcomes.won.sum())
    lost = len(outcomes.won) - won
    if won and lost:
        return
    absent, present = ("won", "lost") if not won else ("lost", "won")
    raise BadInput(
        f"the outcome column {column!r} holds no {absent} row ({won + lost} {present}): "
        "a model needs both won and lost leads",
        problems=(f"column {column!r}: 0 {absent} of {won + lost}",),
    )
