"""Directed stowing: a cart of goods, the bins it goes into, and the path there.

Planning takes a while, so it reads a snapshot and writes nothing. Writing looks again whether the goods still wait and
no other run has taken one of the bins; if so, nothing is written and it is planned again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any

import numpy as np
from pydantic import Field
from sqlalchemy import select
from sqlmodel import Session, col

from inventory.rules.look_alikes import alike
from inventory.rules.storage_policy import StowRules
from inventory.rules.stow_choice import in_rounds
from inventory.rules.stow_runs import Offer, PlannedStow, Share, plan_stow_run
from inventory.rules.stowing import Unit
from inventory.tables.products import LotRow, ProductRow
from inventory.tables.stock import BalanceRow
from inventory.tables.storage import StowRunRow, StowState, StowStepRow
from inventory.work.bin_contents import unit_of, volume_mm3
from inventory.work.blocking import walkable
from inventory.work.caging import closed_cage
from inventory.work.proposing import Popularities, Sought, propose, with_neighbours
from inventory.work.sites import LiveSite, live_site, place_codes, place_id, place_ids
from inventory.work.stock_policies import stock_policy
from inventory.work.stowing import reachable
from routing.bin_choice import Budget
from warehouse.clock import Clock
from warehouse.database import Database
from warehouse.errors import WrongState

NUM_OFFERS = 6
"""Bins that each share is offered; more make the walk hardly shorter and the search longer."""

A_SEGMENT_MAX = 2
"""How many of these may be in one aisle segment, so that the walk has segments to choose from."""

NUM_TRIES_MAX = 5
"""Each lost try means that another stower was faster."""


@dataclass(frozen=True)
class PlanStow:
    """Give a stower a cart of what waits at a place, every lot over `num_bins` bins at most."""

    site: str
    from_place: str
    user: str
    num_bins: int = 3
    budget_ms: int = 250
    seed: int = 0
    client_id: str = ""


@dataclass(frozen=True)
class NotPlanned:
    """Units of a lot that no bin was found for."""

    product: str
    lot: str
    quantity: int


@dataclass(frozen=True)
class StowPlanned:
    """The stower's run; None if nothing that waits has a bin. `is_new` is false if he was walking it."""

    run_id: int | None
    is_new: bool
    not_planned: tuple[NotPlanned, ...] = ()


@dataclass(frozen=True)
class _Load:
    """Units of a lot that go on the cart."""

    product: ProductRow
    lot: LotRow
    quantity: int


@dataclass(frozen=True)
class _Cart:
    """A planned run with what was on the cart, by the names of its shares."""

    live: LiveSite
    from_place_id: int
    loads: dict[str, _Load]
    planned: PlannedStow | None
    not_planned: tuple[NotPlanned, ...]


@dataclass(frozen=True)
class _WritePlan:
    """Write a planned run down. The plan is no part of what was asked, so it is not compared."""

    request: PlanStow
    cart: Annotated[Any, Field(exclude=True)]
    client_id: str


def plan_stow(database: Database, command: PlanStow, clock: Clock) -> StowPlanned:
    """Plan a stow run, or go on with the one that the stower is walking.

    Raises
    ------
    NotFound
        If there is no such site or place.
    WrongState
        If other stowers came first again and again.
    """
    for attempt in range(1, NUM_TRIES_MAX + 1):
        with database.read() as session:
            under_way = stow_run_of(session, command.user)
            cart = None if under_way else _plan(session, command, clock)
        try:
            return database.run(_write, _WritePlan(command, cart, command.client_id), clock=clock)
        except WrongState:
            if attempt == NUM_TRIES_MAX:
                raise
    raise AssertionError("the last try returns or raises")


def stow_run_of(session: Session, user: str) -> StowRunRow | None:
    """The run that a stower is walking."""
    query = select(StowRunRow).where(col(StowRunRow.stower) == user, col(StowRunRow.state) == StowState.OPEN)
    run: StowRunRow | None = session.execute(query).scalars().first()
    return run


def _plan(session: Session, command: PlanStow, clock: Clock) -> _Cart:
    live = live_site(session, command.site)
    from_place_id = place_id(session, live.id, command.from_place)
    policy = stock_policy(session, live.id, clock)
    rules = policy.stowing
    shelves = live.area.shelves
    taken = _bins_taken(session, live)
    closed = ~reachable(session, live, command.from_place, shelves.codes, clock) | taken
    closed |= closed_cage(session, live, command.user)
    popularities = Popularities(session, live, policy.demand_days, clock)
    loads: dict[str, _Load] = {}
    shares: list[Share] = []
    planned_bins: dict[int, Unit] = {}
    used: dict[int, list[int]] = {}
    carried = _cart_load(session, live, from_place_id)
    units = {load.lot.id: unit_of(session, live, load.product, load.lot, clock) for load in carried}
    popularity = [popularities.of(units[load.lot.id].product) for load in carried]
    for number, load in _in_rounds(carried, popularity, command.num_bins):
        unit = units[load.lot.id]
        own = used.setdefault(unit.product, [])
        sought = Sought(unit, load.quantity, NUM_OFFERS, closed, tuple(own), A_SEGMENT_MAX)
        apart = _next_to_unfit(live, planned_bins, unit, rules)
        found = [each for each in propose(session, live, sought, rules) if not apart[each.row]]
        name = f"{load.product.code} {load.lot.code} {load.lot.id}/{number + 1}"
        loads[name] = load
        shares.append(Share(name, load.quantity, tuple(Offer(each.row, each.quantity) for each in found)))
        for each in found:
            closed[each.row] = True
            planned_bins[each.row] = unit
        own.extend(each.row for each in found[:1])
    floor = walkable(session, live, clock).area.floor
    start = next((each.spot for each in live.site.stations if each.name == command.from_place), live.area.start)
    budget = Budget(time_ms=command.budget_ms)
    planned, _ = plan_stow_run(shares, floor, shelves, start, budget=budget, seed=command.seed)
    return _Cart(live, from_place_id, loads, planned, _not_planned(loads, planned))


def _in_rounds(loads: Sequence[_Load], popularity: Sequence[float], num_bins: int) -> list[tuple[int, _Load]]:
    """The shares of all loads in the order in which they get bins, each with its number."""
    shares = [
        (number, asked, replace(load, quantity=quantity))
        for load, asked in zip(loads, popularity, strict=True)
        for number, quantity in enumerate(_parts(load.quantity, num_bins))
    ]
    numbers, asked_for = np.array([each[0] for each in shares]), np.array([each[1] for each in shares])
    return [(shares[at][0], shares[at][2]) for at in in_rounds(numbers, asked_for).tolist()]


def _parts(quantity: int, num_bins: int) -> list[int]:
    """A quantity in so many nearly equal parts, none of them empty."""
    num = max(1, min(num_bins, quantity))
    return [quantity // num + (number < quantity % num) for number in range(num)]


def _bins_taken(session: Session, live: LiveSite) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    """The bins that other runs are going to."""
    query = (
        select(col(StowStepRow.place_id))
        .join(StowRunRow, col(StowRunRow.id) == col(StowStepRow.run_id))
        .where(col(StowRunRow.site_id) == live.id, col(StowStepRow.state) == StowState.OPEN)
    )
    places = set(session.execute(query).scalars())
    taken = np.zeros(len(live.area.shelves), dtype=bool)
    taken[[live.area.shelves.index[code] for code in place_codes(session, places).values()]] = True
    return taken


def _next_to_unfit(
    live: LiveSite, planned: dict[int, Unit], unit: Unit, rules: StowRules
) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    """The bins that are, or are next to, one that the cart brings something to which must not lie near a unit."""
    apart = rules.apart_from(unit.hazard)
    unfit = {
        row
        for row, other in planned.items()
        if other.product != unit.product
        and (other.hazard in apart or (unit.look and other.look and alike(unit.look, other.look, rules.look_alike)))
    }
    return with_neighbours(live, unfit)


def _cart_load(session: Session, live: LiveSite, from_place_id: int) -> list[_Load]:
    """What waits at a place and goes on one cart, first expired first: as much as its totes hold and it carries."""
    cart = live.site.cart
    room_mm3, load_g = cart.num_totes * cart.tote_volume_mm3, cart.load_g
    loads = []
    for product, lot, free in _waiting(session, from_place_id):
        quantity = min(free, room_mm3 // volume_mm3(product), load_g // product.weight_g)
        if quantity:
            loads.append(_Load(product, lot, quantity))
            room_mm3 -= quantity * volume_mm3(product)
            load_g -= quantity * product.weight_g
    return loads


def _waiting(session: Session, from_place_id: int) -> list[tuple[ProductRow, LotRow, int]]:
    """Free units at a place that no run has on its cart, first expired first."""
    on_carts = (
        select(col(StowStepRow.lot_id), col(StowStepRow.quantity))
        .join(StowRunRow, col(StowRunRow.id) == col(StowStepRow.run_id))
        .where(col(StowRunRow.from_place_id) == from_place_id, col(StowStepRow.state) == StowState.OPEN)
    )
    gone: dict[int, int] = {}
    for lot_id, quantity in session.execute(on_carts):
        gone[lot_id] = gone.get(lot_id, 0) + quantity
    query = (
        select(ProductRow, LotRow, col(BalanceRow.quantity) - col(BalanceRow.reserved))
        .join(LotRow, col(LotRow.product_id) == col(ProductRow.id))
        .join(BalanceRow, col(BalanceRow.lot_id) == col(LotRow.id))
        .where(col(BalanceRow.place_id) == from_place_id)
        .order_by(col(LotRow.expires_on).is_(None), col(LotRow.expires_on), col(LotRow.received_on), col(LotRow.id))
    )
    rows = [(product, lot, free - gone.get(lot.id, 0)) for product, lot, free in session.execute(query)]
    return [(product, lot, free) for product, lot, free in rows if free > 0]


def _not_planned(loads: dict[str, _Load], planned: PlannedStow | None) -> tuple[NotPlanned, ...]:
    """What is on no stop, lot by lot."""
    left = {name: load.quantity for name, load in loads.items()}
    for stop in planned.stops if planned else ():
        left[stop.share] -= stop.quantity
    by_lot: dict[tuple[str, str], int] = {}
    for name, units in left.items():
        key = (loads[name].product.code, loads[name].lot.code)
        by_lot[key] = by_lot.get(key, 0) + units
    return tuple(NotPlanned(product, lot, units) for (product, lot), units in by_lot.items() if units)


def _write(session: Session, command: _WritePlan, clock: Clock) -> StowPlanned:
    """Write a run down, if its goods still wait and its bins are still free."""
    under_way = stow_run_of(session, command.request.user)
    if under_way is not None:
        return StowPlanned(under_way.id, is_new=False)
    cart: _Cart | None = command.cart
    if cart is None:
        raise WrongState("stow run", command.request.user, "done meanwhile")
    if cart.planned is None:
        return StowPlanned(None, is_new=False, not_planned=cart.not_planned)
    _require_still_so(session, cart)
    certificate = cart.planned.route.certificate
    run = StowRunRow(
        site_id=cart.live.id,
        from_place_id=cart.from_place_id,
        stower=command.request.user,
        distance_mm=certificate.distance_mm,
        backtrack_mm=certificate.backtrack_mm,
        backtrack_bound_mm=certificate.backtrack_bound_mm,
        route=cart.planned.route.to_json(),
        created_ms=clock.now_ms(),
    )
    session.add(run)
    session.flush()
    session.add_all(_steps(session, run, cart))
    session.flush()
    return StowPlanned(run.id, is_new=True, not_planned=cart.not_planned)


def _require_still_so(session: Session, cart: _Cart) -> None:
    assert cart.planned is not None
    taken = _bins_taken(session, cart.live)
    if any(taken[stop.bin] for stop in cart.planned.stops):
        raise WrongState("bin", "", "taken by another stower")
    waiting = {lot.id: free for _, lot, free in _waiting(session, cart.from_place_id)}
    for stop in cart.planned.stops:
        lot_id = cart.loads[stop.share].lot.id
        waiting[lot_id] = waiting.get(lot_id, 0) - stop.quantity
    if min(waiting.values()) < 0:
        raise WrongState("goods", "", "stowed by somebody else")


def _steps(session: Session, run: StowRunRow, cart: _Cart) -> Sequence[StowStepRow]:
    assert cart.planned is not None
    assert run.id is not None
    codes = cart.live.area.shelves.codes
    places = place_ids(session, cart.live.id, [codes[stop.bin] for stop in cart.planned.stops])
    return [
        StowStepRow(
            run_id=run.id,
            sequence=number,
            place_id=places[codes[stop.bin]],
            product_id=cart.loads[stop.share].lot.product_id,
            lot_id=cart.loads[stop.share].lot.id or 0,
            quantity=stop.quantity,
        )
        for number, stop in enumerate(cart.planned.stops)
    ]
