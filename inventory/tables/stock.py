"""The ledger of movements, and the balances derived from it."""

from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Text
from sqlmodel import Field, SQLModel

from warehouse.append_only import APPEND_ONLY
from warehouse.tables import big_key, big_reference, one_of


class Reason(StrEnum):
    """Why goods moved."""

    RECEIPT = "receipt"
    STOW = "stow"
    PICK = "pick"
    PICK_SHORT = "pick_short"
    UNPICK = "unpick"
    MOVE = "move"
    COUNT = "count"
    DAMAGE = "damage"
    SHIP = "ship"
    RETURN = "return"
    CORRECTION = "correction"
    DISPOSE = "dispose"


class MovementRow(SQLModel, table=True):
    """One entry of the ledger. The database refuses UPDATE and DELETE on it.

    `cause` is the code of a cause in the site's list, where somebody had to name one, and the root cause of what a
    count or a short pick has put right.
    """

    __tablename__ = "movement"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("from_place_id <> to_place_id", name="goes_somewhere"),
        CheckConstraint(one_of("reason", Reason), name="reason_known"),
        Index(None, "product_id", "lot_id"),
        Index(None, "from_place_id"),
        Index(None, "to_place_id"),
        {"info": APPEND_ONLY},
    )

    id: int | None = Field(default=None, sa_column=big_key())
    site_id: int = Field(sa_column=big_reference("site.id"))
    at_ms: int = Field(sa_type=BigInteger)
    from_place_id: int = Field(sa_column=big_reference("place.id"))
    to_place_id: int = Field(sa_column=big_reference("place.id"))
    product_id: int = Field(sa_column=big_reference("product.id"))
    lot_id: int = Field(sa_column=big_reference("lot.id"))
    quantity: int
    reason: Reason = Field(sa_column=Column(Text, nullable=False))
    user: str = Field(max_length=64)
    device: str = Field(default="", max_length=64)
    client_id: str = Field(default="", max_length=64)
    order_line_id: int | None = Field(default=None, sa_column=big_reference("order_line.id", nullable=True))
    cause: str = Field(default="", max_length=64, sa_column_kwargs={"server_default": ""})


class BalanceRow(SQLModel, table=True):
    """What lies in a place inside the house, and how much of it is promised to orders."""

    __tablename__ = "balance"
    __table_args__ = (
        CheckConstraint("quantity >= 0", name="quantity_not_negative"),
        CheckConstraint("reserved >= 0 AND reserved <= quantity", name="reserved_within_quantity"),
        Index(None, "product_id", "lot_id", "place_id"),  # whole, so that a planner without statistics does no harm
    )

    place_id: int = Field(sa_column=big_reference("place.id", primary_key=True))
    product_id: int = Field(sa_column=big_reference("product.id", primary_key=True))
    lot_id: int = Field(sa_column=big_reference("lot.id", primary_key=True))
    quantity: int = 0
    reserved: int = 0
