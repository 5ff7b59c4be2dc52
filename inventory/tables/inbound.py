"""What comes in: suppliers, what was ordered of them, what their trucks bring, and what was taken in of it."""

from datetime import date
from enum import StrEnum

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, Index, Text, UniqueConstraint, false
from sqlmodel import Field, SQLModel

from inventory.rules.receiving import Decision
from inventory.rules.stock_policy import StockStatus
from inventory.tables.products import HOUSE, owner_reference
from warehouse.append_only import APPEND_ONLY
from warehouse.tables import big_key, big_reference, one_of


class DeliveryState(StrEnum):
    """How far a delivery has come: announced, at the gate, at a dock, closed; or it never comes."""

    ANNOUNCED = "announced"
    ARRIVED = "arrived"
    UNLOADING = "unloading"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class ShortReason(StrEnum):
    """Why less came than was expected."""

    NOT_LOADED = "not-loaded"
    LOST = "lost-on-the-way"
    REFUSED = "refused"
    MISCOUNTED = "announced-wrongly"
    CANCELLED = "cancelled"


class Resolution(StrEnum):
    """What became of goods that nobody knew."""

    OPEN = "open"
    TAKEN = "taken"
    REFUSED = "refused"


class SupplierRow(SQLModel, table=True):
    """Who sends goods. Everything of a supplier under `inspect` is held for a check.

    `link_sha256` belongs to the secret in the link by which he sees his place in the queue.
    """

    __tablename__ = "supplier"

    id: int | None = Field(default=None, sa_column=big_key())
    code: str = Field(unique=True, max_length=32)
    name: str
    inspect: bool = Field(default=False, sa_column=Column(Boolean, nullable=False, server_default=false()))
    link_sha256: str | None = Field(default=None, unique=True, max_length=64)


class PurchaseOrderRow(SQLModel, table=True):
    """What a site has ordered of a supplier."""

    __tablename__ = "purchase_order"
    __table_args__ = (UniqueConstraint("site_id", "number"), Index(None, "site_id", "open"))

    id: int | None = Field(default=None, sa_column=big_key())
    site_id: int = Field(sa_column=big_reference("site.id"))
    supplier_id: int = Field(sa_column=big_reference("supplier.id"))
    number: str = Field(max_length=64)
    expected_on: date | None = None
    open: bool = True
    created_ms: int = Field(sa_type=BigInteger)


class PurchaseLineRow(SQLModel, table=True):
    """A product of a purchase order. With a reason in `closed_short` nobody waits for the rest any more."""

    __tablename__ = "purchase_line"
    __table_args__ = (
        UniqueConstraint("purchase_order_id", "product_id"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("received >= 0", name="received_not_negative"),
        CheckConstraint(f"closed_short IS NULL OR {one_of('closed_short', ShortReason)}", name="closed_short_known"),
    )

    id: int | None = Field(default=None, sa_column=big_key())
    purchase_order_id: int = Field(sa_column=big_reference("purchase_order.id"))
    product_id: int = Field(sa_column=big_reference("product.id"))
    quantity: int
    received: int = 0
    closed_short: ShortReason | None = Field(default=None, sa_column=Column(Text))


class DeliveryRow(SQLModel, table=True):
    """What one truck brings, all of it for one owner.

    `number` is that of its advance notice, `slot_...` its appointment, if it has one; `pulled_ms` is when it was last
    pulled to the front of the queue.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("site_id", "number"),
        CheckConstraint(one_of("state", DeliveryState), name="state_known"),
        CheckConstraint("(slot_from_ms IS NULL) = (slot_to_ms IS NULL)", name="slot_whole"),
        CheckConstraint("slot_to_ms > slot_from_ms", name="slot_forward"),
        Index(None, "site_id", "state"),
        Index(None, "supplier_id"),
    )

    id: int | None = Field(default=None, sa_column=big_key())
    site_id: int = Field(sa_column=big_reference("site.id"))
    supplier_id: int = Field(sa_column=big_reference("supplier.id"))
    number: str = Field(max_length=64)
    owner: str = Field(default=HOUSE, sa_column=owner_reference())
    state: DeliveryState = Field(default=DeliveryState.ANNOUNCED, sa_column=Column(Text, nullable=False))
    station_id: int | None = Field(default=None, sa_column=big_reference("place.id", nullable=True))
    slot_from_ms: int | None = Field(default=None, sa_type=BigInteger)
    slot_to_ms: int | None = Field(default=None, sa_type=BigInteger)
    created_ms: int = Field(sa_type=BigInteger)
    arrived_ms: int | None = Field(default=None, sa_type=BigInteger)
    pulled_ms: int | None = Field(default=None, sa_type=BigInteger)
    started_ms: int | None = Field(default=None, sa_type=BigInteger)
    closed_ms: int | None = Field(default=None, sa_type=BigInteger)


class DeliveryLineRow(SQLModel, table=True):
    """Goods that a delivery is to bring, and how many came. `lot` and `expires_on` as far as they were announced."""

    __tablename__ = "delivery_line"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("received >= 0", name="received_not_negative"),
        CheckConstraint(f"closed_short IS NULL OR {one_of('closed_short', ShortReason)}", name="closed_short_known"),
        Index(None, "delivery_id", "product_id"),
        Index(None, "purchase_line_id"),
    )

    id: int | None = Field(default=None, sa_column=big_key())
    delivery_id: int = Field(sa_column=big_reference("delivery.id"))
    product_id: int = Field(sa_column=big_reference("product.id"))
    purchase_line_id: int | None = Field(default=None, sa_column=big_reference("purchase_line.id", nullable=True))
    quantity: int
    lot: str = Field(default="", max_length=64)
    expires_on: date | None = None
    received: int = 0
    closed_short: ShortReason | None = Field(default=None, sa_column=Column(Text))


class ReceivedRow(SQLModel, table=True):
    """Units that were taken in, or refused, of one scan. `decision` says what a person decided, where one had to.

    Refused units never become stock: they have no lot, and no line.
    """

    __tablename__ = "received"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint(one_of("decision", Decision), name="decision_known"),
        CheckConstraint(f"status IS NULL OR {one_of('status', StockStatus)}", name="status_known"),
        CheckConstraint("(lot_id IS NULL) = (status IS NULL)", name="taken_as_a_lot"),
        Index(None, "delivery_id", "product_id"),
        Index(None, "product_id", "serial"),
        Index(None, "lot_id"),
        {"info": APPEND_ONLY},
    )

    id: int | None = Field(default=None, sa_column=big_key())
    delivery_id: int = Field(sa_column=big_reference("delivery.id"))
    line_id: int | None = Field(default=None, sa_column=big_reference("delivery_line.id", nullable=True))
    product_id: int = Field(sa_column=big_reference("product.id"))
    lot_id: int | None = Field(default=None, sa_column=big_reference("lot.id", nullable=True))
    quantity: int
    serial: str = Field(default="", max_length=64)
    decision: Decision = Field(sa_column=Column(Text, nullable=False))
    status: StockStatus | None = Field(default=None, sa_column=Column(Text))
    wrapped: bool = Field(default=False, sa_column=Column(Boolean, nullable=False, server_default=false()))
    user: str = Field(max_length=64)
    device: str = Field(default="", max_length=64)
    client_id: str = Field(default="", max_length=64)
    at_ms: int = Field(sa_type=BigInteger)


class WrappingSaidRow(SQLModel, table=True):
    """What was said later of all units of a product that a delivery had brought, up to `last_received_id`."""

    __tablename__ = "wrapping_said"
    __table_args__ = (Index(None, "delivery_id", "product_id"), {"info": APPEND_ONLY})

    id: int | None = Field(default=None, sa_column=big_key())
    delivery_id: int = Field(sa_column=big_reference("delivery.id"))
    product_id: int = Field(sa_column=big_reference("product.id"))
    last_received_id: int = Field(sa_column=big_reference("received.id"))
    wrapped: bool
    user: str = Field(max_length=64)
    device: str = Field(default="", max_length=64)
    at_ms: int = Field(sa_type=BigInteger)


class QueueJumpRow(SQLModel, table=True):
    """A delivery was pulled to the front of the queue: by whom, why, and past how many that waited."""

    __tablename__ = "queue_jump"
    __table_args__ = (
        CheckConstraint("reason <> ''", name="reason_given"),
        Index(None, "delivery_id"),
        {"info": APPEND_ONLY},
    )

    id: int | None = Field(default=None, sa_column=big_key())
    delivery_id: int = Field(sa_column=big_reference("delivery.id"))
    num_passed: int
    reason: str
    user: str = Field(max_length=64)
    at_ms: int = Field(sa_type=BigInteger)


class UnknownArrivalRow(SQLModel, table=True):
    """Goods that came with a delivery and that no product is known for; they wait at a station for a manager.

    Once they are taken, `product_id` says what they were.
    """

    __tablename__ = "unknown_arrival"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint(one_of("resolution", Resolution), name="resolution_known"),
        CheckConstraint("(resolution = 'open') = (resolved_by IS NULL)", name="resolved_by_somebody"),
        CheckConstraint("(resolution = 'taken') = (product_id IS NOT NULL)", name="taken_as_a_product"),
        Index(None, "delivery_id"),
        Index(None, "station_id", "resolution"),
    )

    id: int | None = Field(default=None, sa_column=big_key())
    delivery_id: int = Field(sa_column=big_reference("delivery.id"))
    station_id: int = Field(sa_column=big_reference("place.id"))
    code: str = Field(max_length=100)
    description: str = Field(default="", max_length=500)
    photo: str | None = Field(default=None, max_length=64)
    quantity: int
    resolution: Resolution = Field(default=Resolution.OPEN, sa_column=Column(Text, nullable=False))
    product_id: int | None = Field(default=None, sa_column=big_reference("product.id", nullable=True))
    noted_by: str = Field(max_length=64)
    noted_ms: int = Field(sa_type=BigInteger)
    resolved_by: str | None = Field(default=None, max_length=64)
    resolved_ms: int | None = Field(default=None, sa_type=BigInteger)
