"""What the core needs from the outside, one Protocol each.

Two real implementations stand behind most of them: a vendor's (`clients/`) and an embedded one
(`embedded/`); `tests/contract` runs the same suite over both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from backend.errors import LeadlightError
from backend.model import Analysis, AnalystRequest, CrmRecord, Neighbour, TextReading

Vector = NDArray[np.float32]


class Clock(Protocol):
    """Time as an argument."""

    def now(self) -> datetime:
        """Aware UTC."""
        ...

    def sleep(self, seconds: float) -> None:
        """Block for `seconds`."""
        ...


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list. `after` is the cursor of the next, None on the last."""

    records: tuple[CrmRecord, ...]
    after: str | None


@dataclass(frozen=True, slots=True)
class Update:
    """New property values of one object; values are strings as HubSpot wants them."""

    object_id: str
    properties: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Updated:
    """One object of a batch update: its new `updated_at`, or why it failed."""

    object_id: str
    updated_at: datetime | None
    error: LeadlightError | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """What a CRM says of objects that seem to be missing; what it says nothing of is in none.

    `records` are alive (without associations), `merged` names who an id was merged into, `gone` is
    what the CRM names as not found in its own words and does not show when asked for alone.
    """

    records: tuple[CrmRecord, ...]
    merged: Mapping[str, str]
    gone: frozenset[str]


class Crm(Protocol):
    """One portal's CRM. Every method may raise Transient, Permanent or NeedsReconnect."""

    def page(
        self,
        object_type: str,
        properties: Sequence[str],
        associations: Sequence[str] = (),
        after: str | None = None,
    ) -> Page:
        """100 objects with their associated ids."""
        ...

    def get(
        self,
        object_type: str,
        object_id: str,
        properties: Sequence[str],
        associations: Sequence[str] = (),
    ) -> CrmRecord | None:
        """One object with its associated ids, or None when it does not exist."""
        ...

    def read(
        self, object_type: str, object_ids: Sequence[str], properties: Sequence[str]
    ) -> list[CrmRecord]:
        """Up to 100 objects without associations; ids that do not exist are left out."""
        ...

    def look(self, object_type: str, object_ids: Sequence[str], properties: Sequence[str]) -> Look:
        """What became of objects that another answer has left out."""
        ...

    def associated(
        self, from_type: str, to_type: str, object_ids: Sequence[str]
    ) -> Mapping[str, tuple[str, ...]]:
        """Ids associated with each of up to 1,000 objects."""
        ...

    def history(
        self, object_type: str, object_ids: Sequence[str], properties: Sequence[str]
    ) -> Mapping[str, Mapping[str, Sequence[tuple[datetime, str | None]]]]:
        """Changes of each property, (time, value) oldest first, by object id."""
        ...

    def changed_since(
        self, object_type: str, since: datetime, after_id: str = "0"
    ) -> Sequence[CrmRecord]:
        """Up to 200 objects modified after `since` with a larger id, smallest id first."""
        ...

    def update(self, object_type: str, updates: Sequence[Update]) -> list[Updated]:
        """Write up to 100 objects; one answer per update, in order."""
        ...


class Embedder(Protocol):
    """Turns texts into unit vectors. `name` identifies model and dimension."""

    name: str
    dimension: int

    def embed(self, texts: Sequence[str]) -> Vector:
        """Shape (len(texts), dimension), float32, rows of length 1. Raises Transient, Permanent."""
        ...


@dataclass(frozen=True, slots=True)
class VectorItem:
    """One stored vector. `metadata` has `type` ("ideal_client", "lead"), `status`, `outcome`, …"""

    item_id: str
    vector: Vector
    metadata: Mapping[str, str | list[str]]


class VectorIndex(Protocol):
    """Similar things of one portal. Nothing of another portal is ever returned."""

    name: str

    def upsert(self, portal_id: int, items: Sequence[VectorItem]) -> None:
        """Store or replace by id."""
        ...

    def query(
        self, portal_id: int, vectors: Vector, top_k: int, where: Mapping[str, str]
    ) -> list[list[Neighbour]]:
        """For each row the `top_k` nearest whose metadata equal `where`, best first."""
        ...

    def delete(self, portal_id: int, item_ids: Sequence[str] | None = None) -> None:
        """Remove the named items, or with None all of the portal's."""
        ...

    def count(self, portal_id: int) -> int:
        """Number of stored items of the portal."""
        ...

    def item_ids(self, portal_id: int) -> set[str]:
        """Ids of all stored items of the portal, to find those that nobody needs."""
        ...


Metadata = Mapping[str, str | list[str]]


@dataclass(frozen=True, slots=True)
class VectorRow:
    """One stored vector: float32 little endian. A deleted one has no content left."""

    item_id: str
    blob: bytes
    metadata: Metadata
    revision: int
    deleted: bool = False


class VectorRows(Protocol):
    """Where the embedded index's rows rest. Each call is its own transaction."""

    def state(self, portal_id: int) -> tuple[int, int]:
        """(highest revision, number of rows not deleted); (0, 0) for an unknown portal."""
        ...

    def newer(self, portal_id: int, revision: int) -> Sequence[VectorRow]:
        """Rows with a higher revision, deleted ones included, in order of revision."""
        ...

    def upsert(self, portal_id: int, rows: Sequence[tuple[str, bytes, Metadata]]) -> None:
        """Store or replace (item_id, blob, metadata) under the portal's next revision."""
        ...

    def delete(self, portal_id: int, item_ids: Sequence[str] | None) -> None:
        """Mark as deleted, content erased, under the next revision; None: all of the portal's."""
        ...


class Analyst(Protocol):
    """Bounded judgement over typed facts."""

    name: str

    def analyse(self, requests: Sequence[AnalystRequest]) -> list[Analysis | LeadlightError]:
        """One answer or failure per request, in order; never raises for a single one."""
        ...


class TextReader(Protocol):
    """Reads hostile free text into closed enumerations."""

    name: str

    def read(self, texts: Sequence[str]) -> list[TextReading | LeadlightError]:
        """One reading or failure per text, in order; never raises for a single one."""
        ...


class Limiter(Protocol):
    """The shared token bucket of one portal. Blocks until a call may be made."""

    def take(self, portal_id: int, *, search: bool = False, background: bool = False) -> float:
        """Wait for a token; returns the seconds waited. Background leaves room for people."""
        ...


@dataclass(frozen=True, slots=True)
class Tokens:
    """What an authorisation gave. `scopes` as granted."""

    access_token: str
    refresh_token: str
    expires_at: datetime
    scopes: tuple[str, ...]

    def __repr__(self) -> str:
        return f"Tokens(expires_at={self.expires_at.isoformat()}, scopes={self.scopes})"


class TokenStore(Protocol):
    """Where a portal's tokens rest, encrypted."""

    def load(self, portal_id: int) -> Tokens:
        """Raises NotConnected or NeedsReconnect."""
        ...

    def replace(self, portal_id: int, used: Tokens, fresh: Tokens) -> bool:
        """Store what was got for `used`; False, and nothing is stored, when that refresh token no
        longer stands: the portal was disconnected or installed anew meanwhile."""
        ...

    def mark_needs_reconnect(self, portal_id: int) -> None:
        """The refresh token is refused: only a person can help."""
        ...


@dataclass(frozen=True, slots=True)
class Identity:
    """Who signed in, as a sign-in service says: its own id and a confirmed email address."""

    external_id: str
    email: str


class SignIn(Protocol):
    """A service that keeps the passwords instead of us."""

    def sign_in(self, email: str, password: str) -> Identity | None:
        """None for a wrong password or an unconfirmed address. Raises Transient, Permanent."""
        ...


class Leases(Protocol):
    """Owner-checked locks that lapse by themselves, over all processes."""

    def take(self, name: str, seconds: float) -> str | None:
        """The holder's token, or None while somebody else holds it."""
        ...

    def renew(self, name: str, token: str, seconds: float) -> bool:
        """Keep it longer; False when it has lapsed and somebody else took it."""
        ...

    def give_back(self, name: str, token: str) -> None:
        """Release it if it is still the holder's."""
        ...


class Meter(Protocol):
    """Counts what happens, for operators. Never raises when nobody can be told."""

    def count(self, name: str, value: float = 1.0, **labels: str) -> None:
        """Add to a counter of the list of metrics."""
        ...

    def observe(self, name: str, seconds: float, times: int = 1, **labels: str) -> None:
        """Add `times` measurements of `seconds` each."""
        ...

    def called(self, provider: str, endpoint: str, seconds: float, *, ok: bool) -> None:
        """One call to a vendor."""
        ...
