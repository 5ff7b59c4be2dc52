"""Whether units were wrapped is said again: what was noted when they were scanned was wrong.

The record of what came in stays as it was; what was said last of the units of a product off a truck is what is
learned from (`damage`).
"""

from dataclasses import dataclass

from sqlalchemy import Integer, func, select
from sqlmodel import Session, col

from inventory.tables.inbound import ReceivedRow, WrappingSaidRow
from inventory.work.cataloguing import product_of_scan
from inventory.work.docking import delivery_with_number
from inventory.work.sites import live_site
from warehouse.clock import Clock
from warehouse.errors import WrongState


@dataclass(frozen=True)
class SayWrapping:
    """All units of a product (what was scanned) that came off a truck until now were `wrapped`, or were not."""

    site: str
    delivery: str
    product: str
    wrapped: bool
    user: str
    device: str = ""
    client_id: str = ""


@dataclass(frozen=True)
class WrappingSaid:
    """How many units count as wrapped now, or as not."""

    product: str
    quantity: int
    wrapped: bool


def say_wrapping(session: Session, command: SayWrapping, clock: Clock) -> WrappingSaid:
    """Note whether the units of a product that have come off a truck are wrapped, whatever was noted before.

    Raises
    ------
    NotFound
        If there is no such site, delivery or product.
    ScanUnreadable
        If what was scanned cannot be read.
    WrongState
        If none of it came off the truck.
    """
    delivery = delivery_with_number(session, live_site(session, command.site).id, command.delivery, share=True)
    product = product_of_scan(session, command.product)
    came = select(func.max(col(ReceivedRow.id)), func.sum(col(ReceivedRow.quantity), type_=Integer)).where(
        col(ReceivedRow.delivery_id) == delivery.id,
        col(ReceivedRow.product_id) == product.id,
        col(ReceivedRow.lot_id).is_not(None),
    )
    last_id, quantity = session.execute(came).one()
    if last_id is None:
        raise WrongState("product", product.code, f"not among what came with {delivery.number}")
    assert delivery.id is not None
    assert product.id is not None
    session.add(
        WrappingSaidRow(
            delivery_id=delivery.id,
            product_id=product.id,
            last_received_id=last_id,
            wrapped=command.wrapped,
            user=command.user,
            device=command.device,
            at_ms=clock.now_ms(),
        )
    )
    session.flush()
    return WrappingSaid(product.code, int(quantity or 0), command.wrapped)
