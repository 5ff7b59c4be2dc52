"""The files shown in the description of the formats are real."""

import re
from pathlib import Path

from routing.problem import PickProblem
from routing.route import Route
from routing.verify import verify
from tests.routing.brute_force import brute_force

PAGE = Path(__file__).resolve().parents[2] / "docs" / "route-format.md"


def test_the_problem_and_the_route_on_the_page_belong_together_and_are_the_best() -> None:
    problem_text, route_text = re.findall(r"```json\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    problem, route = PickProblem.from_json(problem_text), Route.from_json(route_text)
    assert verify(problem, route).faults == ()
    own = route.certificate
    assert brute_force(problem, own.policy) == (own.backtrack_mm, own.distance_mm, own.stops)
    assert PickProblem.from_json(problem.to_json()) == problem
    assert Route.from_json(route.to_json()) == route
