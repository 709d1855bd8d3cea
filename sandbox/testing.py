"""A sandbox inside a test: a real server on a free loopback port, its world at hand."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import requests

from sandbox.app import create_app
from sandbox.commands.serve import furnished_world
from sandbox.numbers import DEFAULT_PORTAL_ID
from sandbox.server import SandboxServer
from sandbox.settings import AppSettings, SandboxSettings
from sandbox.state.portal import Portal
from sandbox.times import system_clock
from sandbox.world import World, empty_world

QUICK = SandboxSettings(
    port=0,
    contacts=60,
    rate_limit=False,
    search_delay_ms=0,
    webhook_window_s=0.02,
    webhook_retry_delays_s=(0.05, 0.05, 0.05),
)


class MovableClock:
    """Real time plus what a test added."""

    def __init__(self) -> None:
        self.ahead_ms = 0

    def __call__(self) -> int:
        """Milliseconds since 1970."""
        return system_clock() + self.ahead_ms

    def forward(self, seconds: float) -> None:
        """Let time pass at once."""
        self.ahead_ms += int(seconds * 1000)


@dataclass(frozen=True, slots=True)
class RunningSandbox:
    """What a test holds: the address, the world behind it and its clock."""

    url: str
    world: World
    clock: MovableClock
    session: requests.Session

    @property
    def portal(self) -> Portal:
        """The first portal."""
        return self.world.portal(DEFAULT_PORTAL_ID)

    @property
    def app(self) -> AppSettings:
        """The app's id, secret and target URL."""
        return self.world.settings.app

    def token(self, scopes: Sequence[str] | None = None, **more: Any) -> str:
        """An access token of the app for the first portal."""
        body = {"portal_id": DEFAULT_PORTAL_ID, **more}
        if scopes is not None:
            body["scopes"] = list(scopes)
        return str(self.control("POST", "/token", body)["access_token"])

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """A call to `/sandbox…`; raises HTTPError when it is refused."""
        answer = self.session.request(method, f"{self.url}/sandbox{path}", json=body, timeout=30)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def api(
        self, method: str, path: str, body: Any = None, *, token: str, **more: Any
    ) -> requests.Response:
        """A call to HubSpot's API."""
        return self.session.request(
            method,
            f"{self.url}{path}",
            json=body,
            headers={"Authorization": f"Bearer {token}"},
            timeout=30,
            **more,
        )


def saved(world: World) -> bytes:
    """The portals and tokens of a world, for `running_sandbox(state=…)` of the same run."""
    with world.lock:
        portals = [copy.copy(portal) for portal in world.portals.values()]
        for portal in portals:
            portal.listeners = []
        return pickle.dumps((portals, world.tokens))


def _restored(state: bytes, settings: SandboxSettings, clock: MovableClock) -> World:
    """A world that goes on from `saved`; its event ids are not those given out before."""
    portals, tokens = pickle.loads(state)  # noqa: S301 - made by `saved` a moment ago
    world = empty_world(settings, clock)
    world.tokens = tokens
    world.tokens.keep_time_by(clock)
    world.feed.skip_event_ids(1_000_000)
    for portal in portals:
        world.add_portal(portal)
    return world


@contextmanager
def running_sandbox(
    settings: SandboxSettings = QUICK, *, state: bytes | None = None, **app: Any
) -> Iterator[RunningSandbox]:
    """Serve until the block ends; `app` are fields of AppSettings, e.g. `webhook_url`.

    `state`: go on from what `saved` gave, instead of a portal fresh from the seed.
    """
    settings = replace(settings, app=replace(settings.app, **app))
    clock = MovableClock()
    world = _restored(state, settings, clock) if state else furnished_world(settings, clock)
    server = SandboxServer(settings.host, settings.port, create_app(world))
    world.courier.start()
    thread = server.start()
    session = requests.Session()
    session.trust_env = False
    try:
        yield RunningSandbox(f"http://localhost:{server.port}", world, clock, session)
    finally:
        session.close()
        server.shutdown()
        thread.join()
        server.server_close()
        world.runner.stop()
        world.courier.stop()
