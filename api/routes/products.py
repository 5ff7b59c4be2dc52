"""Products: listed, seen and saved."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field
from sqlalchemy import ColumnElement, or_, select
from sqlmodel import Session, col

from api.access import GuardedRoute, OwnerScope
from api.errors import responses
from api.serving import ServingNow
from api.wire import Body, ClientId, Code
from inventory.tables.products import BarcodeRow, LotRow, ProductRow
from inventory.work.cataloguing import NewProduct, SaveProducts, product_of_scan, products_by_code, save_products
from warehouse.bins import StorageClass
from warehouse.errors import AlreadyAnswered, NotFound, ScanUnreadable, WrongState

router = APIRouter(prefix="/api/v1", tags=["products"], route_class=GuardedRoute)

ProductCode = Annotated[str, Path(max_length=64, description="product code, or a barcode on it", examples=["85123A"])]

PRODUCTS_MAX = 200
"""A screenful and more; `after` asks for the next ones."""


class Product(BaseModel):
    """A product with the size and weight of one unit."""

    code: str = Field(examples=["85123A"])
    name: str = Field(examples=["White hanging heart T-light holder"])
    length_mm: int = Field(examples=[120])
    width_mm: int = Field(examples=[90])
    height_mm: int = Field(examples=[60])
    weight_g: int = Field(examples=[250])
    storage_class: StorageClass
    fragile: bool
    picture: str | None
    category: str
    value_cents: int
    serialised: bool
    barcodes: list[str] = Field(examples=[["4006381333931"]])


class ProductBody(Body):
    """What to save of a product; barcodes are only ever added."""

    client_id: ClientId
    name: str = Field(min_length=1, max_length=200, examples=["White hanging heart T-light holder"])
    length_mm: int = Field(gt=0, le=20_000, examples=[120])
    width_mm: int = Field(gt=0, le=20_000, examples=[90])
    height_mm: int = Field(gt=0, le=20_000, examples=[60])
    weight_g: int = Field(gt=0, le=5_000_000, examples=[250])
    storage_class: StorageClass = StorageClass.AMBIENT
    fragile: bool = Field(default=False, description="nothing heavy may be laid on it: picked after heavy goods")
    picture: str | None = Field(
        default=None,
        max_length=500,
        pattern=r"^/[^/\\]",
        description="path on this server: the handheld page loads nothing from elsewhere",
    )
    category: str | None = Field(
        default=None, max_length=64, examples=["dairy"], description="alerts and reports go by it; stays if left out"
    )
    value_cents: int | None = Field(
        default=None, ge=0, le=1_000_000_000, examples=[255], description="of one unit; stays if left out"
    )
    serialised: bool | None = Field(
        default=None, description="every unit is named by its serial, in and out; stays if left out"
    )
    barcodes: list[Code] = Field(default=[], max_length=50, examples=[["4006381333931"]])


@router.get("/products")
def get_products(
    serving: ServingNow,
    owner: OwnerScope,
    contains: Annotated[str, Query(max_length=64, description="only codes and names with this in them")] = "",
    after: Annotated[str, Query(max_length=64, description="only codes after this one")] = "",
    limit: Annotated[int, Query(ge=1, le=PRODUCTS_MAX)] = 50,
) -> list[Product]:
    """Products by code, a page at a time: all, or those that an owner has or had goods of."""
    query = select(ProductRow).where(col(ProductRow.code) > after).order_by(col(ProductRow.code)).limit(limit)
    if owner is not None:
        query = query.where(_goods_of(owner))
    if contains:
        found = (col(ProductRow.code), col(ProductRow.name))
        query = query.where(or_(*(each.icontains(contains, autoescape=True) for each in found)))
    with serving.database.read() as session:
        return _with_barcodes(session, list(session.execute(query).scalars()))


@router.get("/products/{code}", responses=responses(NotFound, ScanUnreadable))
def get_product(code: ProductCode, serving: ServingNow, owner: OwnerScope) -> Product:
    """One product, by its code or a barcode on it."""
    with serving.database.read() as session:
        row = product_of_scan(session, code)
        if owner is not None:
            mine = select(col(ProductRow.id)).where(col(ProductRow.id) == row.id, _goods_of(owner))
            if session.execute(mine).first() is None:
                raise NotFound("product", code)
        return _with_barcodes(session, [row])[0]


@router.put("/products/{code}", responses=responses(WrongState, AlreadyAnswered))
def put_product(code: ProductCode, body: ProductBody, serving: ServingNow) -> Product:
    """Add a product or bring it up to date."""
    facts = body.model_dump(exclude={"client_id", "barcodes"})
    product = NewProduct(code=code, barcodes=tuple(body.barcodes), **facts)
    serving.run(save_products, SaveProducts((product,), body.client_id))
    with serving.database.read() as session:
        return _with_barcodes(session, [products_by_code(session, [code])[code]])[0]


def _goods_of(owner: str) -> ColumnElement[bool]:
    """That an owner has or had goods of a product."""
    lots = select(col(LotRow.id)).where(col(LotRow.product_id) == col(ProductRow.id), col(LotRow.owner) == owner)
    return lots.exists()


def _with_barcodes(session: Session, rows: list[ProductRow]) -> list[Product]:
    barcodes: dict[int, list[str]] = {row.id: [] for row in rows if row.id is not None}
    query = select(BarcodeRow).where(col(BarcodeRow.product_id).in_(barcodes)).order_by(col(BarcodeRow.barcode))
    for each in session.execute(query).scalars():
        barcodes[each.product_id].append(each.barcode)
    return [
        Product(
            code=row.code,
            name=row.name,
            length_mm=row.length_mm,
            width_mm=row.width_mm,
            height_mm=row.height_mm,
            weight_g=row.weight_g,
            storage_class=row.storage_class,
            fragile=row.fragile,
            picture=row.picture,
            category=row.category,
            value_cents=row.value_cents,
            serialised=row.serialised,
            barcodes=barcodes[row.id],
        )
        for row in rows
        if row.id is not None
    ]
