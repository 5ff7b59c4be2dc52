"""An oracle for policies with limits, and for time: Dijkstra over everything a limited walk can have done.

Problem
    The best figures of any route under a policy with `u_turns_max` or `detour_percent_max`, or that
    measures duration, found without any idea that the solvers use.
Method
    The maze of `brute_force`, with the stretch walked last and the number of in-and-back arms in the
    state. States are met in order of (backtrack, measured cost); of two that are alike the one met later is
    of use only if it measures less, which is what a limit of distance leaves open.
Limits
    `STATES_MAX` states, else `TooLarge`; written in plain Python for small problems.
"""

import heapq
from typing import Any

from routing.problem import Measure, PickProblem, Policy, PolicyName
from tests.routing.brute_force import TooLarge, _Maze

STATES_MAX = 150_000


class _LimitedMaze(_Maze):
    """Knows of every point whether it is a crossing, where turning back is no arm."""

    def crossings(self) -> set[int]:
        floor = self.problem.floor
        return {self.at(floor.spot_at(node)) for node, edges in enumerate(floor.incident) if len(edges) > 1}


def best_within_limits(problem: PickProblem, policy: Policy) -> tuple[int, int] | None:
    """The least (backtrack_mm, distance_mm or ms) of any route, (0, ...) under `shortest`; None if there is none.

    Time leaves out what does not depend on the walk: stops, units and levels.
    """
    limit_mm: int | None = None
    if policy.detour_percent_max is not None:
        shortest = best_within_limits(
            problem, Policy(PolicyName.SHORTEST, policy.step_in_mm, u_turns_max=policy.u_turns_max)
        )
        if shortest is None:
            return None
        limit_mm = (100 + policy.detour_percent_max) * shortest[1] // 100
    maze = _LimitedMaze(problem, policy.step_in_mm, keep_walked=True)
    return _search(maze, policy, limit_mm)


def _search(maze: _LimitedMaze, policy: Policy, limit_mm: int | None) -> tuple[int, int] | None:
    crossings, is_end, stops_of = maze.crossings(), maze._is_end(), maze._stops_of()
    strict = policy.name is PolicyName.NO_BACKTRACK
    start = maze.at(maze.problem.start)
    settled: dict[Any, int] = {}
    heap: list[tuple[int, int, Any]] = [(0, 0, (start, maze.visits(start), maze.walked_at_start, -1, 0))]
    while heap:
        backtrack, measured, state = heapq.heappop(heap)
        if state in settled and (limit_mm is None or settled[state] <= measured):
            continue
        settled[state] = measured
        if len(settled) + len(heap) > STATES_MAX:
            raise TooLarge
        point, visited, walked, last, arms = state
        if is_end[point] and stops_of[visited] >= 0:
            return backtrack, measured
        for move in maze.moves[point]:
            again = move.distance_mm if strict and move.bit >= 0 and (walked >> move.bit) & 1 else 0
            step_in = move.to == point
            turned = step_in or (move.bit >= 0 and move.bit == last and point not in crossings)
            ends = sum(each in crossings for each in (point, move.to)) if step_in or move.bit >= 0 else 0
            cost = measured + _cost(maze.problem, policy, move.distance_mm, turned, ends)
            arms_then = 0 if policy.u_turns_max is None else arms + turned
            if arms_then > (policy.u_turns_max or 0) or (limit_mm is not None and cost > limit_mm):
                continue
            walked_then = walked | (1 << move.bit) if strict and move.bit >= 0 else walked
            then = (move.to, visited | move.visits, walked_then, move.bit, arms_then)
            if then not in settled or (limit_mm is not None and cost < settled[then]):
                heapq.heappush(heap, (backtrack + again, cost, then))
    return None


def _cost(problem: PickProblem, policy: Policy, distance_mm: int, turned: bool, ends: int) -> int:
    """What a move costs in the measure of the policy; the walking speed must give whole ms."""
    if policy.measure is Measure.DISTANCE:
        return distance_mm
    times = problem.times
    assert times is not None
    walking, rest = divmod(1000 * distance_mm, times.speed_mm_s)
    assert rest == 0
    return walking + turned * times.arm_ms + ends * times.aisle_end_ms
