"""Products are measured and photographed: by hand at first sight, or by a machine that posts its records."""

import base64
import binascii
from typing import Annotated, Any

from fastapi import APIRouter, Path, Response
from pydantic import Field

from api.access import GuardedRoute, Who
from api.errors import PhotoRefused, responses
from api.photos import media_type, read_photo, save_photo
from api.serving import ServingNow
from api.wire import ActionBody, Code
from inventory.rules.measuring import Size
from inventory.tables.product_facts import MeasuredBy
from inventory.work.measuring import Measure, MeasurementView, ProductMeasured, measure, measurements_of
from inventory.work.photographing import PHOTO_PATH, AttachPhoto, PhotoKept, attach_photo
from warehouse.errors import AlreadyAnswered, NotFound, ScanUnreadable

router = APIRouter(prefix="/api/v1", tags=["measuring"], route_class=GuardedRoute)

ProductCode = Annotated[str, Path(max_length=100, description="product code, or a barcode on it", examples=["85123A"])]
PhotoName = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$", description="hash of its content")]
Side = Annotated[int, Field(gt=0, le=20_000)]
BASE64_MAX = 960_000

PICTURE: dict[int | str, dict[str, Any]] = {
    200: {"description": "The photo", "content": {"image/jpeg": {"schema": {"type": "string"}}}}
}


class MeasurementBody(ActionBody):
    """One unit of a product, as a person or a cubing machine has measured it."""

    product: str = Field(
        min_length=1, max_length=200, description="code, barcode or symbol", examples=["4006381333931"]
    )
    length_mm: Side = Field(examples=[120])
    width_mm: Side = Field(examples=[90])
    height_mm: Side = Field(examples=[60])
    weight_g: int = Field(gt=0, le=5_000_000, examples=[250])
    measured_by: MeasuredBy = MeasuredBy.HAND
    device: str = Field(default="", max_length=64, description="which machine", examples=["cubiscan-1"])
    confirm: bool = Field(default=False, description="measured again, and right in spite of what was doubted")


class PhotoBody(ActionBody):
    """A photo, and which product it shows; without one it may be named for unknown goods."""

    image: str = Field(min_length=16, max_length=BASE64_MAX, description="JPEG, PNG or WebP as base64, at most 700 kB")
    product: Code | None = Field(default=None, examples=["85123A"])


@router.post("/measurements", responses=responses(NotFound, ScanUnreadable, AlreadyAnswered))
def post_measurement(body: MeasurementBody, who: Who, serving: ServingNow) -> ProductMeasured:
    """Note a measurement. It holds for all sites at once, unless it is doubted: then it is kept and not applied."""
    size = Size(body.length_mm, body.width_mm, body.height_mm, body.weight_g)
    device = body.device or who.device
    command = Measure(body.product, size, who.user, body.measured_by, body.confirm, device, body.client_id)
    return serving.run(measure, command)


@router.get("/products/{code}/measurements", responses=responses(NotFound, ScanUnreadable))
def get_measurements(code: ProductCode, serving: ServingNow) -> list[MeasurementView]:
    """Every measurement of a product, the latest first, with what spoke against those that were doubted."""
    with serving.database.read() as session:
        return list(measurements_of(session, code))


@router.post("/photos", responses=responses(NotFound, ScanUnreadable, PhotoRefused, AlreadyAnswered))
def post_photo(body: PhotoBody, who: Who, serving: ServingNow) -> PhotoKept:
    """Keep a photo. Of a product, it is what pickers are shown from then on."""
    try:
        data = base64.b64decode(body.image, validate=True)
    except binascii.Error:
        raise PhotoRefused("not base64") from None
    saved = save_photo(serving.settings.home, data)
    if body.product is None:
        return PhotoKept(saved.name, PHOTO_PATH + saved.name)
    return serving.run(attach_photo, AttachPhoto(body.product, saved.name, saved.look, who.user, body.client_id))


@router.get("/photos/{name}", responses=responses(NotFound) | PICTURE, response_class=Response)
def get_photo(name: PhotoName, serving: ServingNow) -> Response:
    """A photo."""
    data = read_photo(serving.settings.home, name)
    headers = {
        "Cache-Control": "private, max-age=31536000, immutable",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    return Response(data, media_type=media_type(data), headers=headers)
