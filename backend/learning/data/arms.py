"""What an experiment did with a lead, and how much its outcome says about leads like it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from backend.learning.numbers import ROW_WEIGHT_MAX


class Arm(StrEnum):
    """Followed up or left alone when it became High; offered or not when it was newly Low."""

    TREATED = "treated"
    HELD_OUT = "held_out"
    EXPLORED = "explored"  # offered, and a person called, wrote to or met it
    NOT_TRIED = "not_tried"  # offered, and nobody did
    NOT_OFFERED = "not_offered"
    NONE = "none"  # in no experiment


@dataclass(frozen=True, slots=True)
class Assigned:
    """A lead's arm, which `share` per cent of the leads were given."""

    arm: Arm
    share: int

    @property
    def weight(self) -> float:
        """How many leads this one stands for: a Low lead that was tried because chance chose it
        speaks for those that nobody tried (inverse probability weighting; Horvitz & Thompson
        1952), within bounds (Ionides 2008)."""
        return min(100 / self.share, ROW_WEIGHT_MAX) if self.arm is Arm.EXPLORED else 1.0
