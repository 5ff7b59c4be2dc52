"""Deliveries: announced, booked, queued, docked and closed; and how long goods take from the dock to a bin."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from api.access import GuardedRoute, Who
from api.errors import responses
from api.serving import ServingNow
from api.wire import ActionBody, Body, Code, SiteCode
from inventory.rules.dock_times import DockToStock
from inventory.tables.inbound import DeliveryState, ShortReason
from inventory.tables.products import HOUSE
from inventory.work.announcing import Announce, Announced, NoticeLine, announce
from inventory.work.delivery_closing import CloseDelivery, DeliveryClosed, close_delivery
from inventory.work.delivery_views import (
    DeliveryLine,
    DeliveryView,
    QueueJump,
    deliveries,
    delivery_lines,
    delivery_view,
    dock_to_stock,
    queue_jumps,
)
from inventory.work.docking import (
    Arrive,
    Book,
    CancelDelivery,
    DeliveryNow,
    Dock,
    Pull,
    arrive,
    book,
    cancel_delivery,
    dock,
    pull,
)
from warehouse.errors import AlreadyAnswered, DeliveryShort, NotFound, WrongState

router = APIRouter(prefix="/api/v1/sites/{site}", tags=["deliveries"], route_class=GuardedRoute)

Number = Annotated[str, Path(max_length=64, description="number of the delivery", examples=["ASN-7001"])]
STEP_PROBLEMS = responses(NotFound, WrongState, AlreadyAnswered)
LINES_MAX = 2_000
TimeMs = Annotated[int, Field(ge=0, description="milliseconds since 1970 in UTC", examples=[1_764_936_000_000])]


class NoticeLineBody(Body):
    """Goods that come; lot and expiry as far as the supplier tells them."""

    product: Code = Field(examples=["85123A"])
    quantity: int = Field(gt=0, le=1_000_000, examples=[48])
    purchase_order: str = Field(default="", max_length=64, examples=["PO-1001"])
    lot: str = Field(default="", max_length=64, examples=["L2027-117"])
    expires_on: date | None = None


class NoticeBody(ActionBody):
    """An advance notice. Without `lines` the truck brings what is still to come of `purchase_orders`."""

    number: Code = Field(examples=["ASN-7001"])
    supplier: Code = Field(examples=["ACME"])
    lines: list[NoticeLineBody] = Field(default=[], max_length=LINES_MAX)
    purchase_orders: list[Code] = Field(default=[], max_length=100, examples=[["PO-1001"]])
    owner: Code = Field(default=HOUSE, description="whose goods they are")


class SlotBody(ActionBody):
    """An appointment."""

    slot_from_ms: TimeMs
    slot_to_ms: TimeMs


class PullBody(ActionBody):
    """Why a truck goes past others."""

    reason: str = Field(min_length=3, max_length=300, examples=["vaccines, must be cooled within the hour"])


class DockBody(ActionBody):
    """At which dock to unload."""

    station: Code | None = Field(default=None, description="one that is free, if left out", examples=["dock"])


class CloseBody(ActionBody):
    """Why less came than was announced, where it did."""

    reason: ShortReason | None = None
    reasons: dict[Code, ShortReason] = Field(
        default={}, max_length=10_000, description="by product, where they differ", examples=[{"85123A": "refused"}]
    )
    cancel_rest: bool = Field(default=False, description="nobody waits for the rest on the purchase order either")


class DeliveryDetail(BaseModel):
    """A delivery with its lines."""

    delivery: DeliveryView
    lines: list[DeliveryLine]


@router.get("/deliveries", responses=responses(NotFound))
def get_deliveries(
    site: SiteCode, serving: ServingNow, state: Annotated[list[DeliveryState] | None, Query()] = None
) -> list[DeliveryView]:
    """Deliveries of a site: those that wait in their turn first, then the latest."""
    with serving.database.read() as session:
        return list(deliveries(session, site, states=state or ()))


@router.post("/deliveries", responses=STEP_PROBLEMS)
def post_delivery(site: SiteCode, body: NoticeBody, serving: ServingNow) -> Announced:
    """Take an advance notice, or note a truck that comes without one: with no lines nothing is expected of it."""
    lines = tuple(
        NoticeLine(each.product, each.quantity, each.purchase_order, each.lot, each.expires_on) for each in body.lines
    )
    command = Announce(site, body.number, body.supplier, lines, tuple(body.purchase_orders), body.owner, body.client_id)
    return serving.run(announce, command)


@router.get("/deliveries/{number}", responses=responses(NotFound))
def get_delivery(site: SiteCode, number: Number, serving: ServingNow) -> DeliveryDetail:
    """One delivery, and what has come of each line."""
    with serving.database.read() as session:
        return DeliveryDetail(
            delivery=delivery_view(session, site, number), lines=list(delivery_lines(session, site, number))
        )


@router.post("/deliveries/{number}/book", responses=STEP_PROBLEMS)
def post_book(site: SiteCode, number: Number, body: SlotBody, serving: ServingNow) -> DeliveryNow:
    """Give a delivery an appointment, or another one. As many overlap as there are inbound docks."""
    return serving.run(book, Book(site, number, body.slot_from_ms, body.slot_to_ms, body.client_id))


@router.post("/deliveries/{number}/arrive", responses=STEP_PROBLEMS)
def post_arrive(site: SiteCode, number: Number, body: ActionBody, serving: ServingNow) -> DeliveryNow:
    """The truck is at the gate: it joins the queue."""
    return serving.run(arrive, Arrive(site, number, body.client_id))


@router.post("/deliveries/{number}/pull", responses=STEP_PROBLEMS)
def post_pull(site: SiteCode, number: Number, body: PullBody, who: Who, serving: ServingNow) -> DeliveryNow:
    """Pull a truck to the front of the queue. The reason stays on record, with who did it and past how many."""
    return serving.run(pull, Pull(site, number, body.reason, who.user, body.client_id))


@router.post("/deliveries/{number}/dock", responses=STEP_PROBLEMS)
def post_dock(site: SiteCode, number: Number, body: DockBody, serving: ServingNow) -> DeliveryNow:
    """Begin to unload the truck whose turn it is."""
    return serving.run(dock, Dock(site, number, body.station, body.client_id))


@router.post("/deliveries/{number}/cancel", responses=STEP_PROBLEMS)
def post_cancel_delivery(site: SiteCode, number: Number, body: ActionBody, serving: ServingNow) -> DeliveryNow:
    """A delivery will not come, or was sent away unopened."""
    return serving.run(cancel_delivery, CancelDelivery(site, number, body.client_id))


@router.post("/deliveries/{number}/close", responses=STEP_PROBLEMS | responses(DeliveryShort, WrongState))
def post_close_delivery(
    site: SiteCode, number: Number, body: CloseBody, who: Who, serving: ServingNow
) -> DeliveryClosed:
    """Say that a truck is empty; where less came than was announced, why."""
    command = CloseDelivery(site, number, who.user, **body.model_dump())
    return serving.run(close_delivery, command)


@router.get("/queue-jumps", responses=responses(NotFound))
def get_queue_jumps(site: SiteCode, serving: ServingNow) -> list[QueueJump]:
    """Which trucks were pulled to the front of the queue: by whom, why, and past how many."""
    with serving.database.read() as session:
        return list(queue_jumps(session, site))


@router.get("/dock-to-stock", responses=responses(NotFound))
def get_dock_to_stock(site: SiteCode, serving: ServingNow, since_ms: TimeMs = 0) -> list[DockToStock]:
    """Median and 95th percentile, over units, of the time from the gate to a bin, for every supplier."""
    with serving.database.read() as session:
        return list(dock_to_stock(session, site, since_ms, serving.clock))
