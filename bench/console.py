"""The console and its API with 200,000 leads and their history. Prints one JSON object.

`python -m bench.console [--leads N] [--history N] [--database sqlite|postgres|both]`. Fills a
database as scoring leaves it, starts the product's own web server and console, and measures at the
wire and in a browser: first paint of Overview and Leads until their table or chart is drawn, a
filter's change until the table follows, the API list's times, the console's memory.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import requests
from playwright.sync_api import Page, sync_playwright

from bench.large_portal import NAMES, OWNERS, PASSWORD, PORTAL, SOURCES, fill
from bench.stage import Running, running

OPENS = 5
CALLS = 200
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]


def main() -> int:
    """Measure each kind of database and print."""
    parser = argparse.ArgumentParser(prog="bench.console", description=main.__doc__)
    parser.add_argument("--leads", type=int, default=200_000)
    parser.add_argument("--history", type=int, default=5, help="changes per lead")
    parser.add_argument("--database", choices=("sqlite", "postgres", "both"), default="both")
    wanted = parser.parse_args()
    kinds = ("sqlite", "postgres") if wanted.database == "both" else (wanted.database,)
    found: dict[str, Any] = {
        "bench": "console",
        "leads": wanted.leads,
        "history_rows": wanted.leads * wanted.history,
    }
    for kind in kinds:
        found[kind] = measure(kind, wanted.leads, wanted.history)
    print(json.dumps(found))
    return 0


def measure(kind: str, count: int, changes: int) -> dict[str, Any]:
    """One database, filled and looked at."""
    with database_url(kind) as url:
        environ = {} if url is None else {"DATABASE_URL": url}
        parts = ("valkey", "sandbox", "web", "console")
        with running(parts=parts, contacts=20, environ=environ) as stage:
            began = time.monotonic()
            token = fill(stage.scenario.product, count, changes)
            filled_s = time.monotonic() - began
            found = {"fill_s": round(filled_s), **at_the_wire(stage, token)}
            found |= in_the_browser(stage)
            found["console_pss_mb"] = stage.pss_mb()["console"]
            found["web_pss_mb"] = stage.pss_mb()["web"]
    return found


@contextmanager
def database_url(kind: str) -> Iterator[str | None]:
    """A Postgres of its own, or None for the stage's SQLite file."""
    if kind == "sqlite":
        yield None
        return
    import pgserver

    folder = tempfile.mkdtemp(prefix="leadlight-bench-")
    server = pgserver.get_server(folder, cleanup_mode="delete")  # type: ignore[attr-defined]
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


QUERIES: dict[str, Callable[[random.Random], str]] = {
    "best": lambda rng: "",
    "worst": lambda rng: "sort=worst",
    "changed": lambda rng: "sort=changed",
    "band": lambda rng: f"band={rng.choice(['High', 'Medium', 'Low'])}",
    "owner": lambda rng: f"owner={rng.choice(OWNERS)}",
    "owner_band": lambda rng: f"owner={rng.choice(OWNERS)}&band=Low",
    "source": lambda rng: f"source={rng.choice(SOURCES)}&score_min=60",
    "known": lambda rng: f"days={rng.choice([7, 30, 90])}",
    "known_band": lambda rng: f"days=7&band={rng.choice(['High', 'Medium', 'Low'])}",
    "name": lambda rng: f"q={rng.choice(NAMES)} Family{rng.randrange(9_973)}",
    "id": lambda rng: f"q={10_000 + rng.randrange(100_000)}",
}


def at_the_wire(stage: Running, token: str) -> dict[str, Any]:
    """Milliseconds of API calls, one after the other; lists are followed to a second page."""
    rng = random.Random(11)
    base = f"{stage.stage.web}/api/v1/portals/{PORTAL}"
    http = requests.Session()
    http.headers["Authorization"] = f"Bearer {token}"
    times: dict[str, list[float]] = {name: [] for name in QUERIES}
    for n in range(CALLS):
        name = list(QUERIES)[n % len(QUERIES)]
        query = QUERIES[name](rng)
        page, ms = _timed(http, f"{base}/leads?{query}")
        times[name].append(ms)
        if page["next"]:
            times[name].append(_timed(http, f"{base}/leads?{query}&cursor={page['next']}")[1])
    every = sorted(ms for found in times.values() for ms in found)
    others = {
        path: round(statistics.median(_timed(http, f"{base}/{path}")[1] for _ in range(5)))
        for path in (
            "overview",
            "leads/summary",
            "leads/choices",
            "operations",
            "settings/outlook",
            "settings/preview",
            "leads/10005",
            "patterns/traits",
            "patterns/traits?by=technologies&days=90",
            "patterns/grid",
            "patterns/touches",
            "patterns/surprises",
            "impact/cohorts",
            "impact/cohorts?band=Low",
            "impact/cohorts?band=Low&by=owner&weeks=26",
            f"impact/cohorts?band=Medium&owner={OWNERS[0]}",
            "impact/money",
            "impact/ageing",
            "impact/holdout",
            "impact/exploration",
            f"my-leads?owner={OWNERS[0]}",
            f"months?month={datetime.now():%Y-%m}",
            "models",
            "profiles",
        )
    }
    return {
        "list_ms_p50": round(statistics.median(every), 1),
        "list_ms_p95": round(every[int(0.95 * len(every))], 1),
        "list_calls": len(every),
        "list_ms_median_by_query": {n: round(statistics.median(f), 1) for n, f in times.items()},
        "other_ms": others,
    }


def _timed(http: requests.Session, url: str) -> tuple[Any, float]:
    began = time.perf_counter()
    answer = http.get(url, timeout=60)
    ms = (time.perf_counter() - began) * 1000
    answer.raise_for_status()
    return answer.json(), ms


def in_the_browser(stage: Running) -> dict[str, Any]:
    """Medians over several opens; the first of each is cold and not counted."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        print("bench.console: no Chromium, pages are not measured", file=sys.stderr)
        return {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        page = browser.new_page(viewport={"width": 1360, "height": 1000})
        _sign_in(page, stage.stage.console)
        opens = {
            "overview": _opens(page, f"{stage.stage.console}/overview", ".js-plotly-plot"),
            "patterns": _opens(page, f"{stage.stage.console}/patterns", ".js-plotly-plot"),
            "leads": _opens(page, f"{stage.stage.console}/leads", "[data-testid=stDataFrame]"),
            "my_leads": _opens(
                page, f"{stage.stage.console}/mine?owner={OWNERS[0]}", "button:has-text('Done')"
            ),
            "impact": _opens(page, f"{stage.stage.console}/impact", "[data-testid=stDataFrame]"),
        }
        bands = [_change_band(page, band) for band in ("Low", "Medium", "High") * 2][1:]
        page.goto(f"{stage.stage.console}/leads")
        page.locator("[data-testid=stDataFrame]").first.wait_for(timeout=60_000)
        page.get_by_text("More filters").click()
        changes = [_change_filter(page, way) for way in ("Worst first", "Best first") * 3][1:]
        browser.close()
    return {
        **{f"first_paint_{name}_s": found for name, found in opens.items()},
        "filter_change_s": round(statistics.median(changes), 2),
        "impact_filter_change_s": round(statistics.median(bands), 2),
    }


def _sign_in(page: Page, console: str) -> None:
    page.goto(f"{console}/overview")
    page.fill("#email", "admin@example.com")
    page.fill("#password", PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Overview").wait_for(timeout=60_000)


def _opens(page: Page, address: str, drawn: str) -> float:
    times = []
    for _ in range(OPENS + 1):
        began = time.perf_counter()
        page.goto(address, wait_until="commit")
        page.locator(drawn).first.wait_for(timeout=60_000)
        times.append(time.perf_counter() - began)
    return round(statistics.median(times[1:]), 2)


def _change_band(page: Page, band: str) -> float:
    """From choosing another band of Impact to Streamlit being at rest with its cohorts."""
    page.get_by_role("combobox", name="Leads that became").click()
    option = page.get_by_role("option", name=band)
    option.wait_for()
    began = time.perf_counter()
    option.click()
    page.get_by_text(f"leads became {band}:").wait_for(timeout=60_000)
    page.locator("[data-testid=stStatusWidget]").wait_for(state="detached", timeout=60_000)
    return time.perf_counter() - began


def _change_filter(page: Page, way: str) -> float:
    """From choosing another order to Streamlit being at rest with the new table."""
    page.get_by_role("combobox", name="Order").click()
    option = page.get_by_role("option", name=way)
    option.wait_for()
    began = time.perf_counter()
    option.click()
    page.wait_for_function(
        "way => document.location.search.includes('worst') === (way === 'Worst first')", arg=way
    )
    page.locator("[data-testid=stStatusWidget]").wait_for(state="detached", timeout=60_000)
    return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(main())
