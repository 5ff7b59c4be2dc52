"""The server is killed again and again while several pickers pick; nothing acknowledged is lost, nothing done twice."""

import random
import time
from pathlib import Path

import pytest

from sim.day_demand import generated_demand
from tests.api.picking_day import (
    PickingDay,
    check_by_command,
    check_over_api,
    faults_of,
    lost_picks,
    scanners,
    stock_day,
)
from tests.api.scanner_client import Crew, Habits
from tests.api.server import RunningServer, start_server

WORK = [pytest.param(1, 2, id="once"), pytest.param(20, 12, id="twenty_times", marks=pytest.mark.slow)]
NUM_PICKERS = 5
NUM_TOTES = 2  # of a cart: many short runs, so that runs are taken and finished between the kills, too
PICKS_A_LIFE = 6
"""Picks that must be acknowledged before the next kill: all pickers are in the middle of something then."""

PAUSE_MAX_S = 0.1
"""The kill comes at any moment of a call: before it is read, before or after its commit, before its answer."""

HABITS = Habits(repeats=0.2, wrong=0.05, lost=0.05)


@pytest.mark.usefixtures("quick_hashes")
@pytest.mark.parametrize(("num_kills", "num_orders"), WORK)
def test_kill_9_of_the_server_loses_nothing_and_does_nothing_twice(
    num_kills: int, num_orders: int, tmp_path: Path, sqlite_template: Path
) -> None:
    demand = generated_demand(seed=5, num_orders=num_orders, num_products=200)
    day = stock_day(tmp_path / "home", sqlite_template, demand, num_pickers=NUM_PICKERS, num_totes=NUM_TOTES)
    assert day.num_steps > num_kills * (PICKS_A_LIFE + NUM_PICKERS), "there is work for all lives"
    server = start_server(day.home)
    try:
        crew = Crew(scanners(server, NUM_PICKERS, HABITS))
        crew.start()
        rng = random.Random(1)
        for _ in range(num_kills):
            server = _kill_in_the_middle(server, day, crew, rng)
        crew.wait()
        report = check_over_api(server)
    finally:
        server.kill()
    assert crew.counts["failures"] >= num_kills, "every kill hit somebody"
    assert crew.counts["repeats"] > 0
    assert sum(scanner.counts["runs"] > 0 for scanner in crew.scanners) > 1
    assert report["ok"], report
    assert check_by_command(day.home) == (0, report)
    assert faults_of(day, crew) == []


def _kill_in_the_middle(server: RunningServer, day: PickingDay, crew: Crew, rng: random.Random) -> RunningServer:
    """Kill the server while pickers pick, start it again on the same port, and see that nothing was lost."""
    goal = len(crew.acknowledged) + PICKS_A_LIFE
    while len(crew.acknowledged) < goal and not crew.faults:
        assert crew.working, "the work lasts for all kills"
        time.sleep(0.002)
    time.sleep(rng.uniform(0, PAUSE_MAX_S))
    crew.raise_fault()
    acknowledged = crew.acknowledged
    server.kill()
    again = start_server(server.home, port=int(server.url.rpartition(":")[2]))
    assert lost_picks(day, acknowledged) == set()
    return again
