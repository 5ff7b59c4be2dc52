"""What products need where they lie: set by people, and read as the stowing rules take it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import select
from sqlmodel import Session, col

from inventory.rules.bin_room import Needs
from inventory.rules.look_alikes import Look
from inventory.rules.storage_policy import NO_COLDEST_DC, NO_WARMEST_DC
from inventory.tables.products import ProductRow
from inventory.tables.storage import ProductNeedsRow
from inventory.work.cataloguing import product_of_scan
from inventory.work.sites import chunks
from warehouse.clock import Clock


@dataclass(frozen=True)
class SetNeeds:
    """What a product needs from now on; temperatures in tenths of a degree Celsius, None for any.

    `picture_hash` are 64 bits in hexadecimal, "" for none; None keeps what is known, which a photo may have told.

    Raises
    ------
    ValueError
        If the temperatures are the wrong way round, or the hash is none.
    """

    product: str
    coldest_dc: int | None = None
    warmest_dc: int | None = None
    hazard: str = ""
    picture_hash: str | None = None
    client_id: str = ""

    def __post_init__(self) -> None:
        if None not in (self.coldest_dc, self.warmest_dc) and (self.coldest_dc or 0) > (self.warmest_dc or 0):
            raise ValueError("the coldest temperature is above the warmest")
        if self.picture_hash and int(self.picture_hash, 16) >> 64:
            raise ValueError("a picture hash has 64 bits")


@dataclass(frozen=True)
class NeedsView:
    """What a product needs."""

    product: str
    coldest_dc: int | None
    warmest_dc: int | None
    hazard: str
    picture_hash: str


def set_needs(session: Session, command: SetNeeds, clock: Clock) -> NeedsView:  # noqa: ARG001
    """Set what a product needs.

    Raises
    ------
    NotFound, ScanUnreadable
        If the product is not known.
    """
    product = product_of_scan(session, command.product)
    assert product.id is not None
    coldest_dc = NO_COLDEST_DC if command.coldest_dc is None else command.coldest_dc
    warmest_dc = NO_WARMEST_DC if command.warmest_dc is None else command.warmest_dc
    row = session.get(ProductNeedsRow, product.id) or ProductNeedsRow(product_id=product.id)
    row.coldest_dc, row.warmest_dc, row.hazard = coldest_dc, warmest_dc, command.hazard
    if command.picture_hash is not None:
        row.picture_hash = command.picture_hash
    session.add(row)
    session.flush()
    return _view(product.code, row)


def needs_of(session: Session, product: str) -> NeedsView:
    """What a product needs.

    Raises
    ------
    NotFound, ScanUnreadable
        If the product is not known.
    """
    found = product_of_scan(session, product)
    row = session.get(ProductNeedsRow, found.id)
    return _view(found.code, row or ProductNeedsRow(product_id=found.id or 0))


def _view(product: str, row: ProductNeedsRow) -> NeedsView:
    return NeedsView(
        product=product,
        coldest_dc=None if row.coldest_dc == NO_COLDEST_DC else row.coldest_dc,
        warmest_dc=None if row.warmest_dc == NO_WARMEST_DC else row.warmest_dc,
        hazard=row.hazard,
        picture_hash=row.picture_hash,
    )


def look_of(product: ProductRow, needs: ProductNeedsRow | None) -> Look:
    """What a picker sees of a product."""
    picture_hash = int(needs.picture_hash, 16) if needs and needs.picture_hash else None
    return Look(product.code, product.name, picture_hash)


def needs_of_products(session: Session, product_ids: Sequence[int]) -> Needs:
    """What products need, in the order of their ids given."""
    rows: dict[int, ProductNeedsRow] = {}
    products: dict[int, ProductRow] = {}
    for some in chunks(product_ids):
        found = select(ProductRow, ProductNeedsRow).outerjoin(
            ProductNeedsRow, col(ProductNeedsRow.product_id) == col(ProductRow.id)
        )
        for product, row in session.execute(found.where(col(ProductRow.id).in_(some))):
            products[product.id] = product
            rows[product.id] = row or ProductNeedsRow(product_id=product.id)
    return Needs(
        value_cents=_array(products[key].value_cents for key in product_ids),
        coldest_dc=_array(rows[key].coldest_dc for key in product_ids),
        warmest_dc=_array(rows[key].warmest_dc for key in product_ids),
        hazards=tuple(rows[key].hazard for key in product_ids),
        looks=tuple(look_of(products[key], rows[key]) for key in product_ids),
    )


def _array(values: Iterable[int]) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    return np.fromiter(values, dtype=np.int64)
