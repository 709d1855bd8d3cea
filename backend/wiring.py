"""Settings → everything. The single place where things are built."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

import structlog
from redis import Redis

from backend.clients.clock import SystemClock
from backend.clients.embedding_server.embedder import EmbeddingServer, ServerEmbedder
from backend.clients.http import Http
from backend.clients.hubspot.api import HubSpotApi
from backend.clients.hubspot.crm import HubSpotCrm
from backend.clients.hubspot.definitions import HubSpotDefinitions
from backend.clients.hubspot.oauth import HubSpotOAuth
from backend.clients.hubspot.owners import HubSpotOwners
from backend.clients.hubspot.probe import HubSpotProbe
from backend.clients.hubspot.routes import HubSpotRoutes
from backend.clients.hubspot.setup import HubSpotSetup
from backend.clients.hubspot.tokens import TokenKeeper
from backend.clients.notifier import WebhookNotifier
from backend.clients.openai.analyst import OpenAiAnalyst
from backend.clients.openai.api import OpenAiApi
from backend.clients.openai.embedder import OpenAiEmbedder
from backend.clients.openai.reader import OpenAiReader
from backend.clients.openai.vendor import OpenAiVendor
from backend.clients.pinecone.index import PineconeIndex
from backend.clients.pinecone.vendor import PineconeVendor
from backend.clients.redis.breaker import Breaker
from backend.clients.redis.job_queue import RqJobs
from backend.clients.redis.last_seen import LastSeen
from backend.clients.redis.limiter import RedisLimiter
from backend.clients.redis.meter import RedisMeter
from backend.clients.redis.processes import connection_name
from backend.clients.smtp import SmtpMailer
from backend.clients.supabase_auth import SupabaseAuth
from backend.config import BACKFILL_WITHIN_S, CONNECT_TIMEOUT_S, Settings
from backend.embedded.rule_analyst import RuleAnalyst
from backend.embedded.rule_reader import RuleReader
from backend.embedded.use_embedder import UseEmbedder
from backend.embedded.vector_index import EmbeddedIndex
from backend.errors import BadSettings, LeadlightError
from backend.model import PortalSettings
from backend.ports import (
    Analyst,
    Clock,
    Crm,
    Embedder,
    Limiter,
    SignIn,
    TextReader,
    VectorIndex,
    Vendor,
)
from backend.scoring.write_back import definitions_in_portal, names_in_portal
from backend.security.audit import chain_key
from backend.security.cipher import Cipher
from backend.security.tombstone import tombstone
from backend.storage.database import Database
from backend.storage.learning.vectors import StoredVectors
from backend.storage.leases import DatabaseLeases
from backend.storage.portals import portals
from backend.storage.portals.tokens import SealedTokens
from backend.storage.privacy import key_checks

REDIS_TIMEOUT_S = 5.0
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Stores:
    """What Leadlight keeps, where it keeps it, and the clock and settings it works by."""

    settings: Settings
    clock: Clock
    database: Database
    redis: Redis
    jobs: RqJobs
    leases: DatabaseLeases
    cipher: Cipher
    last_seen: LastSeen
    meter: RedisMeter
    mailer: SmtpMailer | None = None  # None: no mail server is set

    def tombstone_mac(self, portal_id: int, contact_id: str) -> str:
        """The keyed hash that stands for an erased contact."""
        return tombstone(self.settings.session_secret, portal_id, contact_id)

    def check_start(self) -> None:
        """Raises BadSettings for a wrong encryption key or an old schema."""
        key_checks.check(self.database, self.cipher)

    def settings_of(self, portal_id: int) -> PortalSettings:
        """What the portal's admin has chosen."""
        with self.database.read() as conn:
            return portals.get(conn, portal_id).settings


@dataclass(frozen=True, slots=True)
class HubSpot:
    """The way to HubSpot: its tokens, its limits, and a client per portal and purpose."""

    stores: Stores
    tokens: SealedTokens
    keeper: TokenKeeper
    oauth: HubSpotOAuth
    http: Http
    limiter: Limiter

    def crm(self, portal_id: int, *, background: bool = False) -> Crm:
        """The portal's CRM; background calls leave room for people."""
        return HubSpotCrm(self._api(portal_id, background=background))

    def setup(
        self,
        portal_id: int,
        object_type: str = "contacts",
        *,
        keeper: TokenKeeper | None = None,
    ) -> HubSpotSetup:
        """What is made in the portal on going live, with properties of one object type."""
        definitions = definitions_in_portal(self.stores.settings_of(portal_id), object_type)
        api = self._api(portal_id, background=False, keeper=keeper)
        return HubSpotSetup(api, definitions, object_type)

    def leaving(self) -> TokenKeeper:
        """Tokens of portals that are being disconnected, which nobody else can use any more."""
        stores = self.stores
        return TokenKeeper(self.tokens.of_leaving(), stores.leases, self.oauth, stores.clock)

    def owners(self, portal_id: int) -> HubSpotOwners:
        """Who owns the portal's records."""
        return HubSpotOwners(self._api(portal_id, background=True))

    def definitions(self, portal_id: int) -> HubSpotDefinitions:
        """What the portal calls the options of its properties."""
        return HubSpotDefinitions(self._api(portal_id, background=True))

    def routes(self, portal_id: int) -> HubSpotRoutes:
        """The portal's lists, tasks and waiting workflows."""
        return HubSpotRoutes(self._api(portal_id, background=False))

    def notifier(self) -> WebhookNotifier:
        """Posts to the addresses that portals set for their notifications."""
        return WebhookNotifier(on_loopback=self.stores.settings.on_loopback)

    def probe(self, portal_id: int, kinds: Sequence[str] = ("contacts",)) -> HubSpotProbe:
        """Questions to the live account, which has our properties on these types of object."""
        api = self._api(portal_id, background=False)
        settings = self.stores.settings_of(portal_id)
        names = {kind: names_in_portal(settings, kind) for kind in kinds}
        base = self.stores.settings.hubspot_api_base
        return HubSpotProbe(api, self.oauth, self.http, base, names)

    def _api(
        self, portal_id: int, *, background: bool, keeper: TokenKeeper | None = None
    ) -> HubSpotApi:
        return HubSpotApi(
            portal_id,
            base_url=self.stores.settings.hubspot_api_base,
            version=self.stores.settings.hubspot_api_version,
            http=self.http,
            tokens=keeper or self.keeper,
            limiter=self.limiter,
            clock=self.stores.clock,
            background=background,
            meter=self.stores.meter,
        )


@dataclass(frozen=True, slots=True)
class Providers:
    """What embeds, finds, judges and reads, and the vendors that any of it depends on."""

    embedder: Embedder
    index: VectorIndex
    analyst: Analyst
    reader: TextReader
    vendors: tuple[Vendor, ...] = ()
    half_price: tuple[Analyst, TextReader] | None = None  # the same two, slower; None: not offered

    def in_no_hurry(self) -> Providers:
        """The same, asking at half the price where that is offered."""
        if self.half_price is None:
            return self
        analyst, reader = self.half_price
        return replace(self, analyst=analyst, reader=reader)

    def close(self) -> None:
        """Drop the vendors' pooled connections."""
        for vendor in self.vendors:
            vendor.close()

    def breakers(self) -> dict[str, str]:
        """The state of every circuit breaker, by name."""
        return {name: state for one in self.vendors for name, state in one.breakers().items()}

    def try_now(self) -> None:
        """A person waits, or a cap was raised: vendors whose quota was used up may be asked."""
        for vendor in self.vendors:
            vendor.try_now()

    def warm_up(self) -> None:
        """Load what children of this process will share; asks no vendor."""
        if not self.embedder.cost(1).prompt_tokens:
            self.embedder.embed(["warm up"])

    def check(self, now: datetime) -> None:
        """Raises BadSettings when embedding model and index disagree about the dimension.

        A vendor that is away, or refuses the key, stops nobody: scoring does without.
        """
        try:
            self.embedder.check()
            for vendor in self.vendors:
                vendor.check(now)
        except BadSettings:
            raise
        except LeadlightError as error:
            log.warning("provider_away", problem=str(error))


@dataclass(frozen=True, slots=True)
class Product:
    """Everything an entry point needs, built once per process, in its three parts."""

    stores: Stores
    hubspot: HubSpot
    ai: Providers
    sign_in: SignIn | None = None  # None: local accounts

    def after_fork(self) -> None:
        """Forget connections that belong to the parent process."""
        self.stores.database.dispose()
        self.hubspot.http.close()
        self.stores.meter.after_fork()


def build(
    settings: Settings,
    *,
    clock: Clock | None = None,
    db_wait_s: float | None = None,
    process: str = "",
) -> Product:
    """Wire the product. `db_wait_s` bounds how long a web request waits for the database.

    `process` is web, worker or cron, which stay up and wait for work; "" asks and ends: Redis has
    to answer it in time.
    """
    key_ids = [key.key_id for key in settings.encryption_keys]
    clock = clock or SystemClock()
    database = Database(
        settings.database_url, wait_s=db_wait_s, audit_key=chain_key(settings.session_secret)
    )
    redis = Redis.from_url(
        settings.redis_url,
        socket_connect_timeout=CONNECT_TIMEOUT_S,
        socket_timeout=None if process in {"worker", "cron"} else REDIS_TIMEOUT_S,
        client_name=connection_name(process, key_ids) if process else None,
        health_check_interval=30,
    )
    http = Http()
    cipher = Cipher(settings.encryption_keys)
    leases = DatabaseLeases(database, clock)
    tokens = SealedTokens(database, cipher, clock)
    oauth = HubSpotOAuth(
        api_base=settings.hubspot_api_base,
        authorize_base=settings.hubspot_authorize_base,
        version=settings.hubspot_api_version,
        client_id=settings.hubspot_client_id,
        client_secret=settings.hubspot_client_secret[0],
        http=http,
        clock=clock,
    )
    meter = RedisMeter(redis, clock)
    stores = Stores(
        settings=settings,
        clock=clock,
        database=database,
        redis=redis,
        jobs=RqJobs(redis),
        leases=leases,
        cipher=cipher,
        last_seen=LastSeen(redis, clock),
        meter=meter,
        mailer=SmtpMailer(settings.smtp_url, settings.smtp_from) if settings.smtp_url else None,
    )
    hubspot = HubSpot(
        stores=stores,
        tokens=tokens,
        keeper=TokenKeeper(tokens, leases, oauth, clock),
        oauth=oauth,
        http=http,
        limiter=RedisLimiter(redis, clock),
    )
    return Product(
        stores, hubspot, providers(settings, database, redis, clock, meter, http), sign_in(settings)
    )


def sign_in(settings: Settings) -> SignIn | None:
    """Supabase Auth when it is configured; None: local accounts."""
    if settings.supabase_url and settings.supabase_key:
        return SupabaseAuth(settings.supabase_url, settings.supabase_key)
    return None


def providers(
    settings: Settings,
    database: Database,
    redis: Redis,
    clock: Clock,
    meter: RedisMeter | None = None,
    http: Http | None = None,
) -> Providers:
    """The vendors that are configured, else the embedded ones; connects to nobody."""
    chosen = Providers(
        UseEmbedder(), EmbeddedIndex(StoredVectors(database)), RuleAnalyst(), RuleReader()
    )
    if settings.openai_api_key:
        chosen = with_openai(chosen, settings, redis, clock, meter, http or Http())
    if settings.embedding_server_url:
        server = ServerEmbedder(
            url=settings.embedding_server_url,
            model=settings.embedding_server_model,
            dimension=settings.embedding_server_dimension,
            http=http or Http(),
        )
        vendors = (*chosen.vendors, EmbeddingServer(server))
        chosen = replace(chosen, embedder=server, vendors=vendors)
    if settings.pinecone_api_key and settings.pinecone_index_host:
        chosen = with_pinecone(chosen, settings, redis, clock, meter)
    return chosen


def with_openai(
    chosen: Providers,
    settings: Settings,
    redis: Redis,
    clock: Clock,
    meter: RedisMeter | None,
    http: Http,
) -> Providers:
    """OpenAI, or a compatible server, embeds, judges and reads."""
    names = ("openai", "openai-embeddings", "openai-half-price")
    breakers = [Breaker(name, redis, clock) for name in names]
    common = partial(
        OpenAiApi,
        api_key=settings.openai_api_key,
        base_url=settings.openai_base_url,
        clock=clock,
        meter=meter,
        redis=redis,
    )
    chat, embeddings = common(breaker=breakers[0]), common(breaker=breakers[1])
    slow = common(breaker=breakers[2], read_timeout_s=BACKFILL_WITHIN_S, account=names[0])
    model, embedding_model = settings.openai_chat_model, settings.openai_embedding_model
    vendor = OpenAiVendor(
        api_key=settings.openai_api_key,
        base_url=settings.openai_base_url,
        models=(("OPENAI_CHAT_MODEL", model), ("OPENAI_EMBEDDING_MODEL", embedding_model)),
        http=http,
        breakers=breakers,
        connections=(chat, embeddings, slow),
    )
    return replace(
        chosen,
        embedder=OpenAiEmbedder(embeddings, embedding_model, settings.embedding_price),
        analyst=OpenAiAnalyst(chat, model, settings.chat_price),
        reader=OpenAiReader(chat, model, settings.chat_price),
        half_price=(
            OpenAiAnalyst(slow, model, settings.chat_price, half_price=True),
            OpenAiReader(slow, model, settings.chat_price, half_price=True),
        ),
        vendors=(*chosen.vendors, vendor),
    )


def with_pinecone(
    chosen: Providers, settings: Settings, redis: Redis, clock: Clock, meter: RedisMeter | None
) -> Providers:
    """Pinecone finds similar clients."""
    breaker = Breaker("pinecone", redis, clock)
    index = PineconeIndex(
        api_key=settings.pinecone_api_key,
        host=settings.pinecone_index_host,
        breaker=breaker,
        clock=clock,
        redis=redis,
        meter=meter,
    )
    vendor = PineconeVendor(index, chosen.embedder.dimension, breaker)
    return replace(chosen, index=index, vendors=(*chosen.vendors, vendor))
