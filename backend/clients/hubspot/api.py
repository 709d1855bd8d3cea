"""One authorised call to HubSpot: token, bucket, three attempts, and a count of every try."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backend.clients.http import Http
from backend.clients.hubspot.errors import error_of
from backend.clients.hubspot.tokens import TokenKeeper
from backend.config import API_ATTEMPTS, API_BACKOFF_S, RETRY_AFTER_CAP_S
from backend.errors import (
    DailyLimit,
    LeadlightError,
    NeedsReconnect,
    OutcomeUnknown,
    Transient,
    Unauthorised,
    UnknownPath,
)
from backend.ports import Clock, Limiter, Meter
from backend.retries import backoff_s


class HubSpotApi:
    """Calls for one portal. `background` calls leave room in the bucket for people."""

    def __init__(
        self,
        portal_id: int,
        *,
        base_url: str,
        version: str,
        http: Http,
        tokens: TokenKeeper,
        limiter: Limiter,
        clock: Clock,
        background: bool = False,
        meter: Meter | None = None,
    ) -> None:
        self.portal_id = portal_id
        self.version = version
        self._base_url = base_url
        self._http = http
        self._tokens = tokens
        self._limiter = limiter
        self._clock = clock
        self._background = background
        self._meter = meter

    def call(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        params: Mapping[str, str] | None = None,
        search: bool = False,
        repeatable: bool = True,
    ) -> Any:
        """The answer's JSON. `repeatable` calls may be sent again after a lost answer.

        Raises Transient (OutcomeUnknown for a call that may have worked), Permanent or
        NeedsReconnect.
        """
        refused: str | None = None
        attempt = 0
        while True:
            attempt += 1
            try:
                return self._once(method, path, json, params, search, refused)
            except Unauthorised as error:
                if refused is not None:
                    self._tokens.give_up(self.portal_id)
                    raise NeedsReconnect(str(error)) from None
                refused = self._tokens.access_token(self.portal_id)
                attempt -= 1  # a refreshed token is not another try
            except (UnknownPath, DailyLimit):
                raise  # the same in a second: its caller tries again later
            except OutcomeUnknown:
                if not repeatable or attempt >= API_ATTEMPTS:
                    raise
                self._wait(attempt, None)
            except Transient as error:
                wish = error.retry_after_s
                if attempt >= API_ATTEMPTS or (wish or 0) > RETRY_AFTER_CAP_S:
                    raise
                self._wait(attempt, wish)

    def _once(
        self,
        method: str,
        path: str,
        json: Any,
        params: Mapping[str, str] | None,
        search: bool,
        refused: str | None,
    ) -> Any:
        token = self._tokens.access_token(self.portal_id, refused=refused)
        self._limiter.take(self.portal_id, search=search, background=self._background)
        started = self._clock.now()
        status = 0
        try:
            answer = self._http.send(
                method,
                self._base_url + path,
                headers={"Authorization": f"Bearer {token}"},
                json=json,
                params=params,
            )
            status = answer.status
        finally:
            if self._meter:
                seconds = (self._clock.now() - started).total_seconds()
                ok = 0 < status < 500 and status not in (404, 410, 429)
                self._meter.called("hubspot", endpoint(method, path), seconds, ok=ok)
        error: LeadlightError | None = error_of(answer, endpoint(method, path))
        if error is not None:
            raise error
        return answer.json

    def _wait(self, attempt: int, wish_s: float | None) -> None:
        self._clock.sleep(backoff_s(API_BACKOFF_S, attempt, wish_s))


def endpoint(method: str, path: str) -> str:
    """The call without its ids, for messages and metrics."""
    parts = ["{id}" if part.isdigit() else part for part in path.split("/")]
    return f"{method} {'/'.join(parts)}"
