"""One HubSpot account: its records, definitions, lists, people and peculiarities."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from sandbox.errors import not_found
from sandbox.numbers import SEARCH_DELAY_MS
from sandbox.state.associations import Associations
from sandbox.state.changes import Change
from sandbox.state.defaults import default_catalog
from sandbox.state.lists import Lists
from sandbox.state.object_types import OBJECT_TYPES
from sandbox.state.people import Owner
from sandbox.state.properties import Catalog
from sandbox.state.records import Record
from sandbox.state.store import RecordStore
from sandbox.state.tiers import Tier
from sandbox.state.workflows import Workflows

FIRST_RECORD_ID = 10_001


@dataclass(frozen=True, slots=True)
class RequiredRule:
    """An admin's rule: `property_name` must be set, always or when another has a value."""

    object_type: str
    property_name: str
    when_property: str = ""
    when_value: str = ""


@dataclass(slots=True)
class Peculiarities:
    """Awkward truths of one account, all of which can be changed while it runs."""

    search_delay_ms: int = SEARCH_DELAY_MS
    association_delay_ms: int = 0  # UI-made records get their associations this late
    required: tuple[RequiredRule, ...] = ()
    partial_results: bool = True  # for batches of writes with a trace id on every input
    partial_status: int = 207  # … as measured live; the 2026-09 specification says 200
    missing_ids: str = "each"  # a batch read's errors: one for each id, or one for all "together"
    custom_properties_max: int | None = None  # per kind of record; None: what the tier has
    lists_max: int | None = None


@dataclass(slots=True)
class Installation:
    """An app in this account, with the scopes its installer granted."""

    app_id: int
    scopes: tuple[str, ...]
    user_id: int


@dataclass(slots=True)
class Portal:
    """Everything of one account. Guarded by the world's lock."""

    portal_id: int
    name: str
    domain: str
    tier: Tier
    created_ms: int
    peculiarities: Peculiarities = field(default_factory=Peculiarities)
    stores: dict[str, RecordStore] = field(default_factory=dict)
    catalogs: dict[str, Catalog] = field(default_factory=dict)
    associations: Associations = field(default_factory=Associations)
    lists: Lists = field(default_factory=Lists)
    pipelines: dict[str, str] = field(default_factory=lambda: {"default": "Sales Pipeline"})
    owners: list[Owner] = field(default_factory=list)
    installations: dict[int, Installation] = field(default_factory=dict)
    listeners: list[Callable[[Change], None]] = field(default_factory=list)
    completed_callbacks: dict[str, dict[str, str]] = field(default_factory=dict)
    workflows: Workflows = field(default_factory=Workflows)
    last_id: int = FIRST_RECORD_ID - 1

    def __post_init__(self) -> None:
        for name in OBJECT_TYPES:
            catalog = default_catalog(name, self.created_ms)
            unique = tuple(d.name for d in catalog.all() if d.has_unique_value)
            self.catalogs[name] = catalog
            self.stores[name] = RecordStore(unique)

    @property
    def admin(self) -> Owner:
        """The person who installs apps and clicks in the pages."""
        return self.owners[0]

    @property
    def custom_properties_max(self) -> int:
        """Per kind of record."""
        most = self.peculiarities.custom_properties_max
        return self.tier.custom_properties_max if most is None else most

    def next_id(self) -> int:
        """A fresh record id."""
        self.last_id += 1
        return self.last_id

    def record(self, object_type: str, record_id: int | str, archived: bool = False) -> Record:
        """A record by id; 404 when it does not exist, or is archived and that was not asked."""
        number = _record_number(record_id)
        found = None if number is None else self.stores[object_type].get(number)
        if found is None or (found.archived_ms is not None) is not archived:
            raise not_found("resource not found")
        return found

    def publish(self, change: Change) -> None:
        """Tell the listeners."""
        for listener in self.listeners:
            listener(change)


def _record_number(record_id: int | str) -> int | None:
    text = str(record_id)
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None
