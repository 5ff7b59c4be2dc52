"""A truck is empty: what has not come is closed short with a reason, or stays on order."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlmodel import Session, col

from inventory.tables.inbound import (
    DeliveryLineRow,
    DeliveryState,
    PurchaseLineRow,
    Resolution,
    ShortReason,
    UnknownArrivalRow,
)
from inventory.tables.products import ProductRow
from inventory.work.docking import delivery_with_number
from inventory.work.purchasing import settle_purchases
from inventory.work.sites import live_site
from warehouse.clock import Clock
from warehouse.errors import DeliveryShort, WrongState


@dataclass(frozen=True)
class CloseDelivery:
    """Say that a truck is empty; `reason` is why less came than announced, where it did, and `reasons` by product.

    What has not come stays on its purchase order, unless `cancel_rest`: then nobody waits for it any more.
    """

    site: str
    number: str
    user: str
    reason: ShortReason | None = None
    cancel_rest: bool = False
    client_id: str = ""
    reasons: Mapping[str, ShortReason] = field(default_factory=dict)

    def reason_of(self, product: str) -> ShortReason | None:
        """Why less came of a product."""
        return self.reasons.get(product, self.reason)


@dataclass(frozen=True)
class ShortLine:
    """A product of which less came than was announced."""

    product: str
    quantity: int
    received: int


@dataclass(frozen=True)
class DeliveryClosed:
    """What a delivery brought too little of, and how many goods still wait for a manager to know them."""

    number: str
    short: tuple[ShortLine, ...]
    num_unknown: int


def close_delivery(session: Session, command: CloseDelivery, clock: Clock) -> DeliveryClosed:
    """Close a delivery whose truck is empty.

    Raises
    ------
    NotFound
        If there is no such site or delivery.
    WrongState
        If it is not being unloaded.
    DeliveryShort
        If less of some products came than was announced, and no reason is given for them.
    """
    live = live_site(session, command.site)
    row = delivery_with_number(session, live.id, command.number, lock=True)
    if row.state != DeliveryState.UNLOADING:
        raise WrongState("delivery", row.number, row.state)
    query = (
        select(DeliveryLineRow, col(ProductRow.code))
        .join(ProductRow, col(ProductRow.id) == col(DeliveryLineRow.product_id))
        .where(col(DeliveryLineRow.delivery_id) == row.id)
        .order_by(col(DeliveryLineRow.id))
    )
    lines = session.execute(query).all()
    short = [(line, code) for line, code in lines if line.received < line.quantity]
    unexplained = [(line, code) for line, code in short if command.reason_of(code) is None]
    if unexplained:
        missing = sum(line.quantity - line.received for line, _ in unexplained)
        raise DeliveryShort(row.number, missing, [code for _, code in unexplained])
    for line, code in short:
        line.closed_short = command.reason_of(code)
        if command.cancel_rest and line.purchase_line_id is not None:
            ordered = session.get(PurchaseLineRow, line.purchase_line_id, with_for_update=True)
            assert ordered is not None
            if ordered.received < ordered.quantity:
                ordered.closed_short = command.reason_of(code)
    row.state, row.closed_ms = DeliveryState.CLOSED, clock.now_ms()
    session.flush()
    settle_purchases(session, [line.purchase_line_id for line, _ in lines if line.purchase_line_id is not None])
    unknown = select(UnknownArrivalRow).where(
        col(UnknownArrivalRow.delivery_id) == row.id, col(UnknownArrivalRow.resolution) == Resolution.OPEN
    )
    return DeliveryClosed(
        row.number,
        tuple(ShortLine(code, line.quantity, line.received) for line, code in short),
        len(session.execute(unknown).all()),
    )
