"""Dashboard, alert rules and runbook name only what exists, and all of it."""

from __future__ import annotations

import json
import re

import pytest

from backend.clients.redis.metric_names import METRICS, PREFIX
from backend.services.health.rules import RULES
from tests.conftest import ROOT

DASHBOARD = (ROOT / "docs" / "grafana.json").read_text()
RULES_FILE = (ROOT / "docs" / "alerts.yml").read_text()
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()
NAMES = re.compile(rf"\b{PREFIX}[a-z_]+")
ENDINGS = {
    "counter": ("_total",),
    "histogram": ("_bucket", "_sum", "_count"),
    "summary": ("_sum", "_count"),
    "gauge": ("",),
}


@pytest.mark.parametrize("text", [DASHBOARD, RULES_FILE], ids=["dashboard", "alerts"])
def test_only_metrics_that_exist_are_named(text: str) -> None:
    assert set(NAMES.findall(text)) <= {
        PREFIX + m.name + ending for m in METRICS.values() for ending in ENDINGS[m.kind]
    }


def test_every_metric_is_on_the_dashboard() -> None:
    shown = " ".join(NAMES.findall(DASHBOARD))
    assert [name for name in METRICS if PREFIX + name not in shown] == []


@pytest.mark.parametrize("text", [DASHBOARD, RULES_FILE], ids=["dashboard", "alerts"])
def test_only_labels_that_exist_are_asked_for(text: str) -> None:
    for name, selector in re.findall(rf"{PREFIX}([a-z_]+)\{{([^}}]*)\}}", text.replace('\\"', '"')):
        metric = next(
            METRICS[n] for n in sorted(METRICS, key=len, reverse=True) if name.startswith(n)
        )
        asked = re.findall(r'([a-z]+)(?:=~|=)"', selector)
        assert asked
        assert set(asked) <= set(metric.labels), name


def test_the_dashboard_is_one_that_grafana_can_read() -> None:
    panels = json.loads(DASHBOARD)["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels) > 20
    assert all(panel["targets"] for panel in panels)


def test_every_alert_has_a_runbook_entry_and_every_entry_an_alert() -> None:
    headings = set(re.findall(r"^### `([a-z_]+)`", OPERATIONS, re.MULTILINE))
    assert headings == set(RULES)
    named = set(re.findall(r"operations\.md#([a-z_]+)", RULES_FILE))
    assert named <= headings
