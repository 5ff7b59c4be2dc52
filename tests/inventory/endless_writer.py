"""A program that moves single units from many threads until it is killed, and says what was acknowledged.

Run as `python -m tests.inventory.endless_writer URL ROUND`; prints a client id once its command is answered.
"""

import sys
import threading
from dataclasses import dataclass

from sqlmodel import Session

from inventory.ledger import NewMovement, post
from inventory.tables.stock import Reason
from tests.inventory.stocked_house import BIN_A, SITE, SUPPLIER
from warehouse.clock import Clock, SystemClock
from warehouse.database import Database

NUM_THREADS = 4


@dataclass(frozen=True)
class Bring:
    client_id: str


def bring(session: Session, command: Bring, clock: Clock) -> None:
    movement = NewMovement(SITE, SUPPLIER, BIN_A, 1, 1, 1, Reason.RECEIPT, "writer", client_id=command.client_id)
    post(session, [movement], clock=clock)


def write_for_ever(database: Database, name: str) -> None:
    number = 0
    while True:
        number += 1
        client_id = f"{name}-{number}"
        database.run(bring, Bring(client_id), clock=SystemClock())
        sys.stdout.write(client_id + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    opened = Database.open(sys.argv[1])
    for thread in range(NUM_THREADS):
        threading.Thread(target=write_for_ever, args=(opened, f"{sys.argv[2]}-{thread}")).start()
