"""A manager at the console: signing in, opening pages, reading what they show."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page

from backend.cli.demo.scenario import ADMIN
from tests.browser.conftest import PATIENCE_MS, Stage

PASSWORD = "a password of my own"


class Manager:
    """One browser page of the console."""

    def __init__(self, page: Page, stage: Stage) -> None:
        self.page = page
        self._stage = stage
        self._base = stage.run.stage.console
        page.set_default_timeout(PATIENCE_MS)

    def open(self, path: str) -> Manager:
        self.page.goto(f"{self._base}{path}")
        return self

    def fill_sign_in(self, password: str) -> None:
        self.page.get_by_label("Email").fill(ADMIN)
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("button", name="Sign in").click()

    def choose_password(self, present: str) -> None:
        self.page.get_by_label("Present or one-time password").fill(present)
        self.page.get_by_label("New password (12 characters or more)").fill(PASSWORD)
        self.page.get_by_label("New password again").fill(PASSWORD)
        self.page.get_by_role("button", name="Save").click()

    def sign_in(self) -> Manager:
        """With the one-time password the first time, and with one's own afterwards."""
        self.open("/overview")
        self.fill_sign_in(PASSWORD)
        refused = self.page.get_by_role("alert").filter(has_text="not right")
        refused.or_(self.heading("Overview")).first.wait_for()
        if refused.is_visible():
            self.fill_sign_in(self._stage.run.scenario.admin_password)
            self.choose_password(self._stage.run.scenario.admin_password)
        self.heading("Overview").wait_for()
        return self

    def heading(self, name: str | re.Pattern[str]) -> Locator:
        return self.page.get_by_role("heading", name=name, exact=isinstance(name, str), level=1)

    def metric(self, label: str | re.Pattern[str]) -> Locator:
        """A figure of the first screen by its label."""
        return self.page.get_by_test_id("stMetric").filter(has_text=label)

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name).first.click()

    def choose_row(self, number: int) -> None:
        """Tick a row of the first table: it is drawn on a canvas."""
        grid = self.page.get_by_test_id("stDataFrame").first
        grid.wait_for()
        grid.click(position={"x": 16, "y": 18 + 35 * (number + 1)})
