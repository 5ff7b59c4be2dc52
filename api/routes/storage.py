"""What products need where they lie."""

from typing import Annotated, Self

from fastapi import APIRouter, Path
from pydantic import Field, model_validator

from api.access import GuardedRoute
from api.errors import responses
from api.serving import ServingNow
from api.wire import Body, ClientId
from inventory.rules.storage_policy import NO_COLDEST_DC
from inventory.work.product_needs import NeedsView, SetNeeds, needs_of, set_needs
from warehouse.errors import AlreadyAnswered, NotFound, ScanUnreadable

router = APIRouter(prefix="/api/v1", tags=["storage"], route_class=GuardedRoute)

ProductScan = Annotated[str, Path(max_length=64, description="product code, or a barcode on it", examples=["85123A"])]
Temperature = Annotated[
    int, Field(gt=NO_COLDEST_DC, le=10_000, examples=[20], description="tenths of a degree Celsius")
]


class NeedsBody(Body):
    """What a product needs from now on; whatever is left out it does not need, except that its picture stays."""

    client_id: ClientId
    coldest_dc: Temperature | None = None
    warmest_dc: Temperature | None = None
    hazard: str = Field(default="", max_length=64, description="hazard class", examples=["flammable"])
    picture_hash: str | None = Field(
        default=None,
        pattern=r"^([0-9a-fA-F]{16})?$",
        description="64 bits of a picture of the product, for telling look-alikes; what its photo told, if left out",
        examples=["f0e4c2d7a1b39580"],
    )

    @model_validator(mode="after")
    def _range_forwards(self) -> Self:
        if self.coldest_dc is not None and self.warmest_dc is not None and self.coldest_dc > self.warmest_dc:
            raise ValueError("the coldest temperature is above the warmest")
        return self


@router.get("/products/{code}/needs", responses=responses(NotFound, ScanUnreadable))
def get_needs(code: ProductScan, serving: ServingNow) -> NeedsView:
    """What a product needs where it lies, beyond its size, weight and storage class."""
    with serving.database.read() as session:
        return needs_of(session, code)


@router.put("/products/{code}/needs", responses=responses(NotFound, ScanUnreadable, AlreadyAnswered))
def put_needs(code: ProductScan, body: NeedsBody, serving: ServingNow) -> NeedsView:
    """Set what a product needs where it lies."""
    return serving.run(set_needs, SetNeeds(product=code, **body.model_dump()))
