"""Who may open the cage, and who did."""

from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Text
from sqlmodel import Field, SQLModel

from warehouse.append_only import APPEND_ONLY
from warehouse.tables import big_key, big_reference, one_of


class CageAct(StrEnum):
    """What somebody opened a bin of the cage for; to withhold, free or dispose of goods there is to move them."""

    PICK = "pick"
    STOW = "stow"
    MOVE = "move"
    COUNT = "count"


class CageRightRow(SQLModel, table=True):
    """Somebody may open the bins of the cage, at every site."""

    __tablename__ = "cage_right"

    user: str = Field(primary_key=True, max_length=64)
    granted_by: str = Field(max_length=64)
    granted_ms: int = Field(sa_type=BigInteger)


class CageEntryRow(SQLModel, table=True):
    """Somebody with the right opened a bin of the cage."""

    __tablename__ = "cage_entry"
    __table_args__ = (
        CheckConstraint(one_of("act", CageAct), name="act_known"),
        Index(None, "site_id", "at_ms"),
        {"info": APPEND_ONLY},
    )

    id: int | None = Field(default=None, sa_column=big_key())
    site_id: int = Field(sa_column=big_reference("site.id"))
    place_id: int = Field(sa_column=big_reference("place.id"))
    user: str = Field(max_length=64)
    device: str = Field(default="", max_length=64)
    act: CageAct = Field(sa_column=Column(Text, nullable=False))
    at_ms: int = Field(sa_type=BigInteger)
