"""What a route of `/api/v1` is: a method, a path, what it needs, what it takes and gives.

A resource lists its routes in a `Routes`; the gate enforces `needs` for all of them in one place,
and the OpenAPI document is made from the same list.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Generic, TypeVar

from backend.security.roles import Permission
from backend.storage.access import audit
from backend.storage.database import Connection
from backend.web.api.framework.callers import Caller
from backend.web.api.framework.shapes import Nothing, Shape
from backend.wiring import Product


class Access(Enum):
    """What a route needs that is not about one portal."""

    ANYONE = "anyone"
    SIGNED_IN = "signed in"


Needs = Permission | Access
Query = TypeVar("Query", bound=Shape)
Body = TypeVar("Body", bound=Shape)


@dataclass(frozen=True, slots=True)
class Call(Generic[Query, Body]):
    """One admitted request. `portal_id` is 0 where the route is about no portal."""

    product: Product
    caller: Caller
    portal_id: int
    path: Mapping[str, str]
    query: Query
    body: Body

    def record(
        self,
        conn: Connection,
        action: str,
        subject: str,
        detail: Mapping[str, Any] | None = None,
        *,
        portal_id: int | None = None,
    ) -> None:
        """Put a change on the audit trail, in the transaction that makes it."""
        audit.append(
            conn,
            now=self.product.stores.clock.now(),
            actor=self.caller.subject,
            action=action,
            subject=subject,
            portal_id=portal_id or self.portal_id or None,
            detail=detail,
        )


@dataclass(frozen=True, slots=True)
class Table:
    """Rows that can be downloaded: the first one names the columns."""

    name: str
    rows: Iterator[list[Any]]


Handler = Callable[[Call[Any, Any]], Shape | Table]


@dataclass(frozen=True, slots=True)
class Route:
    """One operation."""

    method: str
    path: str
    needs: Needs
    handle: Handler
    query: type[Shape]
    body: type[Shape] | None
    answer: type[Shape] | None  # None: CSV
    status: int

    @property
    def name(self) -> str:
        """Unique: the resource's file and the function."""
        return f"{self.handle.__module__.rpartition('.')[2]}.{self.handle.__name__}"

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """(converter, name) of each part of the path that varies."""
        return re.findall(r"<(\w+):(\w+)>", self.path)


class Routes:
    """The routes of one resource."""

    def __init__(self) -> None:
        self.listed: list[Route] = []

    def get(
        self, path: str, *, needs: Needs, answer: type[Shape] | None, query: type[Shape] = Nothing
    ) -> Callable[[Handler], Handler]:
        """Read; `answer` None streams a table as CSV."""
        return self._add("GET", path, needs, answer, query=query)

    def post(
        self,
        path: str,
        *,
        needs: Needs,
        answer: type[Shape],
        body: type[Shape] | None = None,
        status: int = 200,
    ) -> Callable[[Handler], Handler]:
        """Make or begin something."""
        return self._add("POST", path, needs, answer, body=body, status=status)

    def put(
        self, path: str, *, needs: Needs, answer: type[Shape], body: type[Shape]
    ) -> Callable[[Handler], Handler]:
        """Replace something."""
        return self._add("PUT", path, needs, answer, body=body)

    def delete(
        self, path: str, *, needs: Needs, answer: type[Shape] = Nothing
    ) -> Callable[[Handler], Handler]:
        """Remove something."""
        return self._add("DELETE", path, needs, answer)

    def _add(
        self,
        method: str,
        path: str,
        needs: Needs,
        answer: type[Shape] | None,
        *,
        query: type[Shape] = Nothing,
        body: type[Shape] | None = None,
        status: int = 200,
    ) -> Callable[[Handler], Handler]:
        if not isinstance(needs, Permission | Access):
            raise TypeError(f"{method} {path} does not say what it needs")
        if isinstance(needs, Permission) and "<int:portal_id>" not in path:
            raise TypeError(f"{method} {path} needs a permission but names no portal")

        def listed(handle: Handler) -> Handler:
            route = Route(method, path, needs, handle, query, body, answer, status)
            self.listed.append(route)
            return handle

        return listed
