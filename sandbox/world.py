"""Everything the stand-in is, in one place, with the lock that guards it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sandbox.errors import SandboxError, not_found
from sandbox.faults.rules import FaultBoard
from sandbox.limits import RateLimiter
from sandbox.oauth.tokens import TokenBook
from sandbox.settings import SandboxSettings
from sandbox.state.editor import Editor
from sandbox.state.portal import Installation, Portal
from sandbox.state.records import Source, ui
from sandbox.stats import Stats
from sandbox.times import Clock
from sandbox.webhooks.courier import Courier
from sandbox.webhooks.feed import Feed
from sandbox.workflows.runner import Runner


@dataclass(slots=True)
class World:
    """Portals, tokens, limits, faults, counts, the webhook courier and the workflows."""

    settings: SandboxSettings
    clock: Clock
    lock: threading.RLock
    portals: dict[int, Portal]
    tokens: TokenBook
    limiter: RateLimiter
    faults: FaultBoard
    stats: Stats
    courier: Courier
    feed: Feed
    runner: Runner

    def add_portal(self, portal: Portal) -> Portal:
        """Let a portal take part: its changes become webhooks."""
        if portal.portal_id in self.portals:
            raise SandboxError(f"portal {portal.portal_id} exists already")
        portal.listeners.append(lambda change: self.feed.take(portal, change))
        self.runner.add(portal)
        self.portals[portal.portal_id] = portal
        return portal

    def portal(self, portal_id: int) -> Portal:
        """A portal; 404 when there is none."""
        if portal_id not in self.portals:
            raise not_found(f"portal {portal_id} does not exist")
        return self.portals[portal_id]

    def install(
        self, portal: Portal, app_id: int, scopes: tuple[str, ...], user_id: int
    ) -> Installation:
        """The app is installed with these scopes, or its scopes change."""
        installation = Installation(app_id, scopes, user_id)
        portal.installations[app_id] = installation
        return installation

    def uninstall(self, portal: Portal, app_id: int) -> None:
        """The app goes and every token it holds for the portal is void."""
        portal.installations.pop(app_id, None)
        self.tokens.revoke_installation(portal.portal_id, app_id)

    def editor(self, portal: Portal, source: Source) -> Editor:
        """Writes now, in the name of `source`."""
        return Editor(portal, source, self.clock())

    @contextmanager
    def editing_as_person(self, portal_id: int) -> Iterator[Editor]:
        """A person at work in the portal's pages."""
        with self.lock:
            portal = self.portal(portal_id)
            yield self.editor(portal, ui(portal.admin.user_id))


def empty_world(settings: SandboxSettings, clock: Clock) -> World:
    """A world without portals. Its courier sends nothing until `courier.start()`."""
    stats = Stats()
    faults = FaultBoard(settings.seed)
    courier = Courier(settings, stats, faults, clock)
    lock = threading.RLock()
    return World(
        settings,
        clock,
        lock,
        {},
        TokenBook(clock),
        RateLimiter(clock, settings.rate_limit),
        faults,
        stats,
        courier,
        Feed(settings.app, courier),
        Runner(settings.app, clock, lock),
    )
