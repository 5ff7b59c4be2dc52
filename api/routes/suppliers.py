"""Suppliers, and what each sees of the queue by his link."""

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field
from sqlalchemy import select
from sqlmodel import col

from api.access import GuardedRoute
from api.errors import responses
from api.serving import ServingNow
from api.wire import ActionBody
from inventory.tables.inbound import SupplierRow
from inventory.work.delivery_views import SupplierTruck, trucks_of_link
from inventory.work.suppliers import (
    NewLink,
    SaveSupplier,
    SupplierSaved,
    give_link,
    hashed,
    new_secret,
    save_supplier,
)
from warehouse.errors import AlreadyAnswered, NotFound

router = APIRouter(prefix="/api/v1", tags=["suppliers"], route_class=GuardedRoute)

SupplierCode = Annotated[str, Path(max_length=32, description="code of the supplier", examples=["ACME"])]
Secret = Annotated[str, Path(min_length=20, max_length=64, description="what stands in the supplier's link")]


class Supplier(BaseModel):
    """Who sends goods."""

    code: str = Field(examples=["ACME"])
    name: str = Field(examples=["Acme Ltd"])
    inspect: bool = Field(description="everything he sends is held for a check")
    has_link: bool


class SupplierBody(ActionBody):
    """What to save of a supplier."""

    name: str = Field(min_length=1, max_length=200, examples=["Acme Ltd"])
    inspect: bool = Field(default=False, description="hold everything he sends for a check")


class SupplierLink(BaseModel):
    """The link that was made. It is told once and never again; making another one ends it."""

    supplier: str = Field(examples=["ACME"])
    path: str = Field(description="answers with his trucks", examples=["/api/v1/supplier-queue/k3J..."])
    page: str = Field(description="shows them, in any browser", examples=["/office/supplier.html#k3J..."])


@router.get("/suppliers")
def get_suppliers(serving: ServingNow) -> list[Supplier]:
    """All suppliers, by code."""
    with serving.database.read() as session:
        rows = session.execute(select(SupplierRow).order_by(col(SupplierRow.code))).scalars()
        return [
            Supplier(code=row.code, name=row.name, inspect=row.inspect, has_link=row.link_sha256 is not None)
            for row in rows
        ]


@router.put("/suppliers/{supplier}", responses=responses(AlreadyAnswered))
def put_supplier(supplier: SupplierCode, body: SupplierBody, serving: ServingNow) -> SupplierSaved:
    """Add a supplier or bring him up to date."""
    command = SaveSupplier(supplier, body.name, inspect=body.inspect, client_id=body.client_id)
    return serving.run(save_supplier, command)


@router.post("/suppliers/{supplier}/link", responses=responses(NotFound, AlreadyAnswered))
def post_supplier_link(supplier: SupplierCode, body: ActionBody, serving: ServingNow) -> SupplierLink:
    """Make the link by which a supplier sees his place in the queue; the one he had opens nothing from now on.

    Sent again it is refused, since the secret of the first answer is not kept: ask with a new `client_id`.
    """
    secret = new_secret()
    serving.run(give_link, NewLink(supplier, hashed(secret), client_id=body.client_id))
    page = f"/office/supplier.html#{secret}"
    return SupplierLink(supplier=supplier, path=f"/api/v1/supplier-queue/{secret}", page=page)


@router.get("/supplier-queue/{secret}", responses=responses(NotFound))
def get_supplier_queue(secret: Secret, serving: ServingNow) -> list[SupplierTruck]:
    """What the supplier of a link may see: his own trucks, how many are ahead of each, and when its turn may come."""
    with serving.database.read() as session:
        return list(trucks_of_link(session, secret))
