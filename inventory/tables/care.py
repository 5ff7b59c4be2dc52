"""Care of hanging goods: each step for some units of a lot, as work and as the record of it."""

from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Text
from sqlmodel import Field, SQLModel

from inventory.rules.care import CareStep, Finding
from warehouse.tables import big_key, big_reference, one_of


class CareState(StrEnum):
    """How far a step has come. Goods hang for hours while they dry, and are then looked at."""

    OPEN = "open"
    TAKEN = "taken"
    HANGING = "hanging"
    DONE = "done"
    DROPPED = "dropped"


WAITING = (CareState.OPEN, CareState.TAKEN, CareState.HANGING)
"""States of a step that is not over."""


class CareTaskRow(SQLModel, table=True):
    """One step for units of a lot, which lay in `place_id` on hold when it was asked for; `ahead` are those after it.

    Until `until_ms` nobody else is given it: because somebody is at it, because the goods dry, or because it rests.
    `because` is why the goods need it, `hung_ms` when goods that dry were hung up, `note` what was found.
    """

    __tablename__ = "care_task"
    __table_args__ = (
        CheckConstraint(one_of("step", CareStep), name="step_known"),
        CheckConstraint(one_of("state", CareState), name="state_known"),
        CheckConstraint(f"finding IS NULL OR {one_of('finding', Finding)}", name="finding_known"),
        CheckConstraint("(state = 'done') = (finding IS NOT NULL)", name="done_with_a_finding"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
        Index(None, "site_id", "state", "until_ms"),
        Index(None, "lot_id"),
        Index(None, "taker", "state"),
    )

    id: int | None = Field(default=None, sa_column=big_key())
    site_id: int = Field(sa_column=big_reference("site.id"))
    place_id: int = Field(sa_column=big_reference("place.id"))
    product_id: int = Field(sa_column=big_reference("product.id"))
    lot_id: int = Field(sa_column=big_reference("lot.id"))
    quantity: int
    step: CareStep = Field(sa_column=Column(Text, nullable=False))
    ahead: str = ""
    because: str = Field(max_length=64)
    asked_by: str = Field(max_length=64)
    asked_ms: int = Field(sa_type=BigInteger)
    state: CareState = Field(default=CareState.OPEN, sa_column=Column(Text, nullable=False))
    taker: str = Field(default="", max_length=64)
    until_ms: int = Field(default=0, sa_type=BigInteger)
    begun_by: str = Field(default="", max_length=64)
    begun_ms: int | None = Field(default=None, sa_type=BigInteger)
    hung_ms: int | None = Field(default=None, sa_type=BigInteger)
    done_by: str = Field(default="", max_length=64)
    done_ms: int | None = Field(default=None, sa_type=BigInteger)
    finding: Finding | None = Field(default=None, sa_column=Column(Text))
    note: str = Field(default="", max_length=200)

    @property
    def steps_ahead(self) -> tuple[CareStep, ...]:
        """The steps after this one."""
        return tuple(CareStep(each) for each in self.ahead.split(",") if each)
