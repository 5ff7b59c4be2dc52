"""Runs on the small site, taken and picked step by step, and what must hold of them at any time."""

from dataclasses import dataclass

from sqlalchemy import func, select, update
from sqlmodel import Session, col

from inventory.tables.outbound import OrderLineRow, PickRunRow, RunState
from inventory.tables.stock import BalanceRow
from inventory.work.checking import check
from inventory.work.looking import RunView, run_view
from inventory.work.picking import ConfirmPick, confirm_pick
from inventory.work.walking import TakeRun, take_run
from routing.problem import PickProblem
from routing.route import Route
from routing.verify import verify
from tests.inventory.small_site import SITE
from warehouse.clock import Clock, FixedClock
from warehouse.database import Database


@dataclass(frozen=True)
class HoldRuns:
    """No run that waits begins before `until_ms`."""

    until_ms: int


@dataclass(frozen=True)
class RunsHeld:
    """Done."""


def hold_runs(session: Session, command: HoldRuns, clock: Clock) -> RunsHeld:
    """As a release that puts starts off."""
    waiting = update(PickRunRow).where(col(PickRunRow.state) == RunState.READY)
    session.execute(waiting.values(not_before_ms=command.until_ms))
    return RunsHeld()


def view(database: Database, run_id: int) -> RunView:
    """A run as its picker sees it."""
    with database.read() as session:
        return run_view(session, run_id)


def taken(database: Database, clock: FixedClock, picker: str = "ann") -> RunView:
    """The run that a picker is given."""
    run_id = database.run(take_run, TakeRun(SITE, picker), clock=clock).run_id
    assert run_id is not None
    return view(database, run_id)


def confirm(database: Database, clock: FixedClock, run: RunView, picker: str = "ann") -> RunView:
    """The run after its step at hand was picked in full."""
    step = run.current
    assert step is not None
    scans = (step.bin_code, f"EAN-{step.product}", step.quantity - step.quantity_picked)
    database.run(confirm_pick, ConfirmPick(run.run_id, step.step_id, picker, *scans), clock=clock)
    return view(database, run.run_id)


def books_agree(database: Database) -> None:
    """Balances follow from movements, and what is reserved is what was promised."""
    with database.read() as session:
        assert check(session).ok
        reserved = session.execute(select(func.sum(col(BalanceRow.reserved)))).scalar_one()
        promised = session.execute(select(func.sum(col(OrderLineRow.quantity_allocated)))).scalar_one()
        assert reserved == promised


def sound_plan(database: Database, run_id: int) -> tuple[PickProblem, Route]:
    """The problem and the route of a run; the route is verified."""
    with database.read() as session:
        row = session.get(PickRunRow, run_id)
        assert row is not None
        problem, route = PickProblem.from_json(row.problem), Route.from_json(row.route)
    assert verify(problem, route, route.certificate.policy).ok
    return problem, route
