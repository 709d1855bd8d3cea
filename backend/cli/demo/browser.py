"""An admin's browser: follows the invitation, reads the consent page, presses Approve.

A cookie jar, redirects and a form, nothing else: the same steps a person takes.
"""

from __future__ import annotations

from html.parser import HTMLParser
from urllib.parse import urljoin

import requests

from backend.errors import Permanent

TIMEOUT_S = 30


class Form(HTMLParser):
    """What a browser would send for the first form of a page, its first button pressed."""

    def __init__(self) -> None:
        super().__init__()
        self.action: str | None = None
        self.fields: list[tuple[str, str]] = []
        self._inside = False
        self._pressed = False
        self._select: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect fields as the browser submits them."""
        values = {name: value or "" for name, value in attrs}
        if tag == "form" and self.action is None:
            self.action = values.get("action", "")
            self._inside = True
        elif self._inside:
            self._field(tag, values)

    def handle_endtag(self, tag: str) -> None:
        """Only the first form counts."""
        if tag == "form":
            self._inside = False
        elif tag == "select":
            self._select = None

    def _field(self, tag: str, values: dict[str, str]) -> None:
        name = values.get("name", "")
        if tag == "select":
            self._select = name
        elif tag == "option" and self._select:
            self.fields.append((self._select, values.get("value", "")))
            self._select = None  # the first option is the chosen one
        elif tag == "button" and not self._pressed:
            self._pressed = True
            if name:
                self.fields.append((name, values.get("value", "")))
        elif tag == "input" and name and self._is_sent(values):
            self.fields.append((name, values.get("value", "")))

    @staticmethod
    def _is_sent(values: dict[str, str]) -> bool:
        return values.get("type") not in {"checkbox", "radio"} or "checked" in values


def approve(link: str) -> None:
    """Open the invitation and consent. Raises Permanent when the page is not what it should be."""
    with requests.Session() as browser:
        browser.trust_env = False
        page = browser.get(link, timeout=TIMEOUT_S)
        form = Form()
        form.feed(page.text)
        if page.status_code != 200 or form.action is None:
            raise Permanent(f"the consent page answered {page.status_code} without a form")
        done = browser.post(urljoin(page.url, form.action), data=form.fields, timeout=TIMEOUT_S)
        if done.status_code != 200 or "Connected" not in done.text:
            raise Permanent(f"the callback answered {done.status_code}")
