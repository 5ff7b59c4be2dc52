"""Goods are put away: one product into one bin, or everything at a station over random bins."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import or_, select
from sqlmodel import Session, col

from inventory.ledger import NewMovement, post
from inventory.rules.stock import BoolArray, Stock
from inventory.rules.stowing import BinRoom, Shares, StowRules, Unit, place_at_random, refusal
from inventory.tables.products import LotRow, ProductRow
from inventory.tables.stock import BalanceRow, Reason
from inventory.work.blocking import walkable
from inventory.work.cataloguing import product_of_scan
from inventory.work.sites import LiveSite, live_site, place_id, place_ids
from inventory.work.snapshot import Snapshot, take_snapshot
from inventory.work.withheld import withheld_within
from warehouse.bins import Bin, StorageClass
from warehouse.clock import Clock
from warehouse.distances import NO_WAY_MM, Distances
from warehouse.errors import NotFound, StockShort, StowRefused, WrongState

NUM_BINS = 5
"""Over how many bins a lot is spread if nobody says otherwise."""

RULES = StowRules()
"""The rules of a site that has set none."""


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
    rules: StowRules = RULES
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
    rules: StowRules = RULES


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
    ValueError
        If the quantity is not positive.
    """
    live = live_site(session, command.site)
    goal = live.bin_of_scan(command.bin_code)
    product = product_of_scan(session, command.product)
    from_place_id = place_id(session, live.id, command.from_place)
    if not _reachable(session, live, command.from_place, [goal.code], clock)[0]:
        raise StowRefused(goal.code, "the way there is blocked")
    to_place_id = place_id(session, live.id, goal.code)
    lot = _lot_there(session, command, product, from_place_id)
    assert product.id is not None
    assert lot.id is not None
    unit = unit_of(product, lot.id)
    why = refusal(bin_room(session, live, goal, to_place_id), unit, command.quantity, command.rules)
    if why is not None:
        raise StowRefused(goal.code, why)
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


def _reachable(session: Session, live: LiveSite, from_place: str, bin_codes: Sequence[str], clock: Clock) -> BoolArray:
    """Which bins can be reached from a station; goods that are elsewhere are taken to come from where runs begin."""
    now = walkable(session, live, clock)
    floor = now.area.floor
    if not (now.closed or floor.blocked):
        return np.ones(len(bin_codes), dtype=bool)
    start = next((each.spot for each in live.site.stations if each.name == from_place), live.area.start)
    ways_mm = Distances(floor).pairs([start] * len(bin_codes), [live.bins[code].spot for code in bin_codes])
    free = np.fromiter((now.is_in_reach(code) for code in bin_codes), dtype=bool)
    return np.asarray(free & (ways_mm < NO_WAY_MM), dtype=bool)


def unit_of(product: ProductRow, lot_id: int) -> Unit:
    """One unit of a product's lot, as the stowing rules see it."""
    assert product.id is not None
    return Unit(
        product=product.id,
        lot=lot_id,
        length_mm=product.length_mm,
        width_mm=product.width_mm,
        height_mm=product.height_mm,
        weight_g=product.weight_g,
        storage_class=StorageClass(product.storage_class),
    )


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


def bin_room(session: Session, live: LiveSite, goal: Bin, bin_place_id: int) -> BinRoom:
    """A bin with what lies in it now, for sale or not, as the stowing rules see it."""
    query = (
        select(BalanceRow, ProductRow)
        .join(ProductRow, col(ProductRow.id) == col(BalanceRow.product_id))
        .where(
            or_(col(BalanceRow.place_id) == bin_place_id, col(BalanceRow.place_id).in_(withheld_within(bin_place_id)))
        )
    )
    here = session.execute(query).all()
    size = live.site.bin_types[goal.bin_type]
    return BinRoom(
        length_mm=size.length_mm,
        width_mm=size.width_mm,
        height_mm=size.height_mm,
        volume_mm3=size.volume_mm3,
        load_g=size.load_g,
        storage_classes=live.site.zones[goal.zone].storage_classes,
        zone=goal.zone,
        volume_used_mm3=sum(
            balance.quantity * product.length_mm * product.width_mm * product.height_mm for balance, product in here
        ),
        load_used_g=sum(balance.quantity * product.weight_g for balance, product in here),
        contents=frozenset((balance.product_id, balance.lot_id) for balance, _ in here),
    )


def stow_at_random(session: Session, command: StowAtRandom, clock: Clock) -> StowedAtRandom:
    """Put everything that is free at a place away over random bins in reach; what finds no room stays.

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
    snapshot = take_snapshot(session, live, lot_ids=[lot_id for lot_id, _, _ in waiting], free_only=False)
    stock, goods = snapshot.stock, snapshot.goods
    shares = Shares(
        lot=np.array([snapshot.lot_row[lot_id] for lot_id, _, _ in waiting], dtype=np.int64),
        quantity=np.array([quantity - reserved for _, quantity, reserved in waiting], dtype=np.int64),
        num_bins=np.full(len(waiting), command.num_bins, dtype=np.int64),
    )
    shelves = live.area.shelves
    placement = place_at_random(
        shares,
        stock.lots,
        goods,
        shelves,
        stock=stock,
        rules=command.rules,
        seed=command.seed,
        reachable=_reachable(session, live, command.from_place, shelves.codes, clock),
    )
    _post_placed(session, command, live, snapshot, placement.stock, from_place_id, clock)
    left_over = tuple(
        LeftOver(goods.codes[stock.lots.product[each.lot]], stock.lots.codes[each.lot], each.quantity, each.why)
        for each in placement.unplaced
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
