"""Temperature and humidity in the zones of a site, and what became of goods when they were wrong."""

from sqlalchemy import BigInteger, CheckConstraint, Index
from sqlmodel import Field, SQLModel

from warehouse.tables import big_key, big_reference


class ClimateReadingRow(SQLModel, table=True):
    """What was measured in a zone: tenths of a degree Celsius, and percent where humidity is measured."""

    __tablename__ = "climate_reading"
    __table_args__ = (
        Index(None, "site_id", "zone", "at_ms"),
        CheckConstraint("humidity_percent BETWEEN 0 AND 100", name="humidity_is_a_share"),
    )

    id: int | None = Field(default=None, sa_column=big_key())
    site_id: int = Field(sa_column=big_reference("site.id"))
    zone: str = Field(max_length=64)
    at_ms: int = Field(sa_type=BigInteger)
    temperature_dc: int
    humidity_percent: int | None = None
    source: str = Field(max_length=64)


class ExcursionRow(SQLModel, table=True):
    """A zone left its climate, as `what` says; it lasts until a reading is right again.

    `coldest_dc` to `warmest_dc` and `driest_percent` to `dampest_percent` are what was measured meanwhile; the latter
    are None where no humidity was. It is an alert until somebody acknowledges it.
    """

    __tablename__ = "excursion"
    __table_args__ = (
        CheckConstraint("(acknowledged_by IS NULL) = (acknowledged_ms IS NULL)", name="acknowledged_by_somebody"),
        Index(None, "site_id", "zone", "ended_ms"),
    )

    id: int | None = Field(default=None, sa_column=big_key())
    site_id: int = Field(sa_column=big_reference("site.id"))
    zone: str = Field(max_length=64)
    began_ms: int = Field(sa_type=BigInteger)
    ended_ms: int | None = Field(default=None, sa_type=BigInteger)
    what: str = Field(max_length=100)
    coldest_dc: int
    warmest_dc: int
    driest_percent: int | None = None
    dampest_percent: int | None = None
    acknowledged_by: str | None = Field(default=None, max_length=64)
    acknowledged_ms: int | None = Field(default=None, sa_type=BigInteger)


class ExcursionLotRow(SQLModel, table=True):
    """Units of a lot that lay in a bin during an excursion that was bad for them. It stays on the lot's record."""

    __tablename__ = "excursion_lot"
    __table_args__ = (Index(None, "lot_id"), Index(None, "excursion_id"))

    id: int | None = Field(default=None, sa_column=big_key())
    excursion_id: int = Field(sa_column=big_reference("excursion.id"))
    lot_id: int = Field(sa_column=big_reference("lot.id"))
    place_id: int = Field(sa_column=big_reference("place.id"))
    quantity: int
    at_ms: int = Field(sa_type=BigInteger)
