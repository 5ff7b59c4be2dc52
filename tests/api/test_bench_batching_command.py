"""`onward bench batching` on small files in the published format."""

import json
from pathlib import Path

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
