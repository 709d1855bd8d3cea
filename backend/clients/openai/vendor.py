"""OpenAI, or a compatible server, as one of the services that providers depend on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from backend.clients.http import Answer, Http, skew_s
from backend.clients.openai.api import OpenAiApi
from backend.clients.openai.models import problems_of
from backend.clients.redis.breaker import Breaker
from backend.errors import Permanent, Transient

OPENAI: Final = "https://api.openai.com/v1"
_NO_LIST: Final = (404, 405, 501)  # a compatible server need not have a list of its models
_CURES: Final = {
    401: "the key is refused: check OPENAI_API_KEY",
    402: "the account has no credit left: top it up",
    403: "the key may not list models, or not from here: check OPENAI_API_KEY",
}


class OpenAiVendor:
    """The Vendor port. `models` are pairs of setting and model that have to exist."""

    name = "openai"
    keeps = (
        "requests for at most 30 days: typed facts, and free text without what was recognised in it"
    )

    def __init__(
        self,
        *,
        api_key: str,
        base_url: str,
        models: Sequence[tuple[str, str]],
        http: Http,
        breakers: Sequence[Breaker],
        connections: Sequence[OpenAiApi],
    ) -> None:
        self._key = api_key
        self._base_url = (base_url or OPENAI).rstrip("/")
        self._models = models
        self._http = http
        self._breakers = breakers
        self._connections = connections

    def check(self, now: datetime) -> Mapping[str, Any]:
        """Read its list of models. Raises Transient or Permanent, with the cure."""
        headers = {"Authorization": f"Bearer {self._key}"}
        answer = self._http.send("GET", f"{self._base_url}/models", headers=headers)
        listed = _listed(answer)
        by_openai = self._base_url == OPENAI
        problems = problems_of(self._models, listed, now.date(), by_openai=by_openai)
        return {"problems": problems} | skew_s(answer, now)

    def breakers(self) -> Mapping[str, str]:
        """Of chat and embeddings."""
        return {breaker.vendor: breaker.state() for breaker in self._breakers}

    def try_now(self) -> None:
        """Ask again although the quota was used up a moment ago."""
        for breaker in self._breakers:
            breaker.try_now()

    def close(self) -> None:
        """Drop pooled connections."""
        for connection in self._connections:
            connection.close()


def _listed(answer: Answer) -> list[Mapping[str, Any]] | None:
    """The models; None where the server has no list."""
    if answer.status in _NO_LIST:
        return None
    if answer.status >= 500 or answer.status == 429:
        raise Transient(f"answers {answer.status}")
    if answer.status >= 400:
        raise Permanent(
            f"answers {answer.status}: {_CURES.get(answer.status, 'check the address')}"
        )
    data = answer.json.get("data") if isinstance(answer.json, dict) else None
    return [one for one in data if isinstance(one, dict)] if isinstance(data, list) else None
