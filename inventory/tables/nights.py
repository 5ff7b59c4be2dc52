"""What a house does by itself every night, and whether it was done."""

import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, Column, Text
from sqlmodel import Field, SQLModel

from warehouse.tables import big_reference, one_of


class NightTask(StrEnum):
    """What is done, in this order: what is expired must not be counted as if it were for sale."""

    SHELF_LIFE = "shelf_life"
    SAMPLE = "sample"
    COUNTS = "counts"
    DAMAGE = "damage"


class TaskState(StrEnum):
    """How far a task has come; one that failed is tried again."""

    CLAIMED = "claimed"
    FAILED = "failed"
    DONE = "done"


class NightTaskRow(SQLModel, table=True):
    """One task of one night at a site: the key sees to it that it is done once, whoever tries.

    Until `until_ms` nobody else takes it: a claimed one because somebody is at it, a failed one because it rests.
    `said` is what came of it, or the error.
    """

    __tablename__ = "night_task"
    __table_args__ = (
        CheckConstraint(one_of("task", NightTask), name="task_known"),
        CheckConstraint(one_of("state", TaskState), name="state_known"),
        CheckConstraint("(state = 'done') = (done_ms IS NOT NULL)", name="done_at_a_time"),
    )

    site_id: int = Field(sa_column=big_reference("site.id", primary_key=True))
    day: datetime.date = Field(primary_key=True)
    task: NightTask = Field(sa_column=Column(Text, primary_key=True))
    state: TaskState = Field(sa_column=Column(Text, nullable=False))
    tries: int
    until_ms: int = Field(sa_type=BigInteger)
    done_ms: int | None = Field(default=None, sa_type=BigInteger)
    said: str = Field(default="", sa_column=Column(Text, nullable=False))
