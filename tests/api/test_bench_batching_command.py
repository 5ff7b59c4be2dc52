"""`onward bench batching` on small files in the published format."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli import app
from tests.routing.henn_instance import henn_text

ORDERS = [[(0, 3)], [(2, 0), (1, 1)], [(2, 1)], [(0, 2), (0, 0)]]


def test_batches_hold_every_order_once_and_fit_on_carts(tmp_path: Path) -> None:
    path = tmp_path / "tiny.txt"
    path.write_text(henn_text(ORDERS, num_aisles=3, num_cells=4, capacity=3), encoding="latin-1")
    result = CliRunner().invoke(app, ["bench", "batching", str(tmp_path), "--time-limit", "0.1", "--json"])
    assert result.exit_code == 0, result.output
    (line,) = result.output.splitlines()
    found = json.loads(line)
    assert list(found) == ["instance", "policy", "distance", "backtrack", "lower_bound", "seconds", "batches"]
    # Orders 1 and 2 lie in the last two aisles, 0 and 3 in the first: 2 * 6 + 2 * 10 and 2 * 4.5.
    assert found["batches"] == [[0, 3], [1, 2]]
    assert found["distance"] == 41.0
    assert 0 < found["lower_bound"] <= 41.0


def test_a_file_that_is_no_instance_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "tiny.txt"
    path.write_text("NAME : tiny\n", encoding="latin-1")
    result = CliRunner().invoke(app, ["bench", "batching", str(path)])
    assert result.exit_code == 2
    assert "tiny.txt" in result.output


FOODMART = """//K: NbBoxesTrolley
2
//NbDimensionsCapacity
1
//Products
//Idx Location Volume
1 1 1
//Orders
//Nb Orders
1
//Idx M NbProdInOrder ProdIdx1 Qty1
1 1 1 1 4
//DepartingDepot
0
//ArrivalDepot
6
//Arcs
//Start End Distance
0 2 1.0
0 4 5.1
2 4 5.0
//Vertices coordinates LocationName
0 0.0 -1.0 "depot"
1 0.0 3.5 "product aisle 0"
2 0.0 0.0 "intersection"
3 0.0 9.0 "intersection"
4 5.0 0.0 "intersection"
5 5.0 9.0 "intersection"
"""


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("CELL 3 QUANTITY", "CELL 9 QUANTITY", "tiny.txt, line 18: CELL is '9', not a whole number from 0 to 3"),
        ("NUM_AISLES : 3", "NUM_AISLES : 0", "tiny.txt, line 5: NUM_AISLES is '0'"),
        ("NUM_CELLS : 4", "NUM_CELLS : four", "line 6: NUM_CELLS is 'four'"),
        ("BOTTOM_TO_CELL : 1.5", "BOTTOM_TO_CELL : 1.3", "line 12: DISTANCE_BOTTOM_TO_CELL is '1.3', no whole number"),
        ("DEPOT_LOCATION : bottom", "DEPOT_LOCATION : side", "line 8: DEPOT_LOCATION is 'side', not bottom or top"),
        ("PICKER_CAPACITY : 3", "PICKER_CAPACITY : 1", "line 27: an order of 2 is larger than a cart of 1"),
        ("SKU_SECTION\n", "", "line 15: no published instance has 'ID 0 AISLE"),
        ("NUM_ARTICLES_IN_ORDER : 1\nID 2 QUANTITY", "ID 2 QUANTITY", "line 24: an article comes before the first"),
        ("ID 1 QUANTITY 1", "ID 77 QUANTITY 1", "line 32: article 77 lies in no cell"),
        ("ID 1 QUANTITY 1", "ID 1 QUANTITY", "line 32: 'QUANTITY' has no value"),
        ("ID 5 QUANTITY 1\n", "", "line 29: this order has no articles"),
        ("NUM_AISLES : 3\n", "", "tiny.txt is no published instance: NUM_AISLES is missing"),
    ],
)
def test_a_file_that_is_no_good_is_refused_with_its_line(tmp_path: Path, before: str, after: str, told: str) -> None:
    text = henn_text(ORDERS, num_aisles=3, num_cells=4, capacity=3)
    assert before in text
    assert told in refused(tmp_path, text.replace(before, after))


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("1 1 1 1 4", "1 1 2 1 4", "tiny.txt, line 12: the order does not list 2 products with their quantities"),
        ("1 1 1 1 4", "1 9 1 1 4", "line 12: an order of 9 is larger than a cart of 2"),
        ("1 1 1 1 4", "1 1 1 7 4", "line 12: product 7 lies in no aisle"),
        ("1 1 1 1 4", "1", "line 12: number 2 is missing"),
        ("0 2 1.0", "0 2 wide", "line 19: number 3 is 'wide', no whole number of parts of 100"),
        ("2 4 5.0", "2 4 6.0", "line 21: arc 2 4 does not lie on a rectangular floor"),
        ("0 2 1.0", "0 2 -1.0", "line 19: arc 0 2 is shorter than nothing"),
        ("2 4 5.0", "2 99 5.0", "line 21: arc 2 99 leads to no vertex"),
        ("0 4 5.1\n", "", "its depot has no line to every front crossing"),
        ("//Arcs\n", "//Bows\n", "//Arcs is missing"),
        ("//K: NbBoxesTrolley\n2\n", "//K: NbBoxesTrolley\n", "nothing stands below //K"),
    ],
)
def test_a_graph_that_is_no_good_is_refused_with_its_line(tmp_path: Path, before: str, after: str, told: str) -> None:
    assert before in FOODMART
    assert told in refused(tmp_path, FOODMART.replace(before, after))


def test_the_graph_that_the_others_are_made_of_is_solved(tmp_path: Path) -> None:
    path = tmp_path / "tiny.txt"
    path.write_text(FOODMART, encoding="latin-1")
    found = [
        json.loads(CliRunner().invoke(app, ["bench", "batching", str(path), "--iterations", "3", "--json"]).stdout)
        for _ in range(2)
    ]
    assert found[0]["distance"] == 2 * (1.0 + 3.5)
    assert found[0]["batches"] == found[1]["batches"] == [[1]]


def test_an_instance_too_large_to_reckon_with_does_not_stop_the_others(tmp_path: Path) -> None:
    text = henn_text(ORDERS, num_aisles=3, num_cells=4, capacity=3)
    (tmp_path / "a.txt").write_text(text.replace("AISLE_TO_AISLE : 5", "AISLE_TO_AISLE : 99999999999"))
    (tmp_path / "b.txt").write_text(text)
    result = CliRunner().invoke(app, ["bench", "batching", str(tmp_path), "--iterations", "1", "--json"])
    assert result.exit_code == 1, result.output
    assert json.loads(result.stdout)["instance"] == "b.txt"
    assert "a.txt: no batches: " in result.stderr
    assert "more than can be reckoned with" in result.stderr


def refused(folder: Path, text: str) -> str:
    """What is said of a file that is refused."""
    path = folder / "tiny.txt"
    path.write_text(text, encoding="latin-1")
    result = CliRunner().invoke(app, ["bench", "batching", str(path)])
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"{folder}/tiny.txt" in result.stderr
    assert result.stderr.count("\n") == 1
    return result.stderr
