"""The same problem, number of iterations and seed give the same route, in whichever process."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import json, random
from routing.bin_choice import Budget
from routing.replanning import Interruption, rest_of_run, solve_rest
from routing.solve import solve
from tests.routing.random_floors import Feature, random_problem
from warehouse.errors import NoRoute

SEARCH = Budget(time_ms=None, iterations=30)

def told(route):
    plain = route.to_dict()
    del plain["certificate"]["duration_ms"]
    return plain

def routes():
    for seed in range(12):
        want = {Feature.SEVERAL_SOURCES} | ({Feature.ONE_WAY_AISLE} if seed % 4 == 0 else set())
        sample = random_problem(random.Random(seed), want=want)
        try:
            route = solve(sample.problem, policy=sample.policy(), budget=SEARCH, seed=seed)
        except NoRoute:
            continue
        yield told(route)
        yield route.explain(sample.problem)
        if route.stops:
            first = route.stops[0]
            rest, _ = rest_of_run(sample.problem, route, Interruption(first.after_leg, missing=first.picks))
            try:
                yield told(solve_rest(rest, policy=sample.policy(), budget=SEARCH, seed=seed))
            except NoRoute:
                continue

print(json.dumps(list(routes())))
"""


@pytest.mark.slow
def test_two_fresh_processes_give_the_same_routes_and_words() -> None:
    answers = []
    for hash_seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
        ran = subprocess.run(
            [sys.executable, "-c", SCRIPT],
            cwd=Path(__file__).parents[2],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        answers.append(ran.stdout)
    assert len(answers[0]) > 10000
    assert answers[0] == answers[1]
