"""The rows of the ground floor: sites, places, and the commands already answered.

Everything that stock can be in or with is a *place*: a bin, a tote, a station, a person's hands, and
the outside world (supplier, customer). A bin's id is a place id, so the floors above refer to places
only and tables never refer upwards.
"""

from collections.abc import Iterable
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, Integer, MetaData, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from warehouse.append_only import keep_append_only

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

metadata: MetaData = SQLModel.metadata
metadata.naming_convention = NAMING
keep_append_only(metadata)

BigKey = BigInteger().with_variant(Integer, "sqlite")
"""A 64-bit key; SQLite numbers rows by itself only under the exact type INTEGER."""


def big_key() -> "Column[int]":
    """A primary key column that the database fills."""
    return Column(BigKey, primary_key=True, autoincrement=True)


def big_reference(target: str, *, nullable: bool = False, primary_key: bool = False) -> "Column[int]":
    """A foreign key column to a `big_key`, written as "table.column"."""
    return Column(BigKey, ForeignKey(target), nullable=nullable, primary_key=primary_key, autoincrement=False)


class PlaceKind(StrEnum):
    """What sort of place stock is in. Only places inside the house carry balances."""

    BIN = "bin"
    TOTE = "tote"
    STATION = "station"
    PERSON = "person"
    LOST = "lost"
    DAMAGED = "damaged"
    SUPPLIER = "supplier"
    CUSTOMER = "customer"
    ADJUSTMENT = "adjustment"
    WITHHELD = "withheld"
    DESTROYED = "destroyed"
    GIVEN_AWAY = "given_away"
    OWNER = "owner"


OUTSIDE = frozenset(
    {
        PlaceKind.SUPPLIER,
        PlaceKind.CUSTOMER,
        PlaceKind.ADJUSTMENT,
        PlaceKind.DESTROYED,
        PlaceKind.GIVEN_AWAY,
        PlaceKind.OWNER,
    }
)
"""Places beyond the house: goods come from and go to them, and no balance is kept."""


def one_of(column: str, kinds: Iterable[StrEnum]) -> str:
    """The SQL condition that `column` holds one of the values of `kinds`, an enumeration or some of its members."""
    return f"{column} IN ({', '.join(repr(kind.value) for kind in kinds)})"


class SiteRow(SQLModel, table=True):
    """A warehouse; `definition` is its site file, as read."""

    __tablename__ = "site"

    id: int | None = Field(default=None, sa_column=big_key())
    code: str = Field(unique=True, max_length=32)
    name: str
    time_zone: str
    definition: str = Field(sa_column=Column(Text, nullable=False))
    created_ms: int = Field(sa_type=BigInteger)


class PlaceRow(SQLModel, table=True):
    """A place at a site. `code` is what a scanner reads; of bins it is the full bin code."""

    __tablename__ = "place"
    __table_args__ = (
        UniqueConstraint("site_id", "code"),
        CheckConstraint(one_of("kind", PlaceKind), name="kind_known"),
        Index(None, "site_id", "kind"),
    )

    id: int | None = Field(default=None, sa_column=big_key())
    site_id: int = Field(sa_column=big_reference("site.id"))
    kind: PlaceKind = Field(sa_column=Column(Text, nullable=False))
    code: str = Field(max_length=64)
    open: bool = Field(default=True)


class CommandRow(SQLModel, table=True):
    """A command that was carried out: the same client id with the same content answers the same."""

    __tablename__ = "command"

    client_id: str = Field(primary_key=True, max_length=64)
    kind: str
    fingerprint: str = Field(max_length=64)
    answer: str = Field(sa_column=Column(Text, nullable=False))
    at_ms: int = Field(sa_type=BigInteger)
