"""The console's only way to data: `/api/v1`, with the user's own key."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import requests

TIMEOUT_S = (3.0, 15.0)


class ApiError(Exception):
    """The backend's answer in words that help."""


class Client:
    """One base address and one key."""

    def __init__(self, base_url: str, key: str) -> None:
        self._base_url = base_url.rstrip("/")
        self._key = key

    def overview(self) -> dict[str, Any]:
        """Score distribution, bands and what is under way."""
        return self._get("/overview")

    def _get(self, path: str) -> dict[str, Any]:
        try:
            answer = requests.get(
                f"{self._base_url}/api/v1{path}",
                headers={"Authorization": f"Bearer {self._key}"},
                timeout=TIMEOUT_S,
                allow_redirects=False,
            )
        except requests.RequestException:
            raise ApiError(
                f"The backend at {self._base_url} does not answer: is it running?"
            ) from None
        if answer.status_code != 200:
            raise ApiError(_message(answer))
        found: dict[str, Any] = answer.json()
        return found


def _message(answer: requests.Response) -> str:
    try:
        return str(answer.json()["message"])
    except (ValueError, KeyError, TypeError):
        return f"The backend answered {answer.status_code}."


def key_from(file: str, given: str) -> str:
    """The key that was given, or the one in the file; "" when there is none."""
    if given:
        return given
    path = Path(file) if file else None
    return path.read_text().strip() if path and path.is_file() else ""
