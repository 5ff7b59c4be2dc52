"""What is kept: products, the codes they are scanned by, whose goods there are, and lots. Shared by all sites."""

from datetime import date

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    false,
)
from sqlmodel import Field, SQLModel

from warehouse.bins import StorageClass
from warehouse.tables import big_key, big_reference, one_of

HOUSE = "house"
"""The owner of goods that are nobody else's; every database has it."""


def owner_reference() -> "Column[str]":
    """A column that names an owner; the house where nobody says otherwise."""
    return Column(String(64), ForeignKey("owner.code"), nullable=False, server_default=HOUSE)


class OwnerRow(SQLModel, table=True):
    """Whose goods they are: the house, or a merchant. `code` is how orders, receipts and reports name it."""

    __tablename__ = "owner"

    code: str = Field(primary_key=True, max_length=64)
    name: str
    created_ms: int = Field(sa_type=BigInteger)


class ProductRow(SQLModel, table=True):
    """A product with the size, weight and value of one unit; on `fragile` ones nothing heavy may be laid.

    Of `serialised` ones every unit is named by its serial when it comes in and when it goes out.
    """

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
    serialised: bool = Field(default=False, sa_column=Column(Boolean, nullable=False, server_default=false()))


class BarcodeRow(SQLModel, table=True):
    """A code on the goods; one product may carry several, no two products the same."""

    __tablename__ = "barcode"

    barcode: str = Field(primary_key=True, max_length=64)
    product_id: int = Field(sa_column=big_reference("product.id"))


class LotRow(SQLModel, table=True):
    """Units of one product and one owner with one expiry, or, without expiry, received on one day."""

    __tablename__ = "lot"
    __table_args__ = (UniqueConstraint("product_id", "owner", "code"), Index(None, "code"), Index(None, "owner"))

    id: int | None = Field(default=None, sa_column=big_key())
    product_id: int = Field(sa_column=big_reference("product.id"))
    code: str = Field(max_length=64)
    expires_on: date | None = None
    received_on: date
    owner: str = Field(default=HOUSE, sa_column=owner_reference())
