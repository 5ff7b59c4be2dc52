"""How much of whose goods is at a site, and how they moved. Nothing here changes anything."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from inventory.ledger import MOVEMENT
from inventory.rules.stock_policy import StockStatus
from inventory.tables.outbound import OrderLineRow, OrderRow
from inventory.tables.products import LotRow, ProductRow
from inventory.tables.stock import Reason
from inventory.work.cataloguing import product_of_scan
from inventory.work.sites import live_site
from inventory.work.withheld import LYING
from warehouse.tables import PlaceRow


@dataclass(frozen=True)
class OwnersGoods:
    """All goods of an owner at a site under one status; `reserved` of them are promised to orders."""

    owner: str
    status: StockStatus
    num_products: int
    num_lots: int
    quantity: int
    reserved: int
    value_cents: int


@dataclass(frozen=True)
class Moved:
    """A movement of the ledger, as its owner may see it."""

    movement: int
    at_ms: int
    owner: str
    product: str
    lot: str
    expires_on: date | None
    quantity: int
    from_place: str
    to_place: str
    reason: Reason
    cause: str
    order: str


def owners_goods(session: Session, site: str, *, owner: str | None = None) -> tuple[OwnersGoods, ...]:
    """How much of whose goods is at a site, by owner and status: of all owners or of one.

    Raises
    ------
    NotFound
        If there is no such site.
    """
    value_cents = func.sum(LYING.c.quantity * col(ProductRow.value_cents))
    query = (
        select(
            col(LotRow.owner),
            LYING.c.status,
            func.count(LYING.c.product_id.distinct()),
            func.count(LYING.c.lot_id.distinct()),
            func.sum(LYING.c.quantity),
            func.sum(LYING.c.reserved),
            value_cents,
        )
        .join_from(LYING, PlaceRow, col(PlaceRow.id) == LYING.c.within_id)
        .join(LotRow, col(LotRow.id) == LYING.c.lot_id)
        .join(ProductRow, col(ProductRow.id) == LYING.c.product_id)
        .where(col(PlaceRow.site_id) == live_site(session, site).id)
        .group_by(col(LotRow.owner), LYING.c.status)
        .order_by(col(LotRow.owner), LYING.c.status)
    )
    if owner is not None:
        query = query.where(col(LotRow.owner) == owner)
    return tuple(
        OwnersGoods(whose, StockStatus(status), num_products, num_lots, *map(int, figures))
        for whose, status, num_products, num_lots, *figures in session.execute(query)
    )


def movements(
    session: Session,
    site: str,
    *,
    owner: str | None = None,
    product: str | None = None,
    since_ms: int = 0,
    after: int = 0,
    limit: int = 200,
) -> tuple[Moved, ...]:
    """The movements at a site, the earliest first: all, or those of one owner's goods or of one product.

    Parameters
    ----------
    after
        The number of a movement; those that follow it are told.
    limit
        How many at most.

    Raises
    ------
    NotFound, ScanUnreadable
        If there is no such site or product.
    """
    came, went = aliased(PlaceRow), aliased(PlaceRow)
    query = (
        select(
            MOVEMENT.c.id.label("movement"),
            MOVEMENT.c.at_ms,
            col(LotRow.owner),
            col(ProductRow.code).label("product"),
            col(LotRow.code).label("lot"),
            col(LotRow.expires_on),
            MOVEMENT.c.quantity,
            col(came.code).label("from_place"),
            col(went.code).label("to_place"),
            MOVEMENT.c.reason,
            MOVEMENT.c.cause,
            func.coalesce(col(OrderRow.number), "").label("order"),
        )
        .join_from(MOVEMENT, LotRow, col(LotRow.id) == MOVEMENT.c.lot_id)
        .join(ProductRow, col(ProductRow.id) == MOVEMENT.c.product_id)
        .join(came, col(came.id) == MOVEMENT.c.from_place_id)
        .join(went, col(went.id) == MOVEMENT.c.to_place_id)
        .outerjoin(OrderLineRow, col(OrderLineRow.id) == MOVEMENT.c.order_line_id)
        .outerjoin(OrderRow, col(OrderRow.id) == col(OrderLineRow.order_id))
        .where(MOVEMENT.c.site_id == live_site(session, site).id)
        .where(MOVEMENT.c.at_ms >= since_ms, MOVEMENT.c.id > after)
        .order_by(MOVEMENT.c.id)
        .limit(limit)
    )
    if owner is not None:
        query = query.where(col(LotRow.owner) == owner)
    if product is not None:
        query = query.where(MOVEMENT.c.product_id == product_of_scan(session, product).id)
    return tuple(Moved(**row._asdict() | {"reason": Reason(row.reason)}) for row in session.execute(query))
