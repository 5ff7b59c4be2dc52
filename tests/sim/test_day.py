"""The simulated day against theory and against the routes it walks."""

import math
from collections.abc import Sequence

import numpy as np
import pytest

from routing.problem import PickLine, PickProblem, Policy, Source
from routing.route import Certificate, Pick, Route, Stop
from routing.solve import solve
from sim.day import ReleasedRun, simulate_day
from sim.pickers import Picker, PickerTimes
from warehouse.floor import Spot
from warehouse.layouts import rectangular_floor


def standing_route(num_units: int = 1) -> Route:
    """One stop where the run starts, and no walking: pure service time."""
    stop = Stop(0, Spot(0, 0), (Pick("line", "bin", num_units),))
    figures = Certificate(0, 0, 1, 0, 0, 0, 0, True, Policy(), "by hand", 0, 0.0)
    return Route(Spot(0, 0), (), (stop,), figures)


def erlang_c_wait_s(arrivals_s: float, service_s: float, num_pickers: int) -> float:
    """Mean wait in the queue of an M/M/c system (Erlang 1917)."""
    load = arrivals_s * service_s
    terms = [load**k / math.factorial(k) for k in range(num_pickers)]
    last = load**num_pickers / math.factorial(num_pickers) / (1 - load / num_pickers)
    return last / (sum(terms) + last) * service_s / (num_pickers - load)


def queue_waits_s(seed: int, num_runs: int, gap_s: float, times: PickerTimes, num_pickers: int) -> Sequence[float]:
    released = np.cumsum(np.random.default_rng(seed).exponential(gap_s, num_runs)).tolist()
    runs = [ReleasedRun(at_s, standing_route(), (str(n),)) for n, at_s in enumerate(released)]
    day = simulate_day(runs, num_pickers=num_pickers, times=times, seed=seed)
    return [log.started_s - released[log.run] for log in day.runs]


@pytest.mark.parametrize(("num_pickers", "load"), [(1, 0.7), (3, 0.8), (8, 0.85)])
def test_waiting_agrees_with_the_theory_of_m_m_c_queues(num_pickers: int, load: float) -> None:
    service_s = 60.0
    times = PickerTimes(setup_s=0, hand_in_s=0, stop_s=service_s, unit_s=0, handling_cv=1.0)
    gap_s = service_s / (num_pickers * load)
    means = [float(np.mean(queue_waits_s(seed, 2000, gap_s, times, num_pickers))) for seed in range(10)]
    expected = erlang_c_wait_s(1 / gap_s, service_s, num_pickers)
    error = float(np.std(means, ddof=1)) / math.sqrt(len(means))
    assert abs(float(np.mean(means)) - expected) < max(4 * error, 0.02 * expected)
    assert error < 0.15 * expected


def random_routes(num_routes: int, seed: int) -> list[Route]:
    rng = np.random.default_rng(seed)
    floor = rectangular_floor([0, 3000, 6000, 9000], [0, 12000, 24000])
    aisles = [index for index, edge in enumerate(floor.edges) if edge.name]
    routes = []
    for _ in range(num_routes):
        lines = tuple(
            PickLine(f"l{n}", 1, (Source(f"b{n}", Spot(int(rng.choice(aisles)), int(rng.integers(1, 12)) * 1000), 1),))
            for n in range(6)
        )
        routes.append(solve(PickProblem(floor, lines, Spot(aisles[0], 0))))
    return routes


def test_a_pickers_arrivals_add_up_to_the_routes_he_walked() -> None:
    routes = random_routes(12, seed=5)
    runs = [ReleasedRun(60.0 * n, route, (str(n),)) for n, route in enumerate(routes)]
    day = simulate_day(runs, num_pickers=3, times=PickerTimes(), seed=1, trace=1)
    his = [log.run for log in day.runs if log.picker == 1]
    assert his
    assert sum(each.leg_mm for each in day.arrivals) == sum(routes[run].certificate.distance_mm for run in his)
    times_s = [each.time_s for each in day.arrivals]
    assert times_s == sorted(times_s)


def test_every_run_is_walked_once_and_every_order_picked() -> None:
    routes = random_routes(9, seed=6)
    runs = [ReleasedRun(10.0 * n, route, (f"o{n}", f"o{n + 1}")) for n, route in enumerate(routes)]
    day = simulate_day(runs, num_pickers=2, times=PickerTimes(), seed=2)
    assert sorted(log.run for log in day.runs) == list(range(9))
    assert set(day.order_picked_s) == {f"o{n}" for n in range(10)}
    last_of_o4 = max(log.done_s for log in day.runs if log.run in (3, 4))
    assert day.order_picked_s["o4"] == last_of_o4


def test_an_urgent_run_overtakes_what_waits() -> None:
    runs = [
        ReleasedRun(0.0, standing_route(), ("first",)),
        ReleasedRun(1.0, standing_route(), ("patient",)),
        ReleasedRun(2.0, standing_route(), ("urgent",), priority=5),
    ]
    day = simulate_day(runs, num_pickers=1, times=PickerTimes(), seed=0)
    assert day.order_picked_s["urgent"] < day.order_picked_s["patient"]


def test_equal_seeds_give_equal_days_and_other_seeds_others() -> None:
    runs = [ReleasedRun(0.0, standing_route(), (str(n),)) for n in range(5)]
    days = [simulate_day(runs, num_pickers=2, times=PickerTimes(), seed=seed) for seed in (7, 7, 8)]
    assert days[0] == days[1]
    assert days[0] != days[2]


def test_without_spread_times_are_the_means() -> None:
    times = PickerTimes(speed_cv=0, handling_cv=0)
    picker = Picker(times, np.random.default_rng(0))
    assert picker.walk_s(2400) == 2.0
    assert picker.stop_s(3) == times.stop_s + 3 * times.unit_s


def test_nobody_to_walk_is_refused() -> None:
    with pytest.raises(ValueError, match="0 pickers"):
        simulate_day([], num_pickers=0, times=PickerTimes(), seed=0)


def test_times_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="nobody would arrive"):
        PickerTimes(speed_mm_s=0)
    with pytest.raises(ValueError, match="stop_s"):
        PickerTimes(stop_s=-1)
