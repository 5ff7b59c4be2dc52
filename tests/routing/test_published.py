import csv
from pathlib import Path

import pytest

from routing.exact import best_walk
from routing.problem import Policy, PolicyName
from routing.published import read_instance, to_problem
from routing.solve import solve
from tests.shared_data import shared

pytestmark = pytest.mark.untraced  # other, quicker tests run the same lines

INSTANCE = """NAME : tiny.txt
TYPE : Single_picker_routing
LAYOUT : single-block
NUM_AISLES : 3
NUM_CELLS : 4
DEPOT_AISLE : 1
DEPOT_LOCATION : top
DISTANCE_AISLE_TO_AISLE : 5
DISTANCE_CELL_TO_CELL : 2
DISTANCE_TOP_TO_CELL : 1
DISTANCE_BOTTOM_TO_CELL : 3
DISTANCE_TOP_OR_BOTTOM_TO_DEPOT : 4
ARTICLE_SECTION
NUM_ARTICLES : 1
ID 7
SKU_SECTION
NUM_SKUS : 2
ID 7 AISLE 1 CELL 0 QUANTITY 2 LEFT_RIGHT_HAND_SIDE left
ID 7 AISLE 2 CELL 3 QUANTITY 1 LEFT_RIGHT_HAND_SIDE right
ORDER_SECTION
NUM_ARTICLES : 1
ID 7 QUANTITY 3
EOF
"""


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.txt"
    path.write_text(INSTANCE, encoding="latin-1")
    return path


def test_a_file_is_read_with_its_own_distances(tiny: Path) -> None:
    instance = read_instance(tiny)
    assert (instance.num_aisles, instance.num_cells, instance.depot_at_top) == (3, 4, True)
    assert instance.demand == {"7": 3}
    assert [instance.height(cell) for cell in range(4)] == [9, 7, 5, 3]
    assert [supply.quantity for supply in instance.supplies] == [2, 1]


def test_the_way_to_the_depot_is_walked_twice(tiny: Path) -> None:
    problem = to_problem(read_instance(tiny))
    route = solve(problem, policy=Policy(PolicyName.SHORTEST))
    # 4 to the door and back, 1 into the own aisle and back, 5 across and 7 down the next aisle, and back.
    assert route.certificate.distance_mm == 2 * (4 + 1 + 5 + 7)
    assert route.certificate.proven


def test_two_blocks_have_a_middle_cross_aisle_two_between_its_cells(tiny: Path) -> None:
    floor = to_problem(read_instance(tiny), blocks=2).floor
    assert floor.grid is not None
    assert [floor.nodes[node].y_mm for node in floor.grid.nodes[0]] == [0, 6, 10]


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.txt"
    path.write_text("NAME : other\n", encoding="latin-1")
    with pytest.raises(ValueError, match="no published instance"):
        read_instance(path)


def test_only_one_and_two_blocks_are_published(tiny: Path) -> None:
    with pytest.raises(ValueError, match="1 or 2"):
        to_problem(read_instance(tiny), blocks=3)


@pytest.mark.shared_data
@pytest.mark.parametrize(("blocks", "column"), [(1, "optimum_one_block"), (2, "optimum_two_block")])
def test_shortest_equals_every_published_optimum(blocks: int, column: str) -> None:
    folder = shared("bench", "sprp")
    rows = list(csv.DictReader((folder / "optimum.csv").read_text().splitlines()))
    assert len(rows) == 144
    shortest = Policy(PolicyName.SHORTEST)
    for row in rows:
        problem = to_problem(read_instance(folder / row["instance"]), blocks=blocks)
        walk = best_walk(problem, shortest, [line.sources[0].spot for line in problem.lines])
        assert walk is not None
        assert walk.distance_mm == int(row[column]), row["instance"]
        assert sum(leg.length_mm for leg in walk.legs) == walk.distance_mm


@pytest.mark.shared_data
def test_no_scattered_instance_beats_its_published_optimum_or_its_own_bound() -> None:
    folder = shared("bench", "sprp_ss")
    rows = list(csv.DictReader((folder / "optimum.csv").read_text().splitlines()))[::40]
    for row in rows:
        problem = to_problem(read_instance(folder / row["instance"]))
        own = solve(problem, policy=Policy(PolicyName.SHORTEST)).certificate
        assert own.distance_bound_mm <= int(row["optimum_one_block"]) <= own.distance_mm, row["instance"]
