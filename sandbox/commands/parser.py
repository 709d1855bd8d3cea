"""Reads the command line; every command is a file beside this one."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence

from sandbox import numbers
from sandbox.commands import ideal_clients, import_csv, serve
from sandbox.errors import SandboxError
from sandbox.generator import real_portal


def run(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Exit code: 0 done, 1 could not (the message says why), 2 wrong usage."""
    parser = argparse.ArgumentParser("python -m sandbox", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    _serve_options(commands.add_parser("serve", help="run a local portal"), environ)
    _import_options(commands.add_parser("import", help="load a CSV into a running portal"))
    _ideal_options(commands.add_parser("ideal-clients", help="write an ideal client CSV"))
    chosen = parser.parse_args(arguments)
    actions = {"serve": serve.run, "import": import_csv.run, "ideal-clients": ideal_clients.run}
    try:
        return actions[chosen.command](chosen)
    except SandboxError as error:
        print(f"sandbox: {error}", file=sys.stderr)
        return 1


def _serve_options(parser: argparse.ArgumentParser, environ: Mapping[str, str]) -> None:
    from_environ = environ.get
    parser.add_argument("--port", type=int, default=numbers.DEFAULT_PORT)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument(
        "--seed", type=_seed, default=numbers.DEFAULT_SEED, help="a number, or real"
    )
    parser.add_argument("--contacts", type=int, default=numbers.DEFAULT_CONTACTS)
    parser.add_argument("--tier", default="pro", choices=("free", "starter", "pro"))
    parser.add_argument("--no-rate-limit", action="store_true")
    parser.add_argument("--search-delay-ms", type=int, default=numbers.SEARCH_DELAY_MS)
    parser.add_argument("--webhook-url", default=from_environ("SANDBOX_WEBHOOK_URL", ""))
    parser.add_argument("--webhook-window-ms", type=int, default=200)
    parser.add_argument(
        "--webhook-retries",
        type=_seconds,
        default=numbers.WEBHOOK_RETRY_DELAYS_S,
        metavar="SECONDS,…",
        help="the delay before each retry; HubSpot's ten end within a day",
    )
    parser.add_argument("--webhooks-file", default="", help="the app's webhooks-hsmeta.json")
    parser.add_argument("--legacy-subscriptions", action="store_true")
    parser.add_argument("--client-id", default=from_environ("HUBSPOT_CLIENT_ID", ""))
    # A list while rotating; the first is current.
    secret = from_environ("HUBSPOT_CLIENT_SECRET", "").partition(",")[0].strip()
    parser.add_argument("--client-secret", default=secret)
    parser.add_argument("--app-id", type=int, default=_app_id(from_environ("HUBSPOT_APP_ID", "")))
    parser.add_argument("--redirect-uri", action="append", default=[])


def _seconds(text: str) -> tuple[float, ...]:
    found = tuple(float(part) for part in text.split(",") if part)
    if not all(0 <= delay < float("inf") for delay in found):
        raise ValueError(text)
    return found


def _seed(text: str) -> int | str:
    return text if text == real_portal.SEED else int(text)


def _app_id(text: str) -> int:
    return int(text) if text.isdigit() else numbers.DEFAULT_APP_ID


def _import_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file")
    parser.add_argument("--port", type=int, default=numbers.DEFAULT_PORT)
    parser.add_argument("--portal", type=int, default=numbers.DEFAULT_PORTAL_ID)
    parser.add_argument("--as", dest="kind", choices=("companies", "contacts"), default="companies")
    parser.add_argument("--with-contacts", action="store_true")


def _ideal_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--seed", type=_seed, default=numbers.DEFAULT_SEED, help="a number, or real"
    )
    parser.add_argument("--contacts", type=int, default=numbers.DEFAULT_CONTACTS)
    parser.add_argument("--rows", type=int, default=25)
