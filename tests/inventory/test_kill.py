"""What was acknowledged survives kill -9 in the middle of writing, and nothing is there twice."""

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url
from sqlmodel import select

from inventory.tables.stock import BalanceRow, MovementRow
from inventory.work.checking import check
from tests.inventory.endless_writer import Bring, bring
from tests.inventory.stocked_house import Furnish, furnish
from warehouse.clock import FixedClock
from warehouse.database import Database

NUM_ROUNDS = {"sqlite": 3, "postgresql": 2}
"""SQLite more often: there the kill can fall between the commands of one commit."""
PROJECT = Path(__file__).parents[2]


def acknowledged_before_the_kill(url: str, name: str, num_lines: int) -> set[str]:
    """Start the writer, kill it after so many answers, and return all that it had said by then."""
    command = [sys.executable, "-m", "tests.inventory.endless_writer", url, name]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=PROJECT) as writer:
        assert writer.stdout is not None
        said = [writer.stdout.readline() for _ in range(num_lines)]
        writer.kill()
        said += writer.stdout.readlines()
    return {line.strip() for line in said if line.endswith("\n")}


@pytest.mark.untraced  # other, quicker tests run the same lines
def test_nothing_acknowledged_is_lost_and_nothing_is_there_twice(database_url: str, clock: FixedClock) -> None:
    with Database.open(database_url) as database:
        database.run(furnish, Furnish(), clock=clock)
    acknowledged: set[str] = set()
    for number in range(NUM_ROUNDS[make_url(database_url).get_backend_name()]):
        new = acknowledged_before_the_kill(database_url, f"round{number}", 25 + 10 * number)
        assert new
        acknowledged |= new
        with Database.open(database_url) as database:
            for client_id in sorted(acknowledged)[:20]:
                database.run(bring, Bring(client_id), clock=clock)
            with database.read() as session:
                written = [row.client_id for row in session.exec(select(MovementRow))]
                balance = session.exec(select(BalanceRow)).one()
                assert check(session).ok
        assert acknowledged <= set(written)
        assert len(set(written)) == len(written) == balance.quantity
