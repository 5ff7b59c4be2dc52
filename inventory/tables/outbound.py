"""What goes out: orders, pick runs and their steps.

A reservation is a pick step that is still open: its quantity stands in `balance.reserved` of its bin
until it is picked, found short or withdrawn.
"""

from enum import StrEnum

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, Index, Text, UniqueConstraint, true
from sqlmodel import Field, SQLModel

from inventory.tables.products import HOUSE, owner_reference
from warehouse.tables import big_key, big_reference, one_of


class OrderState(StrEnum):
    """How far an order has come."""

    OPEN = "open"
    RELEASED = "released"
    PICKED = "picked"
    SHIPPED = "shipped"
    CANCELLED = "cancelled"


class RunState(StrEnum):
    """How far a pick run has come."""

    READY = "ready"
    WALKING = "walking"
    DONE = "done"


class StepState(StrEnum):
    """How far a step of a pick run has come."""

    OPEN = "open"
    PICKED = "picked"
    SHORT = "short"


class OrderRow(SQLModel, table=True):
    """A customer's order, numbered as the customer's system numbers it; only goods of its owner go into it.

    `channel` is how it came, as the house calls it: a shop, a wholesale desk.
    """

    __tablename__ = "order"
    __table_args__ = (
        UniqueConstraint("site_id", "number"),
        CheckConstraint(one_of("state", OrderState), name="state_known"),
        Index(None, "site_id", "state"),
        Index(None, "owner"),
    )

    id: int | None = Field(default=None, sa_column=big_key())
    site_id: int = Field(sa_column=big_reference("site.id"))
    number: str = Field(max_length=64)
    customer: str = ""
    channel: str = Field(default="", max_length=64, sa_column_kwargs={"server_default": ""})
    placed_ms: int = Field(sa_type=BigInteger)
    due_ms: int | None = Field(default=None, sa_type=BigInteger)
    priority: int = 0
    state: OrderState = Field(default=OrderState.OPEN, sa_column=Column(Text, nullable=False))
    owner: str = Field(default=HOUSE, sa_column=owner_reference())


class OrderLineRow(SQLModel, table=True):
    """A line of an order. What is neither allocated, picked nor short is still to be released."""

    __tablename__ = "order_line"
    __table_args__ = (
        UniqueConstraint("order_id", "line_number"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint(
            "quantity_allocated >= 0 AND quantity_picked >= 0 AND quantity_short >= 0", name="parts_positive"
        ),
        CheckConstraint(
            "quantity_allocated + quantity_picked + quantity_short <= quantity", name="parts_within_quantity"
        ),
        Index(None, "product_id"),
    )

    id: int | None = Field(default=None, sa_column=big_key())
    order_id: int = Field(sa_column=big_reference("order.id"))
    line_number: int
    product_id: int = Field(sa_column=big_reference("product.id"))
    quantity: int
    quantity_allocated: int = 0
    quantity_picked: int = 0
    quantity_short: int = 0
    short_reason: str = ""


class PickRunRow(SQLModel, table=True):
    """One walk of one picker with a cart of totes; `route` and `problem` are JSON documents.

    When the rest of a walking run is planned again, `plan` goes up by one, `route` and `problem` are those
    of the rest, and `walked_mm` is how far earlier plans were walked. `distance_mm` and `backtrack_mm` are
    of the whole run; `backtrack_bound_mm` is what earlier plans walked twice plus the bound of the rest.
    Before `not_before_ms` nobody takes the run: he would meet somebody head-on.
    """

    __tablename__ = "pick_run"
    __table_args__ = (
        CheckConstraint(one_of("state", RunState), name="state_known"),
        Index(None, "site_id", "state"),
    )

    id: int | None = Field(default=None, sa_column=big_key())
    site_id: int = Field(sa_column=big_reference("site.id"))
    state: RunState = Field(default=RunState.READY, sa_column=Column(Text, nullable=False))
    picker: str | None = Field(default=None, max_length=64)
    priority: int = 0
    num_totes: int
    plan: int = 1
    walked_mm: int = Field(default=0, sa_type=BigInteger)
    distance_mm: int = Field(sa_type=BigInteger)
    backtrack_mm: int = Field(sa_type=BigInteger)
    backtrack_bound_mm: int = Field(sa_type=BigInteger)
    problem: str = Field(sa_column=Column(Text, nullable=False))
    route: str = Field(sa_column=Column(Text, nullable=False))
    created_ms: int = Field(sa_type=BigInteger)
    not_before_ms: int | None = Field(default=None, sa_type=BigInteger)
    started_ms: int | None = Field(default=None, sa_type=BigInteger)
    done_ms: int | None = Field(default=None, sa_type=BigInteger)


class PickStepRow(SQLModel, table=True):
    """One pick of a run: so many units of a lot out of one bin for one order line into one tote.

    `stop` counts in the stops of the run's route as planned under number `plan`. `quantity_sought` is
    what was missing in the bin and has not been looked for elsewhere yet, `quantity_elsewhere` what later
    steps bring from other bins instead. A step that was not `reached` had its way blocked,
    or, under plan 0, its goods were withheld.
    """

    __tablename__ = "pick_step"
    __table_args__ = (
        UniqueConstraint("run_id", "sequence"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("quantity_picked >= 0 AND quantity_picked <= quantity", name="picked_within_quantity"),
        CheckConstraint(
            "quantity_sought >= 0 AND quantity_elsewhere >= 0 "
            "AND quantity_picked + quantity_sought + quantity_elsewhere <= quantity",
            name="missing_within_quantity",
        ),
        CheckConstraint(one_of("state", StepState), name="state_known"),
        Index(None, "order_line_id"),
        Index(None, "place_id"),
        Index(None, "tote_place_id", "run_id"),
    )

    id: int | None = Field(default=None, sa_column=big_key())
    run_id: int = Field(sa_column=big_reference("pick_run.id"))
    sequence: int
    plan: int = 1
    stop: int
    place_id: int = Field(sa_column=big_reference("place.id"))
    product_id: int = Field(sa_column=big_reference("product.id"))
    lot_id: int = Field(sa_column=big_reference("lot.id"))
    order_line_id: int = Field(sa_column=big_reference("order_line.id"))
    tote_place_id: int = Field(sa_column=big_reference("place.id"))
    quantity: int
    quantity_picked: int = 0
    quantity_sought: int = 0
    quantity_elsewhere: int = 0
    short_reason: str = ""
    reached: bool = Field(default=True, sa_column=Column(Boolean, nullable=False, server_default=true()))
    state: StepState = Field(default=StepState.OPEN, sa_column=Column(Text, nullable=False))
    done_ms: int | None = Field(default=None, sa_type=BigInteger)
