"""Owners: the people of the customer who work in the portal (ref 5.7)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Owner:
    """`owner_id` is what `hubspot_owner_id` holds, `user_id` what `userId:` sources hold."""

    owner_id: int
    user_id: int
    email: str
    first_name: str
    last_name: str
    team: str
    created_ms: int
    archived: bool = False
