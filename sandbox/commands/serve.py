"""`python -m sandbox serve`: one portal, until Ctrl-C or SIGTERM."""

from __future__ import annotations

import argparse
import gc
import signal
import threading

from sandbox import numbers
from sandbox.app import create_app
from sandbox.errors import SandboxError
from sandbox.generator.portals import new_portal
from sandbox.server import SandboxServer
from sandbox.settings import (
    DEFAULT_CLIENT_ID,
    DEFAULT_CLIENT_SECRET,
    AppSettings,
    SandboxSettings,
)
from sandbox.times import Clock, system_clock
from sandbox.world import World, empty_world


def run(chosen: argparse.Namespace) -> int:
    """Serve; returns 0 after a clean stop."""
    settings = settings_from(chosen)
    world = furnished_world(settings, system_clock)
    server = open_server(settings, world)
    gc.freeze()  # the generated portal stays: never walk it again to look for garbage
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    world.courier.start()
    server.start()
    portal = next(iter(world.portals.values()))
    print(
        f"sandbox: portal {portal.portal_id} ({portal.tier.name}, "
        f"{len(portal.stores['contacts'])} contacts) at http://localhost:{server.port}",
        flush=True,
    )
    stop.wait()
    server.shutdown()
    world.courier.stop()
    return 0


def settings_from(chosen: argparse.Namespace) -> SandboxSettings:
    """The command line as settings."""
    app = AppSettings(
        chosen.app_id,
        chosen.client_id or DEFAULT_CLIENT_ID,
        chosen.client_secret or DEFAULT_CLIENT_SECRET,
        tuple(chosen.redirect_uri),
        chosen.webhook_url,
        chosen.legacy_subscriptions,
        chosen.webhooks_file,
    )
    return SandboxSettings(
        chosen.port,
        chosen.host,
        chosen.seed,
        chosen.contacts,
        chosen.tier,
        not chosen.no_rate_limit,
        chosen.search_delay_ms,
        chosen.webhook_window_ms / 1000,
        chosen.webhook_retries,
        app=app,
    )


def furnished_world(settings: SandboxSettings, clock: Clock) -> World:
    """A world with its default portal, generated from the seed."""
    world = empty_world(settings, clock)
    portal = new_portal(
        numbers.DEFAULT_PORTAL_ID, settings.seed, settings.contacts, settings.tier, clock()
    )
    portal.peculiarities.search_delay_ms = settings.search_delay_ms
    world.add_portal(portal)
    return world


def open_server(settings: SandboxSettings, world: World) -> SandboxServer:
    """The listening server; SandboxError when the port is taken."""
    try:
        return SandboxServer(settings.host, settings.port, create_app(world))
    except OSError as error:
        raise SandboxError(
            f"cannot listen on {settings.host}:{settings.port} ({error.strerror}): "
            "stop what runs there or choose another --port"
        ) from error
