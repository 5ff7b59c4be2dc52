"""Floor that cannot be walked for a time."""

from sqlalchemy import BigInteger, CheckConstraint, Index
from sqlmodel import Field, SQLModel

from warehouse.tables import big_key, big_reference


class FloorBlockRow(SQLModel, table=True):
    """Floor in front of a bin that a picker could not pass, from `from_mm` to `to_mm` along an edge of the site.

    Both are the same where the bin alone is out of reach. It counts until `until_ms`, unless somebody lifts it
    before.
    """

    __tablename__ = "floor_block"
    __table_args__ = (
        CheckConstraint("from_mm >= 0 AND from_mm <= to_mm", name="stretch_forwards"),
        CheckConstraint("until_ms > reported_ms", name="lasts"),
        CheckConstraint("(lifted_by IS NULL) = (lifted_ms IS NULL)", name="lifted_by_somebody"),
        Index(None, "site_id", "until_ms"),
    )

    id: int | None = Field(default=None, sa_column=big_key())
    site_id: int = Field(sa_column=big_reference("site.id"))
    place_id: int = Field(sa_column=big_reference("place.id"))
    edge: int
    from_mm: int
    to_mm: int
    reported_by: str = Field(max_length=64)
    reported_ms: int = Field(sa_type=BigInteger)
    until_ms: int = Field(sa_type=BigInteger)
    lifted_by: str | None = Field(default=None, max_length=64)
    lifted_ms: int | None = Field(default=None, sa_type=BigInteger)
