"""What both ways of connecting a portal say to a browser."""

from __future__ import annotations

from flask import Response, make_response, render_template

from backend.config import Settings


def redirect_uri(settings: Settings) -> str:
    """Must equal one of the app's redirect URLs, letter by letter."""
    return f"{settings.public_base_url[0]}/oauth/callback"


def message(title: str, text: str, *, status: int = 200, link: str = "") -> Response:
    """A page with one thing to say."""
    html = render_template("message.html", title=title, text=text, link=link)
    return make_response(html, status)
