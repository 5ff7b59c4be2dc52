"""How long things take on a run: what a site says of it, and what routes are planned by."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WalkTimes:
    """How long things take on a run, in whole ms.

    `speed_mm_s` is the walking speed in mm a second. `arm_ms` is charged for every in-and-back arm,
    `aisle_end_ms` whenever an aisle is entered or left, `stop_ms` for every point halted at, `unit_ms` for
    every unit and `level_ms` for every level that a bin picked from stands above the floor.

    Raises
    ------
    ValueError
        If the speed is not positive or a time is negative.
    """

    speed_mm_s: int
    arm_ms: int = 0
    aisle_end_ms: int = 0
    stop_ms: int = 0
    unit_ms: int = 0
    level_ms: int = 0

    def __post_init__(self) -> None:
        if self.speed_mm_s <= 0:
            raise ValueError(f"a walking speed of {self.speed_mm_s} mm a second leads nowhere")
        if min(self.arm_ms, self.aisle_end_ms, self.stop_ms, self.unit_ms, self.level_ms) < 0:
            raise ValueError("a time to walk by cannot be negative")
