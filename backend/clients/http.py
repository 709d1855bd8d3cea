"""One `requests` session per process: limits on every call, no redirects, vendor errors mapped."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from backend.config import CONNECT_TIMEOUT_S, READ_TIMEOUT_S
from backend.errors import Outage, OutcomeUnknown, Transient
from backend.outages import of_kind, outage_of

POOL_CONNECTIONS = 16
RETRY_AFTER_MAX_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers (lower case) and the parsed JSON object, or None when it was not JSON."""

    status: int
    headers: Mapping[str, str]
    json: Any
    size: int


class Http:
    """Sends one request and returns the answer, whatever its status."""

    def __init__(self, *, read_timeout_s: float = READ_TIMEOUT_S) -> None:
        self._read_timeout_s = read_timeout_s
        self._session = requests.Session()
        adapter = HTTPAdapter(
            pool_connections=POOL_CONNECTIONS, pool_maxsize=POOL_CONNECTIONS, max_retries=0
        )
        self._session.mount("http://", adapter)
        self._session.mount("https://", adapter)
        self._session.trust_env = False

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        form: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
    ) -> Answer:
        """Raises Transient when nothing was sent, OutcomeUnknown when the answer got lost."""
        try:
            response = self._session.request(
                method,
                url,
                headers=dict(headers or {}),
                json=json,
                data=form,
                params=params,
                timeout=(CONNECT_TIMEOUT_S, self._read_timeout_s),
                allow_redirects=False,
            )
        except (requests.ConnectTimeout, requests.exceptions.SSLError) as error:
            if found := _before_sending(error, url):
                raise found from None
            raise Transient(f"{_host(url)} cannot be reached ({type(error).__name__})") from None
        except requests.RequestException as error:
            if found := _before_sending(error, url):
                raise found from None
            name = type(error).__name__
            raise OutcomeUnknown(f"{_host(url)} gave no complete answer ({name})") from None
        return Answer(
            response.status_code,
            {name.lower(): value for name, value in response.headers.items()},
            _json(response),
            len(response.content),
        )

    def close(self) -> None:
        """Drop pooled connections; to be called in a process that has just been forked."""
        self._session.close()


def skew_s(answer: Answer, now: datetime) -> dict[str, int]:
    """`skew_s`: seconds that our clock is ahead of the answer's `Date`; {} without one."""
    try:
        theirs: datetime = parsedate_to_datetime(answer.headers.get("date", ""))
    except ValueError:
        return {}
    return {"skew_s": round((now - theirs.astimezone(UTC)).total_seconds())}


def retry_after_s(text: str, unit_s: float = 1.0) -> float | None:
    """What a `Retry-After` asks for, in units of so many seconds or as a date; at most a day, None
    for neither."""
    try:
        seconds = float(text) * unit_s
    except ValueError:
        try:
            until: datetime = parsedate_to_datetime(text)
        except (ValueError, OverflowError):
            return None
        seconds = (until.astimezone(UTC) - datetime.now(UTC)).total_seconds()
    return None if math.isnan(seconds) else min(max(seconds, 0.0), RETRY_AFTER_MAX_S)


def _json(response: requests.Response) -> Any:
    if not response.content:
        return {}
    try:
        return response.json()
    except ValueError:
        return None


def _before_sending(error: requests.RequestException, url: str) -> Outage | None:
    """What kept the request from being sent at all, where that lies with this machine."""
    found = outage_of(error)
    if found is None or found.outage not in {"dns", "certificate", "files", "memory"}:
        return None
    return of_kind(found.outage, _host(url))


def _host(url: str) -> str:
    return url.split("/")[2] if "://" in url else url
