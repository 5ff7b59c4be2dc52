"""A day of orders in a home folder, ready to be picked over HTTP; and afterwards, what became of it."""

import json
import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from api.auth import hashed
from api.demo_users import save_demo_users
from api.serving import Serving
from api.settings import Settings
from api.tables import Role
from api.users import SaveUser, save_user
from inventory.tables.outbound import OrderLineRow, OrderRow, OrderState, PickRunRow, PickStepRow, RunState
from inventory.tables.stock import MovementRow, Reason
from inventory.work.importing import ImportOrders, ImportProducts, import_orders, import_products
from inventory.work.receiving import Receipt, Receive, receive
from inventory.work.releasing import Release, release
from inventory.work.sites import OpenSite, open_site
from inventory.work.stowing import StowAtRandom, stow_at_random
from sim.day_demand import DayDemand
from sim.demo_site import CART, COVER_DAYS, planned_site
from tests.api.scanner_client import Crew, Habits, Scanner
from tests.api.server import ONWARD, RunningServer, client_of
from warehouse.clock import SystemClock
from warehouse.database import Database
from warehouse.site_writing import write_site

SITE = "DEMO-DAY"
PIN = "4711"
BINS_PER_PRODUCT = 3
BUDGET_MS = 50
"""How long the solver may think about a run: its routes are not what is looked at here."""


@dataclass(frozen=True)
class PickingDay:
    """A stocked home folder; `planned` are the units that pick runs are to bring, by order line."""

    home: Path
    planned: dict[int, int]
    num_steps: int
    num_runs: int

    @contextmanager
    def open(self) -> Iterator[Database]:
        """The database, beside a running server or after it."""
        with Database.open(f"sqlite:///{self.home / 'onward.db'}") as database:
            yield database


def first_lines(demand: DayDemand, num_lines: int) -> DayDemand:
    """The day's first orders, so many that they have at least `num_lines` lines, and their products."""
    orders = []
    lines = 0
    for order in demand.orders:
        if lines >= num_lines:
            break
        orders.append(order)
        lines += len(order.lines)
    asked = {line.product for order in orders for line in order.lines}
    products = tuple(product for product in demand.products if product.code in asked)
    return replace(demand, orders=tuple(orders), products=products)


def stock_day(home: Path, template: Path, demand: DayDemand, *, num_pickers: int, num_totes: int) -> PickingDay:
    """Put up a warehouse for a day's orders, stow ten days of stock at random, and release all orders.

    Parameters
    ----------
    home
        Becomes the home folder of the server.
    template
        A migrated database file without rows.
    num_totes
        On a cart. Few make many short runs.
    """
    home.mkdir()
    shutil.copy(template, home / "onward.db")
    site = replace(
        planned_site(demand.volume_mm3, BINS_PER_PRODUCT, demand.name), cart=replace(CART, num_totes=num_totes)
    )
    with Database.open(f"sqlite:///{home / 'onward.db'}") as database:
        serving = Serving(database, SystemClock(), Settings())
        _save_users(serving, num_pickers)
        serving.run(open_site, OpenSite(write_site(site)))
        serving.run(import_products, ImportProducts(demand.products))
        serving.run(import_orders, ImportOrders(SITE, demand.orders))
        receipts = tuple(Receipt(code, units * COVER_DAYS) for code, units in sorted(demand.units.items()))
        dock = serving.run(receive, Receive(SITE, receipts, "test")).station
        serving.run(stow_at_random, StowAtRandom(SITE, dock, "test", num_bins=BINS_PER_PRODUCT))
        released = release(database, Release(SITE, budget_ms=BUDGET_MS), serving.clock)
        assert released.shorts == (), "ten days of stock last for one day"
        with database.read() as session:
            steps = session.execute(select(PickStepRow)).scalars().all()
        planned = Counter[int]()
        for step in steps:
            planned[step.order_line_id] += step.quantity
    return PickingDay(home, dict(planned), len(steps), len(released.runs))


def _save_users(serving: Serving, num_pickers: int) -> None:
    save_demo_users(serving)
    pin_hash = hashed(PIN)
    for number in range(num_pickers):
        name = f"scanner-{number}"
        serving.run(save_user, SaveUser(name, name, Role.PICKER, badge=_badge(number), pin_hash=pin_hash))


def _badge(number: int) -> str:
    return f"SCANNER-{number}"


def scanners(server: RunningServer, num: int, habits: Habits) -> list[Scanner]:
    """So many scanners, signed in."""
    port = int(server.url.rpartition(":")[2])
    made = [Scanner(port, SITE, _badge(number), PIN, seed=number, habits=habits) for number in range(num)]
    for scanner in made:
        scanner.sign_in()
    return made


def check_over_api(server: RunningServer) -> dict[str, Any]:
    """The ledger check as a manager asks for it."""
    manager = client_of(server.url, Role.MANAGER)
    answer = manager.get("/api/v1/check")
    manager.close()
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def check_by_command(home: Path) -> tuple[int, dict[str, Any]]:
    """Exit status and report of `onward check --json`."""
    done = subprocess.run(
        [ONWARD, "check", "--json"],
        env=os.environ | {"ONWARD_HOME": str(home), "ONWARD_DATABASE_URL": ""},
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.returncode, json.loads(done.stdout)


def lost_picks(day: PickingDay, acknowledged: dict[str, int]) -> set[str]:
    """Client ids of picks that were acknowledged and are not in the ledger."""
    with day.open() as database, database.read() as session:
        there = set(session.execute(select(col(MovementRow.client_id))).scalars())
    return set(acknowledged) - there


def faults_of(day: PickingDay, crew: Crew) -> list[str]:
    """What is wrong with a day that was picked to its end, in the ledger and on the books."""
    with day.open() as database, database.read() as session:
        picks = session.execute(select(MovementRow).where(col(MovementRow.reason) == Reason.PICK)).scalars().all()
        steps = session.execute(select(PickStepRow)).scalars().all()
        lines = session.execute(select(OrderLineRow)).scalars().all()
        run_states = Counter(session.execute(select(col(PickRunRow.state))).scalars())
        order_states = Counter(session.execute(select(col(OrderRow.state))).scalars())
    picked = Counter[int]()
    for pick in picks:
        assert pick.order_line_id is not None
        picked[pick.order_line_id] += pick.quantity
    asked = {line.id: line.quantity for line in lines}
    moved = Counter((pick.order_line_id, pick.from_place_id, pick.to_place_id, pick.quantity) for pick in picks)
    walked = Counter((step.order_line_id, step.place_id, step.tote_place_id, step.quantity) for step in steps)
    ids = Counter(pick.client_id for pick in picks)
    acknowledged = crew.acknowledged
    faults = {
        "units picked are those asked for": dict(picked) == asked,
        "units picked are those planned": dict(picked) == day.planned,
        "lines say what was picked": {line.id: line.quantity_picked for line in lines} == dict(picked),
        "one movement a step": moved == walked and len(picks) == day.num_steps,
        "one movement a client id": max(ids.values()) == 1,
        "the ledger has what was acknowledged, and nothing else": set(ids) == set(acknowledged),
        "each step was acknowledged once": sorted(acknowledged.values()) == sorted(step.id or 0 for step in steps),
        "all runs are done": run_states == {RunState.DONE: day.num_runs},
        "all orders are picked": set(order_states) == {OrderState.PICKED},
    }
    return [what for what, true in faults.items() if not true]
