"""An app's page on the marketplace, and installing it from there (ref 2.1).

HubSpot asks for consent itself and sends the browser to the app's install URL with `code` and
`returnUrl`, without a state of the app's. The form posts to `/marketplace/install` with
`portal_id`, optionally `user_id` (else its admin's), and the scopes that were granted.
"""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

from flask import Flask, redirect, render_template, request
from werkzeug.wrappers import Response

from sandbox.oauth.scopes import KNOWN_SCOPES
from sandbox.oauth.tokens import Grant
from sandbox.world import World


class Marketplace:
    """Shows the app and installs it."""

    def __init__(self, world: World) -> None:
        self._world = world

    def register(self, app: Flask) -> None:
        """Serve the pages of this file."""
        app.add_url_rule("/marketplace", endpoint="marketplace", view_func=self.show)
        app.add_url_rule("/marketplace/installed/<int:portal_id>", view_func=self.installed)
        app.add_url_rule("/marketplace/install", view_func=self.install, methods=["POST"])

    def show(self) -> str:
        """The app's page with its button."""
        with self._world.lock:
            portals = list(self._world.portals.values())
        app_id = self._world.settings.app.app_id
        return render_template("marketplace.html", app_id=app_id, portals=portals, done=None)

    def installed(self, portal_id: int) -> str:
        """Where `returnUrl` leads."""
        with self._world.lock:
            portal = self._world.portal(portal_id)
            done = self._world.settings.app.app_id in portal.installations
        app_id = self._world.settings.app.app_id
        return render_template("marketplace.html", app_id=app_id, portals=[portal], done=done)

    def install(self) -> Response:
        """To the app, with a code for the portal."""
        form = request.form
        with self._world.lock:
            portal = self._world.portal(int(form["portal_id"]))
            user_id = int(form.get("user_id") or portal.admin.user_id)
            wanted = form.getlist("granted") or sorted(KNOWN_SCOPES)
            scopes = tuple(s for s in wanted if s not in portal.tier.missing_scopes)
            app = self._world.settings.app
            grant = Grant(portal.portal_id, app.app_id, user_id, scopes)
            code = self._world.tokens.new_code(grant, self._install_url())
        back = f"{request.host_url}marketplace/installed/{portal.portal_id}"
        answer = urlencode({"code": code, "returnUrl": back})
        return redirect(f"{self._install_url()}?{answer}")

    def _install_url(self) -> str:
        """The listing's install URL: the app's first redirect URL."""
        app = self._world.settings.app
        if app.redirect_uris:
            return app.redirect_uris[0]
        parts = urlsplit(app.webhook_url)
        return f"{parts.scheme}://{parts.netloc}/oauth/callback"
