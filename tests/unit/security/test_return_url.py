"""A browser goes back to HubSpot and to nobody else."""

from __future__ import annotations

import pytest

from backend.security.return_url import URL_MAX, is_hubspots

HUBSPOT = "https://app.hubspot.com"
SANDBOX = "http://127.0.0.1:9026"


@pytest.mark.parametrize(
    "url",
    [
        "https://app.hubspot.com",
        "https://app.hubspot.com/",
        "https://app.hubspot.com/integrations-settings/1/installed?x=1&y=a%20b",
        "https://app-eu1.hubspot.com/ecosystem/1/marketplace/apps#installed",
        "https://ecosystem.hubspot.com/marketplace?back=https://example.com/",
        "https://hubspot.com/?next=@evil.example",
    ],
)
def test_hubspots_own_pages_pass(url: str) -> None:
    assert is_hubspots(url, HUBSPOT)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/",
        "//app.hubspot.com/",
        "app.hubspot.com",
        "http://app.hubspot.com/",
        "HTTPS://APP.HUBSPOT.COM.evil.example/",
        "javascript://app.hubspot.com/%0aalert(1)",
        "data:text/html,https://app.hubspot.com/",
        "ftp://app.hubspot.com/",
        "https:app.hubspot.com/",
        "https:/app.hubspot.com/",
        "https:///app.hubspot.com/",
        "https://user@app.hubspot.com/",
        "https://app.hubspot.com@evil.example/",
        "https://app.hubspot.com:443/",
        "https://app.hubspot.com:8443/",
        "https://app.hubspot.com:@evil.example/",
        "https://app.hubspot.com.evil.example/",
        "https://app.hubspot.com./",
        "https://evilhubspot.com/",
        "https://app-hubspot.com/",
        "https://hubspot.com.evil.example/",
        "https://hubspot.co/",
        "https://evil.example/app.hubspot.com/",
        "https://evil.example?app.hubspot.com",
        "https://evil.example#.hubspot.com",
        "https://evil.example\\.hubspot.com/",
        "https://evil.example%2f.hubspot.com/",
        "https://evil.example%00.hubspot.com/",
        "https://app%2ehubspot%2ecom/",
        "https%3a%2f%2fapp.hubspot.com/",
        "https://app.hubspot.com\\@evil.example/",
        "https://app.hubspot.com#@evil.example/",
        "https://app.hubspot.com\t/",
        "https://app.hubspot.com/\r\nSet-Cookie: a=b",
        "https://app.hubspot.com/\n",
        " https://app.hubspot.com/",
        "https://app.hubspot.com /",
        "https://аpp.hubspot.com/",
        "https://app.hubspot。com/",
        "https://-.hubspot.com/",
        "https://a.b.hubspot.com/",
        "https://.hubspot.com/",
        "https://[::1].hubspot.com/",
        "https://127.0.0.1:9026/",
        "http://127.0.0.1:9026/marketplace",
        "https://app.hubspot.com/" + "a" * URL_MAX,
    ],
)
def test_everything_else_is_refused(url: str) -> None:
    assert not is_hubspots(url, HUBSPOT)


def test_the_sandbox_stands_for_hubspot_only_where_it_is_set() -> None:
    assert is_hubspots(f"{SANDBOX}/marketplace/installed/1", SANDBOX)
    assert not is_hubspots(HUBSPOT, SANDBOX)
    assert not is_hubspots("http://127.0.0.1:90261/", SANDBOX)
    assert not is_hubspots("http://127.0.0.1:9026@evil.example/", SANDBOX)
    assert not is_hubspots("http://127.0.0.1:9026.evil.example/", SANDBOX)
