"""What can go wrong around a refresh: a holder that stalls, a database that is away."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from backend.clients.hubspot.tokens import TokenKeeper
from backend.config import TOKEN_LOCK_S
from backend.errors import NeedsReconnect, NotConnected, Transient
from backend.ports import Tokens
from tests.conftest import FakeClock

PORTAL = 7


class Shelf:
    """A TokenStore in memory, whose next save can fail."""

    def __init__(self, tokens: Tokens) -> None:
        self.tokens = tokens
        self.marked = False
        self.broken = False
        self.left = False

    def load(self, portal_id: int) -> Tokens:
        if self.left:
            raise NotConnected("gone")
        return self.tokens

    def leave(self) -> None:
        self.left = True

    def replace(self, portal_id: int, used: Tokens, fresh: Tokens) -> bool:
        if self.broken:
            raise Transient("the database is away")
        if self.left or self.tokens.refresh_token != used.refresh_token:
            return False
        self.tokens = fresh
        return True

    def mark_needs_reconnect(self, portal_id: int) -> None:
        self.marked = True


class Locks:
    """Leases over a dictionary."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self._held: dict[str, tuple[str, object]] = {}
        self._count = 0

    def take(self, name: str, seconds: float) -> str | None:
        holder = self._held.get(name)
        if holder and holder[1] > self._clock.now():
            return None
        self._count += 1
        token = f"holder-{self._count}"
        self._held[name] = (token, self._clock.now() + timedelta(seconds=seconds))
        return token

    def renew(self, name: str, token: str, seconds: float) -> bool:
        if self._held.get(name, ("", None))[0] != token:
            return False
        self._held[name] = (token, self._clock.now() + timedelta(seconds=seconds))
        return True

    def give_back(self, name: str, token: str) -> None:
        if self.renew(name, token, 0):
            del self._held[name]

    def holder(self) -> str | None:
        return next((token for token, _ in self._held.values()), None)


class Vendor:
    """HubSpot's token endpoint; `during` happens while a refresh is under way."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self.calls = 0
        self.during = lambda: None
        self.revoked: list[str] = []

    def revoke(self, refresh_token: str) -> None:
        self.revoked.append(refresh_token)

    def refresh(self, refresh_token: str) -> Tokens:
        self.calls += 1
        mine, during = f"access-{self.calls}", self.during
        self.during = lambda: None
        during()
        return Tokens(mine, refresh_token, self._clock.now() + timedelta(minutes=30), ())


@pytest.fixture
def shelf(clock: FakeClock) -> Shelf:
    return Shelf(Tokens("old", "refresh", clock.now() + timedelta(seconds=5), ()))


def test_a_holder_that_stalls_keeps_the_newer_token_and_frees_nobodys_lock(
    clock: FakeClock, shelf: Shelf
) -> None:
    locks, vendor = Locks(clock), Vendor(clock)
    stalled = TokenKeeper(shelf, locks, vendor, clock)
    faster = TokenKeeper(shelf, locks, vendor, clock)
    holders = []

    def stall() -> None:
        clock.forward(TOKEN_LOCK_S + 1)
        assert faster.access_token(PORTAL) == "access-2"
        holders.append(locks.take("token:7", TOKEN_LOCK_S))  # a third one works under it now

    vendor.during = stall
    assert stalled.access_token(PORTAL) == "access-2"
    assert shelf.tokens.access_token == "access-2"
    assert locks.holder() == holders[0]


def test_a_database_that_fails_after_the_refresh_loses_no_portal(
    clock: FakeClock, shelf: Shelf
) -> None:
    keeper = TokenKeeper(shelf, Locks(clock), Vendor(clock), clock)
    shelf.broken = True
    with pytest.raises(Transient):
        keeper.access_token(PORTAL)
    assert not shelf.marked
    assert shelf.tokens.refresh_token == "refresh"
    shelf.broken = False
    assert keeper.access_token(PORTAL) == "access-2"


def test_a_refused_refresh_marks_the_portal_and_frees_the_lock(
    clock: FakeClock, shelf: Shelf
) -> None:
    locks, vendor = Locks(clock), Vendor(clock)

    def refuse() -> None:
        raise NeedsReconnect("refused")

    vendor.during = refuse
    with pytest.raises(NeedsReconnect):
        TokenKeeper(shelf, locks, vendor, clock).access_token(PORTAL)
    assert shelf.marked
    assert locks.holder() is None


def test_a_token_that_hubspot_refused_is_not_given_again(clock: FakeClock, shelf: Shelf) -> None:
    shelf.tokens = replace(shelf.tokens, expires_at=clock.now() + timedelta(hours=1))
    keeper = TokenKeeper(shelf, Locks(clock), Vendor(clock), clock)
    assert keeper.access_token(PORTAL) == "old"
    assert keeper.access_token(PORTAL, refused="old") == "access-1"


def test_a_portal_that_left_during_a_refresh_gets_nothing_and_it_is_revoked(
    clock: FakeClock, shelf: Shelf
) -> None:
    vendor = Vendor(clock)
    keeper = TokenKeeper(shelf, Locks(clock), vendor, clock)
    vendor.during = shelf.leave
    with pytest.raises(NotConnected):
        keeper.access_token(PORTAL)
    assert vendor.revoked == ["refresh"]
    assert not shelf.marked


def test_a_portal_installed_anew_during_a_refresh_keeps_its_new_tokens(
    clock: FakeClock, shelf: Shelf
) -> None:
    vendor = Vendor(clock)
    keeper = TokenKeeper(shelf, Locks(clock), vendor, clock)
    anew = Tokens("new", "refresh-2", clock.now() + timedelta(minutes=30), ())

    def install() -> None:
        shelf.tokens = anew

    vendor.during = install
    assert keeper.access_token(PORTAL) == "new"
    assert shelf.tokens == anew
    assert vendor.revoked == ["refresh"]


def test_a_refusal_of_the_old_token_says_nothing_about_a_new_installation(
    clock: FakeClock, shelf: Shelf
) -> None:
    vendor = Vendor(clock)
    keeper = TokenKeeper(shelf, Locks(clock), vendor, clock)

    def refused() -> None:
        shelf.tokens = Tokens("new", "refresh-2", clock.now() + timedelta(minutes=30), ())
        raise NeedsReconnect("invalid_grant")

    vendor.during = refused
    assert keeper.access_token(PORTAL) == "new"
    assert not shelf.marked
