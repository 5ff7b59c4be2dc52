"""Several pickers pick a day's orders at once over HTTP, on a floor where calls are repeated, lost and wrong."""

from pathlib import Path

import pytest

from sim.day_demand import DayDemand, demand_from_files
from tests.api.picking_day import (
    PickingDay,
    check_by_command,
    check_over_api,
    faults_of,
    first_lines,
    scanners,
    stock_day,
)
from tests.api.scanner_client import Crew, Habits
from tests.api.server import start_server
from tests.shared_data import shared

NUM_PICKERS = 8
NUM_TOTES = 4  # of a cart: enough runs for all pickers, and each takes several
LINES_MIN = 500


def _pick_all(day: PickingDay) -> Crew:
    """Let all pickers pick the whole day, and look at everything afterwards."""
    server = start_server(day.home)
    try:
        crew = Crew(scanners(server, NUM_PICKERS, Habits()))
        crew.start()
        crew.wait()
        report = check_over_api(server)
    finally:
        server.stop()
    assert report["ok"], report
    assert check_by_command(day.home) == (0, report)
    assert report["differences"] == []
    assert faults_of(day, crew) == []
    return crew


@pytest.mark.slow
@pytest.mark.shared_data
def test_a_real_day_is_picked_once_by_many_scanners(tmp_path: Path, sqlite_template: Path) -> None:
    demand = demand_from_files(
        shared("data", "uci_online_retail", "online_retail_2010-12_2011-12.csv.gz"),
        shared("data", "olist_products", "olist_products_dataset.csv"),
        "2011-12-05",
        seed=0,
    )
    day = _stocked(tmp_path, sqlite_template, first_lines(demand, LINES_MIN))
    counts = _pick_all(day).counts
    assert len(day.planned) >= LINES_MIN
    assert counts["steps"] == day.num_steps
    assert 0.07 < counts["repeats"] / counts["actions"] < 0.13
    assert 0.03 < counts["wrong"] / counts["scans"] < 0.07
    assert counts["lost"] > 0


def _stocked(tmp_path: Path, template: Path, demand: DayDemand) -> PickingDay:
    return stock_day(tmp_path / "home", template, demand, num_pickers=NUM_PICKERS, num_totes=NUM_TOTES)
