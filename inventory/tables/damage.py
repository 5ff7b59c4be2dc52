"""What broke: customers' reports, and what all damage has taught of products and categories."""

from sqlalchemy import BigInteger, CheckConstraint, Index
from sqlmodel import Field, SQLModel

from warehouse.append_only import APPEND_ONLY
from warehouse.tables import big_key, big_reference


class DamageReportRow(SQLModel, table=True):
    """A customer got broken units. What breaks in the house stands in the ledger and not here."""

    __tablename__ = "damage_report"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity_positive"),
        Index(None, "product_id"),
        {"info": APPEND_ONLY},
    )

    id: int | None = Field(default=None, sa_column=big_key())
    product_id: int = Field(sa_column=big_reference("product.id"))
    lot_id: int | None = Field(default=None, sa_column=big_reference("lot.id", nullable=True))
    order_number: str = Field(default="", max_length=64)
    quantity: int
    note: str = Field(default="", max_length=500)
    user: str = Field(max_length=64)
    at_ms: int = Field(sa_type=BigInteger)


class DamageSeenRow(SQLModel, table=True):
    """Units of a product that came in with and without being wrapped, and how many of each broke, when last learned."""

    __tablename__ = "damage_seen"
    __table_args__ = (
        CheckConstraint("broken >= 0 AND broken <= units", name="broken_of_units"),
        CheckConstraint("wrapped_broken >= 0 AND wrapped_broken <= wrapped_units", name="wrapped_broken_of_units"),
    )

    product_id: int = Field(sa_column=big_reference("product.id", primary_key=True))
    units: int
    broken: int
    wrapped_units: int
    wrapped_broken: int
    learned_ms: int = Field(sa_type=BigInteger)


class DamageBeliefRow(SQLModel, table=True):
    """What is believed of the rate of a category, as a Beta distribution; "*" stands for all goods."""

    __tablename__ = "damage_belief"
    __table_args__ = (CheckConstraint("broken > 0 AND whole > 0", name="belief_proper"),)

    category: str = Field(primary_key=True, max_length=64)
    broken: float
    whole: float
    learned_ms: int = Field(sa_type=BigInteger)
