"""One simulated day on which plans change: the events of `sim.day`, with `sim.dispatch` at the desk.

Orders come in at their times; those that join no run are released in waves, as by `sim.planned_day`. What is
planned depends on who walks where, so every crew has a day of its own. With full bins and nobody joining it is the
day that `sim.day` plays.
"""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import numpy as np
import simpy

from inventory.rules.pick_runs import PlannedRun
from routing.route import Leg
from routing.walk import measure_backtrack_mm
from sim.day import Arrival, DayLog, RunLog, busy_seconds, crew_streams
from sim.dispatch import Dispatch, LiveRun
from sim.pickers import Picker, PickerTimes
from sim.planned_day import OrdersOfDay


@dataclass(frozen=True)
class LiveDay:
    """What came of a day; `planned` are the runs as they were released, `routes_mm` how far each is by its routes."""

    log: DayLog
    planned: tuple[PlannedRun, ...]
    first_released_s: float
    routes_mm: tuple[int, ...]
    distance_mm: int
    backtrack_mm: int
    num_lines: int


class _LiveFloor:
    """The moving parts of one day."""

    def __init__(self, dispatch: Dispatch, trace: int | None) -> None:
        self.env = simpy.Environment()
        self.queue = simpy.PriorityStore(self.env)
        self.dispatch, self.trace = dispatch, trace
        self.planned: list[PlannedRun] = []
        self.logs: list[RunLog] = []
        self.arrivals: list[Arrival] = []
        self.walked: dict[int, list[Leg]] = {}
        self.lines: set[str] = set()

    def orders_come(self, come: OrdersOfDay, release_every_s: int, *, join: bool) -> Generator[simpy.Event, Any, None]:
        """Let orders join as they come in, and release the others of each wave when its time comes."""
        for wave, orders in sorted(come.waves.items()):
            joined = set[str]()
            for order in sorted(orders, key=lambda each: each.placed_ms) if join else ():
                yield self.env.timeout(max(0.0, come.placed_s[order.order] - self.env.now))
                if self.dispatch.join(order, self.env.now):
                    joined.add(order.order)
            yield self.env.timeout(max(0.0, wave * release_every_s - self.env.now))
            rest = [order for order in orders if order.order not in joined]
            for run in self.dispatch.release(rest, self.env.now) if rest else ():
                self.planned.append(run.plan)
                number = len(self.planned) - 1
                yield self.queue.put(simpy.PriorityItem(number, number))

    def work(self, number: int, picker: Picker) -> Generator[simpy.Event, Any, None]:
        """Take one run after the other, for ever."""
        while True:
            item = yield self.queue.get()
            run = self.dispatch.runs[item.item]
            run.is_taken = True
            run.set_out()
            started_s = self.env.now
            yield self.env.timeout(picker.setup_s())
            legs_s: list[tuple[float, float]] = []
            walking_s = yield from self.walk(item.item, run, number, picker, legs_s)
            yield self.env.timeout(picker.hand_in_s())
            self.logs.append(RunLog(item.item, number, started_s, self.env.now, walking_s, tuple(legs_s)))

    def walk(
        self, name: int, run: LiveRun, number: int, picker: Picker, legs_s: list[tuple[float, float]]
    ) -> Generator[simpy.Event, Any, float]:
        """Walk a run from stop to stop, by whatever plan holds; returns the seconds spent walking, notes when."""
        walked = self.walked.setdefault(name, [])
        while True:
            for leg in run.approach:
                left_s = self.env.now
                yield self.env.timeout(picker.walk_s(leg.length_mm))
                legs_s.append((left_s, self.env.now))
                walked.append(leg)
                if number == self.trace:
                    self.arrivals.append(Arrival(self.env.now, name, len(walked), leg.length_mm))
            if run.stop == len(run.plan.route.stops):
                return sum(picker.walk_s(leg.length_mm) for leg in walked)
            run.is_halting = True
            num_units, missing = self.dispatch.units_here(run)
            lost = {(step.bin, step.lot) for step in missing}
            here = [step for step in run.ahead if step.stop == run.stop]
            self.lines.update(step.line for step in here if (step.bin, step.lot) not in lost)
            yield self.env.timeout(picker.stop_s(num_units))
            run.stop += 1
            back = self.dispatch.seek(run, missing) if missing else ()
            run.set_out()
            run.approach = (*back, *run.approach)
            run.is_halting = False


def simulate_live_day(
    dispatch: Dispatch,
    come: OrdersOfDay,
    *,
    release_every_s: int,
    join: bool,
    num_pickers: int,
    times: PickerTimes,
    seed: np.random.SeedSequence,
    trace: int | None = None,
) -> LiveDay:
    """Let `num_pickers` pickers walk a day whose plans change.

    Parameters
    ----------
    dispatch
        Plans; it is used up by the day.
    come
        The orders.
    release_every_s
        Seconds between waves.
    join
        Whether orders may join runs as they come in.
    num_pickers, times, seed, trace
        As for `simulate_day`.

    Raises
    ------
    ValueError
        If there is nobody to walk.
    """
    if num_pickers < 1:
        raise ValueError(f"{num_pickers} pickers cannot walk anything")
    floor = _LiveFloor(dispatch, trace)
    floor.env.process(floor.orders_come(come, release_every_s, join=join))
    for number, stream in enumerate(crew_streams(seed, num_pickers)):
        floor.env.process(floor.work(number, Picker(times, stream)))
    floor.env.run()
    runs = dispatch.runs
    picked_s: dict[str, float] = {}
    for log in floor.logs:
        for order in runs[log.run].orders:
            picked_s[order] = max(picked_s.get(order, 0.0), log.done_s)
    return LiveDay(
        log=DayLog(tuple(floor.logs), busy_seconds(floor.logs, num_pickers), picked_s, tuple(floor.arrivals)),
        planned=tuple(floor.planned),
        first_released_s=min((run.released_s for run in runs), default=0.0),
        routes_mm=tuple(run.routes_mm for run in runs),
        distance_mm=sum(leg.length_mm for walked in floor.walked.values() for leg in walked),
        backtrack_mm=sum(measure_backtrack_mm(dispatch.area.floor, walked, ()) for walked in floor.walked.values()),
        num_lines=len(floor.lines),
    )
