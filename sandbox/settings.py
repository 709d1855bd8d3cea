"""How one sandbox is set up, from the command line and the environment."""

from __future__ import annotations

from dataclasses import dataclass, field

from sandbox import numbers

# What a made-up app has when nobody names a real one; worth nothing outside this machine.
DEFAULT_CLIENT_ID = "5a4db0c8-0000-4000-8000-000000931806"
DEFAULT_CLIENT_SECRET = "5ec4e700-0000-4000-8000-local-sandbox"  # noqa: S105


@dataclass(frozen=True, slots=True)
class AppSettings:
    """The developer's app: what its Auth tab and its webhooks file would say."""

    app_id: int = numbers.DEFAULT_APP_ID
    client_id: str = DEFAULT_CLIENT_ID
    client_secret: str = field(default=DEFAULT_CLIENT_SECRET, repr=False)
    redirect_uris: tuple[str, ...] = ()  # none: any https or localhost address
    webhook_url: str = ""
    legacy_subscriptions: bool = False
    webhooks_file: str = ""  # the app's webhooks-hsmeta.json; none: every subscription


@dataclass(frozen=True, slots=True)
class SandboxSettings:
    """One run of the stand-in."""

    port: int = numbers.DEFAULT_PORT
    host: str = "127.0.0.1"
    seed: int | str = numbers.DEFAULT_SEED
    contacts: int = numbers.DEFAULT_CONTACTS
    tier: str = "pro"
    rate_limit: bool = True
    search_delay_ms: int = numbers.SEARCH_DELAY_MS
    webhook_window_s: float = numbers.WEBHOOK_WINDOW_S
    webhook_retry_delays_s: tuple[float, ...] = numbers.WEBHOOK_RETRY_DELAYS_S
    app: AppSettings = AppSettings()
