"""The page on which an admin lets the app in (ref 2.1).

The form posts to `/oauth/authorize/approve` with the query's own fields, `portal_id`,
`decision=approve|deny`, one `granted` per optional scope that is let through, and optionally the
`user_id` of whoever is signed in to HubSpot (else the portal's admin).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from flask import Flask, Response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from sandbox.oauth.scopes import KNOWN_SCOPES
from sandbox.oauth.tokens import Grant
from sandbox.settings import AppSettings
from sandbox.state.portal import Portal
from sandbox.world import World

LOCAL_HOSTS = ("localhost", "127.0.0.1")


class Refused(Exception):
    """The address the app sent people to is wrong; the message is for its developer."""


@dataclass(frozen=True, slots=True)
class Ask:
    """What the app asks for."""

    client_id: str
    redirect_uri: str
    scopes: tuple[str, ...]
    optional: tuple[str, ...]
    state: str | None


class Consent:
    """Shows the page and takes the answer."""

    def __init__(self, world: World) -> None:
        self._world = world

    def register(self, app: Flask) -> None:
        """Serve the pages of this file."""
        app.add_url_rule("/oauth/authorize", view_func=self.show, endpoint="consent")
        app.add_url_rule("/oauth/<int:portal_id>/authorize", view_func=self.show)
        app.add_url_rule(
            "/oauth/authorize/approve", view_func=self.answer, methods=["POST"], endpoint="approve"
        )

    def show(self, portal_id: int | None = None) -> AnyResponse | tuple[str, int]:
        """The consent page, or why there is none."""
        try:
            ask = _parse(request.args, self._world.settings.app)
            with self._world.lock:
                portals = self._choices(portal_id)
                return Response(
                    render_template(
                        "consent.html",
                        ask=ask,
                        fields=_fields(ask),
                        app_id=self._world.settings.app.app_id,
                        portals=portals,
                        missing={p.portal_id: _missing(p, ask) for p in portals},
                    )
                )
        except Refused as refused:
            return render_template("refused.html", reason=str(refused)), 400

    def _choices(self, portal_id: int | None) -> list[Portal]:
        if portal_id is None:
            return list(self._world.portals.values())
        if portal_id not in self._world.portals:
            raise Refused(f"You have no access to account {portal_id}.")
        return [self._world.portals[portal_id]]

    def answer(self) -> AnyResponse | tuple[str, int]:
        """Back to the app with a code, or with an error when the admin said no."""
        form = request.form
        try:
            ask = _parse(form, self._world.settings.app)
            if form.get("decision") != "approve":
                return _back(
                    ask, error="access_denied", error_description="The user denied the request"
                )
            with self._world.lock:
                chosen = form.get("portal_id", "")
                portal = self._choices(int(chosen) if chosen.isdigit() else -1)[0]
                code = self._code(ask, portal, set(form.getlist("granted")))
            return _back(ask, code=code)
        except Refused as refused:
            return render_template("refused.html", reason=str(refused)), 400

    def _code(self, ask: Ask, portal: Portal, granted: set[str]) -> str:
        missing = _missing(portal, ask)
        if missing:
            raise Refused(
                f"Account {portal.portal_id} ({portal.tier.name}) does not have: "
                f"{', '.join(missing)}. Ask for them as optional scopes."
            )
        extra = [s for s in ask.optional if s in granted and s not in portal.tier.missing_scopes]
        scopes = tuple(dict.fromkeys((*ask.scopes, *extra)))
        app_id = self._world.settings.app.app_id
        user_id = int(request.form.get("user_id") or portal.admin.user_id)
        grant = Grant(portal.portal_id, app_id, user_id, scopes)
        return self._world.tokens.new_code(grant, ask.redirect_uri)


def _parse(sent: Mapping[str, str], app: AppSettings) -> Ask:
    if sent.get("client_id") != app.client_id:
        raise Refused("The client_id does not belong to any app.")
    redirect_uri = sent.get("redirect_uri", "")
    if not _allowed(redirect_uri, app):
        raise Refused(f"The redirect_uri {redirect_uri!r} is not one of the app's.")
    scopes = tuple(sent.get("scope", "").split())
    optional = tuple((sent.get("optional_scope") or sent.get("optional_scopes") or "").split())
    unknown = [s for s in (*scopes, *optional) if s not in KNOWN_SCOPES]
    if unknown:
        raise Refused(f"These scopes do not exist: {', '.join(unknown)}.")
    if not scopes:
        raise Refused("The scope parameter is missing.")
    return Ask(app.client_id, redirect_uri, scopes, optional, sent.get("state"))


def _allowed(uri: str, app: AppSettings) -> bool:
    if app.redirect_uris:
        return uri in app.redirect_uris
    parts = urlsplit(uri)
    local = parts.scheme == "http" and parts.hostname in LOCAL_HOSTS
    return bool(parts.hostname) and (local or parts.scheme == "https")


def _missing(portal: Portal, ask: Ask) -> list[str]:
    return [scope for scope in ask.scopes if scope in portal.tier.missing_scopes]


def _fields(ask: Ask) -> dict[str, str]:
    fields = {
        "client_id": ask.client_id,
        "redirect_uri": ask.redirect_uri,
        "scope": " ".join(ask.scopes),
        "optional_scope": " ".join(ask.optional),
    }
    return fields if ask.state is None else {**fields, "state": ask.state}


def _back(ask: Ask, **answer: str) -> AnyResponse:
    if ask.state is not None:
        answer["state"] = ask.state
    joint = "&" if urlsplit(ask.redirect_uri).query else "?"
    return redirect(f"{ask.redirect_uri}{joint}{urlencode(answer)}")
