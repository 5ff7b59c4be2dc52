"""Picked orders leave the house, and goods come back from customers."""

from fastapi import APIRouter
from pydantic import Field

from api.access import CONTROL, GuardedRoute, Who
from api.errors import NotAllowed, responses
from api.routes.orders import Number
from api.serving import ServingNow
from api.wire import ActionBody, Code, SiteCode
from inventory.rules.stock_policy import StockStatus
from inventory.work.returning import GoodsReturned, ReturnGoods, return_goods
from inventory.work.shipping import OrderShipped, ShipOrder, ship_order
from warehouse.errors import AlreadyAnswered, NotFound, ScanUnreadable, SerialsNeeded, StockShort, WrongState

router = APIRouter(prefix="/api/v1/sites/{site}/orders/{number}", tags=["orders"], route_class=GuardedRoute)

UNITS_MAX = 1_000_000


class ShipBody(ActionBody):
    """An order to send off."""

    serials: list[Code] = Field(
        default=[],
        max_length=1000,
        description="which units leave, where others picked for the order stay behind; elsewhere they are known",
    )


class ReturnBody(ActionBody):
    """Goods that a customer sent back, and what they are now."""

    product: Code = Field(description="code or barcode", examples=["85123A"])
    quantity: int = Field(gt=0, le=UNITS_MAX, examples=[1])
    status: StockStatus = Field(description="available, hold, quarantined or damaged", examples=["quarantined"])
    cause: Code = Field(description="of the site's list", examples=["returned"])
    lot: Code | None = Field(default=None, description="may be left out where one lot went out")
    serials: list[Code] = Field(default=[], max_length=1000, description="of serialised goods, one a unit")
    station: Code | None = Field(default=None, description="the first inbound dock, if left out")


@router.post("/ship", responses=responses(NotFound, SerialsNeeded, WrongState, StockShort, AlreadyAnswered))
def post_ship(site: SiteCode, number: Number, body: ShipBody, who: Who, serving: ServingNow) -> OrderShipped:
    """Send a picked order off: its goods leave for the customer, out of its totes."""
    command = ShipOrder(
        site, number, who.user, device=who.device, client_id=body.client_id, serials=tuple(body.serials)
    )
    return serving.run(ship_order, command)


@router.post(
    "/return",
    responses=responses(NotFound, ScanUnreadable, SerialsNeeded, WrongState, StockShort, AlreadyAnswered),
)
def post_return(site: SiteCode, number: Number, body: ReturnBody, who: Who, serving: ServingNow) -> GoodsReturned:
    """Take goods back that an order was sent. Only managers put them straight back on sale."""
    if body.status is StockStatus.AVAILABLE and who.role not in CONTROL:
        raise NotAllowed(who.role.value, sorted(role.value for role in CONTROL))
    facts = body.model_dump(exclude={"client_id", "serials"})
    command = ReturnGoods(
        site=site,
        number=number,
        user=who.user,
        serials=tuple(body.serials),
        device=who.device,
        client_id=body.client_id,
        **facts,
    )
    return serving.run(return_goods, command)
