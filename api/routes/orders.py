"""Orders: placed, seen, cancelled, and released to pick runs."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field
from sqlalchemy import select
from sqlmodel import col

from api.access import GuardedRoute, OwnerScope
from api.errors import responses
from api.serving import ServingNow
from api.wire import Body, ClientId, Code, SiteCode
from inventory.rules.joining import EXTRA_MM_PER_LINE
from inventory.tables.outbound import OrderRow, OrderState
from inventory.tables.products import HOUSE
from inventory.work.joining import JoinOrder, OrderJoined, join_order
from inventory.work.looking import OrderView, order_view
from inventory.work.ordering import (
    CancelOrder,
    NewLine,
    NewOrder,
    OrderCancelled,
    OrdersPlaced,
    PlaceOrders,
    cancel_order,
    place_orders,
)
from inventory.work.releasing import DELAY_MAX_S, Release, Released, release
from inventory.work.sites import live_site
from routing.batching import Batching, Splitting
from routing.problem import Measure, PolicyName
from warehouse.errors import AlreadyAnswered, NotFound, PolicyUnplanned, StockShort, WrongState

router = APIRouter(prefix="/api/v1/sites/{site}", tags=["orders"], route_class=GuardedRoute)

Number = Annotated[str, Path(max_length=64, description="the order's number", examples=["536365"])]
TimeMs = Annotated[int, Field(ge=0, description="ms since 1970 in UTC", examples=[1764936000000])]
UNITS_MAX = 1_000_000


class LineBody(Body):
    """So many units of a product."""

    product: Code = Field(examples=["85123A"])
    quantity: int = Field(gt=0, le=UNITS_MAX, examples=[6])


class OrderBody(Body):
    """An order to place."""

    number: Code = Field(examples=["536365"])
    lines: list[LineBody] = Field(min_length=1, max_length=5000)
    customer: str = Field(default="", max_length=200)
    channel: str = Field(default="", max_length=64, description="how it came, by your own code", examples=["web"])
    owner: Code = Field(default=HOUSE, description="whose goods it is served from", examples=["acme"])
    placed_ms: TimeMs | None = Field(default=None, description="when it was placed; now, if left out")
    due_ms: TimeMs | None = Field(default=None, description="when it must leave the house")
    priority: int = Field(default=0, ge=-1000, le=1000, description="higher goes first")


class PlaceBody(Body):
    """Orders to place together: all of them or, if one is refused, none."""

    client_id: ClientId
    orders: list[OrderBody] = Field(min_length=1, max_length=1000)


class CancelBody(Body):
    """Cancel an order."""

    client_id: ClientId


class ReleaseBody(Body):
    """Release orders: allot lots, choose bins and paths, make runs."""

    client_id: ClientId
    orders: list[Code] | None = Field(default=None, description="numbers; all that wait, if left out")
    policy: PolicyName = PolicyName.NO_BACKTRACK
    step_in_mm: int = Field(default=0, ge=0, le=100_000, description="how deep a step-in without the cart may be")
    detour_percent_max: int | None = Field(
        default=None, ge=0, le=1000, description="how much longer than the shortest a route may be, so as not to turn"
    )
    u_turns_max: int | None = Field(default=None, ge=0, le=1000, description="turns in aisles that a route may have")
    measure: Measure = Field(
        default=Measure.DISTANCE, description="what is kept small; `duration` needs the site file's `times`"
    )
    batching: Batching = Batching.SAVINGS
    split: Splitting = Field(
        default=Splitting.IF_NEEDED,
        description="whether an order may go on several carts: if too large for one, never, or wherever less is walked",
    )
    budget_ms: int = Field(default=250, ge=0, le=60_000, description="search time for each run")
    iterations: int | None = Field(
        default=None,
        ge=0,
        le=100_000,
        description="limits the search for each run instead of a time: the same `seed` then gives the same runs",
    )
    seed: int = 0
    pickers: int | None = Field(
        default=None,
        ge=1,
        le=1000,
        description="how many walk, so that runs give way to each other; all of the last shift, if left out",
    )
    delay_max_s: int = Field(
        default=DELAY_MAX_S, ge=0, le=3600, description="how much later a run may begin to meet nobody head-on"
    )
    join: bool = Field(default=False, description="let orders first join runs that pass their goods")


class JoinBody(Body):
    """Let an order join a run that waits or is under way."""

    client_id: ClientId
    extra_mm_per_line: int = Field(
        default=EXTRA_MM_PER_LINE, ge=0, le=1_000_000, description="how much further the run may walk for each line"
    )


class OrderSeen(BaseModel):
    """An order in a list."""

    number: str = Field(examples=["536365"])
    owner: str = Field(examples=["house"])
    customer: str
    channel: str
    state: OrderState
    placed_ms: int
    due_ms: int | None
    priority: int


@router.get("/orders", responses=responses(NotFound))
def get_orders(
    site: SiteCode,
    serving: ServingNow,
    owner: OwnerScope,
    state: OrderState | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> list[OrderSeen]:
    """The latest orders of a site, all or those in one state."""
    query = select(OrderRow).order_by(col(OrderRow.id).desc()).limit(limit)
    with serving.database.read() as session:
        query = query.where(col(OrderRow.site_id) == live_site(session, site).id)
        if owner is not None:
            query = query.where(col(OrderRow.owner) == owner)
        if state is not None:
            query = query.where(col(OrderRow.state) == state)
        return [
            OrderSeen(
                number=row.number,
                owner=row.owner,
                customer=row.customer,
                channel=row.channel,
                state=row.state,
                placed_ms=row.placed_ms,
                due_ms=row.due_ms,
                priority=row.priority,
            )
            for row in session.execute(query).scalars()
        ]


@router.get("/orders/{number}", responses=responses(NotFound))
def get_order(site: SiteCode, number: Number, serving: ServingNow, owner: OwnerScope) -> OrderView:
    """An order with its lines: how much is promised, picked and short, and why."""
    with serving.database.read() as session:
        return order_view(session, site, number, owner=owner)


@router.post("/orders", responses=responses(NotFound, WrongState, AlreadyAnswered))
def post_orders(site: SiteCode, body: PlaceBody, serving: ServingNow) -> OrdersPlaced:
    """Place orders. One that is there already with the same lines stays as it is."""
    orders = tuple(
        NewOrder(
            number=order.number,
            lines=tuple(NewLine(line.product, line.quantity) for line in order.lines),
            customer=order.customer,
            channel=order.channel,
            owner=order.owner,
            placed_ms=order.placed_ms,
            due_ms=order.due_ms,
            priority=order.priority,
        )
        for order in body.orders
    )
    return serving.run(place_orders, PlaceOrders(site, orders, body.client_id))


@router.post("/orders/{number}/cancel", responses=responses(NotFound, WrongState, AlreadyAnswered))
def post_cancel(site: SiteCode, number: Number, body: CancelBody, serving: ServingNow) -> OrderCancelled:
    """Cancel an order of which nothing is promised or picked."""
    return serving.run(cancel_order, CancelOrder(site, number, body.client_id))


@router.post("/orders/{number}/join", responses=responses(NotFound, WrongState, StockShort, AlreadyAnswered))
def post_join(site: SiteCode, number: Number, body: JoinBody, serving: ServingNow) -> OrderJoined:
    """Let an order join a run whose path passes its goods; without one it goes on waiting, and is told why."""
    command = JoinOrder(site, number, body.extra_mm_per_line, client_id=body.client_id)
    return join_order(serving.database, command, serving.clock)


@router.post("/release", responses=responses(NotFound, WrongState, StockShort, PolicyUnplanned, AlreadyAnswered))
def post_release(site: SiteCode, body: ReleaseBody, serving: ServingNow) -> Released:
    """Release orders to pick runs. What cannot be had is named with its reason and goes on waiting."""
    command = Release(
        site=site,
        orders=None if body.orders is None else tuple(body.orders),
        policy=body.policy,
        step_in_mm=body.step_in_mm,
        detour_percent_max=body.detour_percent_max,
        u_turns_max=body.u_turns_max,
        measure=body.measure,
        batching=body.batching,
        split=body.split,
        budget_ms=body.budget_ms,
        iterations=body.iterations,
        seed=body.seed,
        num_pickers=body.pickers,
        delay_max_s=body.delay_max_s,
        join=body.join,
        client_id=body.client_id,
    )
    return release(serving.database, command, serving.clock)
