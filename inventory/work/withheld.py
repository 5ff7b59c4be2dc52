"""Where goods lie that are not for sale: places of their own within bins, totes and stations.

What is on hold in a bin lies in the bin still, but not in its balance: nothing that plans can see it there.
"""

from sqlalchemy import Insert, Select, literal, select, union_all
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col

from inventory.ledger import BALANCE
from inventory.rules.stock_policy import StockStatus
from inventory.tables.withholding import WithheldPlaceRow
from inventory.work.sites import LiveSite, place_ids
from warehouse.errors import NotFound
from warehouse.tables import PlaceKind, PlaceRow

PLACE = PlaceRow.metadata.tables["place"]
WITHHELD = WithheldPlaceRow.metadata.tables["withheld_place"]

LYING = union_all(
    select(
        BALANCE.c.place_id.label("within_id"),
        literal(StockStatus.AVAILABLE.value).label("status"),
        *BALANCE.c["place_id", "product_id", "lot_id", "quantity", "reserved"],
    )
    .join_from(BALANCE, PLACE, PLACE.c.id == BALANCE.c.place_id)
    .where(PLACE.c.kind != PlaceKind.WITHHELD.value),
    select(
        WITHHELD.c.within_id,
        WITHHELD.c.status,
        *BALANCE.c["place_id", "product_id", "lot_id", "quantity", "reserved"],
    ).join_from(BALANCE, WITHHELD, WITHHELD.c.place_id == BALANCE.c.place_id),
).subquery("lying")
"""Every balance with the bin, tote or station that it lies in, and its status."""


def place_with_status(session: Session, site_id: int, within_id: int, status: StockStatus) -> int:
    """The place of goods under a status within another place; it is made if there is none."""
    if status is StockStatus.AVAILABLE:
        return within_id
    query = select(col(WithheldPlaceRow.place_id)).where(
        col(WithheldPlaceRow.within_id) == within_id, col(WithheldPlaceRow.status) == status
    )
    found: int | None = session.execute(query).scalar_one_or_none()
    if found is not None:
        return found
    code = session.execute(select(PLACE.c.code).where(PLACE.c.id == within_id)).scalar_one()
    place = {"site_id": site_id, "kind": PlaceKind.WITHHELD.value, "code": f"{code}/{status}", "open": False}
    session.execute(_unless_there(session, "place"), place)
    place_id: int = session.execute(
        select(PLACE.c.id).where(PLACE.c.site_id == site_id, PLACE.c.code == place["code"])
    ).scalar_one()
    row = {"place_id": place_id, "within_id": within_id, "status": status.value}
    session.execute(_unless_there(session, "withheld_place"), row)
    return place_id


def _unless_there(session: Session, table: str) -> Insert:
    """An insert that two who add the same row at once may both do."""
    into = PlaceRow.metadata.tables[table]
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    return insert(into).on_conflict_do_nothing()


def withheld_within(place_id: int) -> Select[tuple[int]]:
    """The query for the places of all goods not for sale within a place."""
    return select(WITHHELD.c.place_id).where(WITHHELD.c.within_id == place_id)


def place_of_scan(session: Session, live: LiveSite, scanned: str) -> tuple[int, str]:
    """The bin, tote or station that was scanned or typed: id and code.

    Raises
    ------
    NotFound
        If there is no such place at the site.
    BinCodeInvalid
        If it looks like a bin code and is none of the site.
    """
    try:
        return place_ids(session, live.id, [scanned])[scanned], scanned
    except NotFound:
        code = live.bin_of_scan(scanned).code
        return place_ids(session, live.id, [code])[code], code
