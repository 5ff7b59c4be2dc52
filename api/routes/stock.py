"""Where things are, whose they are, and how they moved."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from sqlalchemy import select
from sqlmodel import col

from api.access import GuardedRoute, OwnerScope
from api.errors import responses
from api.serving import ServingNow
from api.wire import SiteCode
from inventory.tables.products import LotRow, ProductRow
from inventory.tables.stock import BalanceRow
from inventory.work.cataloguing import product_of_scan
from inventory.work.locating import LyingHere, lies_in
from inventory.work.owners_goods import Moved, OwnersGoods, movements, owners_goods
from inventory.work.sites import live_site, place_id
from warehouse.errors import BinCodeInvalid, NotFound, ScanUnreadable
from warehouse.tables import PlaceKind, PlaceRow

router = APIRouter(prefix="/api/v1/sites/{site}", tags=["stock"], route_class=GuardedRoute)

ROWS_MAX = 1000


class StockHere(BaseModel):
    """Units of one lot in one place; `reserved` of them are promised to orders."""

    place: str = Field(examples=["07-042-B1-K"])
    kind: PlaceKind
    product: str = Field(examples=["85123A"])
    name: str = Field(examples=["White hanging heart T-light holder"])
    lot: str
    expires_on: date | None
    owner: str = Field(examples=["house"])
    quantity: int = Field(examples=[12])
    reserved: int = Field(examples=[3])


@router.get("/stock", responses=responses(NotFound, ScanUnreadable))
def get_stock(
    site: SiteCode,
    serving: ServingNow,
    owner: OwnerScope,
    product: Annotated[str | None, Query(max_length=64, description="code or barcode")] = None,
    place: Annotated[str | None, Query(max_length=64, description="code of a bin, tote or station")] = None,
    lot: Annotated[str | None, Query(max_length=64)] = None,
    limit: Annotated[int, Query(ge=1, le=ROWS_MAX)] = 200,
) -> list[StockHere]:
    """What lies where at a site: all, or of one owner, of one product, in one place, of one lot; by place."""
    query = (
        select(PlaceRow, ProductRow, LotRow, BalanceRow)
        .join(BalanceRow, col(BalanceRow.place_id) == col(PlaceRow.id))
        .join(ProductRow, col(ProductRow.id) == col(BalanceRow.product_id))
        .join(LotRow, col(LotRow.id) == col(BalanceRow.lot_id))
        .order_by(col(PlaceRow.code), col(ProductRow.code), col(LotRow.code))
        .limit(limit)
    )
    with serving.database.read() as session:
        site_id = live_site(session, site).id
        query = query.where(col(PlaceRow.site_id) == site_id, col(BalanceRow.quantity) > 0)
        if product is not None:
            query = query.where(col(ProductRow.id) == product_of_scan(session, product).id)
        if place is not None:
            query = query.where(col(PlaceRow.id) == place_id(session, site_id, place))
        if owner is not None:
            query = query.where(col(LotRow.owner) == owner)
        if lot is not None:
            query = query.where(col(LotRow.code) == lot)
        return [
            StockHere(
                place=where.code,
                kind=where.kind,
                product=what.code,
                name=what.name,
                lot=which.code,
                expires_on=which.expires_on,
                owner=which.owner,
                quantity=balance.quantity,
                reserved=balance.reserved,
            )
            for where, what, which, balance in session.execute(query)
        ]


@router.get("/stock/lying", responses=responses(NotFound, BinCodeInvalid))
def get_lying(
    site: SiteCode,
    serving: ServingNow,
    owner: OwnerScope,
    place: Annotated[str, Query(min_length=1, max_length=128, description="bin, tote or station, scanned or typed")],
) -> LyingHere:
    """What lies in one place, for sale or not."""
    with serving.database.read() as session:
        return lies_in(session, site, place, owner=owner)


@router.get("/stock/owners", responses=responses(NotFound))
def get_owners_goods(site: SiteCode, serving: ServingNow, owner: OwnerScope) -> tuple[OwnersGoods, ...]:
    """How much of whose goods is here, by owner and status, with its value."""
    with serving.database.read() as session:
        return owners_goods(session, site, owner=owner)


@router.get("/movements", responses=responses(NotFound, ScanUnreadable))
def get_movements(
    site: SiteCode,
    serving: ServingNow,
    owner: OwnerScope,
    product: Annotated[str | None, Query(max_length=64, description="code or barcode")] = None,
    since_ms: Annotated[int, Query(ge=0, description="only from this time on, in ms since 1970")] = 0,
    after: Annotated[int, Query(ge=0, description="only movements after this one")] = 0,
    limit: Annotated[int, Query(ge=1, le=ROWS_MAX)] = 200,
) -> tuple[Moved, ...]:
    """How goods moved at a site, the earliest first; `after` asks for the next ones."""
    with serving.database.read() as session:
        return movements(session, site, owner=owner, product=product, since_ms=since_ms, after=after, limit=limit)
