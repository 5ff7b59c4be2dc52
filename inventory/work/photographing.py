"""A product gets a photo, and pickers are shown it from then on."""

from dataclasses import dataclass

from sqlmodel import Session

from inventory.tables.product_facts import ProductPhotoRow
from inventory.tables.storage import ProductNeedsRow
from inventory.work.cataloguing import product_of_scan
from warehouse.clock import Clock

PHOTO_PATH = "/api/v1/photos/"
"""Where the server shows photos, by their names; `picture` of a product is such a path."""


@dataclass(frozen=True)
class AttachPhoto:
    """The photo of this name shows a product (what was scanned); `picture_hash` are 64 bits of what it looks like."""

    product: str
    sha256: str
    picture_hash: str
    user: str
    client_id: str = ""


@dataclass(frozen=True)
class PhotoKept:
    """A photo that was kept, where it is shown, and the product that it is of, if any."""

    photo: str
    path: str
    product: str = ""


def attach_photo(session: Session, command: AttachPhoto, clock: Clock) -> PhotoKept:
    """Let a photo be the picture of a product, in place of the one before, which stays on record.

    Its hash is what keeps goods that look alike apart, where a site asks for that.

    Raises
    ------
    NotFound
        If there is no such product.
    ScanUnreadable
        If what was scanned cannot be read.
    """
    product = product_of_scan(session, command.product)
    assert product.id is not None
    product.picture = PHOTO_PATH + command.sha256
    session.add(product)
    session.add(ProductPhotoRow(product_id=product.id, sha256=command.sha256, user=command.user, at_ms=clock.now_ms()))
    needs = session.get(ProductNeedsRow, product.id) or ProductNeedsRow(product_id=product.id)
    needs.picture_hash = command.picture_hash
    session.add(needs)
    return PhotoKept(command.sha256, product.picture, product.code)
