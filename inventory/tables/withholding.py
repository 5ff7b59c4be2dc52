"""Goods that are not for sale: where they lie under which status, recalls, alerts, and the site's policy for it all."""

from datetime import date

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from inventory.rules.stock_policy import StockStatus
from warehouse.append_only import APPEND_ONLY
from warehouse.tables import big_key, big_reference, one_of


class WithheldPlaceRow(SQLModel, table=True):
    """The place, of kind `withheld`, of goods under one status that lie in the place `within_id`.

    Such a place is made when it is first needed. Goods that are available lie in the place itself.
    """

    __tablename__ = "withheld_place"
    __table_args__ = (
        UniqueConstraint("within_id", "status"),
        CheckConstraint(one_of("status", StockStatus), name="status_known"),
        CheckConstraint(f"status <> '{StockStatus.AVAILABLE.value}'", name="status_withholds"),
    )

    place_id: int = Field(sa_column=big_reference("place.id", primary_key=True))
    within_id: int = Field(sa_column=big_reference("place.id"))
    status: StockStatus = Field(sa_column=Column(Text, nullable=False))


class StockPolicyRow(SQLModel, table=True):
    """One version of a site's stock policy, a JSON document; of those whose time has come the highest version holds."""

    __tablename__ = "stock_policy"
    __table_args__ = (UniqueConstraint("site_id", "version"), {"info": APPEND_ONLY})

    id: int | None = Field(default=None, sa_column=big_key())
    site_id: int = Field(sa_column=big_reference("site.id"))
    version: int
    policy: str = Field(sa_column=Column(Text, nullable=False))
    set_by: str = Field(max_length=64)
    set_ms: int = Field(sa_type=BigInteger)
    holds_from_ms: int = Field(sa_type=BigInteger)


class RecallRow(SQLModel, table=True):
    """A lot that was called back: at every site, for good, units that come in later too."""

    __tablename__ = "recall"

    lot_id: int = Field(sa_column=big_reference("lot.id", primary_key=True))
    cause: str = Field(max_length=64)
    note: str = ""
    called_by: str = Field(max_length=64)
    called_ms: int = Field(sa_type=BigInteger)


class RecallLiftRow(SQLModel, table=True):
    """A recall was taken back: what it had been, and why it holds no more."""

    __tablename__ = "recall_lift"
    __table_args__ = (Index(None, "lot_id"), {"info": APPEND_ONLY})

    id: int | None = Field(default=None, sa_column=big_key())
    lot_id: int = Field(sa_column=big_reference("lot.id"))
    recall_cause: str = Field(max_length=64)
    called_by: str = Field(max_length=64)
    called_ms: int = Field(sa_type=BigInteger)
    cause: str = Field(max_length=64)
    note: str = ""
    lifted_by: str = Field(max_length=64)
    lifted_ms: int = Field(sa_type=BigInteger)


class LotChangeRow(SQLModel, table=True):
    """The expiry of a lot was recorded wrong, and put right."""

    __tablename__ = "lot_change"
    __table_args__ = ({"info": APPEND_ONLY},)

    id: int | None = Field(default=None, sa_column=big_key())
    lot_id: int = Field(sa_column=big_reference("lot.id"))
    expires_before: date | None = None
    expires_after: date | None = None
    cause: str = Field(max_length=64)
    changed_by: str = Field(max_length=64)
    changed_ms: int = Field(sa_type=BigInteger)


class ShelfLifeAlertRow(SQLModel, table=True):
    """Units of a lot at a site have come within `level_days` of their expiry; raised once for each level.

    `quantity` and `value_cents` are those when it was raised.
    """

    __tablename__ = "shelf_life_alert"
    __table_args__ = (
        UniqueConstraint("site_id", "lot_id", "level_days"),
        CheckConstraint("(acknowledged_by IS NULL) = (acknowledged_ms IS NULL)", name="acknowledged_by_somebody"),
        Index(None, "site_id", "acknowledged_ms"),
    )

    id: int | None = Field(default=None, sa_column=big_key())
    site_id: int = Field(sa_column=big_reference("site.id"))
    lot_id: int = Field(sa_column=big_reference("lot.id"))
    level_days: int
    quantity: int
    value_cents: int = Field(sa_type=BigInteger)
    raised_ms: int = Field(sa_type=BigInteger)
    acknowledged_by: str | None = Field(default=None, max_length=64)
    acknowledged_ms: int | None = Field(default=None, sa_type=BigInteger)
