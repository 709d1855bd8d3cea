from __future__ import annotations

import pytest
from starlette.responses import Response

from console import cookies
from console.doorway import HEADERS


def cookie(response: Response) -> str:
    return response.headers["set-cookie"]


@pytest.mark.parametrize("name", [cookies.SESSION, cookies.DEVICE])
def test_on_https_cookies_are_bound_to_the_host(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONSOLE_PUBLIC_URL", "https://console.example.com")
    response = Response()
    cookies.keep(response, name, "secret")
    kept = cookie(response)
    assert kept.startswith(f"__Host-{name}=secret;")
    assert "Domain" not in kept
    assert {"HttpOnly", "Secure", "Path=/", "SameSite=strict"} <= set(kept.split("; "))
    assert cookies.value({f"__Host-{name}": "secret"}, name) == "secret"
    assert cookies.value({name: "set by another host of this domain"}, name) == ""
    gone = Response()
    cookies.forget(gone, name)
    assert cookie(gone).startswith(f'__Host-{name}="";') and "Secure" in cookie(gone)


def test_on_plain_http_a_demo_can_sign_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CONSOLE_PUBLIC_URL", raising=False)
    response = Response()
    cookies.keep(response, cookies.SESSION, "secret")
    assert cookie(response).startswith("leadlight_session=secret;")
    assert "Secure" not in cookie(response)


def test_no_script_but_the_console_s_own_files_runs_on_its_pages() -> None:
    rules = dict(rule.split(" ", 1) for rule in HEADERS["Content-Security-Policy"].split("; "))
    assert rules["script-src"] == "'self' 'wasm-unsafe-eval'"
    assert rules["default-src"] == rules["connect-src"] == rules["form-action"] == "'self'"
    assert rules["frame-ancestors"] == rules["object-src"] == "'none'"
