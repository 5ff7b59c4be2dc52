"""Goods are put away: one product into one bin, or everything at a station over random bins."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import select
from sqlmodel import Session, col

from inventory.ledger import NewMovement, post
from inventory.rules.random_stowing import Shares, place_at_random
from inventory.rules.stock import BoolArray, Stock
from inventory.rules.stow_rules import behind_bars
from inventory.rules.stowing import refusal
from inventory.tables.cage import CageAct
from inventory.tables.products import LotRow, ProductRow
from inventory.tables.stock import BalanceRow, Reason
from inventory.work.bin_contents import bin_room, unit_of
from inventory.work.blocking import walkable
from inventory.work.caging import closed_cage, enter_cage, is_caged
from inventory.work.cataloguing import product_of_scan
from inventory.work.product_needs import needs_of_products
from inventory.work.receiving import site_day
from inventory.work.sites import LiveSite, live_site, place_id, place_ids
from inventory.work.snapshot import Snapshot, take_snapshot
from inventory.work.stock_policies import stock_policy
from warehouse.bins import Bin
from warehouse.clock import Clock
from warehouse.distances import NO_WAY_MM, Distances
from warehouse.errors import NotFound, StockShort, StowRefused, WrongState

NUM_BINS = 5
"""Over how many bins a lot is spread if nobody says otherwise."""


@dataclass(frozen=True)
class Stow:
    """Put `quantity` units of a product from a place (a station or a tote) into a bin.

    `product` and `bin_code` are what was scanned. `lot` may be left out where the place holds one lot, `owner` where
    no other has a lot of this code there.
    """

    site: str
    from_place: str
    bin_code: str
    product: str
    quantity: int
    user: str
    lot: str | None = None
    device: str = ""
    client_id: str = ""
    owner: str | None = None


@dataclass(frozen=True)
class Stowed:
    """What was put where."""

    bin_code: str
    product: str
    lot: str
    quantity: int


@dataclass(frozen=True)
class StowAtRandom:
    """Put everything at a place away at random, every lot over `num_bins` bins."""

    site: str
    from_place: str
    user: str
    num_bins: int = NUM_BINS
    seed: int = 0
    device: str = ""
    client_id: str = ""


@dataclass(frozen=True)
class LeftOver:
    """Units of a lot that found no room, and why."""

    product: str
    lot: str
    quantity: int
    why: str


@dataclass(frozen=True)
class StowedAtRandom:
    """How much was put away in how many bins, and what found no room."""

    num_bins: int
    quantity: int
    left_over: tuple[LeftOver, ...]


def stow(session: Session, command: Stow, clock: Clock) -> Stowed:
    """Put goods into a bin.

    Raises
    ------
    StowRefused
        If a rule forbids it, or the bin cannot be reached; carries the one line that says why.
    BinCodeInvalid
        If what was scanned is not a bin of the site.
    NotFound
        If the site, the place, the product or the lot is not known.
    WrongState
        If the place holds several lots of the product and none was named.
    StockShort
        If the place holds less.
    CageClosed
        If the bin is of the cage, which the stower may not open.
    ValueError
        If the quantity is not positive.
    """
    live = live_site(session, command.site)
    goal = live.bin_of_scan(command.bin_code)
    product = product_of_scan(session, command.product)
    from_place_id = place_id(session, live.id, command.from_place)
    to_place_id = place_id(session, live.id, goal.code)
    lot = _lot_there(session, command, product, from_place_id)
    assert product.id is not None
    assert lot.id is not None
    require_allowed(session, live, StowAsked(command.from_place, goal, product, lot, command.quantity), clock)
    enter_cage(session, live, goal.code, command.user, CageAct.STOW, clock, device=command.device)
    movement = NewMovement(
        site_id=live.id,
        from_place_id=from_place_id,
        to_place_id=to_place_id,
        product_id=product.id,
        lot_id=lot.id,
        quantity=command.quantity,
        reason=Reason.STOW,
        user=command.user,
        device=command.device,
        client_id=command.client_id,
    )
    post(session, [movement], clock=clock)
    return Stowed(goal.code, product.code, lot.code, command.quantity)


@dataclass(frozen=True)
class StowAsked:
    """Whether so many units of a lot may go from a place into a bin."""

    from_place: str
    goal: Bin
    product: ProductRow
    lot: LotRow
    quantity: int


def require_allowed(session: Session, live: LiveSite, asked: StowAsked, clock: Clock) -> None:
    """Raise unless the bin can be reached and every rule of the site allows the goods in it.

    Raises
    ------
    StowRefused
        With the one line that says why not.
    ValueError
        If the quantity is not positive.
    """
    goal = asked.goal
    if not reachable(session, live, asked.from_place, [goal.code], clock)[0]:
        raise StowRefused(goal.code, "the way there is blocked")
    rules = stock_policy(session, live.id, clock).stowing
    unit = unit_of(session, live, asked.product, asked.lot, clock)
    why = refusal(bin_room(session, live, goal, rules), unit, asked.quantity, rules)
    if why is not None:
        raise StowRefused(goal.code, why)


def reachable(session: Session, live: LiveSite, from_place: str, bin_codes: Sequence[str], clock: Clock) -> BoolArray:
    """Which bins can be reached from a station or a bin; goods that are elsewhere come from where runs begin."""
    now = walkable(session, live, clock)
    floor = now.area.floor
    if not (now.closed or floor.blocked):
        return np.ones(len(bin_codes), dtype=bool)
    spots = {each.name: each.spot for each in live.site.stations}
    if from_place in live.bins:
        spots[from_place] = live.bins[from_place].spot
    start = spots.get(from_place, live.area.start)
    ways_mm = Distances(floor).pairs([start] * len(bin_codes), [live.bins[code].spot for code in bin_codes])
    free = np.fromiter((now.is_in_reach(code) for code in bin_codes), dtype=bool)
    return np.asarray(free & (ways_mm < NO_WAY_MM), dtype=bool)


def _lot_there(session: Session, command: Stow, product: ProductRow, from_place_id: int) -> LotRow:
    """The lot of the product that is meant: the one named, or the only one there."""
    query = (
        select(LotRow)
        .join(BalanceRow, col(BalanceRow.lot_id) == col(LotRow.id))
        .where(col(BalanceRow.place_id) == from_place_id, col(BalanceRow.product_id) == product.id)
    )
    lots: list[LotRow] = list(session.execute(query).scalars())
    if command.lot is not None:
        lots = [lot for lot in lots if lot.code == command.lot]
        if not lots:
            raise NotFound("lot", command.lot)
    if command.owner is not None:
        lots = [lot for lot in lots if lot.owner == command.owner]
    if not lots:
        raise StockShort(product.code, command.from_place, command.quantity, 0)
    if len(lots) > 1:
        which = "lot" if len({lot.code for lot in lots}) > 1 else "owner"
        raise WrongState("product", product.code, f"here in {len(lots)} lots; say which {which}")
    return lots[0]


def stow_at_random(session: Session, command: StowAtRandom, clock: Clock) -> StowedAtRandom:
    """Put everything that is free at a place away over random bins in reach; what finds no room stays.

    Bins of the cage are left out for people who may not open it, and entered on record by others.

    Raises
    ------
    NotFound
        If the site or the place is not known.
    """
    live = live_site(session, command.site)
    from_place_id = place_id(session, live.id, command.from_place)
    waiting = session.execute(
        select(col(BalanceRow.lot_id), col(BalanceRow.quantity), col(BalanceRow.reserved))
        .where(col(BalanceRow.place_id) == from_place_id, col(BalanceRow.quantity) > col(BalanceRow.reserved))
        .order_by(col(BalanceRow.lot_id))
    ).all()
    snapshot = take_snapshot(session, live, clock, lot_ids=[lot_id for lot_id, _, _ in waiting], free_only=False)
    stock, goods = snapshot.stock, snapshot.goods
    shares = Shares(
        lot=np.array([snapshot.lot_row[lot_id] for lot_id, _, _ in waiting], dtype=np.int64),
        quantity=np.array([quantity - reserved for _, quantity, reserved in waiting], dtype=np.int64),
        num_bins=np.full(len(waiting), command.num_bins, dtype=np.int64),
    )
    shelves = live.area.shelves
    needs = needs_of_products(session, snapshot.product_ids)
    rules = stock_policy(session, live.id, clock).stowing
    closed = closed_cage(session, live, command.user)
    placement = place_at_random(
        shares,
        stock.lots,
        goods,
        shelves,
        needs=needs,
        stock=stock,
        rules=rules,
        seed=command.seed,
        today=site_day(live, clock).toordinal(),
        reachable=reachable(session, live, command.from_place, shelves.codes, clock) & ~closed,
    )
    _post_placed(session, command, live, snapshot, placement.stock, from_place_id, clock)
    barred = behind_bars(goods.storage_bit, needs.value_cents, rules) & closed.any()
    left_over = tuple(
        LeftOver(
            goods.codes[product],
            stock.lots.codes[each.lot],
            each.quantity,
            f"belongs in the cage, which {command.user} may not open" if barred[product] else each.why,
        )
        for each in placement.unplaced
        for product in [int(stock.lots.product[each.lot])]
    )
    return StowedAtRandom(len(np.unique(placement.stock.bin)), int(placement.stock.quantity.sum()), left_over)


def _post_placed(
    session: Session,
    command: StowAtRandom,
    live: LiveSite,
    snapshot: Snapshot,
    placed: Stock,
    from_place_id: int,
    clock: Clock,
) -> None:
    """Write what was placed to the ledger, in one go."""
    codes = [live.area.shelves.codes[bin_row] for bin_row in placed.bin.tolist()]
    for code in dict.fromkeys(each for each in codes if is_caged(live, each)):
        enter_cage(session, live, code, command.user, CageAct.STOW, clock, device=command.device)
    goal_ids = place_ids(session, live.id, codes)
    movements = [
        NewMovement(
            site_id=live.id,
            from_place_id=from_place_id,
            to_place_id=goal_ids[code],
            product_id=snapshot.product_ids[product],
            lot_id=snapshot.lot_ids[lot],
            quantity=quantity,
            reason=Reason.STOW,
            user=command.user,
            device=command.device,
            client_id=command.client_id,
        )
        for code, product, lot, quantity in zip(
            codes, placed.product.tolist(), placed.lot.tolist(), placed.quantity.tolist(), strict=True
        )
    ]
    post(session, movements, clock=clock)
