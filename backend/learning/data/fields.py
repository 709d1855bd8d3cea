"""Which columns a model may use, and why the others are left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from backend.errors import BadInput
from backend.learning.arrays import Floats, Ints
from backend.learning.data.cutting import cut
from backend.learning.data.kinds import ColumnKind, as_field, kind_of
from backend.learning.data.leaks import LeakSuspect, audit_leaks
from backend.learning.data.table import Table
from backend.learning.numbers import LEAK_FILLED_AFTER, LEVELS_TOTAL_MAX


@dataclass(frozen=True, slots=True)
class FieldChoice:
    """`used` and `columns` in file order; `excluded` maps a name to its reason; `dates` are the
    columns that tell when a row was made; `refused` maps a name that was to be kept to why not;
    `look_at` are fields in use that a person should look at."""

    used: tuple[ColumnKind, ...]
    excluded: dict[str, str]
    suspects: tuple[LeakSuspect, ...]
    dates: tuple[str, ...]
    refused: Mapping[str, str]
    look_at: tuple[LeakSuspect, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return _names(self.used)


def choose_fields(
    table: Table,
    won: Floats,
    folds: Ints,
    *,
    outcome: str,
    ignore: Iterable[str] = (),
    keep: Iterable[str] = (),
    filled_after: Mapping[str, float] | None = None,
) -> FieldChoice:
    """Decide column by column on labelled rows. `keep` re-admits every column but those that are
    the outcome, are to be ignored as well, are our own, or say nothing; `refused` says which.
    BadInput when a column to keep does not exist or nothing is left; a column to ignore that does
    not exist is ignored already."""
    ignored, kept = set(ignore), set(keep)
    for name in sorted(kept):
        table.column(name)
    excluded: dict[str, str] = {}
    usable: list[ColumnKind] = []
    dates: list[str] = []
    for name in table.names:
        if name == outcome:
            continue
        kind = kind_of(name, table.column(name))
        if kind.kind == "date":
            dates.append(name)
        if name in ignored:
            excluded[name] = "ignored as asked"
        elif kind.usable:
            usable.append(kind)
        elif name in kept and kind.kind != "ours" and _says_something(kind, table.column(name)):
            usable.append(as_field(kind))
        else:
            excluded[name] = _too_late(kind, filled_after or {}) or kind.reason
    audited = audit_leaks(table, usable, won, folds, filled_after)
    suspects = tuple(s for s in audited if not s.innocent)
    barred = {s.field: s for s in suspects if s.certain or s.field not in kept}
    used = [kind for kind in usable if kind.name not in barred]
    excluded |= {name: suspect.reason for name, suspect in barred.items()}
    if not used:
        raise BadInput(
            "no column is left to learn from: "
            + ("; ".join(f"{n}: {r}" for n, r in excluded.items()) or "the table has none"),
            problems=tuple(f"{n}: {r}" for n, r in excluded.items()),
        )
    refused = {n: excluded.get(n, "it is the outcome") for n in sorted(kept - set(_names(used)))}
    look_at = tuple(s for s in audited if s.innocent and s.field not in kept)
    return FieldChoice(tuple(used), excluded, suspects, tuple(dates), refused, look_at)


def _names(kinds: Iterable[ColumnKind]) -> tuple[str, ...]:
    return tuple(kind.name for kind in kinds)


def _says_something(kind: ColumnKind, cells: Sequence[str | None]) -> bool:
    """Whether rows differ once values that hardly occur are pooled."""
    return len(set(cut(as_field(kind), cells).encode(cells).tolist())) > 1


def _too_late(kind: ColumnKind, filled_after: Mapping[str, float]) -> str:
    """Why a column is empty that is not empty today, as far as history knows."""
    share = filled_after.get(kind.name, 0.0)
    if kind.kind != "empty" or share < LEAK_FILLED_AFTER:
        return ""
    return f"{kind.reason}: {share:.0%} of its values were written after the outcome"


def levels_allowed(used: Iterable[ColumnKind]) -> int:
    """The most levels one field may keep, so that all together stay under the cap."""
    sizes = sorted(len(k.counts) for k in used if k.kind == "levels")
    left = LEVELS_TOTAL_MAX
    for position, size in enumerate(sizes):
        fair = left // (len(sizes) - position)
        if size > fair:
            return max(fair, 2)
        left -= size
    return LEVELS_TOTAL_MAX
