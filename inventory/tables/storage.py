"""What goods need where they lie."""

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel

from inventory.rules.storage_policy import NO_COLDEST_DC, NO_WARMEST_DC
from warehouse.tables import big_reference


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
