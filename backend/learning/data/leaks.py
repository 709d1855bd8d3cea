"""The leak audit: fields that know the outcome because they were written after it.

Leaks dwarf models: one of them lifts X Education from .88 to .98. A field is suspected when

1. it *is* the outcome: each of its values goes with one outcome only, or it ranks all but
   perfectly (certain: never re-admitted);
2. alone it ranks better than honest fields do (`LEAK_AUC`);
3. being filled in predicts winning and the field is strong, or being filled in is all it says;
4. history shows it was mostly filled after the outcome;
5. its name says "afterwards" or "somebody's verdict" and it does predict.

A field that ranks well alone (`LOOK_AUC`) but is not suspected is used, and named to be looked at.

Every AUC is out of fold, and counts only as far as two standard errors below its estimate.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from backend.config import MIN_OUTCOMES_TO_PUBLISH
from backend.learning.arrays import Floats, Ints
from backend.learning.data.cutting import cut
from backend.learning.data.kinds import ColumnKind
from backend.learning.data.table import Table
from backend.learning.metrics import auc
from backend.learning.numbers import (
    IS_OUTCOME_AUC,
    LEAK_AUC,
    LEAK_FILLED_AFTER,
    LEAK_NAMED_AUC,
    LEAK_ONE_VALUE,
    LEAK_PRESENCE_AUC,
    LEAK_SE,
    LEAK_STRONG_AUC,
    LOOK_AUC,
)
from backend.scoring.facts.own_facts import bare_name
from backend.scoring.scorecard.cells import OTHER_CELL, UNKNOWN_CELL

_PRIOR_ROWS = 10.0  # imaginary average leads in every cell, so rare levels do not rank on luck

_AFTERWARDS = re.compile(
    r"\b(last|latest|recent)\b.{0,80}"
    r"\b(activit\w*|action|contact\w*|touch|engage\w*|modified|update\w*)"
    r"|\b(closed?|closing|won|lost|converted|conversion|outcome|result|churn\w*|signed)\b"
    r"|^(hs )?lifecycle"
    r"|^(hs )?((lead|deal|sales?|opportunity|contact|account|pipeline) )?(status|stage)\b"
    r"|\b(total|associated|num\w*|recent|first) (\w{1,40} ){0,6}(revenue|deals?)\b"
)
_CALL = re.compile(
    r"^duration$|\b(call|talk) (duration|time)\b"
)  # of the call that closed the sale
_VERDICT = re.compile(
    r"^tags?$|\blead (quality|profile|grade|rating|score)\b|\bdisposition\b"
    r"|\b(activity|profile|engagement|hubspot) ?(index|score)\b|hubspotscore"
)


@dataclass(frozen=True, slots=True)
class LeakSuspect:
    """A suspected leak. `certain`: it is the outcome in other words, and is never used.
    `innocent`: it is merely strong; it is used, and a person should look at it."""

    field: str
    reason: str
    auc: float
    presence_auc: float
    certain: bool = False
    innocent: bool = False


def named_afterwards(name: str) -> bool:
    """Whether a name says that the column is written during or after the sale."""
    return _AFTERWARDS.search(_words(name)) is not None


def _words(name: str) -> str:
    return re.sub(r"[_\W]+", " ", bare_name(name)).casefold()


def audit_leaks(
    table: Table,
    kinds: Sequence[ColumnKind],
    won: Floats,
    folds: Ints,
    filled_after: Mapping[str, float] | None = None,
) -> tuple[LeakSuspect, ...]:
    """Suspects among these columns, most suspicious first. `filled_after` gives, where history is
    known, the share of a field's values that were first written after the outcome."""
    found = []
    for kind in kinds:
        suspect = _audit(table, kind, won, folds, (filled_after or {}).get(kind.name, 0.0))
        if suspect:
            found.append(suspect)
    return tuple(sorted(found, key=lambda s: (-s.certain, -s.auc, s.field)))


def _audit(
    table: Table, kind: ColumnKind, won: Floats, folds: Ints, after: float
) -> LeakSuspect | None:
    column = table.column(kind.name)
    cells = cut(kind, column)
    codes = cells.encode(column)
    alone = _single_field_auc(codes, cells.size, won, folds)
    present = (codes != UNKNOWN_CELL).astype(np.float64)
    presence = auc(won, present) or 0.5
    presence = max(presence, 1 - presence)
    if _is_outcome(codes, won) or _surely(alone, won) >= IS_OUTCOME_AUC:
        reason = "it is the outcome in other words: it tells won from lost (almost) perfectly"
        return LeakSuspect(kind.name, reason, alone, presence, certain=True)
    reason = _reason(kind, alone, presence, won, after, codes)
    if reason:
        return LeakSuspect(kind.name, reason, alone, presence)
    wins = float(won.sum())
    if alone < LOOK_AUC or min(wins, len(won) - wins) < MIN_OUTCOMES_TO_PUBLISH:
        return None  # on so few leads any field may rank well
    reason = f"alone it ranks leads with AUC {alone:.2f}: was it known before the outcome?"
    return LeakSuspect(kind.name, reason, alone, presence, innocent=True)


def _reason(
    kind: ColumnKind, alone: float, presence: float, won: Floats, after: float, codes: Ints
) -> str:
    strong, filled = _surely(alone, won), _surely(presence, won)
    if after >= LEAK_FILLED_AFTER:
        return f"{after:.0%} of its values were written after the outcome"
    if strong >= LEAK_AUC:
        return f"alone it ranks leads with AUC {alone:.2f}: probably written after the outcome"
    if filled >= LEAK_PRESENCE_AUC and strong >= LEAK_STRONG_AUC:
        return f"whether it is filled in already predicts winning (AUC {presence:.2f})"
    if filled >= LEAK_PRESENCE_AUC and _one_value(codes):
        return f"it says nothing but whether it is filled in (AUC {presence:.2f})"
    if strong >= LEAK_STRONG_AUC and _CALL.search(_words(kind.name)):
        return f"it may be the length of the call that decided the outcome (AUC {alone:.2f})"
    if max(strong, filled) >= LEAK_NAMED_AUC:
        if named_afterwards(kind.name):
            return f"by its name it is written during or after the sale (AUC {alone:.2f})"
        if _VERDICT.search(_words(kind.name)):
            return f"by its name it is somebody's verdict on the lead (AUC {alone:.2f})"
    return ""


def _single_field_auc(codes: Ints, size: int, won: Floats, folds: Ints) -> float:
    """AUC of a cell's smoothed share won, each fold judged by the others."""
    score = np.zeros(len(won))
    for fold in range(int(folds.max()) + 1):
        train, held = folds != fold, folds == fold
        rate = float(won[train].mean()) if train.any() else 0.5
        wins = np.bincount(codes[train], won[train], minlength=size) + _PRIOR_ROWS * rate
        share = wins / (np.bincount(codes[train], minlength=size) + _PRIOR_ROWS)
        score[held] = share[codes[held]] - rate
    return auc(won, score) or 0.5


def _surely(value: float, won: Floats) -> float:
    """Two standard errors below the estimate (Hanley & McNeil 1982), not below chance."""
    wins = float(won.sum())
    losses = len(won) - wins
    first, second = value / (2 - value), 2 * value**2 / (1 + value)
    variance = value * (1 - value) + (wins - 1) * (first - value**2)
    variance += (losses - 1) * (second - value**2)
    return max(value - LEAK_SE * sqrt(max(variance, 0.0) / (wins * losses)), 0.5)


def _is_outcome(codes: Ints, won: Floats) -> bool:
    """Few cells, and each holds only won or only lost rows."""
    rows = np.bincount(codes)
    wins = np.bincount(codes, won)
    used = rows > 0
    pure = (wins[used] == 0) | (wins[used] == rows[used])
    pooled = rows[OTHER_CELL] if len(rows) > OTHER_CELL else 0
    return bool(pure.all()) and int(used.sum()) <= max(len(won) // 5, 2) and pooled < len(won)


def _one_value(codes: Ints) -> bool:
    rows = np.bincount(codes)[1:]
    return bool(rows.sum()) and float(rows.max() / rows.sum()) >= LEAK_ONE_VALUE
