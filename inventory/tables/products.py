"""What is kept: products, the codes they are scanned by, and their lots. Shared by all sites."""

from datetime import date

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, Index, Text, UniqueConstraint, false
from sqlmodel import Field, SQLModel

from warehouse.bins import StorageClass
from warehouse.tables import big_key, big_reference, one_of


class ProductRow(SQLModel, table=True):
    """A product with the size, weight and value of one unit; on `fragile` ones nothing heavy may be laid."""

    __tablename__ = "product"
    __table_args__ = (
        CheckConstraint("length_mm > 0 AND width_mm > 0 AND height_mm > 0", name="size_positive"),
        CheckConstraint("weight_g > 0", name="weight_positive"),
        CheckConstraint(one_of("storage_class", StorageClass), name="storage_class_known"),
    )

    id: int | None = Field(default=None, sa_column=big_key())
    code: str = Field(unique=True, max_length=64)
    name: str
    length_mm: int
    width_mm: int
    height_mm: int
    weight_g: int
    storage_class: StorageClass = Field(default=StorageClass.AMBIENT, sa_column=Column(Text, nullable=False))
    fragile: bool = Field(default=False, sa_column=Column(Boolean, nullable=False, server_default=false()))
    picture: str | None = None
    category: str = Field(default="", max_length=64, sa_column_kwargs={"server_default": ""})
    value_cents: int = Field(default=0, sa_type=BigInteger, sa_column_kwargs={"server_default": "0"})


class BarcodeRow(SQLModel, table=True):
    """A code on the goods; one product may carry several, no two products the same."""

    __tablename__ = "barcode"

    barcode: str = Field(primary_key=True, max_length=64)
    product_id: int = Field(sa_column=big_reference("product.id"))


class LotRow(SQLModel, table=True):
    """Units of one product with one expiry, or, without expiry, received on one day."""

    __tablename__ = "lot"
    __table_args__ = (UniqueConstraint("product_id", "code"), Index(None, "code"))

    id: int | None = Field(default=None, sa_column=big_key())
    product_id: int = Field(sa_column=big_reference("product.id"))
    code: str = Field(max_length=64)
    expires_on: date | None = None
    received_on: date
