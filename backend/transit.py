"""Where a database or Redis address really leads, and whether it is encrypted on the way.

Judged is what the drivers make of an address: an option after `?` can name another host than the
one that stands before it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from redis.connection import SSLConnection, UnixDomainSocketConnection, parse_url
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
POSTGRES_DRIVER: Final = "postgresql+psycopg"
_POSTGRES: Final = frozenset({"postgres", "postgresql", POSTGRES_DRIVER})
_SQLITE: Final = frozenset({"sqlite", "sqlite+pysqlite"})
_ENCRYPTED: Final = frozenset({"require", "verify-ca", "verify-full"})
# What libpq takes from the environment when the address does not say it.
_FROM_ENVIRONMENT: Final = {"host": "PGHOST", "hostaddr": "PGHOSTADDR", "service": "PGSERVICE"}


def postgres_parameters(url: str) -> dict[str, str]:
    """What the driver connects with, by libpq's names. Raises ValueError for an address that the
    driver does not take."""
    try:
        parsed = make_url(url).set(drivername=POSTGRES_DRIVER)
        _, options = parsed.get_dialect()().create_connect_args(parsed)
        twice = [name for name, value in options.items() if isinstance(value, tuple | list)]
        if twice:
            raise ValueError(f"names {', '.join(twice)} more than once")
        found = conninfo_to_dict(make_conninfo(**options))
    except (ArgumentError, psycopg.ProgrammingError):
        raise ValueError("is not an address that the Postgres driver takes") from None
    return {name: str(value) for name, value in found.items()}


def database_problem(url: str, environ: Mapping[str, str]) -> str | None:
    """Why a connection to `url` would not be encrypted; None: it is, or stays on this machine.

    `environ` counts because libpq reads host and sslmode from it when the address names none.
    """
    scheme = url.partition(":")[0]
    if scheme in _SQLITE:
        return None
    if scheme not in _POSTGRES:
        return "must start with sqlite:// or postgresql://"
    try:
        options = postgres_parameters(url)
    except ValueError as error:
        return str(error)
    sslmode = options.get("sslmode") or environ.get("PGSSLMODE")
    if sslmode in _ENCRYPTED or _stays_here(options, environ):
        return None
    return "needs sslmode=require or stronger"


def _stays_here(options: Mapping[str, str], environ: Mapping[str, str]) -> bool:
    named = {
        name: options.get(name) or environ.get(variable, "")
        for name, variable in _FROM_ENVIRONMENT.items()
    }
    if named["service"] or any(a not in LOOPBACK for a in named["hostaddr"].split(",") if a):
        return False
    return all(h in LOOPBACK or h.startswith(("/", "@")) for h in named["host"].split(",") if h)


def redis_problem(url: str) -> str | None:
    """Why a connection to `url` would not be encrypted; None: it is, or stays on this machine."""
    try:
        options = parse_url(url)  # type: ignore[no-untyped-call]
    except ValueError:
        return "must start with rediss://"
    kind = options.get("connection_class")
    if kind is UnixDomainSocketConnection:
        return None
    if kind is SSLConnection:
        checked = options.get("ssl_cert_reqs", "required") == "required"
        if checked and options.get("ssl_check_hostname", True):
            return None
        return "must not turn the check of the certificate off"
    # The client's own default is this machine.
    return None if options.get("host", "localhost") in LOOPBACK else "must start with rediss://"
