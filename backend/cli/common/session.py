"""What commands share: the product on demand, plain errors, tables, JSON on stdout only."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import Any, NoReturn

import click
from rich.console import Console

from backend.config import Settings
from backend.errors import BadInput, LeadlightError, Outage
from backend.logs import set_up_logs
from backend.outages import outage_of
from backend.storage.portals import portals
from backend.storage.portals.portals import Portal
from backend.wiring import Product, build

EXIT_BAD_INPUT = 2
EXIT_FAILED = 1
OPERATOR = "cli:operator"  # who acts, on the audit trail


class CliSession:
    """One command's surroundings. `environ` is read when the product is first needed."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self.console = Console(stderr=False)

    @cached_property
    def product(self) -> Product:
        """The wired product; exits with a list when the environment is not complete."""
        with plain_errors():
            settings = Settings.from_env(self._environ)
        set_up_logs(settings.log_level)
        return build(settings)

    def portal(self, portal_id: int) -> Portal:
        """Raises NotFound, which plain_errors shows."""
        with self.product.stores.database.read() as conn:
            return portals.get(conn, portal_id)


@contextmanager
def plain_errors() -> Iterator[None]:
    """Expected failures are one message on stderr and an exit code, never a traceback."""
    try:
        yield
    except LeadlightError as error:
        _fail(error)
    except Exception as error:
        found = outage_of(error)
        if found is None:
            raise
        _fail(found)


def _fail(error: LeadlightError) -> NoReturn:
    cure = f". {error.cure.capitalize()}." if isinstance(error, Outage) else ""
    click.echo(f"Error: {error}{cure}", err=True)
    sys.exit(EXIT_BAD_INPUT if isinstance(error, BadInput) else EXIT_FAILED)


def command(function: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap a command's body in plain_errors."""

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        with plain_errors():
            return function(*args, **kwargs)

    wrapped.__name__ = function.__name__
    wrapped.__doc__ = function.__doc__
    return wrapped


def print_json(value: Any) -> None:
    """One JSON value on stdout."""
    click.echo(json.dumps(value, ensure_ascii=False))


portal_option = click.option("--portal", "portal_id", type=int, required=True, help="Portal id.")
