"""Units that are known one by one: where each was seen last, and all that happened to it."""

from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from inventory.tables.stock import Reason
from warehouse.append_only import APPEND_ONLY
from warehouse.tables import big_key, big_reference, one_of


class SerialState(StrEnum):
    """How far a unit has come in its one life; what is `gone` has left the house, but for no order.

    A `lost` one was written off; it is here again as soon as somebody scans it.
    """

    HERE = "here"
    PICKED = "picked"
    SHIPPED = "shipped"
    GONE = "gone"
    LOST = "lost"


class SerialRow(SQLModel, table=True):
    """A unit, once for ever: it is in the one place where it was seen last, and nowhere else.

    `order_line_id` is the line that it was picked for.
    """

    __tablename__ = "serial"
    __table_args__ = (
        UniqueConstraint("product_id", "serial"),
        CheckConstraint(one_of("state", SerialState), name="state_known"),
        CheckConstraint("(state IN ('picked', 'shipped')) = (order_line_id IS NOT NULL)", name="out_for_an_order"),
        Index(None, "serial"),
        Index(None, "lot_id", "state"),
        Index(None, "order_line_id"),
    )

    id: int | None = Field(default=None, sa_column=big_key())
    product_id: int = Field(sa_column=big_reference("product.id"))
    serial: str = Field(max_length=64)
    lot_id: int = Field(sa_column=big_reference("lot.id"))
    state: SerialState = Field(sa_column=Column(Text, nullable=False))
    place_id: int = Field(sa_column=big_reference("place.id"))
    order_line_id: int | None = Field(default=None, sa_column=big_reference("order_line.id", nullable=True))


class SerialEventRow(SQLModel, table=True):
    """A unit was seen on its way from one place to another, as a movement of the ledger says."""

    __tablename__ = "serial_event"
    __table_args__ = (
        Index(None, "serial_id"),
        {"info": APPEND_ONLY},
    )

    id: int | None = Field(default=None, sa_column=big_key())
    serial_id: int = Field(sa_column=big_reference("serial.id"))
    at_ms: int = Field(sa_type=BigInteger)
    from_place_id: int = Field(sa_column=big_reference("place.id"))
    to_place_id: int = Field(sa_column=big_reference("place.id"))
    reason: Reason = Field(sa_column=Column(Text, nullable=False))
    user: str = Field(max_length=64)
    device: str = Field(default="", max_length=64)
    client_id: str = Field(default="", max_length=64)
    order_line_id: int | None = Field(default=None, sa_column=big_reference("order_line.id", nullable=True))
