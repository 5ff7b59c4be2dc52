"""Every kind of damage to a route is found and named; sound routes pass."""

import dataclasses
import re

import pytest

from routing.figures import Figures
from routing.problem import PickProblem, PolicyName
from routing.route import Route
from routing.verify import Verdict, require_verified, verify
from tests.routing.brute_force import brute_force
from tests.routing.damages import DAMAGES, Damage
from tests.routing.sound_routes import SOUND
from warehouse.errors import RouteRejected


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_route_passes(name: str) -> None:
    case = SOUND[name]
    own = case.route.certificate
    verdict = verify(case.problem, case.route, case.policy)
    said = Figures(**{each.name: getattr(own, each.name) for each in dataclasses.fields(Figures)})
    assert verdict == Verdict((), said)
    assert verdict.ok
    assert require_verified(case.problem, case.route, case.policy) is case.route


@pytest.mark.parametrize("name", [name for name, case in SOUND.items() if case.route.certificate.proven])
def test_a_hand_written_route_that_claims_to_be_best_is(name: str) -> None:
    case = SOUND[name]
    own = case.route.certificate
    in_order: tuple[int, ...] = (own.backtrack_mm, own.distance_mm, own.stops)
    if case.policy.name is PolicyName.SHORTEST:
        in_order = (own.distance_mm,)
    assert brute_force(case.problem, case.policy) == in_order


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.name)
def test_a_route_is_rejected_that(damage: Damage) -> None:
    case = damage.damaged()
    faults = verify(case.problem, case.route, case.policy).faults
    assert any(re.search(damage.fault, fault) for fault in faults), faults
    with pytest.raises(RouteRejected) as rejected:
        require_verified(case.problem, case.route, case.policy)
    assert rejected.value.faults == faults


def test_there_are_a_hundred_kinds_of_damage() -> None:
    assert len({damage.name for damage in DAMAGES}) == len(DAMAGES) >= 100


@pytest.mark.parametrize("name", SOUND)
def test_a_route_read_back_from_its_file_passes(name: str) -> None:
    case = SOUND[name]
    problem = PickProblem.from_json(case.problem.to_json())
    assert verify(problem, Route.from_json(case.route.to_json())).ok


def test_the_trades_rules_are_not_held_to_a_bound() -> None:
    case = SOUND["tour"]
    own = dataclasses.replace(
        case.route.certificate,
        policy=dataclasses.replace(case.policy, name=PolicyName.S_SHAPE),
        proven=False,
        distance_bound_mm=0,
    )
    assert verify(case.problem, dataclasses.replace(case.route, certificate=own)).ok
