"""Who read or changed what: a log line and an entry of the access log for every known caller."""

from __future__ import annotations

import structlog
from flask import Flask, Response, request
from redis import Redis

from backend.clients.redis import access_buffer
from backend.ports import Clock

_ACTOR = "leadlight.actor"  # in the request's WSGI environment: (actor, portal, subject)
SUBJECT_MAX = 128
log = structlog.get_logger()


def name_actor(actor: str, portal_id: int, subject: str = "") -> None:
    """To be called when it is proved who asks and that the portal is theirs, never before: an
    entry stands in that portal's log. `subject`: what it is about, where the request's address
    and a card's body do not say."""
    request.environ[_ACTOR] = (actor, portal_id, subject)


def log_accesses(app: Flask, clock: Clock, redis: Redis) -> None:
    """Ids only: the route, what it was about, and how it ended; never what was read."""

    @app.after_request
    def note(response: Response) -> Response:
        actor, portal_id, named = request.environ.get(_ACTOR, ("", 0, ""))
        if actor and request.url_rule is not None:
            action = f"{request.method} {request.url_rule.rule}"
            subject = _plain(named or _subject())
            log.info(
                "access",
                actor=actor,
                portal_id=portal_id,
                action=action,
                subject=subject,
                status=response.status_code,
            )
            now = clock.now()
            entry = (portal_id, now, actor, action, subject, response.status_code)
            access_buffer.push(redis, entry)
        return response


def _subject() -> str:
    """The id in the path, or the contact of a card's request."""
    named = [str(value) for name, value in (request.view_args or {}).items() if name != "portal_id"]
    return "/".join(named) or request.args.get("contactId", "") or _of_card()


def _plain(subject: str) -> str:
    signs = (sign for sign in subject if sign.isascii() and (sign.isalnum() or sign in "-_:./"))
    return "".join(signs)[:SUBJECT_MAX]


def _of_card() -> str:
    body = request.get_json(silent=True) if request.path.startswith("/card/") else None
    return str(body.get("contactId", "")) if isinstance(body, dict) else ""
