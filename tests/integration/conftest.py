"""A connected portal: the product on a real database and Valkey, against a running sandbox."""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from argon2 import PasswordHasher
from flask import Flask
from redis import Redis
from rq import Queue, SimpleWorker
from rq.serializers import JSONSerializer
from werkzeug.serving import make_server

from backend.clients.redis import limiter
from backend.clients.redis.job_queue import QUEUES
from backend.config import Settings
from backend.jobs.sweep import sweep
from backend.jobs.worker import job_class
from backend.model import IdealClient, Mode, Score
from backend.security import passwords
from backend.security.hashes import token_hash
from backend.services.portals.connect import connect
from backend.storage import runs
from backend.storage.leads import due_leads, scores
from backend.storage.learning import profiles
from backend.storage.portals import portals
from backend.web.app import create
from backend.web.hubspot.oauth import redirect_uri
from backend.wiring import Product, build
from bench.ports import free_port
from sandbox.numbers import ACCESS_TOKEN_LIFETIME_S
from sandbox.testing import QUICK, RunningSandbox, running_sandbox, saved
from tests.conftest import close_when_idle, fill_from_template, keep_as_template

PORTAL = 4242001
KEY = base64.b64encode(bytes(range(32))).decode()
ENVIRON = {
    "ENCRYPTION_KEYS": f"k1:{KEY}",
    "SESSION_SECRET": "kV9w3sQ0ZrT7xYb2LnC5mJd8HfGp1aEu4iWo6tRq",
    "HUBSPOT_CLIENT_ID": "client-1",
    "HUBSPOT_CLIENT_SECRET": "secret-1",
    "HUBSPOT_APP_ID": "1001",
}
CLIENTS = (
    IdealClient("a", "logistics and supply chain", "201-500", "10M-50M", "germany", ("aws",)),
    IdealClient("b", "financial services", "201-500", "10M-50M", "united states", ("aws",)),
    IdealClient("c", "machinery", "51-200", "1M-10M", "germany", ("sap",)),
)


@pytest.fixture(autouse=True, scope="session")
def _passwords_hashed_quickly() -> Iterator[None]:
    """Argon2's costs are for attackers; `tests/unit/security` sees the real ones."""
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_HASHER", quick)
        patch.setattr(passwords, "_NOBODY", quick.hash("nobody"))
        yield


class QuietWorker(SimpleWorker):
    """Works without listening for commands: nobody sends one, and hanging up takes a while."""

    def subscribe(self) -> None:
        """Nothing to hear."""

    def unsubscribe(self) -> None:
        """Nothing was heard."""


@dataclass
class Connected:
    """Everything a test needs to push the portal and look at what the product did."""

    product: Product
    app: Flask
    sandbox: RunningSandbox
    redis: Redis

    def run(self, *, sweeps: int = 2) -> None:
        """Answer every ring, and what a sweep would ring for."""
        for _ in range(sweeps):
            self.burst()
            sweep(self.product)
        self.burst()

    def burst(self) -> None:
        own = job_class(self.product)
        queues = [
            Queue(n, connection=self.redis, serializer=JSONSerializer, job_class=own)
            for n in QUEUES
        ]
        worker = QuietWorker(
            queues, connection=self.redis, serializer=JSONSerializer, job_class=own
        )
        worker.log_job_description = False
        worker.work(burst=True, logging_level="ERROR")

    def scores(self) -> dict[str, Score]:
        with self.product.stores.database.read() as conn:
            return {s.contact_id: s for s in scores.top(conn, PORTAL, 100_000)}

    def properties(self, contact_id: str) -> dict[str, str]:
        """What the portal shows of a contact's `ai_*` properties."""
        record = self.sandbox.portal.record("contacts", int(contact_id))
        return {n: v for n, v in record.properties.items() if n.startswith("ai_")}

    def ui(self, method: str, path: str, body: Any = None) -> Any:
        """What a person does in HubSpot's pages."""
        return self.sandbox.control(method, f"/portals/{PORTAL}{path}", body)

    def set_mode(self, mode: Mode) -> None:
        with self.product.stores.database.write() as conn:
            settings = portals.get(conn, PORTAL).settings
            portals.set_settings(conn, PORTAL, replace(settings, mode=mode))

    def go_live(self) -> None:
        self.set_mode(Mode.LIVE)
        with self.product.stores.database.write() as conn:
            runs.start(conn, PORTAL, "setup", self.product.stores.clock.now())
        self.product.stores.jobs.enqueue("setup", portal_id=PORTAL)
        self.run()

    def unfinished(self) -> int:
        with self.product.stores.database.read() as conn:
            return due_leads.unfinished(conn, PORTAL)


def settings_for(database_url: str, redis_url: str, sandbox_url: str, web: str) -> Settings:
    return Settings.from_env(
        {
            **ENVIRON,
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "HUBSPOT_API_BASE": sandbox_url,
            "HUBSPOT_AUTHORIZE_BASE": sandbox_url,
            "HUBSPOT_LISTED": "yes",
            "PUBLIC_BASE_URL": web,
        }
    )


@pytest.fixture
def contacts() -> int:
    """How large the portal is; a test may ask for more."""
    return 60


@pytest.fixture
def seed() -> int | str:
    """Of the portal; "real" is one that has been in use for years."""
    return QUICK.seed


@contextmanager
def unpaced() -> Iterator[None]:
    """The limiter's script runs, but no call has to wait for its turn."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(limiter, "BUCKET_REFILL_PER_S", 1_000)
        patch.setattr(limiter, "SEARCH_PER_S", 1_000)
        yield


@contextmanager
def running(
    database_url: str,
    valkey_url: str,
    contacts: int,
    seed: int | str = QUICK.seed,
    state: bytes | None = None,
) -> Iterator[Connected]:
    """The product and its web server beside a sandbox: a fresh portal, or a saved one. The sandbox
    has no rate limit here, so the product does not pace itself either."""
    redis = Redis.from_url(valkey_url)
    redis.flushall()
    port = free_port()
    web = f"http://localhost:{port}"
    with (
        unpaced(),
        running_sandbox(
            replace(QUICK, contacts=contacts, seed=seed),
            state=state,
            client_id=ENVIRON["HUBSPOT_CLIENT_ID"],
            client_secret=ENVIRON["HUBSPOT_CLIENT_SECRET"],
            app_id=int(ENVIRON["HUBSPOT_APP_ID"]),
            webhook_url=f"{web}/webhooks/hubspot",
        ) as sandbox,
    ):
        product = build(settings_for(database_url, valkey_url, sandbox.url, web))
        app = create(product)
        server = make_server("127.0.0.1", port, app, threaded=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield Connected(product, app, sandbox, redis)
        sandbox.world.courier.stop()  # else a webhook that is being taken in keeps its connection
        server.shutdown()
        thread.join()
        server.server_close()
        product.hubspot.http.close()
        product.stores.redis.close()
        close_when_idle(product.stores.database)
    redis.close()


@pytest.fixture
def unconnected(
    database_url: str, valkey_url: str, contacts: int, seed: int | str
) -> Iterator[Connected]:
    """The product, its web server and a portal that do not know each other yet."""
    with running(database_url, valkey_url, contacts, seed) as found:
        yield found


def install(connected: Connected, invitation: str = "inv") -> None:
    """Through the real consent page and token endpoint."""
    product = connected.product
    now = product.stores.clock.now()
    with product.stores.database.write() as conn:
        portals.make_invitation(
            conn, token_hash(invitation), made_by="t", now=now, expires_at=now + timedelta(days=1)
        )
    url = urlsplit(
        product.hubspot.oauth.authorize_url(
            redirect_uri=redirect_uri(product.stores.settings), state="anything"
        )
    )
    form = {name: values[0] for name, values in parse_qs(url.query).items()}
    granted = form.get("optional_scope", "").split()
    answer = requests.post(
        f"{connected.sandbox.url}/oauth/authorize/approve",
        data=[*form.items(), ("portal_id", str(PORTAL)), ("decision", "approve")]
        + [("granted", scope) for scope in granted],
        allow_redirects=False,
        timeout=10,
    )
    code = parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]
    assert connect(
        product,
        product.hubspot.oauth.exchange(code, redirect_uri=redirect_uri(product.stores.settings)),
        token_hash(invitation),
    )


def score_all(found: Connected) -> None:
    """Install, pull, import a profile and score every lead; in shadow mode."""
    install(found)
    product = found.product
    with product.stores.database.write() as conn:
        profiles.add(conn, PORTAL, CLIENTS, source="t", made_by="t", now=product.stores.clock.now())
    found.run()


@dataclass(frozen=True)
class Prepared:
    """A scored portal and the database beside it, made once and cloned for each test."""

    state: bytes
    template: str


Kind = tuple[str, int, int | str, bool, str]  # database, contacts, seed, live, what else was done


@pytest.fixture(scope="session")
def prepared() -> dict[Kind, Prepared]:
    """What was made so far in this process."""
    return {}


class Opens(Protocol):
    """Opens a copy of the scored portal, live (True) or in shadow mode, after `further`."""

    def __call__(
        self, live: bool, further: Callable[[Connected], object] | None = None
    ) -> AbstractContextManager[Connected]:
        """A copy of its own for each call."""


@pytest.fixture
def cloned(
    database_url: str,
    valkey_url: str,
    contacts: int,
    seed: int | str,
    prepared: dict[Kind, Prepared],
    tmp_path_factory: pytest.TempPathFactory,
) -> Opens:
    """Copies of a portal of the kind that the test asks for."""

    def prepare(live: bool) -> bytes:
        with running(database_url, valkey_url, contacts, seed) as found:
            found.sandbox.world.tokens.lifetime_s = 86_400  # a clone may be used much later
            score_all(found)
            if live:
                found.go_live()
            found.sandbox.world.tokens.lifetime_s = ACCESS_TOKEN_LIFETIME_S
            return saved(found.sandbox.world)

    def after(live: bool, further: Callable[[Connected], object]) -> bytes:
        with opened(live) as found:
            further(found)
            return saved(found.sandbox.world)

    def opened(
        live: bool, further: Callable[[Connected], object] | None = None
    ) -> AbstractContextManager[Connected]:
        name = further.__name__ if further else ""
        kind = (database_url.partition(":")[0], contacts, seed, live, name)
        if kind in prepared:
            fill_from_template(database_url, prepared[kind].template)
        else:
            state = after(live, further) if further else prepare(live)
            template = keep_as_template(database_url, tmp_path_factory.mktemp("kept"))
            prepared[kind] = Prepared(state, template)
        return running(database_url, valkey_url, contacts, seed, prepared[kind].state)

    return opened


@pytest.fixture
def connected(cloned: Opens) -> Iterator[Connected]:
    """Installed, pulled, with a profile and every lead scored; in shadow mode."""
    with cloned(False) as found:
        yield found


@pytest.fixture
def live(cloned: Opens) -> Iterator[Connected]:
    """The same, live: every score is written back."""
    with cloned(True) as found:
        yield found
