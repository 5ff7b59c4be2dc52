"""Counts of bins, the differences they find, and the random samples that prove how right the records are."""

from enum import StrEnum

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, Index, Text, UniqueConstraint, false
from sqlmodel import Field, SQLModel

from inventory.rules.counting import Approver, CountTrigger, RootCause
from warehouse.append_only import APPEND_ONLY
from warehouse.tables import big_key, big_reference, one_of


class CountState(StrEnum):
    """How far a count has come."""

    DUE = "due"
    COUNTING = "counting"
    RECOUNT = "recount"
    APPROVAL = "approval"
    DONE = "done"


class DifferenceState(StrEnum):
    """What became of a difference that was found twice."""

    OPEN = "open"
    APPROVED = "approved"
    REJECTED = "rejected"


class ItemState(StrEnum):
    """What the check of a record drawn at random has shown."""

    WAITING = "waiting"
    RIGHT = "right"
    WRONG = "wrong"


class StockCountRow(SQLModel, table=True):
    """A bin to be counted, once or until two people agree.

    `counter` is who counts it now. A count on the way of a run stands `way_mm` from where the run's plan begins.
    """

    __tablename__ = "stock_count"
    __table_args__ = (
        CheckConstraint(one_of("trigger", CountTrigger), name="trigger_known"),
        CheckConstraint(one_of("state", CountState), name="state_known"),
        CheckConstraint("state <> 'counting' OR counter IS NOT NULL", name="counted_by_somebody"),
        Index(None, "site_id", "state"),
        Index(None, "place_id"),
        Index(None, "run_id"),
    )

    id: int | None = Field(default=None, sa_column=big_key())
    site_id: int = Field(sa_column=big_reference("site.id"))
    place_id: int = Field(sa_column=big_reference("place.id"))
    trigger: CountTrigger = Field(sa_column=Column(Text, nullable=False))
    state: CountState = Field(default=CountState.DUE, sa_column=Column(Text, nullable=False))
    counter: str | None = Field(default=None, max_length=64)
    created_ms: int = Field(sa_type=BigInteger)
    done_ms: int | None = Field(default=None, sa_type=BigInteger)
    run_id: int | None = Field(default=None, sa_column=big_reference("pick_run.id", nullable=True))
    way_mm: int | None = Field(default=None, sa_type=BigInteger)


class DistrustRow(SQLModel, table=True):
    """Somebody does not trust the records of a zone, or of the whole site, until all their bins are counted."""

    __tablename__ = "distrust"
    __table_args__ = (Index(None, "site_id"), {"info": APPEND_ONLY})

    id: int | None = Field(default=None, sa_column=big_key())
    site_id: int = Field(sa_column=big_reference("site.id"))
    zone: str = Field(max_length=64)
    reason: str = Field(max_length=200)
    declared_by: str = Field(max_length=64)
    declared_ms: int = Field(sa_type=BigInteger)


class CountVisitRow(SQLModel, table=True):
    """One person counts a bin once. `movement_mark` is the last movement of the bin that the count knows of.

    A visit is `void` once a manager wants the bin counted anew.
    """

    __tablename__ = "count_visit"
    __table_args__ = (UniqueConstraint("count_id", "number"),)

    id: int | None = Field(default=None, sa_column=big_key())
    count_id: int = Field(sa_column=big_reference("stock_count.id"))
    number: int
    counter: str = Field(max_length=64)
    device: str = Field(default="", max_length=64)
    opened_ms: int = Field(sa_type=BigInteger)
    closed_ms: int | None = Field(default=None, sa_type=BigInteger)
    movement_mark: int = Field(default=0, sa_type=BigInteger)
    void: bool = Field(default=False, sa_column=Column(Boolean, nullable=False, server_default=false()))


class EmptyCheckRow(SQLModel, table=True):
    """A picker said at the shelf whether a pick has left anything of its product in the bin.

    `units` are what the ledger said at that moment. It is the check of a record, not the count of a bin.
    """

    __tablename__ = "empty_check"
    __table_args__ = (
        CheckConstraint("units >= 0", name="units_not_negative"),
        Index(None, "place_id", "product_id"),
        Index(None, "site_id", "at_ms"),
    )

    step_id: int = Field(sa_column=big_reference("pick_step.id", primary_key=True))
    site_id: int = Field(sa_column=big_reference("site.id"))
    place_id: int = Field(sa_column=big_reference("place.id"))
    product_id: int = Field(sa_column=big_reference("product.id"))
    units: int
    is_empty: bool
    picker: str = Field(max_length=64)
    device: str = Field(default="", max_length=64)
    at_ms: int = Field(sa_type=BigInteger)


class CountLineRow(SQLModel, table=True):
    """What a visit found of one lot, and what the ledger said at that moment.

    Goods that nobody knows have no product, only what was `scanned`.
    """

    __tablename__ = "count_line"
    __table_args__ = (
        CheckConstraint("quantity >= 0 AND expected >= 0", name="quantities_not_negative"),
        CheckConstraint("(product_id IS NULL) = (lot_id IS NULL)", name="lot_of_product"),
        CheckConstraint("product_id IS NOT NULL OR scanned <> ''", name="known_or_scanned"),
        UniqueConstraint("visit_id", "product_id", "lot_id"),
    )

    id: int | None = Field(default=None, sa_column=big_key())
    visit_id: int = Field(sa_column=big_reference("count_visit.id"))
    product_id: int | None = Field(default=None, sa_column=big_reference("product.id", nullable=True))
    lot_id: int | None = Field(default=None, sa_column=big_reference("lot.id", nullable=True))
    scanned: str = Field(default="", max_length=100)
    quantity: int
    expected: int = 0
    at_ms: int = Field(sa_type=BigInteger)
    movement_mark: int = Field(default=0, sa_type=BigInteger)


class CountUnitRow(SQLModel, table=True):
    """A unit known by its serial, as a visit saw it: as on the books (0), not on them (1), or missing for sure (-1)."""

    __tablename__ = "count_unit"
    __table_args__ = (CheckConstraint("difference BETWEEN -1 AND 1", name="one_unit"),)

    line_id: int = Field(sa_column=big_reference("count_line.id", primary_key=True))
    serial: str = Field(primary_key=True, max_length=64)
    difference: int


class CountDifferenceRow(SQLModel, table=True):
    """A record that is wrong by `difference` units, and what was done about it.

    With a `serial` it is about that one unit.
    `value_cents` is that of the units, none if nobody said what one is worth. `quantity_adjusted` was posted to the
    ledger with the sign of the difference.
    """

    __tablename__ = "count_difference"
    __table_args__ = (
        CheckConstraint("difference <> 0", name="differs"),
        CheckConstraint(one_of("state", DifferenceState), name="state_known"),
        CheckConstraint(one_of("approver", Approver), name="approver_known"),
        CheckConstraint(one_of("cause", RootCause), name="cause_known"),
        CheckConstraint("state <> 'approved' OR decided_by IS NOT NULL", name="approved_by_somebody"),
        Index(None, "site_id", "state"),
        Index(None, "count_id"),
    )

    id: int | None = Field(default=None, sa_column=big_key())
    site_id: int = Field(sa_column=big_reference("site.id"))
    count_id: int = Field(sa_column=big_reference("stock_count.id"))
    line_id: int = Field(sa_column=big_reference("count_line.id"))
    product_id: int = Field(sa_column=big_reference("product.id"))
    lot_id: int = Field(sa_column=big_reference("lot.id"))
    serial: str = Field(default="", max_length=64, sa_column_kwargs={"server_default": ""})
    difference: int
    value_cents: int | None = Field(default=None, sa_type=BigInteger)
    approver: Approver = Field(sa_column=Column(Text, nullable=False))
    state: DifferenceState = Field(default=DifferenceState.OPEN, sa_column=Column(Text, nullable=False))
    cause: RootCause = Field(sa_column=Column(Text, nullable=False))
    note: str = Field(default="", max_length=200)
    found_ms: int = Field(sa_type=BigInteger)
    decided_by: str | None = Field(default=None, max_length=64)
    decided_ms: int | None = Field(default=None, sa_type=BigInteger)
    quantity_adjusted: int = 0


class CountPolicyRow(SQLModel, table=True):
    """The counting rules of a site since `effective_ms`; `policy` is a JSON document. The latest one holds."""

    __tablename__ = "count_policy"
    __table_args__ = (Index(None, "site_id", "effective_ms"),)

    id: int | None = Field(default=None, sa_column=big_key())
    site_id: int = Field(sa_column=big_reference("site.id"))
    policy: str = Field(sa_column=Column(Text, nullable=False))
    author: str = Field(max_length=64)
    effective_ms: int = Field(sa_type=BigInteger)


class ShortPickCauseRow(SQLModel, table=True):
    """Somebody knows better why units were missing at a pick than its movement says; of several the last holds."""

    __tablename__ = "short_pick_cause"
    __table_args__ = (
        CheckConstraint(one_of("cause", RootCause), name="cause_known"),
        Index(None, "movement_id"),
        {"info": APPEND_ONLY},
    )

    id: int | None = Field(default=None, sa_column=big_key())
    movement_id: int = Field(sa_column=big_reference("movement.id"))
    cause: RootCause = Field(sa_column=Column(Text, nullable=False))
    note: str = Field(default="", max_length=200)
    named_by: str = Field(max_length=64)
    named_ms: int = Field(sa_type=BigInteger)


class AuditRow(SQLModel, table=True):
    """A random sample fixed beforehand: so many checks on each of so many days prove `target` if none is wrong."""

    __tablename__ = "audit"
    __table_args__ = (
        CheckConstraint("days > 0 AND checks_daily > 0", name="checks_something"),
        CheckConstraint("confidence > 0 AND confidence < 1", name="confidence_between"),
        Index(None, "site_id"),
    )

    id: int | None = Field(default=None, sa_column=big_key())
    site_id: int = Field(sa_column=big_reference("site.id"))
    target: str = Field(max_length=32)
    confidence: float
    days: int
    checks_daily: int
    seed: int = Field(sa_type=BigInteger)
    created_by: str = Field(max_length=64)
    created_ms: int = Field(sa_type=BigInteger)


class AuditDrawRow(SQLModel, table=True):
    """The records of one day, drawn out of `population`; what is not checked by `until_ms` counts as wrong."""

    __tablename__ = "audit_draw"
    __table_args__ = (UniqueConstraint("audit_id", "number"),)

    id: int | None = Field(default=None, sa_column=big_key())
    audit_id: int = Field(sa_column=big_reference("audit.id"))
    number: int
    drawn_ms: int = Field(sa_type=BigInteger)
    until_ms: int = Field(sa_type=BigInteger)
    population: int


class AuditItemRow(SQLModel, table=True):
    """A record drawn; `movement_mark` is the last movement of its bin before the draw."""

    __tablename__ = "audit_item"
    __table_args__ = (
        CheckConstraint(one_of("state", ItemState), name="state_known"),
        Index(None, "draw_id", "state"),
        Index(None, "place_id", "state"),
    )

    id: int | None = Field(default=None, sa_column=big_key())
    draw_id: int = Field(sa_column=big_reference("audit_draw.id"))
    place_id: int = Field(sa_column=big_reference("place.id"))
    product_id: int = Field(sa_column=big_reference("product.id"))
    lot_id: int = Field(sa_column=big_reference("lot.id"))
    movement_mark: int = Field(sa_type=BigInteger)
    state: ItemState = Field(default=ItemState.WAITING, sa_column=Column(Text, nullable=False))
    count_id: int | None = Field(default=None, sa_column=big_reference("stock_count.id", nullable=True))
    checked_ms: int | None = Field(default=None, sa_type=BigInteger)
