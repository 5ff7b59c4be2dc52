"""Every small mistake in the judge of routes is noticed by the catalogue of sound and damaged routes."""

import dataclasses
import re
import signal
from types import FrameType
from typing import Any

import pytest

from tests.routing.damages import DAMAGES
from tests.routing.sound_routes import SOUND, Case
from tests.routing.verify_mutants import Mutant, mutants
from warehouse.errors import RouteRejected

HANGS_S = 2.0  # a mutant that loops for ever is noticed by that; all routes together take 0.02 s

NO_LENGTH = "legs of no length are a fault already"
ONE_EDGE = "all legs of an arm lie on one edge"
NO_SOURCE = "a pick from a bin that is no source is a fault already"
SPARES_WORK = "it only spares work"
HARMLESS = {
    "figures_of:  for stretch in problem.walked if edges[stretch.edge].kind is EdgeKind.AISLE"
    " ->  for stretch in problem.walked": "passes over aisles are never held against walked cross aisles",
    "_off_floor: return None -> pass": "a function without return returns None",
    "_arm_size: len(legs) - begin -> len(legs) + begin": "the legs of an arm that never comes back end with the route",
    "_arm_faults: 0 -> 1": NO_LENGTH,
    "_arm_faults: 0 -> -1": "an arm's depth is never below 0",
    "_arm_faults: 0 -> -1 (3)": ONE_EDGE,
    "_arm_faults: 0 -> -1 (4)": ONE_EDGE,
    "_stop_faults: 0 -> -1": "no stop comes after less than 0 legs",
    "_group_faults: if len({source.group for source in line.sources}) == 1: -> pass": SPARES_WORK,
    "_group_faults: return -> pass": SPARES_WORK,
    "_group_faults: 1 -> 0": SPARES_WORK,
    "_is_u_turn: (a.to_mm - a.from_mm) * (b.to_mm - b.from_mm) < 0"
    " -> (a.to_mm - a.from_mm) * (b.to_mm - b.from_mm) <= 0": NO_LENGTH,
    "_is_u_turn: 0 -> 1": NO_LENGTH,
    "_walk_ms: 0 -> 1 (3)": NO_SOURCE,
    "_walk_ms: 0 -> -1 (3)": NO_SOURCE,
    "_walked_beyond_mm: if len(passes) <= passes_free and edge not in history: -> pass": SPARES_WORK,
    "_crossing_mm: if not floor.has_crossings: -> pass": SPARES_WORK,
    "_crossing_mm: return 0 -> pass": SPARES_WORK,
    "_crossing_mm: 1 -> 0 (4)": "a walk between two nodes lies on one edge",
    "_walked_beyond_mm: continue -> pass": SPARES_WORK,
    "_walked_beyond_mm: len(passes) <= passes_free -> len(passes) < passes_free": SPARES_WORK,
}
"""Mutants that judge every route as the original does, each with the reason why."""


class Hangs(Exception):
    """A mutant did not come to an end."""


def expected(case: Case) -> tuple[Any, ...]:
    own = case.route.certificate
    names = ("distance_mm", "backtrack_mm", "stops", "u_turns", "cross_thrice_mm", "arms", "walk_ms", "crossing_mm")
    return (), tuple(getattr(own, name) for name in names)


def judges_soundly(judge: Any) -> bool:
    """Whether a judge passes all sound routes and rejects all damaged ones for the right reason."""
    for case in SOUND.values():
        if dataclasses.astuple(judge.verify(case.problem, case.route, case.policy)) != expected(case):
            return False
        if judge.require_verified(case.problem, case.route) is not case.route:
            return False
    for damage in DAMAGES:
        case = damage.damaged()
        verdict = judge.verify(case.problem, case.route, case.policy)
        if verdict.ok or not any(re.search(damage.fault, fault) for fault in verdict.faults):
            return False
        try:
            judge.require_verified(case.problem, case.route, case.policy)
        except RouteRejected:
            continue
        return False
    return True


def survives(mutant: Mutant) -> bool:
    def stop(number: int, frame: FrameType | None) -> None:
        raise Hangs

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, HANGS_S)
    try:
        return judges_soundly(mutant.judge())
    except Exception:  # noqa: BLE001 - whatever a mutant raises, nothing in a route makes the judge raise
        return False
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


@pytest.mark.slow
def test_every_mistake_in_the_judge_is_noticed() -> None:
    everything = list(mutants())
    assert len(everything) >= 300
    survivors = {mutant.name for mutant in everything if survives(mutant)}
    assert sorted(survivors - HARMLESS.keys()) == []
    assert sorted(HARMLESS.keys() - survivors) == []
