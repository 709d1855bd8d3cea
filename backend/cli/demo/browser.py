"""An admin's browser: follows the invitation, reads the consent page, presses Approve.

A cookie jar, redirects and a form, nothing else: the same steps a person takes.
"""

from __future__ import annotations

from html.parser import HTMLParser
from urllib.parse import urljoin

import requests

from backend.errors import Permanent

TIMEOUT_S = 30


class _Form(HTMLParser):
    """Action and hidden fields of the first form, and its first submit button."""

    def __init__(self) -> None:
        super().__init__()
        self.action: str | None = None
        self.fields: dict[str, str] = {}
        self._pressed = False
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect what the browser would send."""
        values = {name: value or "" for name, value in attrs}
        if tag == "form" and self.action is None:
            self.action = values.get("action", "")
            self._inside = True
        elif self._inside and tag == "input" and values.get("name"):
            self.fields[values["name"]] = values.get("value", "")
        elif self._inside and tag == "button" and not self._pressed:
            self._pressed = True
            if values.get("name"):
                self.fields[values["name"]] = values.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        """Only the first form counts."""
        if tag == "form":
            self._inside = False


def approve(link: str) -> None:
    """Open the invitation and consent. Raises Permanent when the page is not what it should be."""
    with requests.Session() as browser:
        browser.trust_env = False
        page = browser.get(link, timeout=TIMEOUT_S)
        form = _Form()
        form.feed(page.text)
        if page.status_code != 200 or form.action is None:
            raise Permanent(f"the consent page answered {page.status_code} without a form")
        done = browser.post(urljoin(page.url, form.action), data=form.fields, timeout=TIMEOUT_S)
        if done.status_code != 200 or "Connected" not in done.text:
            raise Permanent(f"the callback answered {done.status_code}")
