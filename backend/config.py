"""Settings from the environment, and every named number with its unit.

`Settings.from_env` fails at start, naming all that is missing or wrong; its `repr` hides secrets.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from email.utils import parseaddr
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any, Final
from urllib.parse import urlsplit

from zxcvbn import zxcvbn

from backend.errors import BadSettings
from backend.transit import LOOPBACK, database_problem, redis_problem

# --- the points scale -----------------------------------------------------------------------
POINTS_AVERAGE: Final = 50  # average odds among the portal's eligible leads
POINTS_TO_DOUBLE: Final = 15  # so many points double the odds
FIELD_CAP: Final = 12  # points, one profile field either way
PROFILE_CAP: Final = 30  # points, all profile fields together
ENGAGEMENT_CAP: Final = 20  # points
HISTORY_CAP: Final = 10  # points, deal history
TEXT_MIN: Final = -2  # points, similarity and text together, and …
TEXT_MAX: Final = 3  # … 5 apart, so that no free text moves a score by more than 5
ANALYST_CAP: Final = 10  # points
ANALYST_SHARE: Final = 3  # analyst points = (ai_score - baseline) / 3
PROFILE_WEIGHT: Final = 0.5  # of a log-ratio: fields of one profile overlap
PROFILE_PRIOR_CLIENTS: Final = 5.0  # imaginary clients that look like the population
SIMILARITY_SCALE: Final = 20.0  # points per unit of cosine nearer to ideal than to all leads
POPULATION_SAMPLE: Final = 2_000  # leads from which centring and percentiles are computed
ROUTE_HYSTERESIS: Final = 2  # points below an edge before a band is left for tasks and alerts

# --- outcomes -------------------------------------------------------------------------------
MIN_OUTCOMES_TO_PUBLISH: Final = 15  # won, and as many lost
HORIZON_MIN_DAYS: Final = 30
HORIZON_MAX_DAYS: Final = 365

# --- due leads and claims -------------------------------------------------------------------
BATCH_LEADS: Final = 100  # HubSpot's largest batch
FIRST_EVENT_DELAY_S: Final = 0.5  # a quiet lead's first event: let its siblings arrive
RECORDS_COALESCE_S: Final = 60.0  # a run's scores of one company become one write
QUIET_S: Final = 2.0  # repeats coalesce while they keep coming …
QUIET_MAX_S: Final = 30.0  # … but never longer than this
CLAIM_S: Final = 60  # a claim lapses unless renewed
CLOCK_LEAP_S: Final = 300  # an expiry that much too far ahead: the clock was set back since
LEAD_RETRY_DELAYS_S: Final = (15, 60, 300, 900, 3_600, 10_800)  # then failed
PROBE_S: Final = 900  # while an account refuses, one record tries again this often
RETRY_JITTER: Final = 0.2  # each delay is drawn within ±20 %
UNKNOWN_PATH_RETRY_S: Final = 60  # after a 404 that names no record; counts as no try
MISSING_RECHECK_S: Final = 600  # a contact not found is looked for again; only then it is believed
MISSING_RECHECK_MAX_S: Final = 21_600  # as long as HubSpot neither shows nor names it
MISSING_AT_ONCE: Final = 20  # so many missing contacts …
MISSING_SHARE: Final = 0.01  # … and more than this of all: nothing is erased, a person is asked
UNASSOCIATED_RETRY_S: Final = (30, 300)  # an activity whose contact HubSpot does not know yet
REMOVAL_RETRY_S: Final = (30, 300, 3_600, 21_600, 86_400)  # HubSpot still has the contact
SWEEP_INTERVAL_S: Final = 20  # how often cron enqueues what the queue lost
LAST_SCORED_REFRESH_S: Final = 86_400  # an unchanged score refreshes ai_last_scored daily
HISTORY_WITH_FACTORS: Final = 20  # score history rows that keep their factors

# --- HubSpot --------------------------------------------------------------------------------
SIGNATURE_TOLERANCE_S: Final = 300  # both ways
OAUTH_STATE_S: Final = 600
INVITATION_S: Final = 7 * 86_400
TOKEN_REFRESH_AHEAD_S: Final = 300
TOKEN_LOCK_S: Final = 30  # longer than the HTTP limits together
BUCKET_BURST: Final = 8  # calls
BUCKET_REFILL_PER_S: Final = 9.8  # at most 106 in any 10 s, of HubSpot's 110
BUCKET_RESERVED_PER_S: Final = 2.0  # what a backfill leaves for people
SEARCH_PER_S: Final = 4.0  # of HubSpot's 5
API_ATTEMPTS: Final = 3
API_BACKOFF_S: Final = 1.0  # doubles, with full jitter
RETRY_AFTER_CAP_S: Final = 10  # longer than this: the work is due later, and no process waits
CONNECT_TIMEOUT_S: Final = 3.0
READ_TIMEOUT_S: Final = 20.0
PAGE_RECORDS: Final = 100
ASSOCIATION_BATCH: Final = 1_000  # ids in one association read
SEARCH_PAGE: Final = 200  # results of one search
DISCONNECTED_KEPT_DAYS: Final = 30  # then everything of the portal is erased
RECONCILE_INTERVAL_S: Final = 3_600
RECONCILE_OVERLAP_S: Final = 600  # search results appear late: look back a little further
SMTP_TIMEOUT_S: Final = 20.0  # of each step with the mail server
NOTIFY_TIMEOUT_S: Final = 10.0  # what a customer's channel may take to answer
DIGEST_WINDOW_S: Final = 3_600  # more notifications than the portal allows in it become a digest
HISTORY_BATCH: Final = 50  # objects in one batch read with property history

# --- web ------------------------------------------------------------------------------------
WEBHOOK_BODY_MAX: Final = 1_000_000  # bytes
WEB_DB_WAIT_S: Final = 3.5  # a web request never waits longer for the database
WORKER_TTL_S: Final = 30  # bounds how long a dead worker goes unnoticed
JOB_TIMEOUT_S: Final = 180

# --- accounts and the API ------------------------------------------------------------------
SESSION_S: Final = 12 * 3_600  # a working day, then sign in again
SESSION_IDLE_S: Final = 2 * 3_600  # unused for so long ends it earlier
SEEN_EVERY_S: Final = 60  # how exactly "last used" is kept, so that reading writes seldom
INVITATION_DAYS: Final = 7  # how long a link into a portal can be opened
SIGN_IN_FREE: Final = 5  # wrong passwords for one account from one place before it has to wait
SIGN_IN_FREE_ACCOUNT: Final = 50  # the same from all places together, known devices apart
SIGN_IN_FREE_ADDRESS: Final = 100  # wrong passwords from one place, for whatever account
SIGN_IN_TIMEOUT_S: Final = 10.0  # a person waits for Supabase Auth
SIGN_IN_WAIT_S: Final = 30  # doubles with every further one …
SIGN_IN_WAIT_MAX_S: Final = 900  # … up to this; as long without a try forgives everything
API_CALLS_PER_MINUTE: Final = 600  # of one session or key: a person's pages need about 60
PAGE_ROWS: Final = 50
PAGE_ROWS_MAX: Final = 200
API_TEXT_MAX: Final = 200  # characters of a search or a label

# --- AI -------------------------------------------------------------------------------------
EMBEDDING_ATTEMPTS: Final = 2
NEIGHBOURS: Final = 5
TEXT_READ_MAX: Final = 8_000  # characters of one property that anything looks at
FREE_TEXT_MAX: Final = 6_000  # characters that reach the text reader
AI_CONNECT_TIMEOUT_S: Final = 3.0
AI_READ_TIMEOUT_S: Final = 30.0  # without reasoning an answer takes seconds
ANSWER_WITHIN_S: Final = 15.0  # what an event's or a person's score waits for all providers …
FIND_WITHIN_S: Final = 6.0  # … of which embeddings and similar clients may take so much
BACKFILL_WITHIN_S: Final = 120.0  # the same of a backfill's batch; less than JOB_TIMEOUT_S
HALF_PRICE: Final = 0.5  # of requests in no hurry ("flex"), developers.openai.com/api/docs/pricing
EMBEDDING_READ_TIMEOUT_S: Final = 20.0
VECTOR_READ_TIMEOUT_S: Final = 5.0  # a query takes milliseconds
PINECONE_ATTEMPTS: Final = 3
AI_ATTEMPTS: Final = 3  # of a chat request: network, 5xx, rate limit
BAD_ANSWER_ATTEMPTS: Final = 2  # an answer that fails its checks is asked for once more
ANALYST_TOKENS_MAX: Final = 600  # tokens of an answer; longer is cut off and no answer
READER_TOKENS_MAX: Final = 250
AI_BACKOFF_S: Final = 0.5  # doubles, with jitter
AI_CONCURRENCY: Final = 16  # requests in flight per process and provider
SCORE_LEADS: Final = 6 * AI_CONCURRENCY  # leads of one scoring batch: no round is half empty
BREAKER_FAILURES: Final = 5  # in a row open a vendor's breaker …
BREAKER_OPEN_S: Final = 60  # … for so long; then one call probes
QUOTA_PROBES_S: Final = (60, 300, 900)  # between probes of an account with nothing left
PINECONE_UPSERT_ITEMS: Final = 100  # vectors of one request: 1,536 floats are about 16 kB of JSON
PINECONE_DELETE_IDS: Final = 1_000  # Pinecone's most in one request
EMBEDDING_TEXTS: Final = 256  # texts of one embedding request; OpenAI takes 2,048
EMBEDDING_TEXT_MAX: Final = 8_000  # characters, well under 8,192 tokens
EMBEDDING_DIMENSIONS: Final = {
    "text-embedding-3-small": 1536,
    "text-embedding-3-large": 3072,
    "text-embedding-ada-002": 1536,
}
# Sizes measured over the demo portal, in tokens: for reserving and estimating before asking.
CHARACTERS_PER_TOKEN: Final = 4.0
ANALYST_PROMPT_TOKENS: Final = 750
ANALYST_ANSWER_TOKENS: Final = 200
READER_PROMPT_TOKENS: Final = 330  # and the text itself
READER_ANSWER_TOKENS: Final = 70


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars per million tokens. `written_usd`: of prompt tokens that the vendor puts into its
    prompt cache; None where that costs what any other prompt token costs."""

    prompt_usd: float
    cached_usd: float = 0.0
    completion_usd: float = 0.0
    written_usd: float | None = None


# developers.openai.com/api/docs/pricing, as of AI_PRICES_AS_OF. A model that is not listed needs
# OPENAI_CHAT_PRICE or OPENAI_EMBEDDING_PRICE: no price is borrowed from another model.
AI_PRICES_AS_OF: Final = date(2026, 11, 29)
AI_PRICES: Final = {
    "text-embedding-3-small": Price(0.02),
    "text-embedding-3-large": Price(0.13),
    "text-embedding-ada-002": Price(0.10),
    "gpt-6-luna": Price(0.10, 0.01, 0.50, 0.125),
    "gpt-6.1-terra": Price(1.00, 0.05, 5.00, 1.25),
    "gpt-6-sol": Price(2.00, 0.20, 10.0, 2.50),
    "gpt-6.1-sol": Price(2.00, 0.10, 10.0, 2.50),
    "gpt-5.6-luna": Price(0.20, 0.02, 1.20, 0.25),
    "gpt-5.6-terra": Price(2.00, 0.20, 12.0, 2.50),
    "gpt-5.4-mini": Price(0.75, 0.075, 4.50),
    # shut down until 14 January 2027, see clients/openai/models.py
    "gpt-4o-mini": Price(0.15, 0.075, 0.60),
    "gpt-4o": Price(2.50, 1.25, 10.0),
    "gpt-4.1-mini": Price(0.40, 0.10, 1.60),
    "gpt-4.1": Price(2.00, 0.50, 8.00),
    "gpt-5-nano": Price(0.05, 0.005, 0.40),
    "gpt-5-mini": Price(0.25, 0.025, 2.00),
    "gpt-5": Price(1.25, 0.125, 10.0),
}
_SNAPSHOT: Final = re.compile(r"-\d{4}-\d{2}-\d{2}$")


def listed_price(model: str) -> Price | None:
    """The price of a listed model, of a dated version that of its model; None: not listed."""
    return AI_PRICES.get(model) or AI_PRICES.get(_SNAPSHOT.sub("", model))


ENCRYPTION_KEY_BYTES: Final = 32
SESSION_SECRET_MIN: Final = 32  # characters
SECRET_GUESSES_LOG10: Final = 20.0  # zxcvbn's estimate; 32 random digits have 22 or more
GUESSED_CHARACTERS: Final = 72  # zxcvbn looks at no more
WORDS_SHARE_MAX: Final = 0.4  # of a secret's characters may stand in words between separators
METRICS_TOKEN_MIN: Final = 16  # characters
_WORD: Final = re.compile(r"[A-Z]?[a-z]{2,}|[A-Z]{3,}")


def _is_loopback(url: str) -> bool:
    return (urlsplit(url).hostname or "") in LOOPBACK


@dataclass(frozen=True, slots=True)
class EncryptionKey:
    """One AES-256 key. The first of the list writes, all of them read."""

    key_id: str
    key: bytes

    def __repr__(self) -> str:
        return f"EncryptionKey({self.key_id!r})"


@dataclass(frozen=True, slots=True, repr=False)
class Settings:
    """Everything the environment decides. Field names are the variables' names in lower case."""

    public_base_url: tuple[str, ...]
    encryption_keys: tuple[EncryptionKey, ...]
    session_secret: str
    hubspot_client_id: str
    hubspot_client_secret: tuple[str, ...]
    hubspot_app_id: str
    database_url: str = "sqlite:///.leadlight/leadlight.db"
    redis_url: str = "redis://127.0.0.1:6390/0"
    hubspot_api_base: str = "https://api.hubapi.com"
    hubspot_authorize_base: str = "https://app.hubspot.com"
    hubspot_api_version: str = "2026-09"
    hubspot_listed: bool = False
    openai_api_key: str = ""
    openai_base_url: str = ""
    openai_chat_model: str = "gpt-6-luna"
    openai_chat_price: Price | None = None
    openai_embedding_model: str = "text-embedding-3-small"
    openai_embedding_price: Price | None = None
    embedding_server_url: str = ""
    embedding_server_model: str = ""
    embedding_server_dimension: int = 0
    pinecone_api_key: str = ""
    pinecone_index_host: str = ""
    supabase_url: str = ""
    supabase_key: str = ""
    console_public_url: str = ""
    alert_webhook_url: str = ""
    smtp_url: str = ""
    smtp_from: str = ""
    metrics_token: str = ""
    backup_folder: str = ""
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = (
        IPv4Network("127.0.0.0/8"),
        IPv6Network("::1/128"),
    )
    log_level: str = "INFO"

    SECRET = frozenset(
        {
            "encryption_keys",
            "session_secret",
            "hubspot_client_secret",
            "openai_api_key",
            "pinecone_api_key",
            "supabase_key",
            "database_url",
            "redis_url",
            "alert_webhook_url",
            "smtp_url",
            "metrics_token",
        }
    )

    def __repr__(self) -> str:
        shown = ", ".join(
            f"{f.name}={'***' if f.name in self.SECRET else repr(getattr(self, f.name))}"
            for f in fields(self)
        )
        return f"Settings({shown})"

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Settings:
        """Read and check everything; raises BadSettings with one line per problem."""
        problems: list[str] = []
        values: dict[str, Any] = {}
        for f in fields(cls):
            name = f.name.upper()
            text = environ.get(name, "").strip()
            if not text:
                if f.name in _REQUIRED:
                    problems.append(f"{name} is not set: {_REQUIRED[f.name]}")
                continue
            try:
                values[f.name] = _PARSERS.get(f.name, str)(text)
            except ValueError as error:
                problems.append(f"{name} {error}")
        if not problems:
            settings = cls(**values)
            problems += settings._unencrypted_connections(environ)
            problems += settings._unknown_prices()
            if settings.embedding_server_url and not (
                settings.embedding_server_model and settings.embedding_server_dimension > 0
            ):
                problems.append(
                    "EMBEDDING_SERVER_MODEL and EMBEDDING_SERVER_DIMENSION are needed with "
                    "EMBEDDING_SERVER_URL"
                )
            if settings.smtp_url and not settings.smtp_from:
                problems.append("SMTP_FROM is needed with SMTP_URL: the address emails are from")
            if not problems:
                return settings
        raise BadSettings(
            "the environment is not complete:\n  " + "\n  ".join(problems),
            problems=tuple(problems),
        )

    @property
    def on_loopback(self) -> bool:
        """True when the product is only reachable from this machine."""
        return all(_is_loopback(url) for url in self.public_base_url)

    @property
    def chat_price(self) -> Price:
        """Of the chat model: what is set, else what is listed. Raises BadSettings for neither."""
        return price_of("chat", self.openai_chat_model, self.openai_chat_price)

    @property
    def embedding_price(self) -> Price:
        """The same of the embedding model."""
        return price_of("embedding", self.openai_embedding_model, self.openai_embedding_price)

    def _unknown_prices(self) -> list[str]:
        """Caps on money need prices."""
        problems: list[str] = []
        for kind in ("chat", "embedding") if self.openai_api_key else ():
            try:
                getattr(self, f"{kind}_price")
            except BadSettings as error:
                problems.append(str(error))
        return problems

    def _unencrypted_connections(self, environ: Mapping[str, str]) -> list[str]:
        """Off loopback every connection has to be encrypted in transit."""
        if self.on_loopback:
            return []
        problems = []
        for name in (
            "hubspot_api_base",
            "hubspot_authorize_base",
            "openai_base_url",
            "embedding_server_url",
            "pinecone_index_host",
            "supabase_url",
            "console_public_url",
            "alert_webhook_url",
        ):
            url = getattr(self, name)
            if "://" in url and not url.startswith("https://") and not _is_loopback(url):
                problems.append(f"{name.upper()} must start with https://")
        for url in self.public_base_url:
            if not url.startswith("https://"):
                problems.append(f"PUBLIC_BASE_URL {url} must start with https://")
        for name, problem in (
            ("DATABASE_URL", database_problem(self.database_url, environ)),
            ("REDIS_URL", redis_problem(self.redis_url)),
        ):
            if problem is not None:
                problems.append(f"{name} {problem}")
        return problems


def port_of(environ: Mapping[str, str], name: str, default: int) -> int:
    """A port to listen on. Raises BadSettings for what is none."""
    text = environ.get(name, "").strip() or str(default)
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65_536):
        raise BadSettings(f"{name}={text!r} is no port: give a number from 1 to 65535")
    return int(text)


def _urls(text: str) -> tuple[str, ...]:
    urls = tuple(part.strip().rstrip("/") for part in text.split(",") if part.strip())
    for url in urls:
        if urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname:
            raise ValueError(f"holds {url!r}, which is not an http(s) address")
    return urls


def _smtp(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise ValueError("must be smtp://user:password@host:port or smtps://…")
    _ = parts.port  # raises ValueError for what is none
    return text


def _sender(text: str) -> str:
    if "@" not in parseaddr(text)[1] or not text.isprintable():
        raise ValueError("must be an email address, such as Leadlight <reports@company.com>")
    return text


def _price(text: str) -> Price:
    """Dollars per million tokens: prompt, cached prompt, answer; later ones may be left out."""
    try:
        numbers = [float(part) for part in _list(text)]
    except ValueError:
        numbers = []
    if not 1 <= len(numbers) <= 3 or not all(0 <= number < 10_000 for number in numbers):
        raise ValueError("must be US dollars per million tokens: prompt,cached prompt,answer")
    prompt, cached, completion = (*numbers, *(0.0,) * (3 - len(numbers)))
    return Price(prompt, cached if len(numbers) > 1 else prompt, completion)


def price_of(kind: str, model: str, given: Price | None = None) -> Price:
    """Of a "chat" or "embedding" model: what is given, else what is listed. Raises BadSettings."""
    found = given or listed_price(model)
    if found is None:
        raise BadSettings(
            f"OPENAI_{kind.upper()}_PRICE is not set: the price of {model} is not listed here; "
            "give US dollars per million tokens as prompt,cached prompt,answer (0 for your own "
            "server)"
        )
    return found


def _list(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _keys(text: str) -> tuple[EncryptionKey, ...]:
    """`id:base64` pairs separated by commas."""
    keys = []
    for position, part in enumerate(_list(text), start=1):
        key_id, colon, encoded = part.partition(":")
        if not colon or not key_id:
            raise ValueError(f"entry {position} is not of the form id:base64key")
        try:
            key = base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError):
            raise ValueError(f"key {key_id!r} is not valid base64") from None
        if len(key) != ENCRYPTION_KEY_BYTES:
            raise ValueError(f"key {key_id!r} has {len(key)} bytes, AES-256 needs 32")
        if len(set(key)) < 8:
            raise ValueError(f"key {key_id!r} is not random: use `openssl rand -base64 32`")
        keys.append(EncryptionKey(key_id, key))
    if len({key.key_id for key in keys}) != len(keys):
        raise ValueError("names a key id twice")
    return tuple(keys)


def _secret(text: str) -> str:
    if len(text) < SESSION_SECRET_MIN:
        raise ValueError(f"has {len(text)} characters, at least {SESSION_SECRET_MIN} are needed")
    if _is_easy_to_guess(text):
        raise ValueError("is easy to guess: use `openssl rand -hex 32`")
    return text


def _is_easy_to_guess(text: str) -> bool:
    """True for repeats, sequences, keyboard rows and words, joined or apart; a random text of 32
    hexadecimal digits or more passes."""
    parts = re.split(r"[^A-Za-z0-9]+", text)
    words = [part for part in parts if _WORD.fullmatch(part)]
    in_words = sum(map(len, words)) / len(text)
    return (
        bool(re.search(r"\s", text))
        or (len(parts) > 1 and in_words > WORDS_SHARE_MAX)
        or float(zxcvbn(text[:GUESSED_CHARACTERS])["guesses_log10"]) < SECRET_GUESSES_LOG10
    )


def _metrics_token(text: str) -> str:
    if len(text) < METRICS_TOKEN_MIN:
        raise ValueError(f"has {len(text)} characters, at least {METRICS_TOKEN_MIN} are needed")
    return text


def _networks(text: str) -> tuple[IPv4Network | IPv6Network, ...]:
    try:
        return tuple(ip_network(part) for part in _list(text))
    except ValueError as error:
        raise ValueError(f"is not a list of networks such as 10.0.0.0/8: {error}") from None


def _yes_or_no(text: str) -> bool:
    if text.lower() not in {"yes", "no"}:
        raise ValueError(f"is {text!r}: use yes or no")
    return text.lower() == "yes"


def _level(text: str) -> str:
    if text.upper() not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
        raise ValueError(f"is {text!r}: use DEBUG, INFO, WARNING or ERROR")
    return text.upper()


_REQUIRED: Final = {
    "public_base_url": "the address HubSpot calls, e.g. https://leads.example.com",
    "encryption_keys": "id:base64 of 32 random bytes, e.g. k1:$(openssl rand -base64 32)",
    "session_secret": "32 random characters or more, e.g. $(openssl rand -hex 32)",
    "hubspot_client_id": "from the app's Auth tab in HubSpot",
    "hubspot_client_secret": "from the app's Auth tab in HubSpot",
    "hubspot_app_id": "from the app's page in HubSpot",
}
_PARSERS: Final[Mapping[str, Callable[[str], Any]]] = {
    "public_base_url": _urls,
    "encryption_keys": _keys,
    "session_secret": _secret,
    "hubspot_client_secret": _list,
    "log_level": _level,
    "hubspot_listed": _yes_or_no,
    "trusted_proxies": _networks,
    "metrics_token": _metrics_token,
    "embedding_server_url": lambda text: _urls(text)[0],
    "embedding_server_dimension": int,
    "openai_chat_price": _price,
    "openai_embedding_price": _price,
    "smtp_url": _smtp,
    "smtp_from": _sender,
    "console_public_url": lambda text: _urls(text)[0],
    "hubspot_api_base": lambda text: _urls(text)[0],
    "hubspot_authorize_base": lambda text: _urls(text)[0],
}
