"""What the console's plain forms share: one look, the backend behind them, the cookies."""

from __future__ import annotations

import os
from html import escape
from urllib.parse import parse_qs, urlsplit

from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from console import cookies
from console.api import Api
from console.client import Answer

CSP = (
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; "
    "base-uri 'none'"
)
STYLE = """
:root{color-scheme:light dark}
body{margin:0;font:16px/1.5 system-ui,sans-serif;color:#1d2b3a;background:#f4f6f8;
display:grid;place-items:center;min-height:100vh}
main{background:#fff;padding:2rem;border-radius:12px;box-sizing:border-box;width:min(26rem,94vw);
box-shadow:0 2px 16px #1d2b3a14}
h1{margin:0 0 .25rem;font-size:1.5rem}p{margin:.25rem 0 1rem;color:#4a5b6c}
label{display:block;margin:.9rem 0 .25rem;font-weight:600;font-size:.9rem}
input{width:100%;box-sizing:border-box;padding:.6rem;border:1px solid #8a97a6;border-radius:6px;
font:inherit}
button{margin-top:1.4rem;width:100%;padding:.7rem;border:0;border-radius:6px;background:#0b7a75;
color:#fff;font:inherit;font-weight:600;cursor:pointer}
.problem{background:#fdecea;color:#8c1d18;padding:.6rem .8rem;border-radius:6px}
svg{background:#fff}
@media (prefers-color-scheme:dark){body{background:#121a22;color:#e8edf2}main{background:#1c2733}
p{color:#b8c4d0}input{background:#121a22;color:#e8edf2}.problem{background:#4a1f1c;color:#ffd9d5}}
"""


def api_url() -> str:
    """Where the backend answers."""
    return os.environ.get("CONSOLE_API_URL", "http://localhost:8000")


def api_of(request: HTTPConnection, token: str = "") -> Api:
    """The backend, told whom this is for; it believes us as far as it trusts us as a proxy."""
    before = request.headers.get("x-forwarded-for", "")
    peer = request.client.host if request.client else ""
    return Api(api_url(), token, forwarded_for=", ".join(part for part in (before, peer) if part))


def local(address: str) -> str:
    """A path on this console; anything that would lead elsewhere becomes the first page."""
    parts = urlsplit(address)
    elsewhere = parts.scheme or parts.netloc or not address.startswith("/")
    odd = address.startswith(("//", "/\\")) or any(ord(c) < 32 for c in address)
    return "/" if elsewhere or odd else address


async def form_of(request: Request) -> dict[str, str]:
    """The fields that were sent, the first value of each."""
    body = await request.body()  # console/bodies.py bounds it
    fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
    return {name: values[0] for name, values in fields.items()}


def is_same_origin(request: Request) -> bool:
    """False for a form on somebody else's page."""
    origin = request.headers.get("origin", "")
    return not origin or urlsplit(origin).netloc == request.headers.get("host", "")


def signed_in(found: Answer, goal: str) -> Response:
    """To `goal` with the session's cookie, and the one that knows this browser again."""
    response = RedirectResponse(goal, 303)
    cookies.keep(response, cookies.SESSION, found["token"])
    cookies.keep(response, cookies.DEVICE, found["device"], cookies.DEVICE_S)
    return response


def page(
    title: str,
    lead: str,
    action: str,
    fields: str,
    button: str,
    back: str,
    problem: str,
    status: int,
    method: str = "post",
) -> Response:
    """One form, or one message, in the product's look; no script and no other host."""
    told = f'<p class="problem" role="alert">{escape(problem)}</p>' if problem else ""
    html = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{STYLE}</style></head><body><main><h1>{title}</h1><p>{lead}</p>{told}"
        f'<form method="{method}" action="{action}">'
        f'<input type="hidden" name="next" value="{escape(local(back))}">{fields}'
        f"<button>{button}</button></form></main></body></html>"
    )
    headers = {"Content-Security-Policy": CSP, "Cache-Control": "no-store"}
    return HTMLResponse(html, status, headers)
