"""What `hubspot.fetch` goes through: HubSpot's proxy, which signs, limits and translates.

Facts in reference/hubspot.md 3.3: the four identity parameters are appended and signed (v3, with
the older header beside it), only `Authorization` may be set, 1 MB each way, 15 s unless the card
says otherwise, 120 s at most, 20 requests at a time per account, one retry on a lost connection
or a 5xx, no redirects followed. What the app answers from 300 up is BAD_GATEWAY with the app's own
status in the context.
"""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

import requests

from sandbox.errors import Json
from sandbox.settings import AppSettings
from sandbox.times import Clock
from sandbox.webhooks.signature import signature_v2, signature_v3

TIMEOUT_MS = 15_000
TIMEOUT_MAX_MS = 120_000
PAYLOAD_MAX = 1_000_000
CONCURRENT_MAX = 20
METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks at the record: asserted to the app, never chosen by the card."""

    portal_id: int
    user_id: int
    email: str


class CardProxy:
    """Signs and sends; answers as HubSpot's `proxy` endpoint does."""

    def __init__(self, app: AppSettings, clock: Clock) -> None:
        self._app = app
        self._clock = clock
        self._local = threading.local()
        self._under_way: dict[int, threading.BoundedSemaphore] = defaultdict(
            lambda: threading.BoundedSemaphore(CONCURRENT_MAX)
        )

    def send(self, viewer: Viewer, wanted: Json) -> tuple[Json, int]:
        """(answer, status) for one `hubspot.fetch`."""
        problem = self._refusal(wanted)
        if problem:
            return _error("VALIDATION_ERROR", problem), 400
        slots = self._under_way[viewer.portal_id]
        if not slots.acquire(blocking=False):
            return _error("RATE_LIMITS", "more than 20 requests at a time", 429), 429
        try:
            return self._sent(viewer, wanted)
        finally:
            slots.release()

    def origin(self) -> str:
        """The origin of the app: that of its webhooks."""
        parts = urlsplit(self._app.webhook_url)
        return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""

    def permitted(self) -> str:
        """The one entry of the app's `permittedUrls.fetch`: what an address must begin with."""
        return f"{self.origin()}/card/"

    def _refusal(self, wanted: Json) -> str:
        headers = wanted.get("requestHeaders") or {}
        if wanted.get("method") not in METHODS:
            return "method must be GET, POST, PUT, PATCH or DELETE"
        if not str(wanted.get("requestUri", "")).startswith(self.permitted()):
            return "the URL is not in the app's permittedUrls.fetch"
        if any(name.lower() != "authorization" for name in headers):
            return "only the Authorization header may be set"
        if len(_body(wanted)) > PAYLOAD_MAX:
            return "the request is larger than 1 MB"
        return ""

    def _sent(self, viewer: Viewer, wanted: Json) -> tuple[Json, int]:
        asked_ms = wanted.get("requestTimeoutMillis") or TIMEOUT_MS
        timeout_s = min(int(asked_ms), TIMEOUT_MAX_MS) / 1000
        for attempt in (1, 2):
            try:
                answer = self._once(viewer, wanted, timeout_s)
            except requests.Timeout:
                return _error("BAD_GATEWAY", "the app did not answer in time", 504), 200
            except requests.RequestException:
                if attempt == 2:
                    return _error("BAD_GATEWAY", "the app cannot be reached", 502), 200
                continue
            if answer.status_code < 500 or attempt == 2:
                return _translated(answer), 200
        raise AssertionError("the second attempt always answers")

    def _once(self, viewer: Viewer, wanted: Json, timeout_s: float) -> requests.Response:
        method, url, body = wanted["method"], self._addressed(viewer, wanted), _body(wanted)
        now_ms = self._clock()
        secret = self._app.client_secret
        headers = {
            "X-HubSpot-Signature-v3": signature_v3(secret, method, url, body, now_ms),
            "X-HubSpot-Request-Timestamp": str(now_ms),
            "X-HubSpot-Signature": signature_v2(secret, method, url, body),
            "X-HubSpot-Signature-Version": "v2",
        }
        if body:
            headers["Content-Type"] = "application/json"
        return self._session().request(
            method,
            url,
            data=body or None,
            headers=headers | (wanted.get("requestHeaders") or {}),
            timeout=timeout_s,
            allow_redirects=False,
        )

    def _addressed(self, viewer: Viewer, wanted: Json) -> str:
        identity = urlencode(
            {
                "userId": viewer.user_id,
                "portalId": viewer.portal_id,
                "userEmail": viewer.email,
                "appId": self._app.app_id,
            }
        )
        url = str(wanted["requestUri"])
        return f"{url}{'&' if '?' in url else '?'}{identity}"

    def _session(self) -> requests.Session:
        """One per thread: sessions are not made for sharing."""
        if not hasattr(self._local, "session"):
            self._local.session = requests.Session()
            self._local.session.trust_env = False
        session: requests.Session = self._local.session
        return session


def _body(wanted: Json) -> bytes:
    body: Any = wanted.get("requestBody")
    return b"" if body is None else json.dumps(body, separators=(",", ":")).encode()


def _translated(answer: requests.Response) -> Json:
    if len(answer.content) > PAYLOAD_MAX:
        return _error("BAD_GATEWAY", "the app's answer is larger than 1 MB", 502)
    said: Json = {
        "status": "success",
        "responseBody": answer.text,
        "context": {"appServerStatusCode": [str(answer.status_code)]},
    }
    if answer.status_code >= 300:
        said |= {"status": "error", "category": "BAD_GATEWAY", "message": "the app failed"}
    return said


def _error(category: str, message: str, status: int | None = None) -> Json:
    said: Json = {"status": "error", "category": category, "message": message}
    return said if status is None else said | {"context": {"appServerStatusCode": [str(status)]}}
