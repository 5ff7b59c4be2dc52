"""Lots called back, where goods are over all sites, and the lives of units known by their serials."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import Field

from api.access import GuardedRoute, OwnerScope, Who
from api.errors import responses
from api.serving import ServingNow
from api.wire import Body, ClientId, Code, SiteCode
from inventory.rules.stock_policy import StockStatus
from inventory.work.locating import Whereabouts, where_is
from inventory.work.recall_lifting import LiftRecall, RecallLifted, lift_recall
from inventory.work.recalling import CallBack, CalledBack, RecallView, call_back, recall_view
from inventory.work.serial_views import SerialView, find_serials
from warehouse.errors import AlreadyAnswered, NotFound, ScanUnreadable, WrongState

router = APIRouter(prefix="/api/v1", tags=["stock"], route_class=GuardedRoute)


class RecallBody(Body):
    """A lot to call back."""

    client_id: ClientId
    product: Code = Field(description="code or barcode", examples=["85123A"])
    lot: Code = Field(examples=["L2025-117"])
    cause: Code = Field(description="of the site's list", examples=["recall-supplier"])
    note: str = Field(default="", max_length=1000, examples=["supplier's letter of 4 December"])


@router.post("/sites/{site}/recalls", responses=responses(NotFound, ScanUnreadable, WrongState, AlreadyAnswered))
def post_recall(site: SiteCode, body: RecallBody, who: Who, serving: ServingNow) -> CalledBack:
    """Call a lot back at all sites: withhold every unit that is here, and name every order that got some."""
    command = CallBack(site, body.product, body.lot, body.cause, who.user, body.note, body.client_id)
    return call_back(serving.database, command, serving.clock)


class LiftBody(Body):
    """A lot that is not called back any more."""

    client_id: ClientId
    product: Code = Field(description="code or barcode", examples=["85123A"])
    lot: Code = Field(examples=["L2025-117"])
    cause: Code = Field(description="of the site's list", examples=["quality-check"])
    status: StockStatus = Field(default=StockStatus.HOLD, description="what its units become")
    note: str = Field(default="", max_length=1000, examples=["supplier's letter of 9 December"])


@router.post("/sites/{site}/recalls/lift", responses=responses(NotFound, ScanUnreadable, WrongState, AlreadyAnswered))
def post_lift_recall(site: SiteCode, body: LiftBody, who: Who, serving: ServingNow) -> RecallLifted:
    """Take the recall of a lot back, at all sites; its units become what they were found to be."""
    command = LiftRecall(site, body.product, body.lot, body.cause, who.user, body.status, body.note, body.client_id)
    return serving.run(lift_recall, command)


@router.get("/recalls/{product}/{lot}", responses=responses(NotFound, ScanUnreadable))
def get_recall(
    product: Annotated[str, Path(max_length=64, description="code or barcode", examples=["85123A"])],
    lot: Annotated[str, Path(max_length=64, examples=["L2025-117"])],
    serving: ServingNow,
    owner: OwnerScope,
) -> RecallView:
    """Where the units of a lot are and which orders got some, whether it is called back or not."""
    with serving.database.read() as session:
        return recall_view(session, product, lot, owner=owner)


@router.get("/stock/where", responses=responses(NotFound, ScanUnreadable))
def get_where(
    code: Annotated[str, Query(min_length=1, max_length=128, description="product, barcode, GS1 scan, lot or serial")],
    serving: ServingNow,
    owner: OwnerScope,
) -> tuple[Whereabouts, ...]:
    """All units of a product, a lot or a serial, over all sites."""
    with serving.database.read() as session:
        return where_is(session, serving.goods(code), owner=owner)


@router.get("/serials/{serial}", responses=responses(NotFound, ScanUnreadable))
def get_serial(
    serial: Annotated[str, Path(max_length=128, description="as scanned", examples=["SN-000417"])],
    serving: ServingNow,
    owner: OwnerScope,
    product: Annotated[str | None, Query(max_length=64, description="code or barcode, if known")] = None,
) -> tuple[SerialView, ...]:
    """A unit by its serial: whether it is still in the house, when it was sold and to which order, and its history.

    Several only if units of several products carry the serial.
    """
    with serving.database.read() as session:
        return find_serials(session, serving.goods(serial), product=product, owner=owner)
