"""What goods need where they lie, the runs on which they are put there, and alerts that bins lie nearly empty."""

from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from inventory.rules.storage_policy import NO_COLDEST_DC, NO_WARMEST_DC
from warehouse.tables import big_key, big_reference, one_of


class ProductNeedsRow(SQLModel, table=True):
    """What a product needs beyond its size and storage class; a product without a row needs nothing.

    Temperatures are tenths of a degree Celsius. `picture_hash` are 64 bits in hexadecimal, "" for none.
    """

    __tablename__ = "product_needs"
    __table_args__ = (CheckConstraint("coldest_dc <= warmest_dc", name="range_forwards"),)

    product_id: int = Field(sa_column=big_reference("product.id", primary_key=True))
    coldest_dc: int = NO_COLDEST_DC
    warmest_dc: int = NO_WARMEST_DC
    hazard: str = Field(default="", max_length=64)
    picture_hash: str = Field(default="", max_length=16)


class StowState(StrEnum):
    """How far a stow run, or a step of one, has come. What was not stowed is `left` where it came from."""

    OPEN = "open"
    DONE = "done"
    LEFT = "left"


class StowRunRow(SQLModel, table=True):
    """One walk of a stower with a cart of goods from `from_place_id`; `route` is a JSON document."""

    __tablename__ = "stow_run"
    __table_args__ = (
        CheckConstraint(one_of("state", StowState), name="state_known"),
        Index(None, "site_id", "state"),
    )

    id: int | None = Field(default=None, sa_column=big_key())
    site_id: int = Field(sa_column=big_reference("site.id"))
    from_place_id: int = Field(sa_column=big_reference("place.id"))
    state: StowState = Field(default=StowState.OPEN, sa_column=Column(Text, nullable=False))
    stower: str = Field(max_length=64)
    distance_mm: int = Field(sa_type=BigInteger)
    backtrack_mm: int = Field(sa_type=BigInteger)
    backtrack_bound_mm: int = Field(sa_type=BigInteger)
    route: str = Field(sa_column=Column(Text, nullable=False))
    created_ms: int = Field(sa_type=BigInteger)
    done_ms: int | None = Field(default=None, sa_type=BigInteger)


class StowStepRow(SQLModel, table=True):
    """So many units of a lot go into one bin; `why_left` says why they did not."""

    __tablename__ = "stow_step"
    __table_args__ = (
        UniqueConstraint("run_id", "sequence"),
        CheckConstraint(one_of("state", StowState), name="state_known"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
        Index(None, "place_id", "state"),
    )

    id: int | None = Field(default=None, sa_column=big_key())
    run_id: int = Field(sa_column=big_reference("stow_run.id"))
    sequence: int
    place_id: int = Field(sa_column=big_reference("place.id"))
    product_id: int = Field(sa_column=big_reference("product.id"))
    lot_id: int = Field(sa_column=big_reference("lot.id"))
    quantity: int
    state: StowState = Field(default=StowState.OPEN, sa_column=Column(Text, nullable=False))
    why_left: str = Field(default="", max_length=200)
    done_ms: int | None = Field(default=None, sa_type=BigInteger)


class ConsolidationAlertRow(SQLModel, table=True):
    """Nearly empty bins piled up at a site, so many of so many in use; it lasts until they are fewer again.

    Of a site at most one lasts. It is an alert until somebody acknowledges it.
    """

    __tablename__ = "consolidation_alert"
    __table_args__ = (
        CheckConstraint("num_nearly_empty BETWEEN 1 AND num_used", name="some_of_those_in_use"),
        CheckConstraint("(acknowledged_by IS NULL) = (acknowledged_ms IS NULL)", name="acknowledged_by_somebody"),
        Index(
            "ix_consolidation_alert_lasting",
            "site_id",
            unique=True,
            sqlite_where=text("ended_ms IS NULL"),
            postgresql_where=text("ended_ms IS NULL"),
        ),
    )

    id: int | None = Field(default=None, sa_column=big_key())
    site_id: int = Field(sa_column=big_reference("site.id"))
    raised_ms: int = Field(sa_type=BigInteger)
    ended_ms: int | None = Field(default=None, sa_type=BigInteger)
    num_nearly_empty: int
    num_used: int
    acknowledged_by: str | None = Field(default=None, max_length=64)
    acknowledged_ms: int | None = Field(default=None, sa_type=BigInteger)
