"""HubSpot's default sales pipeline."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of the pipeline with HubSpot's default chance of winning."""

    stage_id: str
    label: str
    probability: str

    @property
    def closed(self) -> bool:
        """Won or lost."""
        return self.probability in ("0.0", "1.0")


STAGES = (
    Stage("appointmentscheduled", "Appointment scheduled", "0.2"),
    Stage("qualifiedtobuy", "Qualified to buy", "0.4"),
    Stage("presentationscheduled", "Presentation scheduled", "0.6"),
    Stage("decisionmakerboughtin", "Decision maker bought-in", "0.8"),
    Stage("contractsent", "Contract sent", "0.9"),
    Stage("closedwon", "Closed won", "1.0"),
    Stage("closedlost", "Closed lost", "0.0"),
)
STAGE_BY_ID = {stage.stage_id: stage for stage in STAGES}
