"""Facts of the past from property history: what was known then, and what came too late."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

from backend.learning.data.outcomes import Outcome
from backend.model import PortalSettings, Snapshot
from backend.ports import Crm
from backend.services.learning.as_of import OWN_SCORE, Past, _read
from backend.storage.portals.portals import Portal

START = datetime(2026, 1, 1, tzinfo=UTC)
PORTAL = Portal(1, "connected", "c", "n", (), PortalSettings(), {}, START, None, None, START)


def day(number: int) -> datetime:
    return START + timedelta(days=number)


class Histories:
    """A CRM that only knows the history of contact 7."""

    def __init__(self, versions: Mapping[str, Sequence[tuple[datetime, str | None]]]) -> None:
        self.versions = versions
        self.asked: list[str] = []

    def history(self, kind: str, ids: Sequence[str], properties: Sequence[str]) -> Any:
        self.asked = list(properties)
        return {"7": self.versions}


def test_a_fact_first_written_after_the_outcome_is_late() -> None:
    crm = Histories(
        {
            "hs_analytics_num_visits": [(day(1), "3"), (day(90), "9")],
            "hs_analytics_source": [(day(70), "DIRECT_TRAFFIC")],
            "hs_lead_status": [(day(30), "OPEN")],
            OWN_SCORE: [(day(5), "12"), (day(80), "99")],
        }
    )
    past = Past(Snapshot(1, "7", date(2026, 11, 1), {"email_kind": "business"}), START)
    outcome = Outcome("7", "won", decided_at=day(60), as_of=day(20))
    found = _read(PORTAL, cast(Crm, crm), [(past, outcome)])["7"]
    assert found.as_of == day(20)
    assert found.facts["visits"] == "3"
    assert found.facts[OWN_SCORE] == "12"
    assert "lead_status" not in found.facts
    assert found.late["source"] is True
    assert found.late["visits"] is False
    assert found.late["lead_status"] is False  # after the deal began, before it was decided
    assert "email_kind" not in found.late
    assert crm.asked.count(OWN_SCORE) == 1
