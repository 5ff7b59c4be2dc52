"""Does the stock on the books follow from the ledger?

Everything is added up again in one query: movements against balances, open pick steps against
reservations, both ways, so that a balance without movements shows as much as movements without one.
"""

import functools
from dataclasses import dataclass

from sqlalchemy import Select, func, literal, or_, select, union_all
from sqlmodel import Session

from inventory.ledger import BALANCE, MOVEMENT, PLACE, PRODUCT, derived_balances
from inventory.tables.outbound import PickStepRow, StepState
from inventory.tables.products import LotRow

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
class CheckReport:
    """How many movements and balances there are, and every balance that is wrong."""

    ok: bool
    movements: int
    balances: int
    differences: tuple[Difference, ...]


def check(session: Session) -> CheckReport:
    """Recompute all balances from the movements, and all reservations from the open pick steps."""
    differences = tuple(
        Difference(row.place, row.product, row.lot, *(int(number) for number in row[3:]))
        for row in session.execute(_differences())
    )
    return CheckReport(
        ok=not differences,
        movements=session.scalar(select(func.count()).select_from(MOVEMENT)) or 0,
        balances=session.scalar(select(func.count()).select_from(BALANCE)) or 0,
        differences=differences,
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
