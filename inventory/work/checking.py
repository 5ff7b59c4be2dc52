"""Does the stock on the books follow from the ledger, and do the units known by their serials fit it?

Everything is added up again in one query: movements against balances, open pick steps against
reservations, both ways, so that a balance without movements shows as much as movements without one. Of a lot there may
be units whose serials nobody knows, but never more known ones than the balances say.
"""

import functools
from dataclasses import dataclass

from sqlalchemy import Select, func, literal, or_, select, union_all
from sqlmodel import Session

from inventory.ledger import BALANCE, MOVEMENT, PLACE, PRODUCT, derived_balances
from inventory.tables.outbound import PickStepRow, StepState
from inventory.tables.products import LotRow
from inventory.tables.serials import SerialState
from inventory.work.lost_units import IN_HOUSE, SERIAL
from inventory.work.withheld import LYING

LOT = LotRow.metadata.tables["lot"]
STEP = PickStepRow.metadata.tables["pick_step"]


@dataclass(frozen=True, slots=True)
class Difference:
    """A place whose balance of a lot is not what movements and open pick steps make it."""

    place: str
    product: str
    lot: str
    quantity: int
    quantity_from_movements: int
    reserved: int
    reserved_from_steps: int


@dataclass(frozen=True, slots=True)
class UnitsAdrift:
    """More units of a lot are known by their serials than there are, in a tote, or without one in the whole house."""

    place: str
    product: str
    lot: str
    units: int
    quantity: int


@dataclass(frozen=True, slots=True)
class CheckReport:
    """How many movements and balances there are, and all that is wrong: balances, and lots with too many serials."""

    ok: bool
    movements: int
    balances: int
    differences: tuple[Difference | UnitsAdrift, ...]


def check(session: Session) -> CheckReport:
    """Recompute all balances from the movements, all reservations from the open pick steps, and count the serials."""
    wrong = tuple(
        Difference(row.place, row.product, row.lot, *(int(number) for number in row[3:]))
        for row in session.execute(_differences())
    )
    adrift = tuple(
        UnitsAdrift(*row[:3], *(int(number) for number in row[3:]))
        for in_totes in (False, True)
        for row in session.execute(_adrift(in_totes=in_totes))
    )
    return CheckReport(
        ok=not wrong and not adrift,
        movements=session.scalar(select(func.count()).select_from(MOVEMENT)) or 0,
        balances=session.scalar(select(func.count()).select_from(BALANCE)) or 0,
        differences=(*adrift, *wrong),
    )


@functools.cache
def _adrift(*, in_totes: bool) -> Select[tuple[str, str, str, int, int]]:
    """The lots, by tote or in the whole house, of which more units are named than there are."""
    none = literal(0)
    named = select(SERIAL.c.place_id if in_totes else none.label("place_id"), SERIAL.c.lot_id, literal(1).label("unit"))
    states = (SerialState.PICKED,) if in_totes else IN_HOUSE
    lying = select(LYING.c.within_id if in_totes else none, LYING.c.lot_id, none, LYING.c.quantity.label("quantity"))
    rows = union_all(
        named.add_columns(none.label("quantity")).where(SERIAL.c.state.in_([state.value for state in states])),
        lying.where(LYING.c.lot_id.in_(select(SERIAL.c.lot_id))),
    ).subquery()
    units, quantity = func.sum(rows.c.unit), func.sum(rows.c.quantity)
    return (
        select(func.coalesce(func.min(PLACE.c.code), ""), PRODUCT.c.code, LOT.c.code, units, quantity)
        .join_from(rows, LOT, LOT.c.id == rows.c.lot_id)
        .join(PRODUCT, PRODUCT.c.id == LOT.c.product_id)
        .outerjoin(PLACE, PLACE.c.id == rows.c.place_id)
        .group_by(rows.c.place_id, rows.c.lot_id, PRODUCT.c.code, LOT.c.code)
        .having(units > quantity)
        .order_by(PRODUCT.c.code, LOT.c.code)
    )


@functools.cache
def _differences() -> Select[tuple[str, str, str, int, int, int, int]]:
    """One line for every balance whose four numbers do not agree, by place, product and lot."""
    derived = derived_balances().subquery()
    none = literal(0)
    numbers = union_all(
        select(
            BALANCE.c.place_id,
            BALANCE.c.product_id,
            BALANCE.c.lot_id,
            BALANCE.c.quantity.label("quantity"),
            none.label("derived"),
            BALANCE.c.reserved.label("reserved"),
            none.label("promised"),
        ),
        select(*derived.c["place_id", "product_id", "lot_id"], none, derived.c.quantity, none, none),
        select(
            *STEP.c["place_id", "product_id", "lot_id"], none, none, none, STEP.c.quantity - STEP.c.quantity_picked
        ).where(STEP.c.state == StepState.OPEN.value),
    ).subquery()
    key = (numbers.c.place_id, numbers.c.product_id, numbers.c.lot_id)
    quantity, from_movements, reserved, from_steps = (
        func.sum(numbers.c[name]) for name in ("quantity", "derived", "reserved", "promised")
    )
    wrong = (
        select(
            *key,
            quantity.label("quantity"),
            from_movements.label("derived"),
            reserved.label("reserved"),
            from_steps.label("promised"),
        )
        .group_by(*key)
        .having(or_(quantity != from_movements, reserved != from_steps))
        .subquery()
    )
    return (
        select(
            PLACE.c.code.label("place"),
            PRODUCT.c.code.label("product"),
            LOT.c.code.label("lot"),
            wrong.c.quantity,
            wrong.c.derived,
            wrong.c.reserved,
            wrong.c.promised,
        )
        .join_from(wrong, PLACE, PLACE.c.id == wrong.c.place_id)
        .join(PRODUCT, PRODUCT.c.id == wrong.c.product_id)
        .join(LOT, LOT.c.id == wrong.c.lot_id)
        .order_by(PLACE.c.code, PRODUCT.c.code, LOT.c.code)
    )
