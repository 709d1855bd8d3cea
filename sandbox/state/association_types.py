"""How records may be tied together: type ids both ways (ref 5.5)."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.state.object_types import OBJECT_TYPES


@dataclass(frozen=True, slots=True)
class AssociationType:
    """One direction of a tie. `label` is None for the unlabelled one."""

    from_type: str
    to_type: str
    type_id: int
    inverse_id: int
    name: str  # as v3 answers call it
    label: str | None = None
    primary: bool = False


def _pair(a: str, b: str, ab: int, ba: int, suffix: str = "", primary: bool = False) -> None:
    one, two = OBJECT_TYPES[a].singular, OBJECT_TYPES[b].singular
    label = "Primary" if primary else None
    for source, target, this, other, name in (
        (a, b, ab, ba, f"{one}_to_{two}{suffix}"),
        (b, a, ba, ab, f"{two}_to_{one}{suffix}"),
    ):
        ASSOCIATION_TYPES[this] = AssociationType(source, target, this, other, name, label, primary)
        if not primary:
            DEFAULT_TYPE[source, target] = this
        else:
            PRIMARY_TYPE[source, target] = this


ASSOCIATION_TYPES: dict[int, AssociationType] = {}
DEFAULT_TYPE: dict[tuple[str, str], int] = {}
PRIMARY_TYPE: dict[tuple[str, str], int] = {}

_pair("contacts", "companies", 279, 280, "_unlabeled")
_pair("contacts", "companies", 1, 2, primary=True)
_pair("deals", "contacts", 3, 4)
_pair("deals", "companies", 341, 342, "_unlabeled")
_pair("deals", "companies", 5, 6, primary=True)
_pair("leads", "contacts", 608, 609)
_pair("leads", "contacts", 578, 579, primary=True)
_pair("leads", "companies", 610, 611)
for _activity, (_contact, _company, _deal) in {
    "tasks": (204, 192, 216),
    "notes": (202, 190, 214),
    "calls": (194, 182, 206),
    "meetings": (200, 188, 212),
    "emails": (198, 186, 210),
}.items():
    _pair(_activity, "contacts", _contact, _contact - 1)
    _pair(_activity, "companies", _company, _company - 1)
    _pair(_activity, "deals", _deal, _deal - 1)
