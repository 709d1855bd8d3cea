"""The ties between the records of one portal, indexed from both ends."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sandbox.errors import invalid
from sandbox.state.association_types import ASSOCIATION_TYPES, DEFAULT_TYPE, PRIMARY_TYPE

Key = tuple[str, int, str]  # from kind, from id, to kind
NO_TIES: Mapping[int, tuple[int, ...]] = {}


class Associations:
    """Each end knows the ids and type ids at the other; look-ups never scan."""

    def __init__(self) -> None:
        self._ties: dict[Key, dict[int, tuple[int, ...]]] = {}
        self._kinds: dict[tuple[str, int], set[str]] = {}

    def of(self, from_type: str, from_id: int, to_type: str) -> Mapping[int, tuple[int, ...]]:
        """Associated ids with the type ids of each tie, in the order they were made."""
        return self._ties.get((from_type, from_id, to_type), NO_TIES)

    def primary(self, from_type: str, from_id: int, to_type: str) -> int | None:
        """The id at the primary tie, e.g. a contact's company."""
        wanted = PRIMARY_TYPE.get((from_type, to_type))
        ties = self.of(from_type, from_id, to_type)
        return next((other for other, kinds in ties.items() if wanted in kinds), None)

    def tie(
        self, from_type: str, from_id: int, to_type: str, to_id: int, type_ids: Sequence[int] = ()
    ) -> list[int]:
        """Tie two records; returns the type ids that are new.

        The unlabelled type is always there beside a label. The first company of a contact or a
        deal, and the first contact of a lead, becomes its primary one, and a new primary replaces
        the old.
        """
        wanted = [self._default(from_type, to_type), *type_ids]
        for type_id in type_ids:
            self._check(type_id, from_type, to_type)
        made = [
            t for t in dict.fromkeys(wanted) if self._add(from_type, from_id, to_type, to_id, t)
        ]
        primary = PRIMARY_TYPE.get((from_type, to_type))
        if primary is None:
            return made
        owner_side = to_type == "companies" or from_type == "leads"
        owner = (from_type, from_id, to_type) if owner_side else (to_type, to_id, from_type)
        if primary in type_ids:
            self._drop_other_primaries(*owner, keep=to_id if owner_side else from_id)
        elif self.primary(*owner) is None:
            self._add(from_type, from_id, to_type, to_id, primary)
            made.append(primary)
        return made

    def untie(
        self,
        from_type: str,
        from_id: int,
        to_type: str,
        to_id: int,
        type_ids: Iterable[int] | None = None,
    ) -> list[int]:
        """Remove the tie, or only some types of it; returns the type ids removed."""
        present = self.of(from_type, from_id, to_type).get(to_id, ())
        gone = [t for t in present if type_ids is None or t in set(type_ids)]
        for type_id in gone:
            self._remove(from_type, from_id, to_type, to_id, type_id)
            self._remove(to_type, to_id, from_type, from_id, ASSOCIATION_TYPES[type_id].inverse_id)
        return gone

    def all_of(self, from_type: str, from_id: int) -> list[tuple[str, int, tuple[int, ...]]]:
        """Every tie of one record as (kind, id, type ids)."""
        return [
            (to_type, to_id, type_ids)
            for to_type in sorted(self._kinds.get((from_type, from_id), ()))
            for to_id, type_ids in self.of(from_type, from_id, to_type).items()
        ]

    @staticmethod
    def _default(from_type: str, to_type: str) -> int:
        type_id = DEFAULT_TYPE.get((from_type, to_type))
        if type_id is None:
            raise invalid(f"{from_type} and {to_type} cannot be associated")
        return type_id

    @staticmethod
    def _check(type_id: int, from_type: str, to_type: str) -> None:
        kind = ASSOCIATION_TYPES.get(type_id)
        if kind is None or (kind.from_type, kind.to_type) != (from_type, to_type):
            raise invalid(
                f"association type id {type_id} doesn't exist between {from_type} and {to_type}"
            )

    def _add(self, from_type: str, from_id: int, to_type: str, to_id: int, type_id: int) -> bool:
        ties = self._ties.setdefault((from_type, from_id, to_type), {})
        if type_id in ties.get(to_id, ()):
            return False
        ties[to_id] = (*ties.get(to_id, ()), type_id)
        back = self._ties.setdefault((to_type, to_id, from_type), {})
        back[from_id] = (*back.get(from_id, ()), ASSOCIATION_TYPES[type_id].inverse_id)
        self._kinds.setdefault((from_type, from_id), set()).add(to_type)
        self._kinds.setdefault((to_type, to_id), set()).add(from_type)
        return True

    def _remove(self, from_type: str, from_id: int, to_type: str, to_id: int, t: int) -> None:
        ties = self._ties.get((from_type, from_id, to_type), {})
        rest = tuple(kept for kept in ties.get(to_id, ()) if kept != t)
        if rest:
            ties[to_id] = rest
        else:
            ties.pop(to_id, None)

    def _drop_other_primaries(self, from_type: str, from_id: int, to_type: str, keep: int) -> None:
        primary = PRIMARY_TYPE[from_type, to_type]
        for other, type_ids in list(self.of(from_type, from_id, to_type).items()):
            if other != keep and primary in type_ids:
                self.untie(from_type, from_id, to_type, other, (primary,))
