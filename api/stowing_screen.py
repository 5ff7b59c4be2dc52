"""What a stower's screen shows now: computed from the database, so that any device shows the same."""

from typing import Literal

from pydantic import BaseModel, Field
from sqlmodel import Session

from inventory.work.sites import site_with_id
from inventory.work.stow_planning import stow_run_of
from inventory.work.stow_walking import stow_run_view


class StowNow(BaseModel):
    """The step at hand: so many units of a product into a bin."""

    step: int = Field(examples=[17])
    bin_code: str = Field(examples=["07-042-B1-K"])
    aisle: str = Field(examples=["7"])
    bay: int = Field(examples=[42])
    level: int = Field(examples=[2])
    slot: int = Field(examples=[1])
    product: str = Field(examples=["85123A"])
    name: str = Field(examples=["White hanging heart T-light holder"])
    picture: str | None
    lot: str
    quantity: int = Field(examples=[12])
    then: str | None = Field(description="the next bin ahead", examples=["07-038-C2-4"])


class StowScreen(BaseModel):
    """What to show: no cart taken, or a step to do."""

    screen: Literal["idle", "stow"]
    run: int | None = None
    steps: int = 0
    steps_done: int = Field(default=0, description="stowed or left")
    distance_mm: int = 0
    backtrack_mm: int = 0
    step: StowNow | None = None


class StowNext(BaseModel):
    """The answer of every call on a stow run: what comes next. `waits` is what no bin was found for."""

    next: StowScreen
    waits: list[str] = []


def stow_screen(session: Session, stower: str) -> StowScreen:
    """The screen of somebody who puts goods away."""
    run, view = stow_run_of(session, stower), stow_run_view(session, stower)
    if run is None or view is None or view.current is None:
        return StowScreen(screen="idle")
    step, shelf = view.current, site_with_id(session, run.site_id).bins[view.current.bin_code]
    return StowScreen(
        screen="stow",
        run=view.run_id,
        steps=view.num_steps,
        steps_done=view.num_done + view.num_left,
        distance_mm=view.distance_mm,
        backtrack_mm=view.backtrack_mm,
        step=StowNow(
            step=step.step_id,
            bin_code=step.bin_code,
            aisle=shelf.aisle,
            bay=shelf.bay,
            level=shelf.level,
            slot=shelf.slot,
            product=step.product,
            name=step.name,
            picture=step.picture,
            lot=step.lot,
            quantity=step.quantity,
            then=step.then,
        ),
    )
