"""What the generator knows about whom it invents; records show only part of it."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Company:
    """One company, true values."""

    name: str
    domain: str
    industry: str
    employees: int
    revenue: int
    country: str
    region: str
    city: str
    state: str
    technologies: tuple[str, ...]
    budget: str
    created_ms: int
    record_id: int = 0


@dataclass(slots=True)
class Deal:
    """One deal; `won` None while it is open."""

    person: Person
    created_ms: int
    closed_ms: int
    won: bool | None
    stage: str
    amount: int
    record_id: int = 0


@dataclass(slots=True)
class Activity:
    """One call, email, meeting, note or task."""

    kind: str
    at_ms: int
    incoming: bool = False


@dataclass(slots=True)
class Person:
    """One contact, true values. `interest` has mean 0 and deviation 1."""

    first: str
    last: str
    company: Company | None
    seniority: str
    department: str
    source: str
    interest: float
    created_ms: int
    owner: int
    record_id: int = 0
    deals: list[Deal] = field(default_factory=list)
    activities: list[Activity] = field(default_factory=list)
