"""Moves that people have taken, into forward areas and out of nearly empty bins: who brings what, until when."""

from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Text
from sqlmodel import Field, SQLModel

from warehouse.tables import big_key, big_reference, one_of


class ReplenishmentState(StrEnum):
    """How far a move has come. One that was not made in time has lapsed once somebody else takes work."""

    TAKEN = "taken"
    DONE = "done"
    LEFT = "left"
    LAPSED = "lapsed"


class MovePurpose(StrEnum):
    """What a move is for; also the cause that it names."""

    REPLENISHMENT = "replenishment"
    CONSOLIDATION = "consolidation"


class ReplenishmentRow(SQLModel, table=True):
    """Units of a lot that `taker` brings from one bin into another, of which he brought `quantity_done`.

    Until `until_ms` nobody else is given it: a taken one because somebody is at it, one that was left because it rests.
    """

    __tablename__ = "replenishment"
    __table_args__ = (
        CheckConstraint(one_of("state", ReplenishmentState), name="state_known"),
        CheckConstraint(one_of("purpose", MovePurpose), name="purpose_known"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("quantity_done BETWEEN 0 AND quantity", name="no_more_done_than_asked"),
        Index(None, "site_id", "until_ms"),
        Index(None, "taker", "state"),
    )

    id: int | None = Field(default=None, sa_column=big_key())
    site_id: int = Field(sa_column=big_reference("site.id"))
    purpose: MovePurpose = Field(default=MovePurpose.REPLENISHMENT, sa_column=Column(Text, nullable=False))
    zone: str = Field(max_length=64)
    from_place_id: int = Field(sa_column=big_reference("place.id"))
    to_place_id: int = Field(sa_column=big_reference("place.id"))
    product_id: int = Field(sa_column=big_reference("product.id"))
    lot_id: int = Field(sa_column=big_reference("lot.id"))
    quantity: int
    quantity_done: int = 0
    urgent: bool
    state: ReplenishmentState = Field(default=ReplenishmentState.TAKEN, sa_column=Column(Text, nullable=False))
    taker: str = Field(max_length=64)
    taken_ms: int = Field(sa_type=BigInteger)
    until_ms: int = Field(sa_type=BigInteger)
    done_ms: int | None = Field(default=None, sa_type=BigInteger)
    why_left: str = Field(default="", max_length=200)
