"""What the books of a house say of its goods, lot by lot, in statements that are made once.

A lot is named as people name it: product, owner, code.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Executable, bindparam, case, func, or_, select

from inventory.ledger import BALANCE, MOVEMENT, PLACE, PRODUCT
from inventory.rules.stock_policy import StockStatus
from inventory.tables.counts import CountDifferenceRow, DifferenceState
from inventory.tables.outbound import OrderState, StepState
from inventory.tables.serials import SerialState
from inventory.tables.stock import Reason
from inventory.work.withheld import LYING, WITHHELD
from tests.inventory.one_transaction import OneTransaction
from warehouse.tables import PlaceKind

Lot = tuple[str, str, str]

TABLES = CountDifferenceRow.metadata.tables
LOT, ORDER, LINE, STEP, SERIAL, DIFFERENCE = (
    TABLES[name] for name in ("lot", "order", "order_line", "pick_step", "serial", "count_difference")
)
LOT_NAME = (PRODUCT.c.code, LOT.c.owner, LOT.c.code)

BY_LOT = (
    select(*LOT_NAME)
    .join_from(BALANCE, LOT, LOT.c.id == BALANCE.c.lot_id)
    .join(PRODUCT, PRODUCT.c.id == LOT.c.product_id)
    .group_by(*LOT_NAME)
)
STOCK = BY_LOT.add_columns(
    func.sum(BALANCE.c.quantity),
    func.sum(BALANCE.c.reserved),
    func.min(BALANCE.c.quantity),
    func.min(BALANCE.c.reserved),
)
FREE = (
    BY_LOT.add_columns(func.sum(BALANCE.c.quantity - BALANCE.c.reserved))
    .join(PLACE, PLACE.c.id == BALANCE.c.place_id)
    .where(PLACE.c.kind == PlaceKind.BIN.value)
)
INSIDE = BY_LOT.add_columns(func.sum(BALANCE.c.quantity)).where(
    or_(
        BALANCE.c.place_id == bindparam("place_id"),
        BALANCE.c.place_id.in_(select(WITHHELD.c.place_id).where(WITHHELD.c.within_id == bindparam("place_id"))),
    )
)
FOUND_OUTSIDE = (
    select(*LOT_NAME, func.sum(MOVEMENT.c.quantity))
    .join_from(MOVEMENT, PLACE, PLACE.c.id == MOVEMENT.c.from_place_id)
    .join(LOT, LOT.c.id == MOVEMENT.c.lot_id)
    .join(PRODUCT, PRODUCT.c.id == LOT.c.product_id)
    .where(PLACE.c.kind == PlaceKind.ADJUSTMENT.value)
    .group_by(*LOT_NAME)
)
WITH_CUSTOMERS = (
    select(
        ORDER.c.number,
        *LOT_NAME,
        func.sum(case((PLACE.c.kind == PlaceKind.CUSTOMER.value, MOVEMENT.c.quantity), else_=-MOVEMENT.c.quantity)),
    )
    .join_from(MOVEMENT, PLACE, PLACE.c.id == MOVEMENT.c.to_place_id)
    .join(LINE, LINE.c.id == MOVEMENT.c.order_line_id)
    .join(ORDER, ORDER.c.id == LINE.c.order_id)
    .join(LOT, LOT.c.id == MOVEMENT.c.lot_id)
    .join(PRODUCT, PRODUCT.c.id == LOT.c.product_id)
    .where(MOVEMENT.c.reason.in_((Reason.SHIP.value, Reason.RETURN.value)))
    .group_by(ORDER.c.number, *LOT_NAME)
)
GOODS_IN = (
    select(PLACE.c.code, *LOT_NAME, LYING.c.status)
    .join_from(LYING, PLACE, PLACE.c.id == LYING.c.within_id)
    .join(LOT, LOT.c.id == LYING.c.lot_id)
    .join(PRODUCT, PRODUCT.c.id == LYING.c.product_id)
    .where(PLACE.c.kind == bindparam("kind"), LYING.c.status != bindparam("but_not"))
    .order_by(LYING.c.place_id, LYING.c.lot_id)
)
SERIALS = (
    select(SERIAL.c.serial, SERIAL.c.state, PLACE.c.code)
    .join_from(SERIAL, PLACE, PLACE.c.id == SERIAL.c.place_id, isouter=True)
    .order_by(SERIAL.c.id)
)
LOT_OF = (
    select(*LOT_NAME)
    .join_from(SERIAL, LOT, LOT.c.id == SERIAL.c.lot_id)
    .join(PRODUCT, PRODUCT.c.id == LOT.c.product_id)
    .where(SERIAL.c.serial == bindparam("serial"))
)
SERIALS_TO_PICK = (
    select(SERIAL.c.serial)
    .join_from(SERIAL, STEP, STEP.c.lot_id == SERIAL.c.lot_id)
    .where(STEP.c.id == bindparam("step_id"), STEP.c.state == StepState.OPEN.value)
    .where(SERIAL.c.state.in_((SerialState.HERE.value, SerialState.LOST.value)))
    .order_by(SERIAL.c.id)
)
ORDERS_PICKED = (
    select(ORDER.c.number, ORDER.c.owner).where(ORDER.c.state == OrderState.PICKED.value).order_by(ORDER.c.id)
)
DIFFERENCES_OPEN = select(DIFFERENCE.c.id).where(DIFFERENCE.c.state == DifferenceState.OPEN.value)


@dataclass(frozen=True)
class LotStock:
    """Units of a lot, how many of them are promised, and the least of both that any place has."""

    quantity: int
    reserved: int
    quantity_min: int
    reserved_min: int


class Books:
    """The books of a house as they stand now."""

    def __init__(self, database: OneTransaction) -> None:
        self._database = database

    def stock(self) -> dict[Lot, LotStock]:
        """What there is of each lot, wherever it is."""
        return {tuple(row[:3]): LotStock(*(int(units) for units in row[3:])) for row in self._rows(STOCK)}

    def promised(self) -> Counter[Lot]:
        """Units by lot that are promised to orders."""
        return Counter({lot: stock.reserved for lot, stock in self.stock().items() if stock.reserved})

    def free(self) -> Counter[Lot]:
        """Units by lot that lie in bins for sale and are promised to nobody."""
        return _units(self._rows(FREE))

    def inside(self, place_id: int) -> Counter[Lot]:
        """Units by lot in a place, for sale or withheld."""
        return _units(self._rows(INSIDE, place_id=place_id))

    def found_outside(self) -> Counter[Lot]:
        """Units by lot that counts found, and that nobody had lost."""
        return _units(self._rows(FOUND_OUTSIDE))

    def with_customers(self) -> Counter[tuple[str, Lot]]:
        """Units that customers have, by order and lot."""
        rows = self._rows(WITH_CUSTOMERS)
        return +Counter({(number, (code, owner, lot)): int(units) for number, code, owner, lot, units in rows})

    def goods_in(self, kind: PlaceKind, *, withheld: bool = False) -> list[tuple[str, Lot, StockStatus]]:
        """All goods in places of a kind, or the withheld ones alone: place, lot and status."""
        but_not = StockStatus.AVAILABLE.value if withheld else ""
        rows = self._rows(GOODS_IN, kind=kind.value, but_not=but_not)
        return [(place, (code, owner, lot), StockStatus(status)) for place, code, owner, lot, status in rows]

    def serials(self) -> list[tuple[str, SerialState, str | None]]:
        """Every serial, how it stands, and the place that is known of it."""
        return [(serial, SerialState(state), place) for serial, state, place in self._rows(SERIALS)]

    def lot_of(self, serial: str) -> Lot:
        """The lot of a unit."""
        ((code, owner, lot),) = self._rows(LOT_OF, serial=serial)
        return code, owner, lot

    def serials_to_pick(self, step_id: int) -> tuple[str, ...]:
        """The serials that may be picked at a step: those of its lot that are in the house or lost."""
        return tuple(serial for (serial,) in self._rows(SERIALS_TO_PICK, step_id=step_id))

    def orders_picked(self) -> list[tuple[str, str]]:
        """The orders that might leave, with their owners."""
        return [(number, owner) for number, owner in self._rows(ORDERS_PICKED)]

    def differences_open(self) -> list[int]:
        """Differences that counts found and nobody decided about."""
        return [difference_id for (difference_id,) in self._rows(DIFFERENCES_OPEN)]

    def _rows(self, statement: Executable, **values: object) -> list[Any]:
        return self._database.rows(statement, values)


def _units(rows: list[Any]) -> Counter[Lot]:
    """Units by lot, where there are any."""
    return +Counter({(code, owner, lot): int(units) for code, owner, lot, units in rows})
