"""Purchase orders: placed, seen, and closed where nobody waits for the rest."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import Field

from api.access import GuardedRoute
from api.errors import responses
from api.serving import ServingNow
from api.wire import ActionBody, Body, Code, SiteCode
from inventory.tables.inbound import ShortReason
from inventory.work.purchasing import (
    ClosePurchase,
    OrderedLine,
    PlacePurchase,
    PurchaseView,
    close_purchase,
    place_purchase,
    purchase_view,
    purchase_with_number,
    purchases,
)
from inventory.work.sites import live_site
from warehouse.errors import AlreadyAnswered, NotFound, WrongState

router = APIRouter(prefix="/api/v1/sites/{site}/purchase-orders", tags=["purchase orders"], route_class=GuardedRoute)

Number = Annotated[str, Path(max_length=64, description="number of the purchase order", examples=["PO-1001"])]
LINES_MAX = 2_000


class OrderedLineBody(Body):
    """So many units of a product; each product stands in one line."""

    product: Code = Field(examples=["85123A"])
    quantity: int = Field(gt=0, le=1_000_000, examples=[48])


class PurchaseBody(ActionBody):
    """A purchase order."""

    number: Code = Field(examples=["PO-1001"])
    supplier: Code = Field(examples=["ACME"])
    expected_on: date | None = None
    lines: list[OrderedLineBody] = Field(min_length=1, max_length=LINES_MAX)


class ClosePurchaseBody(ActionBody):
    """Nobody waits for the rest any more."""

    reason: ShortReason = Field(examples=["cancelled"])


@router.get("", responses=responses(NotFound))
def get_purchase_orders(site: SiteCode, serving: ServingNow, open: bool = True) -> list[PurchaseView]:  # noqa: A002
    """Purchase orders of a site, the latest first: those of which something is to come, or all."""
    with serving.database.read() as session:
        return list(purchases(session, site, open_only=open))


@router.get("/{number}", responses=responses(NotFound))
def get_purchase_order(site: SiteCode, number: Number, serving: ServingNow) -> PurchaseView:
    """One purchase order, and what has come of each line."""
    with serving.database.read() as session:
        return purchase_view(session, purchase_with_number(session, live_site(session, site).id, number))


@router.post("", responses=responses(NotFound, WrongState, AlreadyAnswered))
def post_purchase_order(site: SiteCode, body: PurchaseBody, serving: ServingNow) -> PurchaseView:
    """Record what was ordered of a supplier."""
    lines = tuple(OrderedLine(line.product, line.quantity) for line in body.lines)
    command = PlacePurchase(site, body.number, body.supplier, lines, body.expected_on, body.client_id)
    return serving.run(place_purchase, command)


@router.post("/{number}/close", responses=responses(NotFound, WrongState, AlreadyAnswered))
def post_close_purchase_order(
    site: SiteCode, number: Number, body: ClosePurchaseBody, serving: ServingNow
) -> PurchaseView:
    """Wait no longer for what has not come, for a reason."""
    return serving.run(close_purchase, ClosePurchase(site, number, body.reason, body.client_id))
