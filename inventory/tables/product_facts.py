"""What was found out about products: measurements and photos. Shared by all sites."""

from enum import StrEnum

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, Index, Text
from sqlmodel import Field, SQLModel

from warehouse.append_only import APPEND_ONLY
from warehouse.tables import big_key, big_reference, one_of


class MeasuredBy(StrEnum):
    """How a measurement came about."""

    HAND = "hand"
    MACHINE = "machine"


class MeasurementRow(SQLModel, table=True):
    """One unit of a product was measured. What was doubted is kept, and not applied to the product."""

    __tablename__ = "measurement"
    __table_args__ = (
        CheckConstraint("length_mm > 0 AND width_mm > 0 AND height_mm > 0", name="size_positive"),
        CheckConstraint("weight_g > 0", name="weight_positive"),
        CheckConstraint(one_of("measured_by", MeasuredBy), name="measured_by_known"),
        Index(None, "product_id", "applied"),
        {"info": APPEND_ONLY},
    )

    id: int | None = Field(default=None, sa_column=big_key())
    product_id: int = Field(sa_column=big_reference("product.id"))
    length_mm: int
    width_mm: int
    height_mm: int
    weight_g: int
    measured_by: MeasuredBy = Field(sa_column=Column(Text, nullable=False))
    applied: bool = Field(sa_column=Column(Boolean, nullable=False))
    doubts: str = ""
    device: str = Field(default="", max_length=64)
    user: str = Field(max_length=64)
    at_ms: int = Field(sa_type=BigInteger)


class ProductPhotoRow(SQLModel, table=True):
    """A photo of a product, by the hash of its content; pickers are shown the latest."""

    __tablename__ = "product_photo"
    __table_args__ = (Index(None, "product_id"), {"info": APPEND_ONLY})

    id: int | None = Field(default=None, sa_column=big_key())
    product_id: int = Field(sa_column=big_reference("product.id"))
    sha256: str = Field(max_length=64)
    user: str = Field(max_length=64)
    at_ms: int = Field(sa_type=BigInteger)
