import csv
import itertools
from dataclasses import replace
from pathlib import Path

import pytest

from routing.batch_tours import solve_batching, tour_mm
from routing.bin_choice import Budget
from routing.problem import Policy, PolicyName
from routing.published_batching import read_batching
from tests.routing.henn_instance import henn_text
from tests.shared_data import shared

SHORTEST = Policy(PolicyName.SHORTEST)


def test_a_henn_instance_is_read_with_its_halves(tmp_path: Path) -> None:
    path = tmp_path / "tiny.txt"
    path.write_text(henn_text([[(0, 3)], [(2, 0), (1, 1)]], num_aisles=3, num_cells=4, capacity=2), encoding="latin-1")
    instance = read_batching(path)
    assert (instance.numbers, instance.sizes, instance.capacity) == ((0, 1), (1, 2), 2)
    # Cell 3 is one and a half from the bottom, and the walk returns by the way it came.
    assert tour_mm(instance, [0], SHORTEST)[0] == 2 * 1.5 * instance.scale
    # Two aisles of 3 + 3 are walked through, with twice two steps of 5 between the depot and the last.
    assert tour_mm(instance, [1], SHORTEST)[0] == (2 * 6 + 2 * 10) * instance.scale


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("PICKER_CAPACITY : 2", "PICKER_CAPACITY : 1"),
        ("NUM_AISLES : 3", ""),
        ("BOTTOM_TO_CELL : 1.5", "BOTTOM_TO_CELL : 1.3"),
    ],
)
def test_an_instance_that_cannot_be_right_is_refused(before: str, after: str, tmp_path: Path) -> None:
    path = tmp_path / "tiny.txt"
    text = henn_text([[(0, 3)], [(2, 0), (1, 1)]], num_aisles=3, num_cells=4, capacity=2)
    assert before in text
    path.write_text(text.replace(before, after), encoding="latin-1")
    with pytest.raises(ValueError, match=r"tiny\.txt"):
        read_batching(path)


def _best(family: str) -> dict[str, float]:
    with shared("bench", family, "best_known.csv").open() as file:
        return {row["instance"]: float(row["best_known_distance"]) for row in csv.DictReader(file)}


@pytest.mark.shared_data
def test_foodmart_tours_are_as_long_as_the_published_distances_say() -> None:
    path = shared("bench", "batching_foodmart", "instances_d5_ord5_MAL.txt")
    instance = read_batching(path)
    matrix, stops = _published_distances(path)
    for order in range(len(instance.numbers)):
        some = sorted(set(stops[order]))[:9]  # few enough for a table of all subsets
        places = {place: index for index, place in enumerate(stops[order])}
        spots = tuple(instance.spots[order][places[place]] for place in some)
        fewer = replace(instance, spots=(*instance.spots[:order], spots, *instance.spots[order + 1 :]))
        # Published distances are added up from rounded parts.
        assert tour_mm(fewer, [order], SHORTEST)[0] / 100 == pytest.approx(_shortest_tour(matrix, some), abs=0.021)


def _published_distances(path: Path) -> tuple[dict[tuple[int, int], float], list[list[int]]]:
    """Distances between locations, and the locations of every order."""
    matrix, place, orders, heading = {}, {}, [], ""
    for line in path.read_text().splitlines():
        words = line.split()
        if line.startswith("//"):
            heading = line
        elif heading.startswith("//LocStart"):
            matrix[int(words[0]), int(words[1])] = float(words[2])
        elif heading.startswith("//Idx Location"):
            place[int(words[0])] = int(words[1])
        elif heading.startswith("//Idx M"):
            orders.append([place[int(product)] for product in words[3::2]])
    return matrix, orders


def _shortest_tour(matrix: dict[tuple[int, int], float], places: list[int]) -> float:
    """The shortest tour from location 0 (the depot) by way of all places, by dynamic programming over subsets."""
    best = {(frozenset([place]), place): matrix[0, place] for place in places}
    for size in range(2, len(places) + 1):
        for chosen in map(frozenset, itertools.combinations(places, size)):
            for last in chosen:
                rest = chosen - {last}
                best[chosen, last] = min(best[rest, before] + matrix[before, last] for before in rest)
    return min(best[frozenset(places), last] + matrix[last, 0] for last in places)


@pytest.mark.shared_data
@pytest.mark.parametrize("name", ["instances_d5_ord5_MAL.txt", "instances_d10_ord10_MAL.txt"])
def test_small_foodmart_instances_are_solved_to_the_published_optimum(name: str) -> None:
    instance = read_batching(shared("bench", "batching_foodmart", name))
    solved = solve_batching(instance, policy=SHORTEST, budget=Budget(None, iterations=100))
    assert solved.distance_mm / 100 == pytest.approx(_best("batching_foodmart")[name], abs=0.005)
    assert 0 < solved.distance_bound_mm <= solved.distance_mm


def test_what_fits_on_one_cart_is_known_to_be_walked_best(tmp_path: Path) -> None:
    orders = [[(0, 3), (2, 9)], [(1, 1)], [(3, 5), (0, 8)]]
    path = tmp_path / "tiny.txt"
    path.write_text(henn_text(orders, num_aisles=4, num_cells=12, capacity=5))
    solved = solve_batching(read_batching(path), policy=SHORTEST, budget=Budget(None, iterations=1))
    assert solved.batches == ((0, 1, 2),)
    assert solved.distance_bound_mm == solved.distance_mm


@pytest.mark.shared_data
def test_a_henn_instance_comes_near_the_published_optimum_and_never_below() -> None:
    name = "u/1l-20-30-1.txt"
    instance = read_batching(shared("bench", "batching_henn", name))
    solved = solve_batching(instance, policy=SHORTEST, budget=Budget(None, iterations=300))
    best = _best("batching_henn")[name]
    assert best <= solved.distance_mm / instance.scale <= 1.01 * best
    assert solved.distance_bound_mm / instance.scale <= best
