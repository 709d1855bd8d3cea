"""Posts to an address that a customer typed in: public, encrypted, never into our own network.

The name is resolved here, every address it has is looked at, and the connection goes to exactly
one that was; so a name that changes its mind between check and use gains nothing. Redirects are
not followed and answers are not read beyond their status.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

import requests
from requests.adapters import HTTPAdapter

from backend.clients.http import retry_after_s
from backend.config import CONNECT_TIMEOUT_S, NOTIFY_TIMEOUT_S
from backend.errors import OutcomeUnknown, Permanent, Transient
from backend.security.outbound import check_url, is_public
from backend.transit import LOOPBACK

Resolve = Callable[[str, int], list[str]]
_LATER: Final = frozenset({408, 425, 429})


def resolve(host: str, port: int) -> list[str]:
    """Every address the name has. Raises Transient when it has none just now."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Transient(f"the notification address {host} cannot be resolved") from None
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class WebhookNotifier:
    """`on_loopback`: the product runs on one machine only, so this machine may be notified."""

    def __init__(self, *, on_loopback: bool, resolve: Resolve = resolve) -> None:
        self._on_loopback = on_loopback
        self._resolve = resolve

    def send(self, url: str, message: Mapping[str, Any]) -> None:
        """Post one message as JSON.

        Raises Permanent when the address is forbidden or refuses for good, Transient when it may
        work later, OutcomeUnknown when it may have arrived.
        """
        check_url(url, on_loopback=self._on_loopback)
        parts = urlsplit(url)
        address = self._address(parts)
        try:
            status, retry_after = _post(parts, address, message)
        except (requests.ConnectTimeout, requests.exceptions.SSLError) as error:
            name = type(error).__name__
            raise Transient(f"{parts.hostname} cannot be reached ({name})") from None
        except requests.RequestException as error:
            name = type(error).__name__
            raise OutcomeUnknown(f"{parts.hostname} gave no complete answer ({name})") from None
        if 200 <= status < 300:
            return
        text = f"{parts.hostname} answered {status} to a notification"
        if status in _LATER or status >= 500:
            raise Transient(text, retry_after_s=retry_after)
        raise Permanent(f"{text}: check the address in the portal's settings")

    def _address(self, parts: SplitResult) -> str:
        host = str(parts.hostname)
        found = self._resolve(host, _port(parts))
        here = self._on_loopback and host in LOOPBACK
        for address in found:
            if not here and not is_public(address):
                raise Permanent(
                    f"the notification address {host} leads into a private network: "
                    "set one that is public"
                )
        if not found:
            raise Transient(f"the notification address {host} cannot be resolved")
        return found[0]


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)


class _Pinned(HTTPAdapter):
    """Connects to an address, and checks the certificate for the name."""

    def __init__(self, host: str) -> None:
        self._host = host
        super().__init__(max_retries=0)

    def init_poolmanager(
        self, connections: int, maxsize: int, block: bool = False, **more: Any
    ) -> None:
        """The pool's connections ask for the name, wherever they lead."""
        names: dict[str, Any] = {"server_hostname": self._host, "assert_hostname": self._host}
        super().init_poolmanager(connections, maxsize, block, **more, **names)


def _post(parts: SplitResult, address: str, message: Mapping[str, Any]) -> tuple[int, float | None]:
    host = str(parts.hostname)
    literal = f"[{address}]" if ":" in address else address
    target = f"{parts.scheme}://{literal}:{_port(parts)}{parts.path or '/'}"
    target += f"?{parts.query}" if parts.query else ""
    with requests.Session() as session:
        session.trust_env = False
        if parts.scheme == "https":
            session.mount("https://", _Pinned(host))
        with session.post(
            target,
            json=dict(message),
            headers={"Host": parts.netloc.rpartition("@")[2]},
            timeout=(CONNECT_TIMEOUT_S, NOTIFY_TIMEOUT_S),
            allow_redirects=False,
            stream=True,
        ) as answer:
            return answer.status_code, retry_after_s(answer.headers.get("Retry-After", ""))
