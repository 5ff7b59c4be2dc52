"""What the screen of somebody shows who brings goods from bin to bin: computed from the database, alike everywhere."""

from typing import Literal

from pydantic import BaseModel, Field
from sqlmodel import Session

from inventory.tables.products import LotRow, ProductRow
from inventory.tables.replenishing import MovePurpose, ReplenishmentRow
from inventory.work.replenishment_work import replenishment_of
from inventory.work.sites import place_codes, site_with_id
from warehouse.bins import Bin


class ReplenishBin(BaseModel):
    """A bin to go to."""

    bin_code: str = Field(examples=["07-042-B1-K"])
    aisle: str = Field(examples=["7"])
    bay: int = Field(examples=[42])
    level: int = Field(examples=[2])
    slot: int = Field(examples=[1])


class ReplenishMove(BaseModel):
    """So many units of a product from one bin into another; `urgent` where orders wait for them."""

    replenishment: int = Field(examples=[17])
    origin: ReplenishBin
    goal: ReplenishBin
    product: str = Field(examples=["85123A"])
    name: str = Field(examples=["White hanging heart T-light holder"])
    picture: str | None
    lot: str
    quantity: int = Field(examples=[12])
    urgent: bool
    purpose: MovePurpose
    until_ms: int = Field(description="until when nobody else is given it; milliseconds since 1970")


class ReplenishScreen(BaseModel):
    """What to show: nothing taken, or a move to make."""

    screen: Literal["idle", "replenish"]
    move: ReplenishMove | None = None


class ReplenishNext(BaseModel):
    """The answer of every call of somebody who fills forward areas: what comes next."""

    next: ReplenishScreen


def replenish_screen(session: Session, user: str) -> ReplenishScreen:
    """The screen of somebody who fills forward areas."""
    row = replenishment_of(session, user)
    if row is None:
        return ReplenishScreen(screen="idle")
    return ReplenishScreen(screen="replenish", move=_move(session, row))


def _move(session: Session, row: ReplenishmentRow) -> ReplenishMove:
    product, lot = session.get_one(ProductRow, row.product_id), session.get_one(LotRow, row.lot_id)
    bins = site_with_id(session, row.site_id).bins
    codes = place_codes(session, {row.from_place_id, row.to_place_id})
    return ReplenishMove(
        replenishment=row.id or 0,
        origin=_bin(bins[codes[row.from_place_id]]),
        goal=_bin(bins[codes[row.to_place_id]]),
        product=product.code,
        name=product.name,
        picture=product.picture,
        lot=lot.code,
        quantity=row.quantity,
        urgent=row.urgent,
        purpose=MovePurpose(row.purpose),
        until_ms=row.until_ms,
    )


def _bin(shelf: Bin) -> ReplenishBin:
    return ReplenishBin(bin_code=shelf.code, aisle=shelf.aisle, bay=shelf.bay, level=shelf.level, slot=shelf.slot)
