"""The one way into the API: faults, token, limits, scopes, lock, answer, counts, in this order."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Flask, Request, Response, request

from sandbox import numbers
from sandbox.errors import (
    ApiError,
    Json,
    MissingPage,
    invalid,
    missing_scopes,
    unauthorized,
    unreadable,
)
from sandbox.faults.effects import answer_faults, call_faults
from sandbox.needs import KIND_SLOTS, Scopes
from sandbox.oauth.tokens import AccessToken
from sandbox.state.editor import Editor
from sandbox.state.object_types import object_type
from sandbox.state.portal import Portal
from sandbox.state.records import integration
from sandbox.world import World

Answer = tuple[Any, int]
_PAGE = (
    "<!DOCTYPE html><html><head><title>HubSpot</title></head><body>resource not found</body></html>"
)
_SLOT = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Call:
    """One authorised call of an app to a portal."""

    portal: Portal
    token: AccessToken
    editor: Editor
    request: Request

    @property
    def now_ms(self) -> int:
        """When the call came."""
        return self.editor.now_ms

    def body(self) -> Json:
        """The JSON object sent; 400 when it is none."""
        sent = self.json()
        if not isinstance(sent, dict):
            raise unreadable("Invalid input JSON: expected an object")
        return sent

    def json(self) -> Any:
        """The JSON sent; 400 when it is none."""
        try:
            return json.loads(self.request.get_data())
        except ValueError:
            raise unreadable("Invalid input JSON: the body could not be parsed") from None

    def number(self, name: str, default: int, least: int, most: int) -> int:
        """A whole number from the query; one beyond the limits is taken as the limit."""
        text = self.request.args.get(name, str(default))
        digits = text.removeprefix("-")
        if not (digits.isascii() and digits.isdigit() and len(digits) < 12):
            raise invalid(f"{name} must be a number from {least} to {most}, not {text}")
        return min(max(int(text), least), most)

    def flag(self, name: str) -> bool:
        """A boolean from the query, false when absent."""
        return self.request.args.get(name, "false").lower() == "true"

    def names(self, key: str) -> list[str]:
        """Comma-separated or repeated names from the query."""
        parts = ",".join(self.request.args.getlist(key)).split(",")
        return [part.strip() for part in parts if part.strip()]


View = Callable[..., Answer]


class Gateway:
    """Registers the API's addresses on the Flask app."""

    def __init__(self, world: World, app: Flask) -> None:
        self._world = world
        self._app = app

    def add(
        self,
        method: str,
        path: str,
        view: View,
        scopes: Scopes,
        search: bool = False,
        old: Sequence[str] = numbers.OLD_VERSIONS,
    ) -> None:
        """Serve `/crm/objects/{version}/…` and its old forms `/crm/{version}/objects/…`."""
        area, _, rest = path.removeprefix("/crm/").partition("/{version}")
        dated, undated = f"/crm/{area}/{{version}}{rest}", f"/crm/{{version}}/{area}{rest}"
        self.at(method, dated, view, scopes, search, numbers.DATED_VERSIONS)
        self.at(method, undated, view, scopes, search, old)

    def at(
        self,
        method: str,
        path: str,
        view: View,
        scopes: Scopes,
        search: bool = False,
        versions: Sequence[str] = (),
    ) -> None:
        """Serve this path to callers with a token; `{version}` in it is one of `versions`."""

        def authorised(**slots: str) -> Response:
            called = path.replace("{version}", slots.pop("version", ""))
            return self._authorised(called, view, scopes, search, slots)

        self._register(method, path, authorised, versions)

    def open(self, method: str, path: str, view: Callable[..., Response]) -> None:
        """Serve this path without a token (OAuth); faults and counts apply."""

        def unauthorised(**slots: str) -> Response:
            def run() -> Response:
                with self._world.lock:
                    return view(request, **slots)

            return self._guarded(path, slots, None, run)

        self._register(method, path, unauthorised)

    def _register(
        self, method: str, path: str, view: Callable[..., Response], versions: Sequence[str] = ()
    ) -> None:
        version = f"<any({', '.join(map(repr, versions))}):version>"
        self._app.add_url_rule(
            _SLOT.sub(r"<\1>", path.replace("{version}", version)),
            endpoint=f"{method} {path}",
            view_func=view,
            methods=[method],
            strict_slashes=False,
        )

    def _authorised(
        self, path: str, view: View, scopes: Scopes, search: bool, slots: Mapping[str, str]
    ) -> Response:
        with self._world.lock:
            token = self._world.tokens.access(_bearer(request))

        def run() -> Response:
            checked = self._check_token(token)
            grant = checked.grant
            headers = self._world.limiter.take((grant.portal_id, grant.app_id), search)
            try:
                answer = self._answer(checked, view, scopes, slots)
            except ApiError as refused:
                answer = error_response(refused)
            answer.headers.extend(headers)
            return answer

        return self._guarded(path, slots, token, run)

    def _answer(
        self, token: AccessToken, view: View, scopes: Scopes, slots: Mapping[str, str]
    ) -> Response:
        needed = [s for s in scopes(slots) if s not in token.grant.scopes]
        if needed:
            raise missing_scopes(needed)
        with self._world.lock:
            portal = self._world.portal(token.grant.portal_id)
            editor = self._world.editor(portal, integration(token.grant.app_id))
            body, status = view(Call(portal, token, editor, request), **slots)
            return json_response(body, status)

    def _check_token(self, token: AccessToken | None) -> AccessToken:
        if token is None or token.revoked:
            raise unauthorized(
                "INVALID_AUTHENTICATION",
                "Authentication credentials not found. This API supports OAuth 2.0 authentication "
                "and you can find more details at https://developers.hubspot.com/docs/",
            )
        if not self._world.tokens.is_valid(token):
            raise unauthorized(
                "EXPIRED_AUTHENTICATION", "The OAuth token used to make this call expired."
            )
        return token

    def _guarded(
        self,
        path: str,
        slots: Mapping[str, str],
        token: AccessToken | None,
        run: Callable[[], Response],
    ) -> Response:
        portal_id = None if token is None else token.grant.portal_id
        struck = self._world.faults.hits(request.method, request.path, portal_id)
        try:
            call_faults(self._world, struck, token)
            answer = run()
        except ApiError as refused:
            answer = error_response(refused)
        answer = answer_faults(struck, answer, request.environ)
        endpoint = f"{request.method} {_template(path, slots)}"
        self._world.stats.call(portal_id, endpoint, answer.status_code)
        return answer


def json_response(body: Any, status: int) -> Response:
    """A JSON answer, or an empty one for None."""
    if body is None:
        return Response(status=status)
    text = json.dumps(body, separators=(",", ":"), ensure_ascii=False)
    return Response(text, status, content_type="application/json;charset=utf-8")


def error_response(error: ApiError) -> Response:
    """An error in HubSpot's shape."""
    if isinstance(error, MissingPage):
        return Response(_PAGE, error.status, content_type="text/html; charset=utf-8")
    answer = json_response(error.body(), error.status)
    answer.headers.extend(error.headers)
    return answer


def _bearer(sent: Request) -> str:
    kind, _, token = sent.headers.get("Authorization", "").partition(" ")
    return token if kind == "Bearer" else ""


def _template(path: str, slots: Mapping[str, str]) -> str:
    def fill(found: re.Match[str]) -> str:
        if found.group(1) not in KIND_SLOTS:
            return found.group()
        try:
            return object_type(slots[found.group(1)]).name
        except ApiError:
            return found.group()

    return _SLOT.sub(fill, path)
