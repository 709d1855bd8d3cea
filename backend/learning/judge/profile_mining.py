"""What won clients have in common that other leads lack: rows and criteria for the ideal client
profile, for a person to accept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from backend.learning.metrics import wilson
from backend.learning.numbers import MINED_LIFT, MINED_MIN_WON
from backend.scoring.scorecard.cells import Cell, level_of
from backend.scoring.values.no_answer import is_no_answer

SUGGESTED = 20


@dataclass(frozen=True, slots=True)
class Criterion:
    """Leads with this value win `lift` times as often as average. `low` is the lift at the lower
    end of the 95 % interval of the share won; a criterion is suggested only if that is above 1."""

    field: str
    value: str
    leads: int
    won: int
    lift: float
    low: float


@dataclass(frozen=True, slots=True)
class SuggestedClient:
    """A combination of values typical of won clients, with one of them as the example."""

    values: Mapping[str, str]
    example_id: str
    alike: int
    lift: float


def mine_criteria(
    rows: Sequence[Mapping[str, Cell]], won: Sequence[bool], fields: Sequence[str]
) -> tuple[Criterion, ...]:
    """Values that won leads have more often than all leads, the surest first."""
    if not rows or not any(won):
        return ()
    base = sum(won) / len(rows)
    found = []
    for field in fields:
        levels = [_known(row.get(field)) for row in rows]
        leads = Counter(level for level in levels if level)
        wins = Counter(level for level, w in zip(levels, won, strict=True) if level and w)
        for value, count in wins.items():
            low, _ = wilson(count, leads[value])
            lift = count / leads[value] / base
            if count >= MINED_MIN_WON and lift >= MINED_LIFT and low / base > 1:
                found.append(Criterion(field, value, leads[value], count, lift, low / base))
    return tuple(sorted(found, key=lambda c: (-c.low, c.field, c.value)))


def mine_clients(
    rows: Sequence[Mapping[str, Cell]],
    won: Sequence[bool],
    ids: Sequence[str],
    fields: Sequence[str],
) -> tuple[SuggestedClient, ...]:
    """Up to SUGGESTED ideal clients: the combinations of suggested values that won leads share,
    each with the won client that carries it. Clients without any such value are not suggested."""
    wanted = {(c.field, c.value) for c in mine_criteria(rows, won, fields)}
    base = sum(won) / len(rows) if rows else 0.0
    alike: dict[tuple[tuple[str, str], ...], list[int]] = {}
    for position, row in enumerate(rows):
        levels = [(field, _known(row.get(field)) or "") for field in fields]
        key = tuple(entry for entry in levels if entry in wanted)
        if key:
            alike.setdefault(key, []).append(position)
    found = []
    for key, places in alike.items():
        wins = [i for i in places if won[i]]
        if wins:
            lift = len(wins) / len(places) / base
            found.append(SuggestedClient(dict(key), ids[wins[0]], len(wins), lift))
    found.sort(key=lambda c: (-len(c.values) * c.alike, c.example_id))
    return tuple(found[:SUGGESTED])


def _known(cell: Cell) -> str | None:
    level = level_of(cell)
    return None if level is None or is_no_answer(level, other=False) else level
