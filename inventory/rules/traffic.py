"""A crew walks run after run: when each begins, whom it would meet, and what giving way costs.

Problem
    Runs released together are walked at the same time. Plan each so that its picker meets nobody head-on
    in a narrow aisle where that costs no more than waiting for each other.
Method
    Runs are handed out in their order, each to the picker who is free first; that tells when a run
    begins. It gives way (`routing.giving_way`) to all walks booked so far and is then booked itself.
Complexity
    That of `give_way` for every run.
Limits
    Who is free when rests on mean times, so what is planned for hours ahead is soon untrue; runs released
    shortly before they are walked are planned on what is known.
"""

import heapq
import math
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from inventory.rules.pick_runs import Steer
from routing.bin_choice import Budget
from routing.giving_way import GivenWay, give_way
from routing.meeting import Bookings, Pace, Visit, visits
from routing.problem import PickProblem
from routing.route import Route
from warehouse.floor import Floor


@dataclass(frozen=True)
class Traffic:
    """Who is on the floor when runs are released; seconds count from `since_ms` (milliseconds since 1970) on.

    `booked` are the visits of those under way, `free_s` says for every picker of the crew when he takes his
    next run. Fetching a cart takes `setup_s`, bringing it in `hand_in_s`. The start of a run that is taken within
    `delay_within_s` may be put off by `delay_max_s`.
    """

    booked: tuple[Visit, ...] = ()
    free_s: tuple[float, ...] = (0.0,)
    pace: Pace = field(default_factory=Pace)
    setup_s: float = 45.0
    hand_in_s: float = 30.0
    delay_max_s: float = 0.0
    delay_within_s: float = math.inf
    since_ms: int = 0

    def at(self, now_s: float) -> "Traffic":
        """The traffic once nobody is free before `now_s`, without the walks that are over by then."""
        booked = tuple(visit for visit in self.booked if visit.leaves_s >= now_s)
        return replace(self, booked=booked, free_s=tuple(max(now_s, free_s) for free_s in self.free_s))


@dataclass(frozen=True)
class TrafficCost:
    """What it cost to keep pickers out of each other's way.

    `meetings_avoided` head-on meetings were avoided by `extra_mm` more walking and `delay_s` of later starts;
    `meetings_left` stay, in which `wait_s` are waited at the mouths of aisles.
    """

    meetings_avoided: int = 0
    meetings_left: int = 0
    extra_mm: int = 0
    delay_s: float = 0.0
    wait_s: float = 0.0

    @classmethod
    def of(cls, given: Iterable[GivenWay]) -> "TrafficCost":
        """The cost of some runs together."""
        each = list(given)
        return cls(
            meetings_avoided=sum(one.meetings_before - one.meetings_after for one in each),
            meetings_left=sum(one.meetings_after for one in each),
            extra_mm=sum(one.extra_mm for one in each),
            delay_s=sum(one.delay_s for one in each),
            wait_s=sum(one.wait_s for one in each),
        )


class Crew:
    """Pickers who take runs as they get free.

    `given` tells how each run gave way, in order, and `taken_s` when it is to be taken.
    """

    def __init__(self, traffic: Traffic, budget: Budget, seed: int) -> None:
        self.traffic, self.budget, self.seed = traffic, budget, seed
        self.given: list[GivenWay] = []
        self.taken_s: list[float] = []
        self._booked = Bookings(traffic.booked)
        self._free_s = sorted(traffic.free_s)

    @property
    def standing(self) -> Traffic:
        """The traffic with all that was handed out."""
        return replace(self.traffic, booked=self._booked.visits, free_s=tuple(self._free_s))

    @property
    def next_free_s(self) -> float:
        """When somebody takes the next run."""
        return self._free_s[0]

    @property
    def next_start_s(self) -> float:
        """When the next run sets out."""
        return self.next_free_s + self.traffic.setup_s

    def hand_out(self, floor: Floor, route: Route, delay_s: float = 0.0) -> None:
        """Let the picker who is free first walk a route, `delay_s` later than he could."""
        pace, begin_s = self.traffic.pace, self.next_start_s + delay_s
        heapq.heapreplace(self._free_s, begin_s + pace.duration_s(route) + self.traffic.hand_in_s)
        self._booked.book(visits(floor, route, pace, begin_s))

    def steer(self, due_s: float = math.inf) -> Steer:
        """Lets a planned route give way, and hands it out; what is due by `due_s` is not put off beyond that."""

        def steered(problem: PickProblem, route: Route) -> Route:
            given = give_way(
                problem,
                route,
                self._booked,
                pace=self.traffic.pace,
                begin_s=self.next_start_s,
                delay_max_s=self._delay_max_s(route, due_s),
                budget=self.budget,
                seed=self.seed,
            )
            self.given.append(given)
            self.taken_s.append(self.next_free_s + given.delay_s)
            self.hand_out(problem.floor, given.route, given.delay_s)
            return given.route

        return steered

    def _delay_max_s(self, route: Route, due_s: float) -> float:
        """How long the start of the next run may be put off."""
        if self.next_free_s > self.traffic.delay_within_s:
            return 0.0
        in_s = self.next_start_s + self.traffic.pace.duration_s(route) + self.traffic.hand_in_s
        # Who is late already is not made later.
        return max(0.0, min(self.traffic.delay_max_s, due_s - in_s))


def with_runs(traffic: Traffic, floor: Floor, given: Iterable[GivenWay]) -> Traffic:
    """The traffic once runs that gave way to it are handed out as well."""
    crew = Crew(traffic, Budget(), seed=0)
    for each in given:
        crew.hand_out(floor, each.route, each.delay_s)
    return crew.standing
