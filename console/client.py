"""The console's only way to data: `/api/v1`, with the signed-in person's own token."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import requests

TIMEOUT_S = (3.0, 30.0)
Answer = dict[str, Any]


class ApiError(Exception):
    """The backend's answer in words that help. `problems` has one line per place."""

    def __init__(
        self, message: str, *, status: int = 0, problems: tuple[str, ...] = (), code: str = ""
    ) -> None:
        super().__init__(_sentence(message))
        self.status = status
        self.code = code
        self.problems = problems


def _sentence(message: str) -> str:
    """With a capital, unless it starts with a name such as "contacts.email:"."""
    first = message.partition(" ")[0]
    return message[:1].upper() + message[1:] if first.rstrip(",").isalpha() else message


class SignedOut(ApiError):
    """The session has ended."""


class Client:
    """One base address, one token. `of(portal_id)` speaks about one portal."""

    def __init__(
        self,
        base_url: str,
        token: str,
        http: requests.Session | None = None,
        prefix: str = "",
        forwarded_for: str = "",
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._token = token
        self._http = http or requests.Session()
        self._prefix = prefix
        self._forwarded_for = forwarded_for

    def of(self, portal_id: int) -> Self:
        """The same person, with every path below this portal's."""
        return type(self)(self._base_url, self._token, self._http, f"/portals/{portal_id}")

    def _headers(self) -> dict[str, str]:
        """Who asks, and for whom: the backend limits tries by the browser's own address."""
        sent = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        return sent | ({"X-Forwarded-For": self._forwarded_for} if self._forwarded_for else {})

    def read(self, path: str, **query: Any) -> Answer:
        """GET; parameters that are empty are left out."""
        found: Answer = self._call("GET", path, query=query).json()
        return found

    def csv(self, path: str, **query: Any) -> bytes:
        """GET a table for a download button."""
        return self._call("GET", path, query=query).content

    def send(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Answer:
        """POST, PUT or DELETE."""
        found: Answer = self._call(method, path, body=body).json()
        return found

    def _call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> requests.Response:
        params = {name: value for name, value in (query or {}).items() if value not in (None, "")}
        try:
            answer = self._http.request(
                method,
                f"{self._base_url}/api/v1{self._prefix}{path}",
                params=params,
                json=body,
                headers=self._headers(),
                timeout=TIMEOUT_S,
                allow_redirects=False,
            )
        except requests.RequestException:
            raise ApiError(
                f"The backend at {self._base_url} does not answer: is it running?"
            ) from None
        if answer.status_code >= 300:
            raise _error(answer)
        return answer


def _error(answer: requests.Response) -> ApiError:
    kind = SignedOut if answer.status_code == 401 else ApiError
    try:
        told = answer.json()
        problems = tuple(str(line) for line in told.get("problems", ()))
        code = str(told.get("code", ""))
        return kind(str(told["message"]), status=answer.status_code, problems=problems, code=code)
    except (ValueError, KeyError, TypeError, AttributeError):
        return kind(f"The backend answered {answer.status_code}.", status=answer.status_code)
