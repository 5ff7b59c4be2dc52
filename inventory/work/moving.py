"""Goods move from a bin or a station into another bin, under the stowing rules, and keep their status."""

from dataclasses import dataclass

from sqlmodel import Session

from inventory.ledger import NewMovement, post
from inventory.rules.stock_policy import Handling, StockStatus
from inventory.tables.cage import CageAct
from inventory.tables.stock import Reason
from inventory.work.caging import enter_cage
from inventory.work.serials import capture, serials_withheld
from inventory.work.sites import live_site, place_id
from inventory.work.statuses import lying_goods
from inventory.work.stock_policies import require_cause
from inventory.work.stowing import StowAsked, require_allowed
from inventory.work.withheld import place_with_status
from warehouse.clock import Clock
from warehouse.errors import WrongState
from warehouse.tables import PlaceKind

MOVED_FROM = (PlaceKind.BIN, PlaceKind.STATION)
"""What is for sale in a tote is an order's; what is lost or damaged has no place that anybody knows."""


@dataclass(frozen=True)
class MoveGoods:
    """Move `quantity` units of a product into another bin; places and product are what was scanned.

    `lot` may be left out where one lot of the product lies, `owner` where no other has a lot of this code there.
    `serials` name units that were picked and go back from a tote, where it does not follow which they are.
    """

    site: str
    from_place: str
    to_bin: str
    product: str
    quantity: int
    cause: str
    user: str
    lot: str | None = None
    status: StockStatus = StockStatus.AVAILABLE
    device: str = ""
    client_id: str = ""
    owner: str | None = None
    serials: tuple[str, ...] = ()


@dataclass(frozen=True)
class GoodsMoved:
    """What was moved where."""

    from_place: str
    to_bin: str
    product: str
    lot: str
    quantity: int
    status: StockStatus


def move_goods(session: Session, command: MoveGoods, clock: Clock) -> GoodsMoved:
    """Move goods into another bin. What is promised to an order stays where its picker will look for it.

    Raises
    ------
    StowRefused
        If a stowing rule forbids it, or the bin cannot be reached from where the goods lie.
    StockShort
        If fewer units are free there.
    NotFound, BinCodeInvalid, ScanUnreadable
        If the site, a place, the product, the lot or the cause is not known.
    WrongState
        If several lots lie there and none was named, the cause is not for moves, or the goods lie in a tote, or
        in that bin already.
    SerialsNeeded
        If serialised goods leave a tote and not every unit is known.
    CageClosed
        If one of the bins is of the cage, which this person may not open.
    ValueError
        If the quantity is not positive.
    """
    live = live_site(session, command.site)
    goal = live.bin_of_scan(command.to_bin)
    lying = lying_goods(
        session,
        command.site,
        command.from_place,
        command.product,
        command.lot,
        command.status,
        owner=command.owner,
    )
    withheld_in_tote = lying.within_kind is PlaceKind.TOTE and command.status is not StockStatus.AVAILABLE
    if lying.within_kind not in MOVED_FROM and not withheld_in_tote:
        raise WrongState("place", lying.within_code, f"a {lying.within_kind} place")
    if lying.within_code == goal.code:
        raise WrongState("product", lying.product.code, f"in {goal.code} already")
    require_cause(session, live.id, command.cause, Handling.MOVE, clock)
    goal_id = place_id(session, live.id, goal.code)
    require_allowed(
        session, live, StowAsked(lying.within_code, goal, lying.product, lying.lot, command.quantity), clock
    )
    for code in (lying.within_code, goal.code):
        enter_cage(session, live, code, command.user, CageAct.MOVE, clock, device=command.device)
    movement = NewMovement(
        site_id=live.id,
        from_place_id=lying.place_id,
        to_place_id=place_with_status(session, live.id, goal_id, command.status),
        product_id=lying.key.product_id,
        lot_id=lying.key.lot_id,
        quantity=command.quantity,
        reason=Reason.MOVE,
        user=command.user,
        device=command.device,
        client_id=command.client_id,
        cause=command.cause,
    )
    if withheld_in_tote:
        there = (lying.key.lot_id, lying.within_id, lying.within_kind)
        serials = command.serials or serials_withheld(session, *there, command.quantity)
        capture(session, lying.product, serials, movement, clock)
    post(session, [movement], clock=clock)
    return GoodsMoved(
        lying.within_code, goal.code, lying.product.code, lying.lot.code, command.quantity, command.status
    )
