"""How quickly the rest of a run is planned again after an interruption, and whether floor is walked again.

Runs of 30 lines on random floors are interrupted: a bin found empty, short or damaged, or an aisle blocked ahead.
A rest that walks aisle floor again must be proven to have no other way; one that is not is a violation.
`python -m benchmarks replanning --interruptions 10000` sets how many interruptions there are.
"""

import argparse
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from routing.bin_choice import Budget
from routing.problem import End, EndKind, PickLine, PickProblem, Policy, Source
from routing.replanning import Interruption, replan
from routing.route import Pick, Route
from routing.solve import solve
from routing.state_graph import state_graph
from routing.warm_up import warm_up
from warehouse.errors import NoRoute
from warehouse.floor import EdgeKind, Floor, Spot, Stretch
from warehouse.layouts import rectangular_floor

INTERRUPTIONS = 1000
A_RUN = 20  # interruptions of one run, each from its first plan
LINES = 30
FLOORS = ((10, 2), (20, 2), (10, 3), (20, 3), (12, 4))  # aisles and cross aisles
AISLE_MM = 20_000
PLANNED = Budget(time_ms=None, iterations=50)
KINDS = ("empty", "short", "damaged", "blocked")


@dataclass
class Tally:
    """How long rests took to plan, how many walk floor `again`, and how many are `proven` best."""

    wall_ms: list[float] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)
    again: int = 0
    proven: int = 0

    def add(self, other: "Tally") -> None:
        """Take in what another one counted."""
        self.wall_ms += other.wall_ms
        self.cpu_ms += other.cpu_ms
        self.again += other.again
        self.proven += other.proven


def random_run(rng: random.Random) -> tuple[PickProblem, Policy]:
    """A run of `LINES` lines, each with one to six bins, on a random floor."""
    aisles, crosses = rng.choice(FLOORS)
    block_mm = AISLE_MM // (crosses - 1)
    floor = rectangular_floor([3000 * each for each in range(aisles)], [block_mm * each for each in range(crosses)])
    segments = [index for index, edge in enumerate(floor.edges) if edge.kind is EdgeKind.AISLE]
    lines = []
    for number in range(LINES):
        spots = {Spot(rng.choice(segments), rng.randrange(500, block_mm, 1000)) for _ in range(rng.randint(1, 6))}
        wanted = rng.randint(1, 6)
        offers = [rng.randint(1, 8) for _ in spots]
        sources = tuple(
            Source(f"{spot.edge}-{spot.offset_mm}", spot, offer)
            for spot, offer in zip(sorted(spots), offers, strict=True)
        )
        lines.append(PickLine(str(number), min(wanted, sum(offers)), sources))
    start = floor.spot_at(rng.randrange(len(floor.nodes)))
    ends = tuple(dict.fromkeys(floor.spot_at(rng.randrange(len(floor.nodes))) for _ in range(2)))
    end = rng.choice((End(), End(), End(EndKind.NEAREST, ends), End(EndKind.ANYWHERE)))
    return PickProblem(floor, tuple(lines), start, end), Policy(step_in_mm=rng.choice((0, 0, 0, 2000)))


def random_interruption(rng: random.Random, problem: PickProblem, route: Route) -> tuple[str, Interruption]:
    """Something that goes wrong at a random stop of a route, or on the way from it."""
    kind = rng.choice(KINDS)
    at = rng.randrange(len(route.stops))
    done = tuple(pick for stop in route.stops[:at] for pick in stop.picks)
    here = route.stops[at]
    if kind == "blocked":
        blocked = _blocked_ahead(rng, problem.floor, route, at)
        if blocked is not None:
            return kind, blocked
        kind = "empty"
    offered = {(line.line, source.bin): source.quantity for line in problem.lines for source in line.sources}
    picked, missing = [], []
    for pick in here.picks:
        found = 0 if kind == "empty" else rng.randrange(pick.quantity)
        if found:
            picked.append(Pick(pick.line, pick.bin, found))
        gone = pick.quantity - found if kind == "damaged" else offered[pick.line, pick.bin] - found
        missing.append(Pick(pick.line, pick.bin, gone))
    return kind, Interruption(here.after_leg, picked=(*done, *picked), missing=tuple(missing))


def _blocked_ahead(rng: random.Random, floor: Floor, route: Route, at: int) -> Interruption | None:
    """An aisle on the way from stop `at` on, found blocked when the picker stands before it."""
    legs = [
        index
        for index in range(route.stops[at].after_leg, len(route.legs))
        if floor.edges[route.legs[index].edge].kind is EdgeKind.AISLE and route.legs[index].length_mm > 1
    ]
    if not legs:
        return None
    number = rng.choice(legs)
    leg = route.legs[number]
    beyond_mm = rng.randrange(leg.length_mm - 1)
    stands_mm = leg.from_mm + (beyond_mm if leg.to_mm > leg.from_mm else -beyond_mm)
    deep_mm = rng.randint(1, leg.length_mm - beyond_mm)
    end_mm = stands_mm + (deep_mm if leg.to_mm > leg.from_mm else -deep_mm)
    picked = tuple(pick for stop in route.stops if stop.after_leg <= number for pick in stop.picks)
    blocked = Stretch(leg.edge, min(stands_mm, end_mm), max(stands_mm, end_mm))
    return Interruption(number, beyond_mm, picked, blocked=(blocked,))


def main(options: Sequence[str] = ()) -> None:
    """Interrupt runs and print how long planning again took, and where floor is walked again."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks replanning", description="Interrupt random runs.")
    parser.add_argument("--interruptions", type=int, default=INTERRUPTIONS, help=f"how many (default {INTERRUPTIONS})")
    count = parser.parse_args(options).interruptions
    warm_up()
    for _, crosses in FLOORS:
        state_graph(crosses, open_walk=True)
    rng = random.Random(8)
    tally: dict[str, Tally] = {kind: Tally() for kind in KINDS}
    violations: list[str] = []
    interrupted = without_route = 0
    while interrupted < count:
        problem, policy = random_run(rng)
        route = solve(problem, policy=policy, budget=PLANNED)
        for _ in range(A_RUN):
            kind, interruption = random_interruption(rng, problem, route)
            interrupted += 1
            begun, used = time.perf_counter(), time.thread_time()
            try:
                rest = replan(problem, route, interruption, policy=policy)
            except NoRoute:
                without_route += 1
                continue
            now = tally[kind]
            now.cpu_ms.append(1000 * (time.thread_time() - used))
            now.wall_ms.append(1000 * (time.perf_counter() - begun))
            own = rest.route.certificate
            now.again += own.backtrack_mm > 0
            now.proven += own.proven
            if own.backtrack_mm > own.backtrack_bound_mm:
                violations.append(
                    f"{kind}, number {interrupted}: {own.backtrack_mm} mm, {own.backtrack_bound_mm} proven"
                )
    _print(tally)
    print(f"\nno walk to an end left, floor being blocked: {without_route} of {interrupted}")
    print(f"floor walked again without proof that it must be: {len(violations)}")
    for violation in violations:
        print(f"  {violation}")


def _print(tally: dict[str, Tally]) -> None:
    everything = Tally()
    for each in tally.values():
        everything.add(each)
    print(
        f"{'interrupted by':<16}{'rests':>7}{'p50 ms':>9}{'p99 ms':>9}{'p50 CPU':>9}{'p99 CPU':>9}"
        f"{'walk again %':>14}{'route proven %':>16}"
    )
    for name, each in {**tally, "all": everything}.items():
        if not each.wall_ms:
            continue
        wall, cpu = np.percentile(each.wall_ms, [50, 99]), np.percentile(each.cpu_ms, [50, 99])
        share = 100 / len(each.wall_ms)
        print(
            f"{name:<16}{len(each.wall_ms):>7}{wall[0]:>9.1f}{wall[1]:>9.1f}{cpu[0]:>9.1f}{cpu[1]:>9.1f}"
            f"{share * each.again:>14.1f}{share * each.proven:>16.1f}"
        )
