"""What the screen of somebody shows who cares for hanging goods: computed from the database, the same on any device."""

from typing import Literal

from pydantic import BaseModel, Field
from sqlmodel import Session

from inventory.rules.care import CareStep
from inventory.tables.products import LotRow, ProductRow
from inventory.work.caring import care_of
from inventory.work.sites import place_codes


class CareTask(BaseModel):
    """A step to do to so many units of a lot; `hung` if they have hung to dry and are to be looked at now."""

    task: int = Field(examples=[17])
    step: CareStep = Field(examples=["inspection"])
    ahead: tuple[CareStep, ...] = Field(description="steps after it", examples=[["drying"]])
    place: str = Field(description="where the goods were last seen", examples=["dock"])
    product: str = Field(examples=["COAT-7"])
    name: str = Field(examples=["Wool coat, grey, 48"])
    picture: str | None
    lot: str
    quantity: int = Field(examples=[3])
    because: str = Field(examples=["returned"])
    hung: bool


class CareScreen(BaseModel):
    """What to show: nothing taken, or a step to do."""

    screen: Literal["idle", "care"]
    task: CareTask | None = None


class CareNext(BaseModel):
    """The answer of every call of somebody who cares for goods: what comes next."""

    next: CareScreen


def care_screen(session: Session, user: str) -> CareScreen:
    """The screen of somebody who cares for hanging goods."""
    row = care_of(session, user)
    if row is None:
        return CareScreen(screen="idle")
    product, lot = session.get_one(ProductRow, row.product_id), session.get_one(LotRow, row.lot_id)
    task = CareTask(
        task=row.id or 0,
        step=CareStep(row.step),
        ahead=row.steps_ahead,
        place=place_codes(session, {row.place_id})[row.place_id],
        product=product.code,
        name=product.name,
        picture=product.picture,
        lot=lot.code,
        quantity=row.quantity,
        because=row.because,
        hung=row.hung_ms is not None,
    )
    return CareScreen(screen="care", task=task)
