"""One simulated day: runs are released, pickers take them in turn and walk their routes.

Problem
    Given the runs that release made through the day and a crew, when is every order picked, how far is
    walked and how busy is everybody?
Method
    Discrete events (SimPy). Runs enter one queue at their release; a free picker takes the next, by
    priority and then by release, and walks it leg by leg and stop by stop exactly as planned.
Complexity
    One event a leg and a stop.
Limits
    Pickers do not hinder each other in the aisles (`sim.meetings` counts how often they would), and all
    of them work from the first release until the last run is in.
"""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import simpy

from routing.route import Route
from sim.pickers import Picker, PickerTimes


@dataclass(frozen=True, slots=True)
class ReleasedRun:
    """A planned run, the second of the day it is released, and the orders (in full or part) on its cart."""

    released_s: float
    route: Route
    orders: tuple[str, ...]
    priority: int = 0


@dataclass(frozen=True, slots=True)
class Arrival:
    """A picker at a point of the floor: after how many legs of which run, and how far from the last point."""

    time_s: float
    run: int
    after_leg: int
    leg_mm: int


@dataclass(frozen=True, slots=True)
class RunLog:
    """Who walked a run, and when; `legs_s` are the seconds at which each leg was begun and ended."""

    run: int
    picker: int
    started_s: float
    done_s: float
    walking_s: float
    legs_s: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class DayLog:
    """What happened on a simulated day; `arrivals` only of the picker who was traced."""

    runs: tuple[RunLog, ...]
    busy_s: tuple[float, ...]
    order_picked_s: dict[str, float]
    arrivals: tuple[Arrival, ...]

    @property
    def finished_s(self) -> float:
        """When the last run was handed in; 0 without runs."""
        return max((log.done_s for log in self.runs), default=0.0)


class _Floor:
    """The moving parts of one day: the queue, the crew and what they have done."""

    def __init__(self, runs: Sequence[ReleasedRun], trace: int | None) -> None:
        self.env = simpy.Environment()
        self.queue = simpy.PriorityStore(self.env)
        self.runs = runs
        self.trace = trace
        self.logs: list[RunLog] = []
        self.arrivals: list[Arrival] = []

    def release(self) -> Generator[simpy.Event, Any, None]:
        """Put every run in the queue when its time comes."""
        order = sorted(range(len(self.runs)), key=lambda index: (self.runs[index].released_s, index))
        for index in order:
            yield self.env.timeout(max(0.0, self.runs[index].released_s - self.env.now))
            yield self.queue.put(simpy.PriorityItem((-self.runs[index].priority, index), index))

    def work(self, number: int, picker: Picker) -> Generator[simpy.Event, Any, None]:
        """Take one run after the other, for ever."""
        while True:
            item = yield self.queue.get()
            started_s = self.env.now
            yield self.env.timeout(picker.setup_s())
            legs_s: list[tuple[float, float]] = []
            walking_s = yield from self.walk(item.item, number, picker, legs_s)
            yield self.env.timeout(picker.hand_in_s())
            self.logs.append(RunLog(item.item, number, started_s, self.env.now, walking_s, tuple(legs_s)))

    def walk(
        self, run: int, number: int, picker: Picker, legs_s: list[tuple[float, float]]
    ) -> Generator[simpy.Event, Any, float]:
        """Walk one route leg by leg, halting where it says; returns the seconds spent walking, notes when."""
        route = self.runs[run].route
        stops = iter(route.stops)
        stop = next(stops, None)
        walking_s = 0.0
        for done in range(len(route.legs) + 1):
            if done:
                leg_mm = route.legs[done - 1].length_mm
                walking_s += picker.walk_s(leg_mm)
                left_s = self.env.now
                yield self.env.timeout(picker.walk_s(leg_mm))
                legs_s.append((left_s, self.env.now))
                if number == self.trace:
                    self.arrivals.append(Arrival(self.env.now, run, done, leg_mm))
            while stop is not None and stop.after_leg == done:
                yield self.env.timeout(picker.stop_s(sum(pick.quantity for pick in stop.picks)))
                stop = next(stops, None)
        return walking_s


def simulate_day(
    runs: Sequence[ReleasedRun],
    *,
    num_pickers: int,
    times: PickerTimes,
    seed: int | np.random.SeedSequence,
    trace: int | None = None,
) -> DayLog:
    """Let `num_pickers` pickers walk `runs`.

    Parameters
    ----------
    runs
        Every run of the day.
    num_pickers
        The crew, all at work from the first second.
    times
        How fast they are.
    seed
        Each picker draws from a stream of its own, so that crews of different size share their first
        pickers' luck.
    trace
        The picker whose every arrival is logged, or None.

    Returns
    -------
    DayLog
        Every run is walked to the end.

    Raises
    ------
    ValueError
        If there is nobody to walk.
    """
    if num_pickers < 1:
        raise ValueError(f"{num_pickers} pickers cannot walk anything")
    sequence = seed if isinstance(seed, np.random.SeedSequence) else np.random.SeedSequence(seed)
    floor = _Floor(runs, trace)
    floor.env.process(floor.release())
    for number, stream in enumerate(crew_streams(sequence, num_pickers)):
        floor.env.process(floor.work(number, Picker(times, stream)))
    floor.env.run()
    picked: dict[str, float] = {}
    for log in floor.logs:
        for order in runs[log.run].orders:
            picked[order] = max(picked.get(order, 0.0), log.done_s)
    return DayLog(tuple(floor.logs), busy_seconds(floor.logs, num_pickers), picked, tuple(floor.arrivals))


def crew_streams(seed: np.random.SeedSequence, num_pickers: int) -> Iterator[np.random.Generator]:
    """The luck of each picker."""
    # A fresh spawn key each, whatever was spawned from `seed` before: equal seeds give equal days.
    for number in range(num_pickers):
        yield np.random.default_rng(np.random.SeedSequence(seed.entropy, spawn_key=(*seed.spawn_key, number)))


def busy_seconds(logs: Sequence[RunLog], num_pickers: int) -> tuple[float, ...]:
    """How long each picker was on runs."""
    busy = [0.0] * num_pickers
    for log in logs:
        busy[log.picker] += log.done_s - log.started_s
    return tuple(busy)
