"""How fast the card is on the record page, and how large it is. Prints one JSON object.

Painted: from the page's own request to the score being in the document, in a real browser on
loopback, worker start and backend included; the first open is cold and not counted.
"""

from __future__ import annotations

import json
import shutil
import statistics
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from backend.storage.leads import scores
from bench.stage import Running, running

ROOT = Path(__file__).resolve().parents[1]
BUNDLES = ("LeadScoreCard", "LeadHistoryTab", "SettingsPage")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]
OPENS = 20
PAINTED = """new Promise(done => {
  const look = () => document.querySelector('[data-testid=score]')
    ? done(performance.now()) : requestAnimationFrame(look);
  look();
})"""


def main() -> int:
    """Measure and print; 1 when the browser or the built card is missing."""
    browser_path = shutil.which("chromium") or shutil.which("chromium-browser")
    sizes = {name: _size(name) for name in BUNDLES}
    if browser_path is None or None in sizes.values():
        print("bench.card_paint needs Chromium and `make card`", file=sys.stderr)
        return 1
    parts = ("valkey", "sandbox", "web", "cron", "worker")
    with running(contacts=120, rate_limit=False, parts=parts, workers=1) as stage:
        _prepare(stage)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=browser_path, args=FLAGS)
            times = _measure(browser.new_page(), stage)
            browser.close()
    found = {
        "bench": "card_paint",
        "paint_ms_p50": round(statistics.median(times)),
        "paint_ms_max": round(max(times)),
        "opens": len(times),
        "bundle_kb": {name: round((size or 0) / 1000, 1) for name, size in sizes.items()},
    }
    print(json.dumps(found))
    return 0


def _size(name: str) -> int | None:
    path = ROOT / f"hubspot-card/dist/{name}/{name}.js"
    return path.stat().st_size if path.exists() else None


def _prepare(stage: Running) -> None:
    stage.scenario.connect()
    stage.scenario.import_profile()
    stage.scenario.go_live()
    stage.scenario.score_all()


def _measure(page: Page, stage: Running) -> list[float]:
    """Milliseconds per open, each of another lead."""
    with stage.scenario.product.stores.database.read() as conn:
        found = scores.top(conn, stage.scenario.portal_id, OPENS + 1)
    times = []
    for score in found:
        page.goto(f"{stage.stage.sandbox}/contacts/{score.contact_id}", wait_until="commit")
        times.append(float(page.evaluate(PAINTED)))
    return times[1:]


if __name__ == "__main__":
    sys.exit(main())
